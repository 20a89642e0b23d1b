"""A scene made by hand on the invented country: every kind of mark, and a zero beside a missing figure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from shapely import LineString, box

from boundaries.units import BoundarySet
from geo.release import ReleasedFigures
from maps.compose import compose
from maps.scene import (
    AreaFill,
    ChoroplethLegend,
    ContextArea,
    FlowLegend,
    FlowMark,
    GroupKey,
    MapLine,
    Node,
    PlaceLabel,
    PresenceLegend,
    PresenceMark,
    Scene,
    SymbolLegend,
    SymbolMark,
    SymbolPart,
    TableTwin,
)
from maps.spec import LayerSpec, MapSpec

MakeScene = Callable[..., Scene]

IDP, REF = "#00b398", "#0072bc"
LOW, HIGH, EMPTY, ZERO = "#fef1d1", "#c06e43", "#e5e5e5", "#ffffff"


@pytest.fixture(scope="session")
def make_scene(xaa: BoundarySet) -> MakeScene:
    """Return a function that makes the scene; keyword arguments replace fields.

    Norda 30 per 1,000 (1,200 IDPs), Séna a reported zero, Tamar not reported; symbols in Norda
    (1,200 IDPs, 300 refugees) and Tamar (75 refugees); 400 from XBB to Tamar, 20 from far away.
    """

    def fill(pcode: str, value: float | None, klass: int, colour: str) -> AreaFill:
        row = xaa.at(1).set_index("pcode").loc[pcode]
        return AreaFill(
            pcode=pcode,
            name=row["name"],
            geometry=row["geometry"],
            value=value,
            count=None if value is None else value * 40,
            state="not_reported" if value is None else "figure",
            klass=klass,
            colour=colour,
            text=f"{row['name']}: {'not reported' if value is None else value}",
        )

    def make(**replaced: Any) -> Scene:
        norda = SymbolMark(
            "XA01",
            "Norda",
            10.5,
            11.0,
            (SymbolPart("IDP", 1200, IDP, "1,200"), SymbolPart("REF", 300, REF, "300")),
            "Norda: 1,200 internally displaced people, 300 refugees",
        )
        tamar = SymbolMark(
            "XA03", "Tamar", 12.5, 11.0, (SymbolPart("REF", 75, REF, "75"),), "Tamar: 75 refugees"
        )
        keys = (
            GroupKey("IDP", IDP, "Internally displaced people"),
            GroupKey("REF", REF, "Refugees"),
        )
        scene: dict[str, Any] = {
            "situation": "xaa-2020",
            "map_id": "situation",
            "edition": "e1",
            "vintage": "xaa-2010",
            "lang": "en",
            "direction": "ltr",
            "paper": "A4",
            "projection": "EPSG:4326",
            "bbox": (9.5, 9.5, 14.0, 12.5),
            "created": date(2021, 1, 15),
            "heading": "Xaaland situation",
            "title": "Displaced people in Xaaland",
            "as_of": "as of 31 December 2020",
            "disclaimers": ("The boundaries of XAA are invented.",),
            "sources": ("Office of XAA, Invented survey, 31 December 2020",),
            "footnotes": ("XA04 is shown within Tamar.",),
            "created_text": "Created on 15 January 2021",
            "alt_text": "Map. Most internally displaced people are in Norda (1,200).",
            "context": (
                ContextArea("XA", "focus", box(10, 10, 13, 12)),
                ContextArea("XB", "neighbour", box(13, 10, 15, 12)),
            ),
            "lines": (
                MapLine(0, "agreed", LineString([(13, 10), (13, 11), (13, 12)])),
                MapLine(1, "agreed", LineString([(11, 10), (11, 11), (11, 12)])),
                MapLine(1, "disputed", LineString([(12, 10), (12, 11), (12, 12)])),
            ),
            "fills": (
                fill("XA01", 30.0, 1, HIGH),
                fill("XA02", 0.0, 0, ZERO),
                fill("XA03", None, -1, EMPTY),
            ),
            "symbols": (norda, tamar),
            "nodes": (
                Node("XA01", "Norda", 10.5, 11.0, "unit"),
                Node("XA03", "Tamar", 12.5, 11.0, "unit"),
                Node("XB", "Xbbia", 13.8, 11.5, "country"),
                Node("XC", "Xccora", 31.5, 1.0, "country"),
            ),
            "flows": (
                FlowMark("XB", "XA03", "REF", "stock", 400, REF, "400", "Tamar: 400 from Xbbia"),
                FlowMark("XC", "XA01", "REF", "stock", 20, REF, "20", "Norda: 20 from Xccora"),
            ),
            "presence": (
                PresenceMark(
                    "XA02", "Séna", 11.5, 10.4, 2, ("WDN", "HaR"), ("Water",), "#18375f", "Séna: 2"
                ),
            ),
            "labels": (
                PlaceLabel("Xaaland", "focus", 11.5, 11.6, 0),
                PlaceLabel("Séna", "unit", 11.5, 11.0, 1),
                PlaceLabel("Xbbia", "country", 14.0, 10.5, 1),
            ),
            "choropleth_legend": ChoroplethLegend(
                "IDPs per 1,000 inhabitants",
                "as of 31 December 2020",
                (10.0, 40.0),
                (LOW, HIGH),
                ("up to 10", "over 10 to 40"),
                (("not_reported", EMPTY, "Not reported"),),
                (ZERO, "0"),
            ),
            "symbol_legend": SymbolLegend(
                "Number of people",
                "as of 31 December 2020",
                (1000, 250),
                ("1,000", "250"),
                1200,
                keys,
            ),
            "flow_legend": FlowLegend(
                "Refugees present, by origin",
                "no recent movements",
                (400, 100),
                ("400", "100"),
                400,
                keys[1:],
            ),
            "presence_legend": PresenceLegend("Organisations", "", ("#18375f",), ("1 to 2",)),
            "line_keys": (("agreed", "International boundary"), ("disputed", "Disputed boundary")),
            "twins": (
                TableTwin(
                    "IDPs and refugees",
                    ("Place", "IDPs", "Refugees"),
                    (("Norda", "1,200", "300"), ("Séna", "0", "not reported")),
                ),
            ),
            "focus": "XA",
            "world": (ContextArea("XC", "neighbour", box(30, 0, 33, 2)),),
            "metadata": {},
        }
        return Scene(**(scene | replaced))

    return make


@pytest.fixture(scope="session")
def layered(
    xaa: BoundarySet, xaa_world: BoundarySet, xaa_released: ReleasedFigures
) -> Callable[..., Scene]:
    """Return a function that composes layers of the invented figures, without any town.

    ``change`` takes the frame of figures and returns another, ``presence`` that of partners;
    ``publishers`` renames those of sources, by id; further words are of the spec.
    """
    columns = ["name", "name_fr", "name_es", "name_ar", "lon", "lat", "iso3", "kind", "rank"]
    towns = pd.DataFrame(columns=[*columns, "population"])

    def make(
        *layers: LayerSpec,
        lang: str = "en",
        change: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
        presence: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
        publishers: Mapping[str, str] | None = None,
        **spec: Any,
    ) -> Scene:
        released = xaa_released
        if change is not None:
            released = replace(released, figures=change(released.figures.copy()))
        if presence is not None:
            released = replace(released, presence=presence(released.presence.copy()))
        if publishers is not None:
            named = (
                replace(each, publisher=publishers.get(each.id, each.publisher))
                for each in released.sources
            )
            released = replace(released, sources=tuple(named))
        wanted = MapSpec("m", {"en": "A map"}, layers, **spec)
        return compose(wanted, released, xaa, xaa_world, towns, lang=lang, edition="e1")

    return make
