"""The collections of a catalogue and the features made from them lately; a new edition is seen at once."""

from collections.abc import Callable

from service.catalogue import Catalogue
from service.ogc.collection import Collection, Kind
from service.ogc.collection_list import collections_of
from service.ogc.counted_features import FigureChoice, counts_table, figures_table
from service.ogc.errors import UnknownCollection
from service.ogc.feature_table import FeatureTable, readable
from service.ogc.placed_features import (
    boundaries_table,
    flows_table,
    map_table,
    presence_table,
    sites_table,
)
from service.once import Once

__all__ = ["Collections"]

_TABLES = 24  # kept in memory; features are made from their columns only when they are sent


class Collections:
    """The collections of a catalogue, and the features made from them lately."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._tables: Once[tuple[object, ...], FeatureTable] = Once(size=_TABLES)
        self._lists: Once[tuple[object, ...], tuple[Collection, ...]] = Once(size=2)

    def versions(self) -> tuple[str, ...]:
        """Return what the list of collections is made from."""
        found = [self.catalogue.edition(sid) for sid in self.catalogue.situations()]
        return tuple(f"{each.id} {each.published.isoformat()}" for each in found)

    def all(self) -> tuple[Collection, ...]:
        """Return every collection: those of the situations, then the boundaries."""
        return self._lists.get(
            self.versions(),
            lambda: collections_of(
                [self.catalogue.published(sid) for sid in self.catalogue.situations()]
            ),
        )

    def one(self, collection_id: str) -> Collection:
        """Return one collection; raises `UnknownCollection`."""
        everything = self.all()
        for collection in everything:
            if collection.id == collection_id:
                return collection
        raise UnknownCollection(known=[each.id for each in everything])

    def features(
        self, collection: Collection, lang: str, choice: FigureChoice | None = None
    ) -> FeatureTable:
        """Return a collection's features; ``choice`` says which figures units carry."""
        key = (collection.id, *collection.versions, lang, choice)
        return self._tables.get(key, lambda: self._made(collection, lang, choice))

    def _made(self, collection: Collection, lang: str, choice: FigureChoice | None) -> FeatureTable:
        published, level = collection.published, collection.level
        makers: dict[Kind, Callable[[], FeatureTable]] = {
            "counts": lambda: counts_table(published, level, lang, choice or FigureChoice()),
            "figures": lambda: figures_table(published, level, lang),
            "flows": lambda: flows_table(published, lang),
            "presence": lambda: presence_table(published, lang),
            "sites": lambda: sites_table(published, lang),
            "boundaries": lambda: boundaries_table(published.whole_vintage, level, lang),
            "map": lambda: map_table(
                published, self.catalogue.scene(published, collection.map_id, lang)
            ),
        }
        return readable(makers[collection.kind]())
