"""From bytes to text. UTF-8 is tried strictly first; whatever else is chosen is reported.

Accents that an earlier program broke (``ParÃ¡``, ``R+¬gion``) are mended, and counted.
"""

import re
import unicodedata
from dataclasses import dataclass

__all__ = ["Decoded", "decoded", "mended", "mended_text"]

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8 with byte-order mark"),
    (b"\xff\xfe\x00\x00", "utf-32", "UTF-32"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
_LATIN = ("cp1252", "cp1250", "mac_roman", "cp850")
_OTHER_SCRIPTS = ("cp1251", "cp1256", "koi8_r", "cp866", "iso8859_6", "cp1253", "cp1255")
_LABELS = {
    "cp1252": "Windows-1252 (Western European)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850 (Western European)",
    "cp866": "DOS 866 (Cyrillic)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "iso8859_6": "ISO 8859-6 (Arabic)",
}
_SAMPLE = 200_000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_SIGNS = b"\x85\x91\x92\x93\x94\x95\x96\x97\x99\xa0\xab\xb0\xbb"  # quotes and dashes of cp125x


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the codec it was read with, and what a person calls that codec.

    ``guessed`` is True where the bytes do not say: another codec would have read them too.
    """

    text: str
    codec: str
    label: str
    guessed: bool = False


def decoded(raw: bytes) -> Decoded | None:
    """Return the text of a file, or None where the bytes are not text.

    A byte-order mark decides; else UTF-8 if every byte agrees; else UTF-16 where every other
    byte is zero; else an 8-bit code page. Which page: accented letters of a Latin page stand
    alone between plain letters, letters of other scripts stand in runs; within the two families
    charset-normalizer chooses, and Windows-1252 or Windows-1251 is what remains.

    >>> decoded("Ségou".encode("latin-1")).text
    'Ségou'
    >>> decoded(b"\\x00\\x01\\x02\\x03") is None
    True
    """
    for mark, codec, label in _BOMS:
        if raw.startswith(mark):
            try:
                return Decoded(raw.decode(codec), codec, label)
            except UnicodeDecodeError:
                break
    if b"\0" in raw:
        found = _wide(raw)
    else:
        try:
            found = Decoded(raw.decode("utf-8"), "utf-8", "UTF-8")
        except UnicodeDecodeError:
            found = _eight_bit(raw)
    return found if found is not None and _is_text(found.text[:_SAMPLE]) else None


def _is_text(text: str) -> bool:
    """Whether there are hardly any control characters but tabs and line ends."""
    return len(_CONTROL.findall(text)) <= 0.01 * len(text)


def _wide(raw: bytes) -> Decoded | None:
    """Text of two bytes a letter without a mark: every other byte of plain letters is zero."""
    even, odd = raw[0:_SAMPLE:2].count(0), raw[1:_SAMPLE:2].count(0)
    half = max(1, min(len(raw), _SAMPLE) // 2)
    for codec, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros > 0.3 * half and not others:
            try:
                return Decoded(raw.decode(codec), codec, "UTF-16 without byte-order mark", True)
            except UnicodeDecodeError:
                return None
    return None


def _eight_bit(raw: bytes) -> Decoded:
    from charset_normalizer import from_bytes

    runs = [run.strip(_SIGNS) for run in _HIGH_RUN.findall(raw)]
    letters = sum(map(len, runs))
    in_words = sum(len(run) for run in runs if len(run) > 2)
    family = _OTHER_SCRIPTS if in_words > 0.5 * letters else _LATIN
    # only the bytes that differ between pages, with their neighbours, tell the pages apart
    sample = b" ".join(re.findall(rb"[^\r\n]*[\x80-\xff][^\r\n]*", raw))[:_SAMPLE]
    best = from_bytes(sample, cp_isolation=list(family), preemptive_behaviour=False).best()
    codec = best.encoding if best is not None and best.encoding in family else family[0]
    if codec != family[0] and not _reads_better(sample, codec, family[0]):
        codec = family[0]
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        codec, text = "latin-1", raw.decode("latin-1")
    label = _LABELS.get(codec, "ISO 8859-1 (Western European)")
    return Decoded(text, codec, label, guessed=True)


def _reads_better(sample: bytes, codec: str, usual: str) -> bool:
    """Whether ``codec`` gives fewer signs and capitals inside words than the usual page."""
    return _oddities(sample, codec) < _oddities(sample, usual)


_ODD = re.compile(r"(?<=[a-zà-ÿа-я])[A-ZÀ-ÞА-Я]|(?<=\w)[^\w\s'’.,;:()/\"«»–—-]|[\x80-\x9f\ufffd]")


def _oddities(sample: bytes, codec: str) -> int:
    return len(_ODD.findall(sample.decode(codec, errors="replace")))


# --- accents that were broken before the file was saved -------------------------------------------

# characters that a UTF-8 byte 0x80-0xBF becomes when it is read as Windows-1252 or Latin-1
_TRAIL = "".join(
    sorted(
        {bytes([byte]).decode("cp1252", errors="ignore") for byte in range(0x80, 0xC0)}
        | {chr(code) for code in range(0x80, 0xC0)}
    )
)
_BROKEN = re.compile(f"(?:[\u00c2-\u00f4][{re.escape(_TRAIL)}]{{1,3}})+")
_MOST_TIMES = 3
# UTF-8 read as DOS 437/850 and squeezed into Windows-1252: the lead byte C3 (├) became "+".
_DOS_LEAD = re.compile(r"(?<=[^\W\d_])\+([¬®¿¡»¢ú¦ôÂ½])|\b\+([¬®])(?=[^\W\d_])")
_DOS_TRAIL = {"¬": "é", "®": "é", "¿": "è", "¡": "í", "»": "ï", "¢": "ó", "ú": "ã", "¦": "ô"}
_DOS_TRAIL |= {"ô": "ó", "Â": "ö", "½": "ë"}


def mended(text: str) -> str:
    """Return text whose accents were broken by a wrong decoding, as it was meant.

    Undone up to three times over, and only where the result is letters that such a text would
    hold; otherwise the text comes back as it is.

    >>> mended("ParÃ¡"), mended("ParÃƒÂ¡"), mended("Kayes : R+¬gion"), mended("SÃO")
    ('Pará', 'Pará', 'Kayes : Région', 'SÃO')
    """
    for _ in range(_MOST_TIMES):
        once = _BROKEN.sub(lambda match: _unbroken(match[0]), text)
        if once == text:
            break
        text = once
    return _DOS_LEAD.sub(lambda match: _DOS_TRAIL.get(match[1] or match[2], match[0]), text)


def _unbroken(run: str) -> str:
    try:
        raw = b"".join(_byte(letter) for letter in run)
        meant = raw.decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return run
    latin = all(_is_latin(letter) for letter in meant)
    # »Ö“« is two real signs and would read as one letter of another script: ask for a run of them
    if latin or (len(meant) > 1 and all(unicodedata.category(c)[0] in "LM" for c in meant)):
        return meant
    return run


def _byte(letter: str) -> bytes:
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return letter.encode("latin-1")


def _is_latin(letter: str) -> bool:
    return "\u00a0" <= letter <= "\u017f" or letter in _TRAIL or "\u2010" <= letter <= "\u203a"


def mended_text(text: str) -> tuple[str, int, tuple[str, ...]]:
    """Mend a whole file. Returns the text, how many words changed, and up to three of them.

    >>> mended_text("Mali,R+¬gion\\n")
    ('Mali,Région\\n', 1, ('R+¬gion → Région',))
    """
    if not _BROKEN.search(text) and not _DOS_LEAD.search(text):
        return text, 0, ()
    changed: dict[str, str] = {}
    count = 0

    def mend(match: re.Match[str]) -> str:
        nonlocal count
        word = match[0]
        new = mended(word)
        if new != word:
            count += 1
            changed.setdefault(word, new)
        return new

    text = re.sub(r"[^\s,;\t|\"]*(?:[\u00c2-\u00f4]|\+)[^\s,;\t|\"]*", mend, text)
    return text, count, tuple(f"{old} → {new}" for old, new in list(changed.items())[:3])
