"""Words in a place column that are no place: nowhere in particular, or everywhere at once.

English, French, Spanish, Portuguese and Arabic, as humanitarian tables write them. A word for
nowhere may be followed by others ("Dispersed in the country / territory"); a total stands alone.
"""

import re
import unicodedata

__all__ = ["folded", "is_everywhere", "is_nowhere"]

_NOWHERE = re.compile(
    r"(?:unknown|not placed|unplaced|not specified|not stated|unspecified|dispersed|various|others?|elsewhere"
    r"|not available|location unknown|no location|unidentified|undetermined|in transit|tb[cd]"
    r"|en transit|indetermine[es]?s?|a determiner|non disponible|desconhecid[oa]s?|outr[oa]s?|nao especificad[oa]s?"
    r"|inconnue?s?|non places?|non precises?|non indiques?|disperses?|divers|autres?|ailleurs"
    r"|desconocid[oa]s?|sin especificar|no indicad[oa]s?|dispers[oa]s|varios|otr[oa]s?"
    r"|غير معروف|غير محدد|متفرقون|اخري|أخرى)(?: .*)?"
)
_EVERYWHERE = re.compile(r"(?:grand |sub)?total(?:e|es|s)?|ensemble|المجموع")


def folded(text: str) -> str:
    """Return ``text`` in lower case without accents and punctuation; no word is dropped.

    >>> folded("Région de Séna")
    'region de sena'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = (char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return " ".join("".join(letters).split())


def is_nowhere(text: str) -> bool:
    """Whether the text says that the place is not known, or not one.

    >>> is_nowhere("Dispersed in the country / territory"), is_nowhere("Inconnu"), is_nowhere("Gao")
    (True, True, False)
    """
    return _NOWHERE.fullmatch(folded(text)) is not None


def is_everywhere(text: str) -> bool:
    """Whether the text says that the row is a total.

    >>> is_everywhere("TOTAL"), is_everywhere("Grand total"), is_everywhere("Totala")
    (True, True, False)
    """
    return _EVERYWHERE.fullmatch(folded(text)) is not None
