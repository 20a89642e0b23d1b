"""What the serving process knows: stores it may only read. Nothing here can build or publish.

Which edition is current is asked of the store for every request (one row), so a new edition is
served at once; what was made from an edition is kept under the edition's id and never goes stale.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from geo.errors import UnknownSituation
from service.drawing import finish, page_picture
from service.narrowing import AS_PUBLISHED, Narrowing, narrowed
from service.once import Once
from service.published import Published, read_published

if TYPE_CHECKING:
    from boundaries.units import BoundarySet
    from geo.sqlite_store import SqliteStore
    from geo.store import Edition
    from maps.scene import Scene
    from maps.tile_geometry import TileGeometry
    from maps.tile_values import SceneValues

__all__ = ["Catalogue"]

_EDITIONS, _SCENES, _GEOMETRIES = 16, 96, 12  # kept in memory; a few MB each at most


class Catalogue:
    """The situations of some stores, and what was made from their editions lately."""

    def __init__(self, stores: Sequence[Path], *, entries: int = 512) -> None:
        self._stores = tuple(stores)
        self._published: Once[str, Published] = Once(size=_EDITIONS)
        self._scenes: Once[tuple[str, str, str, Narrowing], Scene] = Once(size=_SCENES)
        self._values: Once[tuple[str, str, str, Narrowing], SceneValues] = Once(size=_SCENES)
        self._geometries: Once[tuple[str, str, int], TileGeometry] = Once(size=_GEOMETRIES)
        self._pages: Once[tuple[object, ...], str] = Once(size=entries)
        self._files: Once[tuple[object, ...], bytes] = Once(size=entries)

    def stores(self) -> list[tuple[Path, "SqliteStore"]]:
        """Open every store; raises a `StoreError` where one cannot be read."""
        from geo.sqlite_store import SqliteStore

        return [(path, SqliteStore.open_readonly(path)) for path in self._stores]

    def situations(self) -> list[str]:
        """Return the ids of the situations there are, in order."""
        return sorted({sid for _, store in self.stores() for sid in store.situations()})

    def edition(self, situation: str) -> "Edition":
        """Return the current edition; raises `UnknownSituation`."""
        return self._find(situation)[2]

    def published(self, situation: str) -> Published:
        """Return the current edition with its figures and maps; raises `UnknownSituation`."""
        path, store, edition = self._find(situation)
        return self._published.get(
            edition.id, lambda: read_published(store, edition, home=path.parent)
        )

    def _find(self, situation: str) -> tuple[Path, "SqliteStore", "Edition"]:
        stores = self.stores()
        for path, store in stores:
            if situation in store.situations():
                return path, store, store.current(situation)
        known = sorted({sid for _, store in stores for sid in store.situations()})
        raise UnknownSituation(situation, known=known)

    def scene(
        self, published: Published, map_id: str, lang: str, asked: Narrowing = AS_PUBLISHED
    ) -> "Scene":
        """Return a decided map; raises `UnknownMap`, and what `narrowed` raises."""
        published.map(map_id)
        key = (published.edition.id, map_id, lang, asked)
        return self._scenes.get(key, lambda: published.scene(map_id, lang, asked))

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
        return self._geometries.get(key, lambda: TileGeometry.of(units, level))

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
        return self._values.get(key, lambda: scene_values(scene, geometry)), geometry

    @property
    def files(self) -> Once[tuple[object, ...], bytes]:
        """The memory of finished answers, for routes that make their own."""
        return self._files
