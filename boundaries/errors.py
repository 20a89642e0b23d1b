"""What can go wrong with places. `SitmapError` is the root of every error a user can cause.

A message says what was given, where, what was expected and what to do next, in one sentence or
two; the same facts are attributes, so that a caller need not parse the sentence.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

__all__ = [
    "BadBoundaryProfile",
    "BadCodes",
    "BadVintageName",
    "BoundaryError",
    "CannotKeep",
    "SitmapError",
    "UnknownUnit",
    "UnknownVintage",
    "UnreadableBoundaries",
    "VintageTaken",
]


class SitmapError(Exception):
    """Bad input, or something asked for that is not there. Never a fault of the program."""

    code: ClassVar[str] = "sitmap-error"
    """Stable, machine-readable name; it goes into the API's problem documents."""


class BoundaryError(SitmapError):
    """The places cannot be read, or a place asked for does not exist."""

    code = "boundary-error"


class UnreadableBoundaries(BoundaryError):
    """A boundary file that holds no usable polygons.

    ``check`` names what was looked for and not met (``is-whole``, ``has-codes``, …).
    """

    code = "unreadable-boundaries"

    def __init__(
        self, path: Path, *, found: str, expected: str, todo: str, check: str = "is-boundaries"
    ) -> None:
        self.path, self.found, self.expected, self.todo = path, found, expected, todo
        self.check = check
        super().__init__(f"{path}: {found}; expected {expected}. {todo}")


class BadCodes(UnreadableBoundaries):
    """A boundary file in which a code is blank or on two units.

    ``codes`` are those on two units; ``rows`` the rows at fault, counted from 1.
    """

    code = "bad-codes"

    def __init__(
        self,
        path: Path,
        *,
        problem: Literal["blank", "twice"],
        codes: Sequence[str],
        rows: Sequence[int],
    ) -> None:
        self.problem, self.codes, self.rows = problem, tuple(codes), tuple(rows)
        where = ", ".join(str(row) for row in rows[:5])
        found = (
            f"{len(rows)} unit(s) have a blank code (rows {where}{', …' * (len(rows) > 5)})"
            if problem == "blank"
            else f"{len(codes)} code(s) are on more than one unit: {', '.join(codes[:5])} (rows {where})"
        )
        super().__init__(
            path,
            found=found,
            expected="one code for each unit",
            todo="Correct the file, name another column with the codes, or bring it in with "
            "`sitmap boundaries import`, which gives such units codes of their own.",
            check="blank-code" if problem == "blank" else "duplicate-code",
        )


class UnknownVintage(BoundaryError):
    """A boundary vintage that is not at hand."""

    code = "unknown-vintage"

    def __init__(self, vintage: str, *, known: Sequence[str]) -> None:
        self.vintage, self.known = vintage, tuple(known)
        super().__init__(
            f"boundary vintage {vintage!r} is not at hand; expected one of {', '.join(known)}, "
            "or the path of a GeoJSON, GeoPackage or shapefile. "
            "`sitmap boundaries import` brings in a file under a name."
        )


class UnknownUnit(BoundaryError):
    """A P-code that the vintage does not have."""

    code = "unknown-unit"

    def __init__(self, pcode: str, *, vintage: str) -> None:
        self.pcode, self.vintage = pcode, vintage
        super().__init__(
            f"P-code {pcode!r} is not in vintage {vintage}. Look it up with `sitmap boundaries show`."
        )


class BadBoundaryProfile(BoundaryError):
    """A profile of a boundary file that says something that cannot be used."""

    code = "bad-boundary-profile"

    def __init__(self, path: Path, *, where: str, found: str, todo: str) -> None:
        self.path, self.where, self.found, self.todo = path, where, found, todo
        super().__init__(f"{path}, {where}: {found}. {todo}")


class BadVintageName(BoundaryError):
    """A name under which no vintage can be kept."""

    code = "bad-vintage-name"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"{name!r} cannot name a vintage; expected small letters, digits, dots and hyphens, "
            "64 at most, beginning with a letter or digit. Write it as mali-2019."
        )


class VintageTaken(BoundaryError):
    """A name that another vintage already has: what figures were joined to is not changed."""

    code = "vintage-taken"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"there is a vintage {name!r} already. Give the new one another name, or say that it "
            "replaces the old one (--replace)."
        )


class CannotKeep(BoundaryError):
    """A vintage that cannot be written where vintages are kept; nothing is left behind."""

    code = "cannot-keep"

    def __init__(self, folder: Path, *, why: str) -> None:
        self.folder, self.why = folder, why
        super().__init__(f"{folder}: {why}. Free the space, or name another folder in SITMAP_DATA.")
