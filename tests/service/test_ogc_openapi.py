"""The API definition of /ogc: valid OpenAPI 3.0, and what the service does is what it says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.definitions import OPENAPI_30

from service.app import create_app
from service.settings import Settings

Connect = Callable[..., Any]
_ANY = list(HealthCheck)


@pytest.fixture(scope="module")
def client(released_store: Path, connect: Connect) -> Any:
    return connect(create_app(Settings(stores=(released_store,))))


@pytest.fixture(scope="module")
def definition(client: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/ogc/api").json()
    return found


def test_conf_oas30_oas_definition_is_valid(definition: dict[str, Any]) -> None:
    validator = jsonschema_rs.Draft4Validator(OPENAPI_30)
    assert [str(error) for error in validator.iter_errors(definition)] == []


def test_every_route_of_ogc_is_described_and_every_described_one_is_there(
    client: Any, definition: dict[str, Any]
) -> None:
    from service.ogc import routes, tile_routes

    paths = {
        route.path
        for router in (routes.router, tile_routes.router)
        for route in router.routes
        if hasattr(route, "path")
    }
    there = {path.removeprefix("/ogc") or "/" for path in paths} - {"/page.css"}

    def named(path: str) -> str:
        return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))

    assert {named(path) for path in there} == {named(path) for path in definition["paths"]}


def test_conf_core_parameters_are_defined_as_the_standard_wants(definition: dict[str, Any]) -> None:
    items = definition["paths"]["/collections/{collectionId}/items"]["get"]["parameters"]
    asked = {each["name"]: each for each in items}
    limit = asked["limit"]["schema"]
    assert (limit["type"], limit["minimum"], limit["default"]) == ("integer", 1, 100)
    for name in ("limit", "bbox", "datetime"):
        assert (asked[name]["in"], asked[name]["style"]) == ("query", "form")
        assert asked[name]["explode"] is False
    assert {"group", "measure", "pcode"} <= set(asked)


_CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def test_whatever_is_asked_is_answered_as_described(client: Any) -> None:
    schema = schemathesis.openapi.from_asgi("/ogc/api", client.app)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == 17  # all but the definition itself

    def check(operation: Any) -> None:
        @settings(max_examples=6, derandomize=True, deadline=None, suppress_health_check=_ANY)
        @given(case=operation.as_strategy())
        def answered(case: Any) -> None:
            case.validate_response(case.call(), checks=_CHECKS)

        answered()

    for operation in operations:
        check(operation)
