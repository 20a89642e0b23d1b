"""What all layers of one map share, and what each says beside what it draws."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from shapely.geometry.base import BaseGeometry

from boundaries.sites import Site
from boundaries.units import BoundarySet
from geo.release import ReleasedFigures
from geo.sources import Source
from maps.messages import Messages
from maps.scene import TableTwin
from maps.spec import LayerSpec, MapSpec

__all__ = ["Dated", "LayerWords", "Setting"]


@dataclass(frozen=True, slots=True)
class Dated:
    """Whose figures a layer draws, and of which day or period they are."""

    country: str
    group: str
    measure: str
    start: date | None
    date: date


@dataclass(frozen=True, slots=True)
class LayerWords:
    """What one layer adds to the map's words.

    ``sources`` are ids; ``drawn`` the units it shows; ``carried`` those of them with figures of
    another vintage's units inside, and these units' codes.
    """

    alt: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()
    dated: tuple[Dated, ...] = ()
    sources: tuple[str, ...] = ()
    drawn: frozenset[str] = field(default=frozenset())
    carried: frozenset[str] = field(default=frozenset())
    twins: tuple[TableTwin, ...] = ()


@dataclass(frozen=True)
class Setting:
    """One map in one language: what was asked, the released figures, and the places."""

    spec: MapSpec
    released: ReleasedFigures
    places: BoundarySet
    world: BoundarySet
    say: Messages

    @cached_property
    def as_of(self) -> date:
        """The map's title date; figures of later days are not drawn."""
        return self.spec.as_of or self.released.as_of

    @cached_property
    def countries(self) -> tuple[str, ...]:
        """P-codes of the situation's countries, in its own order."""
        return tuple(code for iso3 in self.released.countries if (code := self.country_code(iso3)))

    @cached_property
    def focus(self) -> str:
        """P-code of the focus country; "" where no country stands out."""
        if not self.released.focus:
            return ""
        return self.country_code(self.released.focus) or self.countries[0]

    @property
    def shapes(self) -> Mapping[str, BaseGeometry]:
        """The units' geometries by P-code, degrees."""
        return self.places.shapes

    @cached_property
    def sites(self) -> Mapping[str, Site]:
        """The situation's sites by id."""
        return {site.id: site for site in self.released.sites}

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """The situation's sources by id."""
        return {source.id: source for source in self.released.sources}

    @cached_property
    def _country_codes(self) -> Mapping[str, str]:
        codes: dict[str, str] = {}
        for boundaries in (self.world, self.places):  # the situation's own vintage wins
            table = boundaries.at(0)
            for pcode, iso3 in zip(table["pcode"], table["iso3"], strict=True):
                codes[str(pcode)] = str(pcode)
                if iso3:
                    codes[str(iso3)] = str(pcode)
        return codes

    def country_code(self, written: str) -> str:
        """Return a country's P-code from its P-code or ISO 3166-1 alpha-3; "" where unknown."""
        return self._country_codes.get(written, "")

    def country_of(self, pcode: str) -> str:
        """Return the P-code of the country a unit lies in; "" for a unit of neither vintage."""
        country = self.places.country_of.get(pcode)
        if country is not None:
            return country
        for boundaries in (self.places, self.world):
            if pcode in boundaries:
                return boundaries.ancestor(pcode, 0)
        return ""

    def lies_in(self, place: str, pcode: str) -> bool:
        """Whether a unit lies in, or is, another unit."""
        while place in self.places:
            if place == pcode:
                return True
            place = self.places.unit(place).parent
        return place == pcode

    def name(self, pcode: str) -> str:
        """Return a place's name in the map's language; the code itself where it has none."""
        if pcode.startswith("site:"):
            site = self.sites.get(pcode.removeprefix("site:"))
            return site.name(self.say.lang) if site else pcode.removeprefix("site:")
        own = self._own_names.get(pcode)
        if own is not None:
            return own
        if pcode in self.world:
            return self.world.name(pcode, self.say.lang)
        return self.say.say("unknown_place") if pcode in ("", "unknown") else pcode

    @cached_property
    def _own_names(self) -> Mapping[str, str]:
        return self.places.names(self.say.lang)

    def source_line(self, source_id: str) -> str:
        """Return "publisher, title, date" of a source, for a footnote."""
        source = self.sources.get(source_id)
        if source is None:
            return source_id
        return self.say.say(
            "source.line",
            publisher=source.publisher,
            title=source.title,
            date=self.say.date(source.date),
        )

    def layer_name(self, layer: LayerSpec) -> str:
        """Name a layer for an error: its number and kind."""
        alike = [
            i
            for i, each in enumerate(self.spec.layers, 1)
            if each is layer or (each.kind, each.groups) == (layer.kind, layer.groups)
        ]
        return f"{alike[0]} ({layer.kind})" if alike else layer.kind

    def in_country_order(self, pcodes: Iterable[str]) -> list[str]:
        """Sort country codes: the focus first, then as the situation lists them, then the rest."""
        rank = {code: i for i, code in enumerate((self.focus, *self.countries))}
        return sorted(set(pcodes), key=lambda code: (rank.get(code, len(rank)), code))
