"""Counts as files. Text cells never become formulas; "not reported" is an empty cell, never 0."""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.count_texts import plain_text, rows_bytes
from service.counting import Answer, counts_document, counts_facts, exact
from service.errors import NoSuchFormat
from service.weights import weighted

if TYPE_CHECKING:
    import geopandas as gpd

    from service.published import Published

__all__ = [
    "BINARY",
    "COUNTS_FORMATS",
    "CountsPage",
    "counts_file",
    "counts_form",
    "json_bytes",
    "plain_cell",
]

_ANYTHING = ("*/*", "application/*", "text/html")  # a browser that opens the address gets JSON
BINARY = ("gpkg", "parquet", "xlsx")
"""Formats that are no text: a terminal cannot show them."""


@dataclass(frozen=True, slots=True)
class CountsPage:
    """A page of counts as a file; ``rows`` counts those of all pages."""

    content: bytes
    name: str
    rows: int


_COLUMNS = ("pcode", "name", "level", "group", "measure", "date", "unit", "value", "state",
            "carried", "sources", "low", "high")  # fmt: skip


def counts_file(answer: Answer, form: str, published: "Published") -> bytes:
    """Return the counts as a file of the format ``form``; raises `NoSuchFormat`."""
    if form not in _WRITERS:
        raise NoSuchFormat(known=tuple(COUNTS_FORMATS))
    return _WRITERS[form](answer, published)


def counts_form(asked: str | None, accept: str) -> str:
    """Return the format to write: the one asked for, else the one preferred; JSON where none is.

    ``accept`` is a request's ``Accept``. Raises `NoSuchFormat` where there is nothing that fits.
    """
    if asked is not None:
        if asked not in COUNTS_FORMATS:
            raise NoSuchFormat(known=tuple(COUNTS_FORMATS))
        return asked
    wanted = weighted(accept)
    refused = {media for media, weight in wanted if not weight}
    forms = {media.partition(";")[0]: form for form, media in COUNTS_FORMATS.items()}
    for media, weight in wanted:
        if weight and media in forms:
            return forms[media]
        if weight and media in _ANYTHING and "application/json" not in refused:
            return "json"
    if wanted:
        raise NoSuchFormat(known=tuple(COUNTS_FORMATS))
    return "json"


def json_bytes(document: Any) -> bytes:
    """Return a document as compact UTF-8 JSON; refuses NaN, which is no JSON."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def plain_cell(text: str) -> str:
    """Return ``text`` so that no spreadsheet takes it for a formula.

    >>> plain_cell("=1+1"), plain_cell("Gao")
    ("'=1+1", 'Gao')
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _rows(answer: Answer) -> list[dict[str, Any]]:
    counts = answer.counts
    return [
        {
            "pcode": row.pcode,
            "name": row.name,
            "level": counts.level,
            "group": counts.group,
            "measure": counts.measure,
            "date": counts.date.isoformat(),
            "unit": counts.unit,
            "value": exact(row.value),
            "state": row.state,
            "carried": " ".join(row.carried),
            "sources": " ".join(row.sources),
            "low": exact(row.low),
            "high": exact(row.high),
        }
        for row in counts.rows
    ]


def _json(answer: Answer, _published: "Published") -> bytes:
    """Return the document with a line for each fact and each row: to be read, and soon written."""
    facts = counts_facts(answer)
    lines = [f'  "{name}": {plain_text(value)}' for name, value in facts.items()]
    place = list(facts).index("rows")
    rows = rows_bytes(answer.counts.columns)
    parts = [
        b"{\n", ",\n".join(lines[:place]).encode(), b',\n  "rows": ',
        *((b"[\n", rows, b"\n  ]") if rows else (b"[]",)),
        b",\n", ",\n".join(lines[place + 1 :]).encode(), b"\n}\n",
    ]  # fmt: skip
    return b"".join(parts)  # the rows are copied once


def _csv(answer: Answer, _published: "Published") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow(_COLUMNS)
    for row in _rows(answer):
        writer.writerow([plain_cell(v) if isinstance(v, str) else v for v in row.values()])
    return text.getvalue().encode()


def _geojson(answer: Answer, published: "Published") -> bytes:
    """Return a FeatureCollection; the answer's other facts are foreign members (RFC 7946, 6.1)."""
    import shapely

    shapes = _shapes(answer, published)
    document = counts_document(answer)
    rows = document.pop("rows")
    features = [
        {
            "type": "Feature",
            "id": row["pcode"],
            "properties": row,
            "geometry": _five_decimals(shapely.geometry.mapping(shape)),
        }
        for row, shape in zip(rows, shapes, strict=True)
    ]
    return json_bytes({"type": "FeatureCollection", **document, "features": features}) + b"\n"


def _five_decimals(value: Any) -> Any:
    """Round coordinates to about a metre: vertices shared by neighbours stay shared."""
    if isinstance(value, Mapping):
        return {k: v if k == "type" else _five_decimals(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        if value and isinstance(value[0], float | int):
            return [round(v, 5) for v in value]
        return [_five_decimals(v) for v in value]
    return value


def _shapes(answer: Answer, published: "Published") -> list[Any]:
    frame = published.boundaries.frame
    of = dict(zip(frame["pcode"], frame.geometry, strict=True))
    return [of[row.pcode] for row in answer.counts.rows]


def _geoframe(answer: Answer, published: "Published") -> "gpd.GeoDataFrame":
    import geopandas as gpd
    import pandas as pd

    frame = pd.DataFrame(_rows(answer), columns=list(_COLUMNS))
    for column in ("value", "low", "high"):
        frame[column] = frame[column].astype("Int64" if _whole(frame[column]) else "Float64")
    return gpd.GeoDataFrame(frame, geometry=_shapes(answer, published), crs="EPSG:4326")


def _whole(values: Any) -> bool:
    return all(float(value).is_integer() for value in values.dropna())


def _gpkg(answer: Answer, published: "Published") -> bytes:
    """Return a GeoPackage; its time stamp is the edition's, so that bytes repeat."""
    import pyogrio

    stamp = published.released.created.strftime("%Y-%m-%dT00:00:00.000Z")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    frame = _geoframe(answer, published)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "counts.gpkg"
            frame.to_file(path, driver="GPKG", layer="counts", engine="pyogrio")
            return path.read_bytes()
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _parquet(answer: Answer, published: "Published") -> bytes:
    content = io.BytesIO()
    _geoframe(answer, published).to_parquet(content, index=False, compression="zstd")
    return content.getvalue()


def _xlsx(answer: Answer, published: "Published") -> bytes:
    import datetime as dt

    import xlsxwriter

    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        day = published.released.created
        book.set_properties({"created": dt.datetime(day.year, day.month, day.day)})
        bold, number = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0"})
        sheet = book.add_worksheet("counts")
        sheet.freeze_panes(1, 0)
        sheet.set_column(1, 1, 24)
        sheet.write_row(0, 0, _COLUMNS, bold)
        for i, row in enumerate(_rows(answer), start=1):
            for j, cell in enumerate(row.values()):
                if isinstance(cell, str):
                    sheet.write_string(i, j, cell)
                elif cell is not None:
                    sheet.write_number(i, j, cell, number)
        about = book.add_worksheet("about")
        about.set_column(0, 0, 16)
        about.set_column(1, 1, 100)
        for i, (key, text) in enumerate(_about(answer, published)):
            about.write_string(i, 0, key, bold)
            about.write_string(i, 1, text)
    return content.getvalue()


def _about(answer: Answer, published: "Published") -> list[tuple[str, str]]:
    document = counts_document(answer)
    facts = [(key, document[key]) for key in document if key not in {"rows", "notes"}]
    used = {source for row in answer.counts.rows for source in row.sources}
    return [
        *((key.replace("_", " "), "" if value is None else str(value)) for key, value in facts),
        *(("note", note) for note in answer.counts.notes),
        *(
            ("source", f"{s.publisher}, {s.title}, {s.date.isoformat()}. {s.licence}".strip())
            for s in published.released.sources
            if s.id in used
        ),
    ]


_WRITERS: Mapping[str, Callable[[Answer, "Published"], bytes]] = {
    "json": _json,
    "csv": _csv,
    "geojson": _geojson,
    "gpkg": _gpkg,
    "parquet": _parquet,
    "xlsx": _xlsx,
}

COUNTS_FORMATS: Mapping[str, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Format to media type."""
