"""The OpenAPI document as a page needs it: one entry per route, references followed."""

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["operations_of"]


def operations_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the routes in order of their paths, each with its parameters and example."""
    return list(_operations(document))


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield {
                "path": path,
                "method": method.upper(),
                "tag": operation["tags"][0],
                "anchor": operation["operationId"],
                "text": operation.get("description", ""),
                "parameters": [
                    _parameter(document, each) for each in operation.get("parameters", [])
                ],
                "example": _example(document, operation),
            }


def _parameter(document: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    schema = parameter["schema"]
    named = [_followed(document, each) for each in schema.get("anyOf", [schema])]
    choices = [each for each in named if each.get("type") != "null"]
    return {
        "name": parameter["name"],
        "place": parameter["in"],
        "required": parameter.get("required", False),
        "values": [str(value) for choice in choices for value in choice.get("enum", ())],
        "default": schema.get("default"),
        "text": parameter.get("description", ""),
    }


def _followed(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def _example(document: dict[str, Any], operation: dict[str, Any]) -> str:
    content = operation["responses"].get("200", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    example = _followed(document, schema).get("example")
    return json.dumps(example, ensure_ascii=False, indent=2) if example else ""
