"""Place names as keys. `normalise_name` never empties a name: what is only a type word stays one.

Two spellings of one place give one key: accents, case, apostrophes, hyphens and the words that
say what kind of unit it is (Region, cercle, wilaya…) do not tell places apart. Keys are for
comparing within one parent; they are never shown.
"""

import re
import unicodedata

__all__ = ["fold_name", "normalise_name"]

_TYPE_WORDS = frozenset(
    """
    admin area arrondissement canton cercle circle commune concelho county departamento departement
    department dep dept dpt district distrito division estado gouvernorat governorate governate
    municipality municipio okrug parroquia prefecture province provincia region regione state
    subprefecture territoire territory zone
    gobol gobolka degmo degmada woreda kebele payam mkoa faritra
    kabupaten kecamatan provinsi kreis oblast raion rayon hromada krai vilayet ilce ilcesi
    ostan shahrestan woluswali wuleswali viloyati tehsil taluka upazila zila zilla amphoe changwat
    baladiya baladiyah caza mantika mantiqa mohafazat moughataa mudiriya mudiriyah mudiriyat
    muhafaza muhafazah muhafazat nahiya nahiyah qada qadha wilaya wilayah wilayat lga
    منطقه ولايه محافظه اقليم مديريه مقاطعه قضاء ناحيه
    """.split()  # noqa: SIM905 - a paragraph reads better than eighty lines
)
_LINKS = frozenset(("de", "del", "des", "du", "d", "da", "do", "la", "le", "les", "l", "of", "the"))
_ARTICLES = frozenset(("la", "le", "les", "l", "the", "el"))

_LETTERS = str.maketrans(
    {
        "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th",
        "ى": "ي", "ة": "ه", "ـ": "",
    }
)  # fmt: skip
_APOSTROPHES = re.compile(r"['’‘ʼ`´ʿʾ]")
_ELISION = re.compile(r"(?<!\w)([dl])['’‘ʼ`´](?=\w)")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+|[ivx]+|\w")


def _fold(text: str) -> str:
    """Return lower-case letters without accents; Arabic without vowel marks and hamza seats."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(mark for mark in decomposed if not unicodedata.combining(mark)).translate(
        _LETTERS
    )


def _drop_articles_in_brackets(text: str) -> str:
    """Turn "Mali (le)" into "Mali"; other brackets only lose their signs."""

    def inside(match: re.Match[str]) -> str:
        return " " if match[1].strip() in _ARTICLES else f" {match[1]} "

    return _BRACKETS.sub(inside, text)


def _without_type_words(words: list[str]) -> list[str]:
    """Drop a leading "région de" or a trailing "region", unless only a number would be left."""
    rest = words
    if len(rest) > 1 and rest[0] in _TYPE_WORDS:
        start = 1
        while start < len(rest) - 1 and rest[start] in _LINKS:
            start += 1
        rest = rest[start:]
    elif len(rest) > 1 and rest[-1] in _TYPE_WORDS:
        rest = rest[:-1]
    if rest != words and not (len(rest) == 1 and _NUMBER.fullmatch(rest[0])):
        return _without_type_words(rest)
    return words


def fold_name(text: str) -> str:
    """Return the words of a name without accents, case and punctuation; type words stay.

    >>> fold_name("Région de Ségou")
    'region de segou'
    """
    folded = _fold(text)
    if folded.isascii() and folded.replace(" ", "").isalnum():  # as most names are
        return " ".join(folded.split())
    folded = _ELISION.sub(r"\1 ", _drop_articles_in_brackets(folded))
    return " ".join(_WORD.findall(_APOSTROPHES.sub("", folded).replace("_", " ")))


def normalise_name(text: str) -> str:
    """Return the key under which two spellings of one place name are the same.

    Parameters
    ----------
    text : str
        A name as written in a table or a boundary file, in Latin or Arabic script.

    Returns
    -------
    str
        Lower-case words separated by one blank, without accents, punctuation, apostrophes and
        words for the type of unit. Empty only where ``text`` holds no letter or digit.

    Examples
    --------
    >>> normalise_name("Kayes : Region"), normalise_name("région de Ségou")
    ('kayes', 'segou')
    >>> normalise_name("Côte d’Ivoire") == normalise_name("COTE D'IVOIRE")
    True
    >>> normalise_name("Wilaya d'Annaba"), normalise_name("M'Sila"), normalise_name("Commune IV")
    ('annaba', 'msila', 'commune iv')
    """
    return " ".join(_without_type_words(fold_name(text).split()))
