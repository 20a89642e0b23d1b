"""Answers of data services (JSON) to rows: a list of records becomes a header and its rows."""

import json
from typing import Any

from geo.workbooks import cell_text

__all__ = ["BadRecords", "rows_of_records"]

_LISTS = ("data", "results", "result", "items", "records", "rows")


class BadRecords(ValueError):
    """JSON that holds no list of records."""


def rows_of_records(text: str) -> list[list[str]]:
    """Return a header row and one row per record, in the order the keys first appear.

    The records are the document itself or the list under a usual name (``data``, ``results``,
    ``items``…). A single record inside a record lends its fields to it, unless it has them;
    other nested values are left out.

    >>> rows_of_records('{"data": [{"place": "Norda", "n": 5}, {"place": "Tamar", "x": null}]}')
    [['place', 'n', 'x'], ['Norda', '5', ''], ['Tamar', '', '']]
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRecords(f"is not well-formed JSON ({error})") from error
    found = document
    if isinstance(document, dict):
        found = next((document[key] for key in _LISTS if isinstance(document.get(key), list)), None)
    if not isinstance(found, list) or not found:
        raise BadRecords("is JSON without a list of records")
    if all(isinstance(row, list) for row in found):
        return [[_text(value) for value in row] for row in found]
    records = [_flat(record) for record in found if isinstance(record, dict)]
    if len(records) != len(found):
        raise BadRecords("is JSON whose list holds more than records")
    header = list(dict.fromkeys(key for record in records for key in record))
    return [header, *([record.get(key, "") for key in header] for record in records)]


def _flat(record: dict[str, Any]) -> dict[str, str]:
    own = {key: _text(value) for key, value in record.items() if not isinstance(value, dict | list)}
    for value in record.values():
        inner = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(inner, dict):
            for key, text in inner.items():
                if not isinstance(text, dict | list):
                    own.setdefault(key, _text(text))
    return own


def _text(value: Any) -> str:
    return "" if isinstance(value, dict | list) else cell_text(value)
