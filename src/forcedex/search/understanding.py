"""What a person typed, understood: words, their shapes, what they may be called otherwise, and filters."""

from dataclasses import dataclass

from forcedex.search.vocabulary import Vocabulary, shipped
from forcedex.search.words import Expression, Shape, Word, clean, expressions, judged, shape, split


@dataclass(frozen=True, kw_only=True, slots=True)
class Understood:
    """A query as the search sees it."""

    #: The words as typed, without needless blanks and filters.
    text: str
    words: tuple[Word, ...]
    expressions: tuple[Expression, ...] = ()
    shape: Shape = Shape()
    #: Words that must not be found.
    without: tuple[Word, ...] = ()
    #: Records that an administrator wants on top.
    promoted: tuple[str, ...] = ()

    @property
    def terms(self) -> int:
        """Q: the number of query terms."""
        return len(self.words)


def understand(text: str, vocabulary: Vocabulary | None = None) -> Understood:
    """Take a query apart; never raises. Nothing but punctuation and blanks has no words."""
    vocabulary = vocabulary or shipped()
    plain = clean(text)
    words = judged(list(split(plain)), vocabulary)
    return Understood(
        text=" ".join(plain.split()),
        words=words,
        expressions=expressions(words, vocabulary),
        shape=shape(plain),
        promoted=vocabulary.on_top(plain),
    )
