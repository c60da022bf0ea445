"""What a match is worth: the whole ranking as one table.

All are constant scores: how rare a word is among records that a person may not see has no part in the order.
"""

from typing import NamedTuple


class Worth(NamedTuple):
    """Points, and what they are for."""

    points: float
    because: str


# One word of the query:
NAME = Worth(10.0, "is a word of")
NAME_PAIRS = Worth(9.5, "is a piece of")
NICKNAME = Worth(9.0, "is another name for a word of")
CODE = Worth(9.0, "is the number or code in")
SYNONYM = Worth(6.5, "means the same as a word of")
NAME_BEGINNING = Worth(7.0, "begins a word of")
TITLE = Worth(7.0, "is a word of")
COMPANY_PAIRS = Worth(6.5, "is a piece of")
PHONE = Worth(6.0, "ends the number in")
ADDRESS = Worth(5.0, "is a part of")
NAME_ACRONYM = Worth(4.5, "is made of the initials of")
TITLE_BEGINNING = Worth(4.0, "begins a word of")
COMPANY_ACRONYM = Worth(3.5, "is made of the initials of")
TEXT = Worth(3.0, "is a word of")
LABEL = Worth(2.0, "is a word of")
LONG_TEXT = Worth(1.5, "is a word of, or has the stem of one in,")
# With a typo, when nothing fits exactly:
NAME_TYPO = Worth(5.0, "is nearly a word of")
LONG_FRAGMENT = Worth(4.8, "is inside a word of")
JOINED = Worth(6.0, "joined with its neighbour is a word of")
NAME_FIRST_LETTER_TYPO = Worth(4.0, "is nearly a word of")
NAME_BEGINNING_TYPO = Worth(3.5, "nearly begins a word of")
COMPANY_TYPO = Worth(3.0, "is nearly a word of")
FRAGMENT = Worth(3.0, "is inside a word of")
ADDRESS_TYPO = Worth(2.5, "is nearly a part of")
PIECES = Worth(2.5, "shares pieces with")
FRAGMENTS = 0.12  # for each trigram of the whole query
# The whole query:
PROMOTED = Worth(1000.0, "is promoted for this query")
RECORD_ID = Worth(100.0, "is the record's Id")
WHOLE_EMAIL = Worth(60.0, "is")
WHOLE_CODE = Worth(60.0, "is the number or code in")
WHOLE_PHONE = Worth(40.0, "ends the number in")
WHOLE_NAME = Worth(30.0, "is exactly")
PHRASE_IN_NAME = Worth(6.0, "stands in this order in")
INITIAL = Worth(6.0, "is the initial and the rest of")
ALL_IN_NAME = Worth(4.0, "is all in")
NAME_BEGINS = Worth(3.0, "begins")
PHRASE_IN_TITLE = Worth(2.0, "stands in this order in")
PHRASE_IN_LONG_TEXT = Worth(1.0, "stands in this order in")
ALL_IN_LONG_TEXT = Worth(0.5, "is all in")
# Who asks, and how things stand: less than the smallest step between two kinds of match in a name.
MINE = Worth(0.8, "yours")
TEAM = Worth(0.4, "your team's")
OPEN = Worth(0.4, "still open")
RECENT = Worth(0.5, "changed recently")
#: Days after which half of the points for a recent change are left.
RECENT_DAYS = 30
#: Between equals, what people mean more often.
OBJECTS = {"Account": 1.6, "Contact": 1.2, "Lead": 0.8, "Opportunity": 0.6}
KIND = "of a kind that is meant more often"
