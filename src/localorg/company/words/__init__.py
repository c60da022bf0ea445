"""The six languages of the demo company's customers."""

from localorg.company.words.chinese import CHINESE
from localorg.company.words.english import ENGLISH
from localorg.company.words.french import FRENCH
from localorg.company.words.german import GERMAN
from localorg.company.words.japanese import JAPANESE
from localorg.company.words.language import Language, Sentence, Word, latin
from localorg.company.words.spanish import SPANISH

LANGUAGES = (ENGLISH, GERMAN, FRENCH, SPANISH, CHINESE, JAPANESE)

__all__ = [
    "CHINESE",
    "ENGLISH",
    "FRENCH",
    "GERMAN",
    "JAPANESE",
    "LANGUAGES",
    "SPANISH",
    "Language",
    "Sentence",
    "Word",
    "latin",
]
