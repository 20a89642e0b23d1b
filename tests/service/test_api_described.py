"""What the OpenAPI document promises holds: schemathesis asks every route, rightly and wrongly."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.config import (
    ChecksConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.config._checks import NegativeDataRejectionConfig

from service.app import create_app
from service.settings import Settings

THERE = {
    "sid": "xaa-2020",
    "map_id": "idps",
    "pcode": "XA03",
    "z": "4",
    "x": "8",
    "y": "7",
    "level": "1",
}
"""What is there, so that not every question ends at its address."""

BOX, PARTS = "-6,12,2,20", ("bbox", "first", "parent")


@pytest.fixture(scope="module")
def schema(published_folder: Path) -> Any:
    store = published_folder / ".sitmap" / "store.sqlite"
    app = create_app(Settings(stores=(store,), base_url="http://testserver"))
    wrong = NegativeDataRejectionConfig(expected_statuses=[400, 404, 406, 413, 414])
    project = ProjectConfig(checks=ChecksConfig(negative_data_rejection=wrong))
    config = SchemathesisConfig(seed=1, projects=ProjectsConfig(default=project))
    return schemathesis.openapi.from_asgi("/openapi.json", app, config=config)


def as_no_schema_can_say(query: dict[str, Any]) -> dict[str, Any]:
    """Return a query that keeps to what is described in words: west < east, and the head of a whole map."""
    whole = query.get("form") == "head"
    query = {name: value for name, value in query.items() if not (whole and name in PARTS)}
    return query | {"bbox": BOX} if "bbox" in query else query


def asked(schema: Any, mode: GenerationMode, examples: int) -> int:
    """Ask every operation; return how many were asked."""
    count = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        count += 1

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            if mode is GenerationMode.POSITIVE:
                case.path_parameters |= {
                    name: THERE[name] for name in case.path_parameters if name in THERE
                }
                if case.operation.path.startswith("/api/"):
                    case.query = as_no_schema_can_say(case.query or {})
            case.call_and_validate()

        with suppress(Unsatisfiable):  # nothing can be wrong about a route without parameters
            ask()
    return count


def test_every_route_answers_as_described(schema: Any) -> None:
    assert asked(schema, GenerationMode.POSITIVE, examples=5) > 20


def test_no_route_breaks_or_accepts_what_is_wrong(schema: Any) -> None:
    assert asked(schema, GenerationMode.NEGATIVE, examples=5) > 20
