"""What can go wrong at the edge, and the one table from errors to HTTP status codes and exit codes.

An answer over HTTP never repeats what was sent: its words come from `PROBLEMS`, and only lists of
what there *is* (`known`) are added. The command line prints the error's own sentence instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import ClassVar

from boundaries.errors import SitmapError

__all__ = [
    "PROBLEMS",
    "AddressTooLong",
    "BadLogo",
    "BadMatchHeader",
    "BadParameter",
    "BadSetting",
    "BadSituation",
    "BadStoreAddress",
    "BuildStops",
    "Busy",
    "CannotWrite",
    "LimitExceeded",
    "NoPublicAddress",
    "NoSuchFormat",
    "NotOurAddress",
    "Problem",
    "ServiceError",
    "TooLarge",
    "UnknownExample",
    "UnknownHost",
    "UnknownLevel",
    "UnknownMap",
    "UnknownParameter",
    "closest",
    "exit_code",
    "problem_of",
]


class ServiceError(SitmapError):
    """A file a user wrote, or a request, cannot be used as it is."""

    code: ClassVar[str] = "service-error"


class BadSituation(ServiceError):
    """``situation.toml`` (or a file it names) says something that cannot be used.

    ``line`` counts from 1; None where no line can be named.
    """

    code = "bad-situation"

    def __init__(
        self, file: Path | str, *, where: str, found: str, todo: str, line: int | None = None
    ) -> None:
        self.file, self.where, self.found, self.todo = str(file), where, found, todo
        self.line = line
        place = ", ".join(filter(None, (f"{file}", f"line {line}" if line else "", where)))
        super().__init__(f"{place}: {found}. {todo}")


class BadLogo(ServiceError):
    """A logo that cannot be put on a map: unreadable, too large, or more than a picture."""

    code = "bad-logo"

    def __init__(self, path: Path, *, why: str, todo: str) -> None:
        self.path, self.why, self.todo = path, why, todo
        super().__init__(f"{path}: {why}. {todo}")


class BadStoreAddress(ServiceError):
    """An address that names no kind of store there is."""

    code = "bad-store-address"

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(
            f"a store cannot be reached by {kind!r}: name a file, sqlite:///FILE or "
            "postgresql://USER@HOST/DATABASE."
        )


class BadSetting(ServiceError):
    """An environment variable that makes no sense."""

    code = "bad-setting"

    def __init__(self, name: str, *, expected: str) -> None:
        self.name, self.expected = name, expected
        super().__init__(f"environment variable {name}: expected {expected}. Correct or unset it.")


class BuildStops(ServiceError):
    """A finding would draw something false; nothing was published."""

    code = "build-stops"

    def __init__(self, situation: str, *, findings: Sequence[str], first: str, todo: str) -> None:
        self.situation, self.findings = situation, tuple(findings)
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(
            f"{situation}: nothing was published, because {first}{more}. "
            f"{todo or 'Correct the table; `sitmap check` lists every finding.'}"
        )


class CannotWrite(ServiceError):
    """A file or folder cannot be written; what was there before is untouched."""

    code = "cannot-write"

    def __init__(self, path: Path, *, why: str, todo: str) -> None:
        self.path, self.why, self.todo = path, why, todo
        super().__init__(f"{path}: {why}. {todo}")


class UnknownMap(ServiceError):
    """A map that the situation does not have."""

    code = "unknown-map"

    def __init__(self, map_id: str, *, situation: str, known: Sequence[str]) -> None:
        self.map_id, self.situation, self.known = map_id, situation, tuple(known)
        hint = closest(map_id, known)
        super().__init__(
            f"situation {situation!r} has no map {map_id!r}; it has {', '.join(known) or 'none'}."
            + (f" Did you mean {hint!r}?" if hint else " Add a [[map]] to situation.toml.")
        )


class UnknownExample(ServiceError):
    """An example that is not packaged."""

    code = "unknown-example"

    def __init__(self, name: str, *, known: Sequence[str]) -> None:
        self.name, self.known = name, tuple(known)
        super().__init__(f"there is no example {name!r}; expected one of {', '.join(known)}.")


class UnknownParameter(ServiceError):
    """A query parameter the route does not take: ignoring it would answer another question."""

    code = "unknown-parameter"

    def __init__(self, *, known: Sequence[str]) -> None:
        self.known = tuple(known)
        super().__init__(f"unknown query parameter; expected {', '.join(known) or 'none'}.")


class BadParameter(ServiceError):
    """A query or path parameter whose value cannot be read."""

    code = "bad-parameter"

    def __init__(self, parameter: str, *, expected: str, known: Sequence[str] = ()) -> None:
        self.parameter, self.expected, self.known = parameter, expected, tuple(known)
        super().__init__(f"parameter {parameter!r}: expected {expected}.")


class NoSuchFormat(ServiceError):
    """A format that cannot be written."""

    code = "no-such-format"

    def __init__(self, *, known: Sequence[str]) -> None:
        self.known = tuple(known)
        super().__init__(f"no such format; expected one of {', '.join(known)}.")


class BadMatchHeader(ServiceError):
    """An ``If-None-Match`` that is no list of entity tags."""

    code = "bad-if-none-match"

    def __init__(self) -> None:
        super().__init__(
            'the header If-None-Match is no list of entity tags; expected "…", W/"…" or *. '
            "Send back the ETag of an earlier answer as it was."
        )


class LimitExceeded(ServiceError):
    """More was asked for than one answer holds; ``known`` says what is within the limit."""

    code = "limit-exceeded"

    def __init__(self, what: str, *, limit: int, todo: str, known: Sequence[str] = ()) -> None:
        self.what, self.limit, self.known = what, limit, tuple(known)
        super().__init__(f"more than {limit} {what} were asked for at once. {todo}")


class TooLarge(ServiceError):
    """A request that is larger than any this service takes."""

    code = "request-too-large"

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        super().__init__(f"the request is larger than {limit} bytes; expected one without a body.")


class AddressTooLong(ServiceError):
    """An address that is longer than any of this service."""

    code = "address-too-long"

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        super().__init__(f"the address is longer than {limit} bytes. Ask for less at once.")


class Busy(ServiceError):
    """So much is being made that nothing more is taken on; what is being made gets done."""

    code = "busy"

    def __init__(self, *, waiting: int) -> None:
        self.waiting = waiting
        super().__init__(f"{waiting} answers are being made already. Try again in a second.")


class NotOurAddress(ServiceError):
    """An address that is no map of this service."""

    code = "not-our-address"

    def __init__(self) -> None:
        super().__init__(
            "the address is no map of this service; expected one that starts with its public "
            "address and goes on /view/SITUATION/MAP. Copy it from the map's page."
        )


class NoPublicAddress(ServiceError):
    """Something needs the service's public address, and nobody set it."""

    code = "no-public-address"

    def __init__(self) -> None:
        super().__init__(
            "the service does not know its public address; expected it in SITMAP_BASE_URL. "
            "Start `sitmap serve` with --base-url."
        )


class UnknownHost(ServiceError):
    """A request that was sent to another name than the service's own."""

    code = "unknown-host"

    def __init__(self) -> None:
        super().__init__(
            "the request was sent to a name that is not the service's; expected one of "
            "SITMAP_HOSTS. Add the name there, or ask by the right one."
        )


class UnknownLevel(ServiceError):
    """A level that the boundary vintage does not have."""

    code = "unknown-level"

    def __init__(self, *, known: Sequence[str]) -> None:
        self.known = tuple(known)
        super().__init__(f"the vintage has no such level; it has {', '.join(known)}.")


@dataclass(frozen=True, slots=True)
class Problem:
    """How an error is told over HTTP: a status and a fixed sentence (RFC 9457 ``title``)."""

    status: HTTPStatus
    title: str


_BAD, _ABSENT = HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND
_OURS, _AWAY = HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE

# One line per error class, by its stable code. Errors that only reading and building can cause
# cannot reach a request (the serving process opens no table); should one ever, it is our fault: 500.
PROBLEMS: Mapping[str, Problem] = {
    "sitmap-error": Problem(_OURS, "The answer could not be made."),
    # boundaries
    "boundary-error": Problem(_OURS, "The boundaries cannot be used."),
    "unreadable-boundaries": Problem(_OURS, "The boundaries cannot be read."),
    "bad-codes": Problem(_OURS, "The boundaries cannot be read."),
    **dict.fromkeys(
        ("bad-boundary-profile", "bad-vintage-name", "vintage-taken", "cannot-keep"),
        Problem(_OURS, "The boundaries cannot be brought in."),
    ),
    **dict.fromkeys(
        ("bad-shares", "missing-level", "rate-not-carried", "unreadable-grid", "wrong-vintage"),
        Problem(_OURS, "Figures cannot be brought to these boundaries."),
    ),
    "unknown-vintage": Problem(_ABSENT, "There is no such boundary vintage here."),
    "unknown-unit": Problem(_ABSENT, "The boundary vintage has no unit with this P-code."),
    "lost-grid": Problem(_OURS, "The boundaries cannot be used."),
    # geo
    **dict.fromkeys(
        ("executor-error", "unknown-executor", "no-cluster", "workers-lost"),
        Problem(_OURS, "Points cannot be counted."),
    ),
    **dict.fromkeys(
        ("bad-partition", "nothing-placed", "needs-raster-packages"),
        Problem(_OURS, "Points cannot be counted."),
    ),
    "table-error": Problem(_OURS, "A table cannot be used."),
    "bad-cell": Problem(_OURS, "A table cannot be used."),
    **dict.fromkeys(
        (
            "unreadable-table",
            "wrong-encoding",
            "ragged-row",
            "repeated-column",
            "missing-column",
            "bad-profile",
            "duplicate-row",
            "bad-carry",
            "unknown-finding",
            "not-recognised",
            "unreadable-settlements",
        ),
        Problem(_OURS, "A table cannot be used."),
    ),
    **dict.fromkeys(
        ("release-refused", "unknown-source", "undeclared-sensitivity", "needs-protection"),
        Problem(_OURS, "The figures may not be shown."),
    ),
    "figure-error": Problem(_ABSENT, "There are no such figures."),
    "unknown-group": Problem(_ABSENT, "There are no figures for this population group."),
    "unknown-measure": Problem(_ABSENT, "There are no figures of this measure."),
    "ambiguous-measure": Problem(
        _BAD, "There are several measures; they are never added: ask for one."
    ),
    "unknown-date": Problem(_ABSENT, "There are no figures of this date."),
    "no-such-level": Problem(_ABSENT, "There are no figures at this level."),
    "unknown-origin": Problem(_ABSENT, "There are no figures by this origin."),
    "unknown-situation": Problem(_ABSENT, "There is no such situation here."),
    "unknown-edition": Problem(_ABSENT, "There is no such edition here."),
    "withdrawn-edition": Problem(_ABSENT, "There is no such edition here."),
    "store-error": Problem(_AWAY, "The store cannot be read at the moment."),
    "store-unavailable": Problem(_AWAY, "The store cannot be read at the moment."),
    # maps
    "map-error": Problem(_BAD, "The map cannot be drawn as asked."),
    "nothing-to-draw": Problem(_ABSENT, "A layer of the map has no figures to draw."),
    "would-mislead": Problem(_BAD, "The map would show something false as it is specified."),
    **dict.fromkeys(
        (
            "too-few-values",
            "unknown-scheme",
            "unknown-language",
            "unknown-palette",
            "text-too-uneven",
        ),
        Problem(_OURS, "The map cannot be drawn as it is specified."),
    ),
    # service
    "service-error": Problem(_BAD, "The request cannot be answered as it is."),
    "bad-situation": Problem(_OURS, "The situation's file cannot be used."),
    "bad-logo": Problem(_OURS, "A logo cannot be used."),
    "bad-store-address": Problem(_OURS, "The service is not set up correctly."),
    "bad-setting": Problem(_OURS, "The service is not set up correctly."),
    "declared-too-open": Problem(_OURS, "The figures may not be shown as they are."),
    "build-stops": Problem(_OURS, "The situation cannot be published."),
    "cannot-write": Problem(_OURS, "The answer could not be written."),
    "unknown-map": Problem(_ABSENT, "The situation has no such map."),
    "unknown-example": Problem(_ABSENT, "There is no such example."),
    "unknown-raster": Problem(_ABSENT, "The situation has no such raster."),
    "unknown-level": Problem(_ABSENT, "The boundary vintage has no such level."),
    "no-such-tile": Problem(_ABSENT, "There is no such tile."),
    "unknown-parameter": Problem(_BAD, "A query parameter is not known here."),
    "bad-parameter": Problem(_BAD, "A parameter has a value that cannot be used."),
    "not-our-address": Problem(_ABSENT, "There is no map of ours at this address."),
    "no-public-address": Problem(
        HTTPStatus.NOT_IMPLEMENTED, "The service does not know its public address."
    ),
    "unknown-host": Problem(
        HTTPStatus.MISDIRECTED_REQUEST, "The service does not answer to this name."
    ),
    "unknown-collection": Problem(_ABSENT, "There is no such collection."),
    "unknown-feature": Problem(_ABSENT, "The collection has no such feature."),
    "unknown-tile-matrix-set": Problem(_ABSENT, "There are no such tiles."),
    "not-acceptable": Problem(
        HTTPStatus.NOT_ACCEPTABLE, "There is no form of this that the Accept header takes."
    ),
    "no-such-format": Problem(HTTPStatus.NOT_ACCEPTABLE, "There is no such format."),
    "bad-if-none-match": Problem(_BAD, "The header If-None-Match is no list of entity tags."),
    "limit-exceeded": Problem(_BAD, "More was asked for than one answer holds."),
    "request-too-large": Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large; send it without a body."
    ),
    "address-too-long": Problem(HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long."),
    "busy": Problem(_AWAY, "The service is busy; try again in a second."),
}

_EXIT_BAD_INPUT, _EXIT_STORE = 2, 3


def problem_of(error: SitmapError) -> Problem:
    """Return how ``error`` is told over HTTP; an error without an entry is told as our fault."""
    return PROBLEMS.get(error.code, PROBLEMS["sitmap-error"])


def exit_code(error: SitmapError) -> int:
    """Return the command line's exit code: 3 when the store is unavailable, else 2."""
    from geo.errors import StoreError

    return _EXIT_STORE if isinstance(error, StoreError) else _EXIT_BAD_INPUT


def closest(word: str, known: Sequence[str]) -> str:
    """Return the known word nearest to ``word``, "" where none is near.

    >>> closest("grup", ["group", "measure"])
    'group'
    """
    import difflib

    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=0.6)), "")
