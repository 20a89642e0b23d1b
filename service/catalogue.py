"""What the serving process knows: stores it may only read. Nothing here can build or publish.

Which edition is current is asked of the stores for every request, so a new edition is served at
once; what was made from an edition is kept under the edition's id and never goes stale.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import UnknownEdition, UnknownSituation
from service.counts_files import CountsPage
from service.documents import columns_document
from service.drawing import finish, page_picture
from service.holdings import Shown, Watched
from service.narrowing import AS_PUBLISHED, Narrowing, narrowed
from service.once import Once
from service.published import Published, read_published
from service.stores import Address, home_of, open_to_serve

if TYPE_CHECKING:
    from boundaries.units import BoundarySet
    from geo.errors import StoreError
    from geo.store import Edition, Holdings
    from maps.scene import Scene
    from maps.tile_geometry import TileGeometry
    from maps.tile_levels import MapLevels
    from maps.tile_values import SceneValues

__all__ = ["Catalogue"]

_EDITIONS, _SCENES, _GEOMETRIES = 16, 96, 12  # kept in memory; a few MB each at most
_COLUMNS = 4  # of levels of 80,000 units some 10 MB each: the parts of a view are cut from one


class Catalogue:
    """The situations of some stores, and what was made from their editions lately."""

    def __init__(
        self, stores: Sequence[Address], *, entries: int = 512, archives: Path | None = None
    ) -> None:
        self._archives = archives
        self._watched = tuple(
            Watched(open_to_serve(address), home_of(address)) for address in stores
        )
        self._published: Once[str, Published] = Once(size=_EDITIONS)
        self._scenes: Once[tuple[str, str, str, Narrowing], Scene] = Once(size=_SCENES)
        self._levels: Once[tuple[str, str, str, Narrowing], MapLevels] = Once(size=_SCENES)
        self._columns: Once[tuple[str, str, str, Narrowing], dict[str, Any]] = Once(size=_COLUMNS)
        self._values: Once[tuple[str, str, str, Narrowing], SceneValues] = Once(size=_SCENES)
        self._geometries: Once[tuple[str, str, int], TileGeometry] = Once(size=_GEOMETRIES)
        self.answers: Once[tuple[object, ...], CountsPage] = Once(size=entries)
        self._vintages: Once[tuple[object, ...], Published | None] = Once(size=_EDITIONS)
        self._pages: Once[tuple[object, ...], str] = Once(size=entries)
        self._files: Once[tuple[object, ...], bytes] = Once(size=entries)

    def situations(self) -> list[str]:
        """Return the ids of the situations there are, in order; raises a `StoreError`."""
        return sorted({sid for watched in self._watched for sid in watched.current()})

    def troubles(self) -> list["StoreError"]:
        """Return what keeps stores from being asked although what they showed last is still shown."""
        found = [watched.store.trouble() for watched in self._watched]
        return [trouble for trouble in found if trouble is not None]

    def edition(self, situation: str, edition: str | None = None) -> "Edition":
        """Return an edition, the current one unless another is named.

        Raises `UnknownSituation` and `UnknownEdition`.
        """
        return self._shown(situation, edition).edition

    def published(self, situation: str, edition: str | None = None) -> Published:
        """Return an edition with its figures and maps, the current one unless another is named.

        Raises `UnknownSituation` and `UnknownEdition`.
        """
        shown = self._shown(situation, edition)
        return self._published.get(
            shown.edition.id, lambda: read_published(shown.store, shown.edition, home=shown.home)
        )

    def ready(self, edition: str) -> Published | None:
        """Return an edition that was read already; never waits."""
        return self._published.ready(edition)

    def editions(self, situation: str) -> list["Edition"]:
        """Return the editions that may be shown, the latest first; raises `UnknownSituation`."""
        _, now = self._holder(situation)
        mine = [each for each in now.shown.values() if each.situation == situation]
        return sorted(mine, key=lambda each: -each.number)

    def mark(self) -> tuple[str, ...]:
        """Return what differs whenever another edition is current anywhere."""
        return tuple(
            edition.id for watched in self._watched for edition in watched.current().values()
        )

    def _holder(self, situation: str) -> tuple[Watched, "Holdings"]:
        for watched in self._watched:
            now = watched.now()
            if situation in now.current:
                return watched, now
        raise UnknownSituation(situation, known=self.situations())

    def _shown(self, situation: str, edition: str | None) -> Shown:
        watched, now = self._holder(situation)
        found = now.shown.get(edition) if edition else now.current[situation]
        if found is None or found.situation != situation:
            known = [each.id for each in now.shown.values() if each.situation == situation]
            raise UnknownEdition(edition or "", known=known)
        return Shown(found, watched.store, watched.home)

    def scene(
        self, published: Published, map_id: str, lang: str, asked: Narrowing = AS_PUBLISHED
    ) -> "Scene":
        """Return a decided map; raises `UnknownMap`, and what `narrowed` raises."""
        published.map(map_id)
        key = (published.edition.id, map_id, lang, asked)
        return self._scenes.get(key, lambda: published.scene(map_id, lang, asked))

    def columns(
        self, published: Published, map_id: str, lang: str, asked: Narrowing = AS_PUBLISHED
    ) -> dict[str, Any]:
        """Return a map's values as columns of its whole level; raises what `scene` raises."""
        scene = self.scene(published, map_id, lang, asked)
        spec = narrowed(published, map_id, asked)
        key = (published.edition.id, map_id, lang, asked)
        return self._columns.get(key, lambda: columns_document(published, scene, spec))

    def levels(
        self, published: Published, map_id: str, lang: str, asked: Narrowing = AS_PUBLISHED
    ) -> "MapLevels":
        """Return a map as it is seen from far and near; raises what `scene` raises."""
        scene = self.scene(published, map_id, lang, asked)
        key = (published.edition.id, map_id, lang, asked)
        return self._levels.get(key, lambda: published.levels(scene, map_id, asked))

    def drawn(
        self,
        published: Published,
        map_id: str,
        form: str,
        *,
        lang: str,
        paper: str | None = None,
        width: int | None = None,
        asked: Narrowing = AS_PUBLISHED,
    ) -> bytes:
        """Return a map as the bytes of a file."""
        scene = self.scene(published, map_id, lang, asked)
        if form == "txt":
            return f"{scene.alt_text}\n".encode()
        drawing = (published.edition.id, map_id, lang, paper, asked)
        svg = self._pages.get(drawing, lambda: page_picture(scene, paper))
        # relative: the address of this form, less its suffix; a query would be lost
        links = map_id if lang == "en" and not asked else ""
        return self._files.get(
            (*drawing, form, width),
            lambda: finish(scene, svg, form, width=width, link_base=links),
        )

    def vintage(self, name: str, countries: Sequence[str] = ()) -> Published | None:
        """Return an edition whose boundaries are of the vintage ``name`` (an id or a content hash).

        With ``countries`` (ISO 3166-1 alpha-3) only one of exactly these.
        """
        key = (self.mark(), name, tuple(countries))
        return self._vintages.get(key, lambda: self._of_vintage(name, countries))

    def vintage_at_hand(self, name: str, countries: Sequence[str] = ()) -> Published | None:
        """Return what `vintage` found before, None where it was not asked yet; never waits."""
        return self._vintages.ready((self.mark(), name, tuple(countries)))

    def _of_vintage(self, name: str, countries: Sequence[str]) -> Published | None:
        for situation in self.situations():
            published = self.published(situation)
            if name in {published.vintage.id, published.vintage.content} and (
                not countries or set(countries) == set(published.released.countries)
            ):
                return published
        return None

    def vintages(self) -> list[str]:
        """Return the ids of the vintages of the situations there are."""
        return sorted({self.published(sid).vintage.id for sid in self.situations()})

    def geometry(self, units: "BoundarySet", scope: str, level: int) -> "TileGeometry":
        """Return the tile geometry of one level of ``units``; ``scope`` names the cut of them."""
        from maps.tile_geometry import TileGeometry

        key = (units.vintage.content, scope, level)
        return self._geometries.get(
            key, lambda: TileGeometry.of(units, level, archives=self._archives)
        )

    def tile_values(
        self, published: Published, map_id: str, lang: str, asked: Narrowing = AS_PUBLISHED
    ) -> tuple["SceneValues", "TileGeometry"]:
        """Return what a map's tiles are spliced from: its values, and the geometry of its level."""
        from maps.tile_values import scene_values

        scene = self.scene(published, map_id, lang, asked)
        level = max(layer.level for layer in narrowed(published, map_id, asked).layers)
        scope = " ".join(published.released.countries)
        geometry = self.geometry(published.boundaries, scope, level)
        key = (published.edition.id, map_id, lang, asked)
        seen = self.levels(published, map_id, lang, asked)
        return self._values.get(key, lambda: scene_values(scene, geometry, seen)), geometry

    @property
    def files(self) -> Once[tuple[object, ...], bytes]:
        """The memory of finished answers, for routes that make their own."""
        return self._files
