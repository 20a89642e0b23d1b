"""Counts per unit, asked for and answered: what the route and the short way both give.

What an answer depends on is known without making it (an edition, the address, and what the reader
prefers), so a reader who has it gets 304. An answer at hand is sent as it is; one that is soon made
is made at once; any other is made in a thread, once for all who ask for it meanwhile.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

from service.answered import Answered
from service.catalogue import Catalogue
from service.conditional import REVALIDATE, entity_tag, is_known
from service.counting import CountsAsked, ask, part_of
from service.counts_files import BINARY, COUNTS_FORMATS, CountsPage, counts_file, counts_form
from service.flights import Flights
from service.languages import preferred_language
from service.packing import PACKED_FROM, packed
from service.paging import MOST_ROWS, Page, link_header, page_of
from service.queries import CountsQuery, box_of
from service.tile_shelf import TileShelf
from service.weights import coding_of

if TYPE_CHECKING:
    from service.published import Published

__all__ = ["COUNTS", "CountsDesk", "CountsRequest", "Said", "counts_request", "read_counts"]

COUNTS = "/api/situations/{sid}/counts"

_CUT = ("json", "geojson")  # what a browser would have to take in whole
_ALL_ROWS = 1_000_000
_QUICK = 5_000  # units: some five milliseconds
_SOON_PACKED = 100_000  # bytes that take a millisecond or two to pack
_VARY = "Accept, Accept-Encoding, Accept-Language"
_READ = (b"accept", b"accept-encoding", b"accept-language", b"if-none-match")
_ADDRESS = re.compile(r"/api/situations/([a-z0-9-]{1,64})/counts")


@dataclass(frozen=True, slots=True)
class Said:
    """What the headers of a request say that an answer depends on."""

    accept: str = ""
    accept_encoding: str = ""
    accept_language: str = ""
    if_none_match: str = ""

    @classmethod
    def of(cls, headers: Iterable[tuple[bytes, bytes]]) -> "Said":
        """Return what a request says (names in lower case); of a header there twice, the first."""
        told = dict(reversed(list(headers)))
        return cls(*(told.get(name, b"").decode("latin-1") for name in _READ))


@dataclass(frozen=True, slots=True, eq=False)
class CountsRequest:
    """What an address asks for. ``path`` and ``parameters`` (sorted) are what a tag stands for."""

    situation: str
    query: CountsQuery
    asked: CountsAsked
    path: str
    parameters: str

    def language(self, said: Said) -> str:
        """Return the language of the answer: that of the address, else what the reader prefers."""
        if "lang" in self.query.model_fields_set:
            return self.query.lang
        return preferred_language(said.accept_language)


def counts_request(
    situation: str, query: CountsQuery, parameters: Sequence[tuple[str, str]]
) -> CountsRequest:
    """Return what a query of a situation's counts asks for; ``parameters`` are those of its address."""
    asked = CountsAsked(
        level=query.level,
        group=query.group,
        date=query.date,
        measure=query.measure.value if query.measure else None,
        origin=query.origin,
        parent=query.parent,
        bbox=box_of(query.bbox) if query.bbox else None,
    )
    path = COUNTS.replace("{sid}", situation)
    return CountsRequest(situation, query, asked, path, repr(sorted(parameters)))


def read_counts(path: str, query: str) -> CountsRequest | None:
    """Return what an address asks of counts; None where it does not, or where it is unusual."""
    found = _ADDRESS.fullmatch(path)
    if found is None:
        return None
    parameters = parse_qsl(query, keep_blank_values=True)
    told = dict(parameters)
    if len(told) < len(parameters):
        return None
    try:
        return counts_request(found[1], CountsQuery.model_validate(told), parameters)
    except ValidationError:
        return None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One answer: of an edition, to one reader."""

    request: CountsRequest
    edition: str
    coding: str
    language: str
    accept: str

    @property
    def key(self) -> Hashable:
        request = self.request
        return (request.path, request.parameters, self.edition, self.coding, self.language,
                self.accept)  # fmt: skip

    def tag(self) -> str:
        request = self.request
        return entity_tag(
            self.coding,
            request.path,
            request.parameters,
            self.edition,
            self.language,
            self.accept,
        )

    def unchanged(self, tag: str) -> Answered:
        return Answered(304, tag, REVALIDATE, "", vary=_VARY, language=self.language)


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that has to be made, and its place in the memory of pages."""

    edition: str
    asked: CountsAsked
    form: str
    page: Page

    @property
    def key(self) -> tuple[object, ...]:
        return (self.edition, self.asked, self.form, self.page)

    def of(self, published: "Published") -> CountsPage:
        answer = ask(published, self.asked)
        counts = answer.counts
        name = f"{counts.situation}-{counts.group.lower()}-{counts.date}.{self.form}"
        part = part_of(answer, self.page.first, self.page.size)
        content = counts_file(part, self.form, published)
        published.asked.set()
        return CountsPage(content, name, len(counts.columns))


class CountsDesk:
    """Answers counts of a catalogue. Used by the event loop of one process."""

    def __init__(
        self,
        catalogue: Catalogue,
        shelf: TileShelf,
        work: Flights[Any],
        *,
        base_url: str,
        on_first: Callable[[], None] | None = None,
    ) -> None:
        """Keep finished answers on ``shelf``, make slow ones as ``work``; pages are at ``base_url``.

        ``on_first`` is called after the first answer of an edition.
        """
        self._catalogue, self._shelf, self._work = catalogue, shelf, work
        self._base_url, self._on_first = base_url, on_first

    def at_once(self, request: CountsRequest, said: Said) -> Answered | None:
        """Return an answer as JSON if it can be given at once, else None: then `answer` gives it.

        Never waits. Raises what `answer` raises, `Busy` excepted.
        """
        wanted = self._wanted(request, said)
        kept = self._known(wanted, said)
        if kept is not None:
            return kept
        page = self._asked(wanted)
        if page.form != "json":
            return None
        made = self._catalogue.answers.ready(page.key)
        if made is None:
            published = self._catalogue.ready(wanted.edition)
            if published is None or not _is_quick(published, page.asked):
                return None
            made = self._catalogue.answers.get(page.key, lambda: self._made(page, published))
        if wanted.coding != "identity" and len(made.content) > _SOON_PACKED:
            return None
        return self._finished(wanted, page, made, _in_coding(made.content, wanted.coding))

    async def answer(self, request: CountsRequest, said: Said) -> Answered:
        """Answer what is asked, or that the reader has it.

        Raises `UnknownSituation`, `UnknownEdition`, `BadMatchHeader`, `NoSuchFormat`,
        `LimitExceeded`, what counting raises, and `Busy`.
        """
        at_once = self.at_once(request, said)
        if at_once is not None:
            return at_once
        wanted = self._wanted(request, said)
        page = self._asked(wanted)
        answers, published = self._catalogue.answers, self._catalogue.published
        made = answers.ready(page.key)
        if made is None:
            made = await self._work.get(
                ("counts", page.key),
                lambda: answers.get(
                    page.key,
                    lambda: self._made(page, published(request.situation, wanted.edition)),
                ),
            )
        body, coding = made.content, "identity"
        if page.form not in BINARY and wanted.coding != "identity":
            content = body
            body, coding = await self._work.get(
                ("packed", wanted.coding, page.key), lambda: _in_coding(content, wanted.coding)
            )
        return self._finished(wanted, page, made, (body, coding))

    def _made(self, page: _Page, published: "Published") -> CountsPage:
        is_first = not published.asked.is_set()
        made = page.of(published)
        if is_first and self._on_first is not None:
            self._on_first()
        return made

    def _wanted(self, request: CountsRequest, said: Said) -> _Wanted:
        return _Wanted(
            request,
            self._catalogue.edition(request.situation, request.query.edition).id,
            coding_of(said.accept_encoding),
            request.language(said),
            said.accept,
        )

    def _known(self, wanted: _Wanted, said: Said) -> Answered | None:
        """Return what is at hand, or that the reader has it whether it is at hand or not."""
        kept = self._shelf.get(wanted.key, Answered)
        if not said.if_none_match:
            return kept
        tag = wanted.tag() if kept is None else kept.tag
        return wanted.unchanged(tag) if is_known(said.if_none_match, tag) else kept

    def _asked(self, wanted: _Wanted) -> _Page:
        request = wanted.request
        form = counts_form(request.query.format, wanted.accept)
        page = page_of(request.query, most=MOST_ROWS if form in _CUT else _ALL_ROWS)
        asked = request.asked
        if wanted.language != asked.lang:
            asked = replace(asked, lang=wanted.language)
        return _Page(wanted.edition, asked, form, page)

    def _finished(
        self, wanted: _Wanted, page: _Page, made: CountsPage, packed_body: tuple[bytes, str]
    ) -> Answered:
        body, coding = packed_body
        request = wanted.request
        links = link_header(self._base_url + request.path, request.query, page.page, made.rows)
        answered = Answered(
            200, wanted.tag(), REVALIDATE, COUNTS_FORMATS[page.form], coding, body,
            vary=_VARY, language=wanted.language, link=links,
            file_name=made.name if page.form in {*BINARY, "csv"} else "",
        )  # fmt: skip
        if page.form == "json":
            self._shelf.put(wanted.key, answered)
        return answered


def _is_quick(published: "Published", asked: CountsAsked) -> bool:
    """Whether an answer is made in less time than handing it to a thread takes from the others."""
    return (
        asked.bbox is None
        and published.at_hand
        and len(published.boundaries.codes(asked.level)) <= _QUICK
    )


def _in_coding(content: bytes, coding: str) -> tuple[bytes, str]:
    """Return a body as it is sent, and the coding it is then in."""
    if coding == "identity" or len(content) < PACKED_FROM:
        return content, "identity"
    return packed(content, coding), coding
