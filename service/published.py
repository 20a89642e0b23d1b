"""One published edition, with all that maps and counts are made from. Nothing unreleased is here."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from boundaries.vintage import Vintage
from geo.errors import UnknownSituation
from maps.imprint import Imprint, Logo, Override
from maps.spec import LayerSpec, MapSpec
from service.errors import UnknownLevel, UnknownMap
from service.files import write_one
from service.narrowing import (
    AS_PUBLISHED,
    Narrowing,
    Offer,
    narrowed,
    offers,
    with_steady_sizes,
)

if TYPE_CHECKING:
    import shapely

    from boundaries.units import BoundarySet
    from geo.release import ReleasedFigures
    from geo.store import Edition, Store
    from maps.atlas import AtlasPage
    from maps.scene import Scene
    from maps.tile_levels import MapLevels

_INHABITANTS = "POP"  # what rates are made with

__all__ = [
    "Published",
    "boundary_file",
    "current_edition",
    "read_published",
    "specs_from_json",
    "specs_to_json",
]


@dataclass(frozen=True)
class Published:
    """An edition: its released figures, its maps, and where its boundaries lie."""

    edition: "Edition"
    released: "ReleasedFigures"
    maps: tuple[MapSpec, ...]
    vintage: Vintage
    home: Path
    """The store's folder; boundaries of the user's own lie beside the store."""
    asked: Event = field(default_factory=Event, repr=False, compare=False)
    """Set with the first answer: from then on boundaries and figures are indexed."""

    @property
    def at_hand(self) -> bool:
        """Whether a small question is answered at once, in less time than a thread would take."""
        return self.asked.is_set() and self.released.index.at_hand

    @cached_property
    def boundaries(self) -> "BoundarySet":
        """All units of the situation's countries, of the situation's vintage."""
        return self.whole_vintage.of_countries(self.released.countries)

    def tree(self, level: int) -> "shapely.STRtree":
        """The geometries of a level's units, by where they are, in the order of P-codes."""
        if level not in self._trees:
            import shapely

            units = self.boundaries.at(level).sort_values("pcode")
            self._trees[level] = shapely.STRtree(units.geometry.to_numpy())
        return self._trees[level]

    @cached_property
    def _trees(self) -> dict[int, "shapely.STRtree"]:
        return {}

    @cached_property
    def whole_vintage(self) -> "BoundarySet":
        """All units of the vintage, the situation's countries or not."""
        from boundaries.natural_earth import open_natural_earth
        from boundaries.units import BoundarySet

        kept = boundary_file(self.home, self.vintage)
        if not kept.exists():
            return open_natural_earth()
        import geopandas as gpd

        return BoundarySet(self.vintage, gpd.read_parquet(kept))

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """Every series that a map can be narrowed to."""
        return offers(self)

    def map(self, map_id: str) -> MapSpec:
        """Return one map's specification; raises `UnknownMap`."""
        for spec in self.maps:
            if spec.id == map_id:
                return spec
        raise UnknownMap(
            map_id, situation=self.released.situation, known=[spec.id for spec in self.maps]
        )

    def scene(self, map_id: str, lang: str = "en", asked: Narrowing = AS_PUBLISHED) -> "Scene":
        """Decide one map in one language, as it was published or narrowed."""
        from boundaries.natural_earth import open_natural_earth, open_towns, open_water
        from maps.compose import compose

        spec = narrowed(self, map_id, asked)
        groups = {group for layer in spec.layers for group in layer.groups}
        by_origin = any(layer.origin for layer in spec.layers)
        scene = compose(
            spec,
            self.released.for_groups({*groups, _INHABITANTS}, by_origin=by_origin),
            self.boundaries,
            open_natural_earth(),
            open_towns(),
            lang=lang,
            edition=self.edition.id,
            water=open_water(),
        )
        return with_steady_sizes(self, scene, spec) if asked.date else scene

    def levels(self, scene: "Scene", map_id: str, asked: Narrowing = AS_PUBLISHED) -> "MapLevels":
        """Return a decided map as it is seen from far and near; ``scene`` is `scene` of the same."""
        from boundaries.natural_earth import open_natural_earth
        from maps.compose_wider import wider_scenes
        from maps.tile_levels import MapLevels

        spec = narrowed(self, map_id, asked)
        scenes = wider_scenes(scene, spec, self.released, self.boundaries, open_natural_earth())
        return MapLevels.of(scenes, self.boundaries)

    def atlas(self, map_id: str, level: int, lang: str = "en") -> "Iterator[AtlasPage]":
        """Decide one page for each unit of a level; raises `UnknownLevel`."""
        from boundaries.natural_earth import open_natural_earth, open_towns, open_water
        from maps.atlas import compose_atlas

        levels = self.boundaries.levels
        if level not in levels:
            raise UnknownLevel(known=[str(each) for each in levels])
        return compose_atlas(
            self.map(map_id),
            self.released,
            self.boundaries,
            open_natural_earth(),
            open_towns(),
            level=level,
            lang=lang,
            edition=self.edition.id,
            water=open_water(),
        )


def current_edition(store: "Store", situation: str) -> "Edition":
    """Return the current edition of ``situation``; raises `UnknownSituation`."""
    known = list(store.situations())
    if situation not in known:
        raise UnknownSituation(situation, known=known)
    return store.current(situation)


def read_published(store: "Store", edition: "Edition", *, home: Path) -> Published:
    """Read one edition with its maps and its vintage."""
    maps, vintage = specs_from_json(store.specs(edition.id))
    released = store.open(edition.id)
    kept = boundary_file(home, vintage)
    if not kept.exists():
        content = store.boundaries(vintage.content)
        if content is not None:
            write_one(kept, content)
    return Published(edition, released, maps, vintage, home)


def boundary_file(home: Path, vintage: Vintage) -> Path:
    """Return where boundaries of the user's own are kept: named by their content, never rewritten."""
    return home / "boundaries" / f"{vintage.content}.parquet"


# --- what travels beside the figures ---------------------------------------------------------------


def specs_to_json(maps: tuple[MapSpec, ...], vintage: Vintage) -> str:
    """Return the maps and the vintage as canonical JSON: the same specs give the same bytes."""
    document = {"maps": [asdict(spec) for spec in maps], "vintage": asdict(vintage)}
    return json.dumps(document, ensure_ascii=False, sort_keys=True, default=date.isoformat)


def specs_from_json(text: str) -> tuple[tuple[MapSpec, ...], Vintage]:
    """Return what `specs_to_json` was given."""
    document = json.loads(text)
    vintage = document["vintage"]
    return tuple(_map(spec) for spec in document["maps"]), Vintage(
        **{**vintage, "valid_on": _day(vintage["valid_on"]), "valid_to": _day(vintage["valid_to"])}
    )


def _map(spec: Mapping[str, Any]) -> MapSpec:
    return MapSpec(
        **{
            **spec,
            "layers": tuple(_layer(layer) for layer in spec["layers"]),
            "extent": tuple(spec["extent"]) if spec["extent"] else None,
            "languages": tuple(spec["languages"]),
            "as_of": _day(spec["as_of"]),
            "imprint": _imprint(spec.get("imprint") or {}),
            "overrides": tuple(Override(**each) for each in spec.get("overrides", ())),
        }
    )


def _imprint(imprint: Mapping[str, Any]) -> Imprint:
    logos = tuple(Logo(**logo) for logo in imprint.get("logos", ()))
    return Imprint(**{**imprint, "logos": logos})


def _layer(layer: Mapping[str, Any]) -> LayerSpec:
    listed = ("groups", "breaks", "against_breaks", "sectors")
    return LayerSpec(
        **{
            **layer,
            **{key: tuple(layer[key]) for key in listed if key in layer},
            "date": _day(layer["date"]),
            "dates": tuple(date.fromisoformat(text) for text in layer.get("dates", ())),
        }
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
