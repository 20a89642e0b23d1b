"""What can go wrong with figures, in one sentence each: file, row, column, value, expected, to do."""

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches

from boundaries.errors import SitmapError

__all__ = [
    "AmbiguousMeasure",
    "BadCarry",
    "BadCell",
    "BadProfile",
    "DuplicateRow",
    "FigureError",
    "MissingColumn",
    "NeedsProtection",
    "NoSuchLevel",
    "NotRecognised",
    "RaggedRow",
    "ReleaseRefused",
    "RepeatedColumn",
    "StoreError",
    "StoreUnavailable",
    "TableError",
    "UndeclaredSensitivity",
    "UnknownDate",
    "UnknownEdition",
    "UnknownFinding",
    "UnknownGroup",
    "UnknownMeasure",
    "UnknownOrigin",
    "UnknownSituation",
    "UnknownSource",
    "UnreadableTable",
    "WithdrawnEdition",
    "WrongEncoding",
    "cannot_open",
    "nearest",
]


def nearest(word: str, known: Sequence[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the nearest known word, or nothing where none is near.

    >>> nearest("stok", ["stock", "new"])
    " Did you mean 'stock'?"
    >>> nearest("q", ["stock", "new"])
    ''
    """
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f" Did you mean {close[0]!r}?" if close else ""


def _listed(known: Sequence[object]) -> str:
    return ", ".join(str(word) for word in known) or "nothing"


class TableError(SitmapError):
    """A table as received cannot be used."""

    code = "table-error"


class UnreadableTable(TableError):
    """A file that cannot be opened, or that holds no table."""

    code = "unreadable-table"

    def __init__(self, file: str, *, found: str, expected: str, todo: str) -> None:
        self.file, self.found, self.expected, self.todo = file, found, expected, todo
        super().__init__(f"{file}: {found}; expected {expected}. {todo}")


def cannot_open(file: str, fault: OSError, *, expected: str) -> UnreadableTable:
    """Return what to say of a file that the system does not open."""
    if isinstance(fault, FileNotFoundError):
        found, todo = "does not exist", "Correct the file's name or put the file there."
    elif isinstance(fault, IsADirectoryError):
        found, todo = "is a folder", "Name the file inside it."
    else:
        found = f"cannot be read ({fault.strerror or fault})"
        todo = "Close it in other programs and check that you may read it."
    return UnreadableTable(file, found=found, expected=expected, todo=todo)


class WrongEncoding(TableError):
    """A byte that is not UTF-8. ``offset`` counts from 0, ``row`` is the line it stands in."""

    code = "wrong-encoding"

    def __init__(self, file: str, *, row: int, offset: int, byte: int) -> None:
        self.file, self.row, self.offset, self.byte = file, row, offset, byte
        super().__init__(
            f"{file}, row {row}: byte 0x{byte:02X} at offset {offset} is not UTF-8. "
            "Save the table again as UTF-8 (in a spreadsheet: Save as, 'CSV UTF-8')."
        )


class RaggedRow(TableError):
    """A row with more or fewer cells than the header."""

    code = "ragged-row"

    def __init__(self, file: str, *, row: int, found: int, expected: int) -> None:
        self.file, self.row, self.found, self.expected = file, row, found, expected
        super().__init__(
            f"{file}, row {row}: {found} cells where the header has {expected} columns. "
            "Put cells that hold a separator in double quotes, or remove the extra ones."
        )


class RepeatedColumn(TableError):
    """A header that stands over two columns."""

    code = "repeated-column"

    def __init__(self, file: str, *, column: str) -> None:
        self.file, self.column = file, column
        super().__init__(
            f"{file}: column {column!r} is in the header twice; expected each once. "
            "Rename or remove one of the two."
        )


class MissingColumn(TableError):
    """A column that is needed and not there. ``found`` are the headers of the file."""

    code = "missing-column"

    def __init__(self, file: str, *, column: str, needed_for: str, found: Sequence[str]) -> None:
        self.file, self.column, self.found = file, column, tuple(found)
        super().__init__(
            f"{file}: no column {column!r} ({needed_for}); the header has {_listed(found)}. "
            "Say in the profile's columns which of them holds it, or give it a default."
        )


def _in_a_sentence(title: str) -> str:
    """Return a title with a small first letter, unless it starts with an abbreviation (HXL, COD)."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


class NotRecognised(TableError):
    """A table that reads as nothing sitmap knows, or as another kind than ``asked``."""

    code = "not-recognised"

    def __init__(self, file: str, *, asked: str, title: str, found: Sequence[str]) -> None:
        self.file, self.asked, self.title, self.found = file, asked, title, tuple(found)
        wanted = f"a table of {asked}" if asked else "counts, or organisations, at places"
        super().__init__(
            f"{file}: reads as {_in_a_sentence(title)}; expected {wanted}. "
            f"Say in columns which of its headers hold what: {_listed(found)}."
        )


class BadProfile(TableError):
    """A profile that names a column sitmap does not have."""

    code = "bad-profile"

    def __init__(self, file: str, *, column: str, known: Sequence[str]) -> None:
        self.file, self.column, self.known = file, column, tuple(known)
        super().__init__(
            f"{file}: the profile names {column!r}, which is not one of {_listed(known)}."
            f"{nearest(column, known) or ' Correct or remove it.'}"
        )


class BadCell(TableError):
    """One cell of a table holds what it must not."""

    code = "bad-cell"

    def __init__(
        self,
        file: str,
        *,
        row: int | None,
        column: str,
        value: str,
        expected: str,
        todo: str,
    ) -> None:
        self.file, self.row, self.column, self.value = file, row, column, value
        self.expected, self.todo = expected, todo
        where = f"{file}, row {row}" if row is not None else file
        super().__init__(f"{where}, column {column!r}: {value!r} is not {expected}. {todo}")


class DuplicateRow(TableError):
    """Two rows of a table that state the same figure: people would be counted twice."""

    code = "duplicate-row"

    def __init__(self, file: str, *, row: int, first: int, what: str) -> None:
        self.file, self.row, self.first, self.what = file, row, first, what
        super().__init__(
            f"{file}, row {row}: states {what} again, as row {first} does; expected each figure "
            "once. Remove one of the two rows."
        )


class BadCarry(TableError):
    """A declared carry whose weights do not share out the whole."""

    code = "bad-carry"

    def __init__(self, from_code: str, *, found: str) -> None:
        self.from_code, self.found = from_code, found
        super().__init__(
            f"carry from {from_code!r}: {found}; expected one or more targets whose weights are "
            "positive and sum to 1. Correct its `into`."
        )


class UnknownFinding(TableError):
    """An acknowledgement of a finding that is not there (any more)."""

    code = "unknown-finding"

    def __init__(self, finding: str, *, known: Sequence[str]) -> None:
        self.finding, self.known = finding, tuple(known)
        near = get_close_matches(finding, known, n=1, cutoff=0.0)
        hint = f" The nearest is {near[0]!r}." if near else " There are none now."
        super().__init__(
            f"acknowledged finding {finding!r} does not exist; expected one that `sitmap check` "
            f"prints.{hint} Correct the id or remove the acknowledgement."
        )


class ReleaseRefused(TableError):
    """Figures that must not be seen as they are."""

    code = "release-refused"


class UnknownSource(ReleaseRefused):
    """Figures that name a source nobody declared."""

    code = "unknown-source"

    def __init__(self, source: str, *, known: Sequence[str]) -> None:
        self.source, self.known = source, tuple(known)
        super().__init__(
            f"source {source!r} is used by a table but not declared; expected one of "
            f"{_listed(known)}. Add a [[source]] with this id.{nearest(source, known)}"
        )


class UndeclaredSensitivity(ReleaseRefused):
    """A source in use that does not say how sensitive it is."""

    code = "undeclared-sensitivity"

    def __init__(self, source: str) -> None:
        self.source = source
        super().__init__(
            f"source {source!r} declares no sensitivity; expected 'public', 'sensitive' or "
            "'restricted'. Ask its publisher, then declare it in its [[source]]."
        )


class NeedsProtection(ReleaseRefused):
    """A source in use that may not be shown unprotected."""

    code = "needs-protection"

    def __init__(self, source: str, *, sensitivity: str) -> None:
        self.source, self.sensitivity = source, sensitivity
        super().__init__(
            f"source {source!r} is {str(sensitivity)!r}; only 'public' figures can be released, since "
            "this version cannot protect others. Leave its tables out, or use a public version."
        )


class FigureError(SitmapError):
    """Figures were asked for that do not exist. ``known`` is what there is."""

    code = "figure-error"
    known: tuple[object, ...] = ()


class UnknownGroup(FigureError):
    """A population group without figures."""

    code = "unknown-group"

    def __init__(self, group: str, *, known: Sequence[str]) -> None:
        self.group, self.known = group, tuple(known)
        super().__init__(
            f"no figures for population group {group!r}; there are {_listed(known)}. Ask for one."
        )


class UnknownMeasure(FigureError):
    """A measure that a group has no figures of."""

    code = "unknown-measure"

    def __init__(self, measure: str, *, group: str, known: Sequence[str]) -> None:
        self.measure, self.group, self.known = measure, group, tuple(known)
        super().__init__(
            f"no {group} figures with measure {measure!r} there; there are {_listed(known)}. "
            "Ask for one."
        )


class AmbiguousMeasure(FigureError):
    """Several measures that must not be added, and none was chosen."""

    code = "ambiguous-measure"

    def __init__(self, group: str, *, known: Sequence[str]) -> None:
        self.group, self.known = group, tuple(known)
        super().__init__(
            f"{group} has figures of several measures ({_listed(known)}), which are never added; "
            "expected a measure. Ask for one."
        )


class UnknownDate(FigureError):
    """A date without figures for the group at the level."""

    code = "unknown-date"

    def __init__(self, day: date, *, group: str, level: int, known: Sequence[date]) -> None:
        self.day, self.group, self.level, self.known = day, group, level, tuple(known)
        super().__init__(
            f"no {group} figures of {day} at level {level}; there are {_listed(known)}. "
            "Ask for one, or for none to get the latest."
        )


class NoSuchLevel(FigureError):
    """A level the boundaries do not have, or at which a group has no figures."""

    code = "no-such-level"

    def __init__(self, level: int, *, group: str, known: Sequence[int]) -> None:
        self.level, self.group, self.known = level, group, tuple(known)
        super().__init__(
            f"no {group} figures at level {level}; there are at {_listed(known)}. Ask for one."
        )


class UnknownOrigin(FigureError):
    """A country of origin without figures."""

    code = "unknown-origin"

    def __init__(self, origin: str, *, group: str, known: Sequence[str]) -> None:
        self.origin, self.group, self.known = origin, group, tuple(known)
        super().__init__(
            f"no {group} figures by origin {origin!r} there; there are {_listed(known)}. "
            "Ask for one, or for none to get all origins together."
        )


class UnknownSituation(FigureError):
    """A situation that was never published."""

    code = "unknown-situation"

    def __init__(self, situation: str, *, known: Sequence[str]) -> None:
        self.situation, self.known = situation, tuple(known)
        super().__init__(
            f"no situation {situation!r} is published; there are {_listed(known)}. "
            "Publish it with `sitmap build`."
        )


class UnknownEdition(FigureError):
    """An edition the store does not have."""

    code = "unknown-edition"

    def __init__(self, edition: str, *, known: Sequence[str] = ()) -> None:
        self.edition, self.known = edition, tuple(known)
        super().__init__(
            f"no edition {edition!r}; list those there are with `sitmap editions`, and ask for one."
        )


class WithdrawnEdition(FigureError):
    """Figures were published once and taken back; publishing them again needs a decision."""

    code = "withdrawn-edition"

    def __init__(self, edition: str, *, situation: str) -> None:
        self.edition, self.situation = edition, situation
        super().__init__(
            f"situation {situation!r} as it is now is edition {edition}, which was withdrawn. "
            f"Correct its tables, or take the decision back with `sitmap editions FOLDER restore "
            f"{edition}`."
        )


class StoreError(SitmapError):
    """The store cannot be read or written."""

    code = "store-error"


class StoreUnavailable(StoreError):
    """A store that is missing, locked, full, damaged, or of another version of sitmap."""

    code = "store-unavailable"

    def __init__(self, path: str, *, found: str, todo: str) -> None:
        self.path, self.found, self.todo = path, found, todo
        super().__init__(f"store {path}: {found}. {todo}")
