"""Errors with the place in the query, as Salesforce prints them.

    \\nSELECT Id FRM Account\\n          ^\\nERROR at Row:1:Column:11\\nunexpected token: 'FRM'

Source: recorded answers. Of a long query only a window around the place is shown.
"""

from localorg.errors import ApiError

#: Characters shown before and after the place.
_WINDOW = 25


def query_error(soql: str, position: int, message: str, code: str = "MALFORMED_QUERY") -> ApiError:
    """The error for something at this offset of the query."""
    before = soql[:position]
    row = before.count("\n") + 1
    line_start = before.rfind("\n") + 1
    column = position - line_start + 1
    line = soql[line_start:].split("\n", 1)[0]
    start = max(0, column - 1 - _WINDOW)
    if start:
        # The window starts at a word.
        gap = line.find(" ", start, column - 1)
        start = gap + 1 if gap >= 0 else start
    shown = line[start : column - 1 + _WINDOW]
    caret = " " * (column - 1 - start) + "^"
    return ApiError(code, f"\n{shown}\n{caret}\nERROR at Row:{row}:Column:{column}\n{message}")
