"""Words that stand where a figure should, and which of the five kinds of emptiness each one means.

``NA`` is among them for numbers only: in a column of countries it is Namibia.
"""

import re
import unicodedata

from geo.terms import State

__all__ = ["blank_words", "folded", "state_of_words"]

_WORDS: dict[State, tuple[str, ...]] = {
    State.NOT_REPORTED: (
        *("", "-", "--", "---", "_", ".", "..", "...", "…", "?", "/", "//", "x", "xx", "xxx"),
        *("n/a", "#n/a", "n.a", "n.a.", "n\\a", "nan", "null", "none", "nil", "nd", "n.d", "n.d."),
        *("n/d", "nr", "n.r.", "n/r", "nsp", "ns", "tbd", "tbc", "unknown", "not available"),
        *("not reported", "no data", "data not available", "missing", "pending", "not provided"),
        *("ras", "r.a.s", "r.a.s.", "neant", "inconnu", "inconnue", "non disponible", "non dispo"),
        *("non renseigne", "non renseignee", "non communique", "non precise", "pas de donnees"),
        *("donnees non disponibles", "a determiner", "a preciser", "en attente", "vide", "(vide)"),
        *("sin datos", "no disponible", "desconocido", "s/d", "sem dados", "(blank)", "blank"),
        *("нет данных", "н/д", "неизвестно", "غير متوفر", "غير معروف", "لا يوجد", "لا توجد بيانات"),
    ),
    State.NOT_ASSESSED: (
        *("not assessed", "not covered", "inaccessible", "no access", "non evalue", "non evaluee"),
        *("non couvert", "non couverte", "non accessible", "pas d'acces", "no evaluado"),
    ),
    State.SUPPRESSED: ("*", "**", "c", "<5", "< 5", "<10", "< 10", "1-4", "suppressed", "masked"),
    State.OUT_OF_SCOPE: ("not applicable", "sans objet", "s.o.", "s/o", "no aplica", "n.app."),
}
# what a place, an organisation or a code may be called; "unknown" is an answer, and is kept
_NAMES = frozenset(
    {"x", "xx", "xxx", "c", "nd", "ns", "nr", "nsp", "nil", "none", "nan", "ras", "null", "tbd"}
    | {"unknown", "inconnu", "inconnue", "desconocido", "неизвестно", "غير معروف", "pending"}
)
_STATE_OF = {word: state for state, words in _WORDS.items() for word in words}
_DASHES = re.compile(r"[‐‑‒–—―−]")


def folded(text: str) -> str:
    """Return text for comparison: no case, no accents, single plain spaces, straight quotes.

    >>> folded("  RÉGION\\xa0 d’Origine ")
    "region d'origine"
    """
    text = text.replace("’", "'").replace("‘", "'").replace("œ", "oe").replace("Œ", "oe")
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in plain if not "\u0300" <= c <= "\u036f")
    return " ".join(plain.casefold().split())


def state_of_words(text: str, *, number: bool = True) -> State | None:
    """Return which emptiness a cell says, or None where it says something.

    With ``number`` False, as for names and codes, ``NA`` (Namibia), ``Nil`` and ``None`` remain
    names, and "unknown" remains an answer.

    >>> state_of_words("N/A"), state_of_words("<5"), state_of_words("0")
    (<State.NOT_REPORTED: 'not_reported'>, <State.SUPPRESSED: 'suppressed'>, None)
    >>> state_of_words("NA").value, state_of_words("NA", number=False)
    ('not_reported', None)
    """
    said = _DASHES.sub("-", folded(text))
    if number and said == "na":
        return State.NOT_REPORTED
    if not number and said in _NAMES:
        return None
    return _STATE_OF.get(said)


def blank_words() -> tuple[str, ...]:
    """Return the words that a proposed profile lists as missing. ``NA`` is not among them."""
    return ("", "-", "--", "—", "–", "..", "…", "N/A", "n/a", "#N/A", "RAS", "n.d.", "ND", "nd")
