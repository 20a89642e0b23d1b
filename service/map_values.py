"""The values of a map as a finished file: as rows, as columns, or as bytes; of a whole level or a part."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.counts_files import json_bytes
from service.documents import columns_document, places_within, values_document
from service.errors import BadParameter
from service.narrowing import narrowed

if TYPE_CHECKING:
    from maps.scene import Scene
    from maps.spec import MapSpec
    from service.catalogue import Catalogue
    from service.published import Published
    from service.tile_desk import MapValues

__all__ = ["EVERYTHING", "Part", "values_content"]


@dataclass(frozen=True, slots=True)
class Part:
    """Some units of a level: those within a P-code, those that touch a box (degrees), or both."""

    parent: str | None = None
    bbox: tuple[float, float, float, float] | None = None

    def __bool__(self) -> bool:
        return self.parent is not None or self.bbox is not None


EVERYTHING = Part()


def values_content(catalogue: "Catalogue", published: "Published", asked: "MapValues") -> bytes:
    """Return the file; raises what composing the map raises, `UnknownUnit` and `BadParameter`."""
    if asked.part and asked.form == "columns":
        named = "bbox" if asked.part.parent is None else "parent"
        raise BadParameter(named, expected="form=rows or form=binary; columns are of a whole level")
    scene = catalogue.scene(published, asked.map_id, asked.lang, asked.narrowing)
    spec = narrowed(published, asked.map_id, asked.narrowing)
    if asked.form == "binary":
        return _bytes(published, scene, spec, asked)
    if asked.form == "columns":
        return json_bytes(columns_document(published, scene, spec))
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
    """Return how many live in each unit; none where nobody said."""
    from geo.counts import CountQuery, counts
    from geo.errors import FigureError

    try:
        people = counts(published.released, published.boundaries, CountQuery(level, "POP"))
    except FigureError:
        return {}
    return {row.pcode: row.value for row in people.rows if row.value is not None}


def _places(published: "Published", level: int, part: Part) -> list[int]:
    """Return the places of a part's units among all of their level, ascending."""
    boundaries = published.boundaries
    within = range(len(boundaries.codes(level)))
    places = list(within) if part.parent is None else places_within(published, level, part.parent)
    if part.bbox is None:
        return places
    import shapely

    at = boundaries.at(level).sort_values("pcode").geometry
    here = set(at.sindex.query(shapely.box(*part.bbox), predicate="intersects").tolist())
    return [place for place in places if place in here]
