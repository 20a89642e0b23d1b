"""The values of a map as a finished file: as rows, as columns, or as bytes; of a whole level or a part.

A reader of a large level asks for its ``head`` (all that is not said unit by unit) and then for
columns of the parts that are looked at.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.column_parts import columns_head, columns_part
from service.counts_files import json_bytes
from service.documents import places_within, values_document
from service.errors import BadParameter
from service.narrowing import narrowed

if TYPE_CHECKING:
    from maps.scene import Scene
    from maps.spec import MapSpec
    from service.catalogue import Catalogue
    from service.published import Published
    from service.tile_desk import MapValues

__all__ = ["EVERYTHING", "SLICE", "Part", "values_content"]

SLICE = 1000  # units of a part by their order


@dataclass(frozen=True, slots=True)
class Part:
    """Some units of a level: within a P-code, touching a box (degrees), in their order from ``first``.

    Those that are all of what is asked; ``first`` is a place among the level's P-codes, `SLICE` long.
    """

    parent: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    first: int | None = None

    def __bool__(self) -> bool:
        return self != EVERYTHING

    @property
    def named(self) -> str:
        """The name of what was asked by, for an error."""
        asked = {"parent": self.parent, "bbox": self.bbox, "first": self.first}
        return next((name for name, value in asked.items() if value is not None), "")


EVERYTHING = Part()


def values_content(catalogue: "Catalogue", published: "Published", asked: "MapValues") -> bytes:
    """Return the file; raises what composing the map raises, `UnknownUnit` and `BadParameter`."""
    if asked.part and asked.form == "head":
        raise BadParameter(asked.part.named, expected="another form; the head is of the whole map")
    scene = catalogue.scene(published, asked.map_id, asked.lang, asked.narrowing)
    spec = narrowed(published, asked.map_id, asked.narrowing)
    if asked.form == "binary":
        return _bytes(published, scene, spec, asked)
    if asked.form in ("columns", "head"):
        columns = catalogue.columns(published, asked.map_id, asked.lang, asked.narrowing)
        if asked.form == "head":
            return json_bytes(columns_head(columns))
        if not asked.part:
            return json_bytes(columns)
        return json_bytes(
            columns_part(columns, lambda level: _places(published, level, asked.part))
        )
    document = values_document(published, scene, spec)
    if asked.part:
        codes = {
            codes[place]
            for level in {layer.level for layer in spec.layers}
            for codes in [published.boundaries.codes(level)]
            for place in _places(published, level, asked.part)
        }
        document["rows"] = [row for row in document["rows"] if row["pcode"] in codes]
        document["flows"] = [
            flow for flow in document["flows"] if {flow["origin"], flow["destination"]} & codes
        ]
    return json_bytes(document)


def _bytes(published: "Published", scene: "Scene", spec: "MapSpec", asked: "MapValues") -> bytes:
    from service.value_bytes import value_bytes

    level = max(layer.level for layer in spec.layers)
    codes = published.boundaries.codes(level)
    rates = next((layer for layer in spec.layers if layer.kind == "choropleth"), None)
    places = _places(published, level, asked.part) if asked.part else None
    return value_bytes(
        scene,
        codes if places is None else [codes[place] for place in places],
        places,
        per=rates.per_unit if rates else 1,
        inhabitants=_inhabitants(published, level) if rates else None,
        bases=asked.bases,
    )


def _inhabitants(published: "Published", level: int) -> dict[str, float]:
    """Return how many live in each unit; none where nobody said, or of a part of it only."""
    from geo.counts import CountQuery, counts
    from geo.denominators import inhabitants
    from geo.errors import FigureError

    try:
        told = counts(published.released, published.boundaries, CountQuery(level, "POP"))
    except FigureError:
        return {}
    people = inhabitants(published.released, published.boundaries, told)
    return {code: row.value for code, row in people.rows.items() if row.value is not None}


def _places(published: "Published", level: int, part: Part) -> list[int]:
    """Return the places of a part's units among all of their level, ascending."""
    within = range(len(published.boundaries.codes(level)))
    if part.first is not None:
        within = within[part.first : part.first + SLICE]
    places = list(within)
    if part.parent is not None:
        inside = set(places_within(published, level, part.parent))
        places = [place for place in places if place in inside]
    if part.bbox is None:
        return places
    import shapely

    tree = published.tree(level)
    here = set(tree.query(shapely.box(*part.bbox), predicate="intersects").tolist())
    return [place for place in places if place in here]
