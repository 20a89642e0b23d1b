"""Errors over HTTP, as `application/problem+json` (RFC 9457). They never repeat what was sent."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from boundaries.errors import SitmapError
from service.conditional import NotModified, not_modified_answer
from service.errors import BadParameter, problem_of

__all__ = [
    "PROBLEM_RESPONSES",
    "ProblemOut",
    "add_problem_handlers",
    "parameters_of",
    "problem_answer",
]


class ProblemOut(BaseModel):
    """What went wrong. ``code`` is stable; ``known`` lists what there is, where that is safe to say."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    known: list[str] = []


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": description,
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/ProblemOut"},
                "example": example,
            }
        },
    }
    for status, description, example in (
        (
            400,
            "A parameter is unknown, or its value cannot be used.",
            {
                "type": "about:blank",
                "title": "A query parameter is not known here.",
                "status": 400,
                "code": "unknown-parameter",
                "known": ["level", "group", "date"],
            },
        ),
        (
            404,
            "There is no such situation, map, unit, group, date, level or tile.",
            {
                "type": "about:blank",
                "title": "There is no such situation here.",
                "status": 404,
                "code": "unknown-situation",
                "known": ["mali-2017"],
            },
        ),
        (
            "default",
            "Too much at once (400, 413, 414), no such format (406), or nothing can be read or made "
            "at the moment (503 with `Retry-After`).",
            {
                "type": "about:blank",
                "title": "The service is busy; try again in a second.",
                "status": 503,
                "code": "busy",
            },
        ),
    )
}


def add_problem_handlers(app: FastAPI) -> None:
    """Let every error end as a problem document, and `NotModified` as 304."""
    app.add_exception_handler(SitmapError, _told)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(NotModified, not_modified_answer)
    app.add_exception_handler(Exception, _our_fault)


def _problem(status: int, code: str, title: str, known: Sequence[str] = ()) -> Response:
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": code,
    }
    if known:
        document["known"] = list(known)
    return Response(
        json.dumps(document, ensure_ascii=False),
        status_code=status,
        media_type="application/problem+json",
        headers={"Cache-Control": "no-store"},
    )


def _told(_request: Request, error: Exception) -> Response:
    assert isinstance(error, SitmapError)  # noqa: S101 - registered for this class only
    return problem_answer(error)


def problem_answer(error: SitmapError) -> Response:
    """Return how an error is told."""
    problem = problem_of(error)
    known = getattr(error, "known", ()) if problem.status < 500 else ()
    answer = _problem(problem.status, error.code, problem.title, [str(each) for each in known])
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = "1"
    return answer


def _invalid(request: Request, error: Exception) -> Response:
    """Tell which parameter cannot be used, by our own name for it."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    first = error.errors()[0]
    known = parameters_of(request.scope.get("route"))
    if first["type"] == "extra_forbidden":
        return _problem(400, "unknown-parameter", "A query parameter is not known here.", known)
    if first["loc"][:1] == ("path",):
        return _problem(404, "not-found", "There is nothing at this address.")
    named = [str(part) for part in first["loc"] if part in known]
    bad = BadParameter(named[0] if named else "", expected="another value")
    title = f"The parameter {named[0]!r} has a value that cannot be used." if named else ""
    return _problem(400, bad.code, title or problem_of(bad).title, _choices(first))


def _choices(detail: Any) -> list[str]:
    expected = str(detail.get("ctx", {}).get("expected", ""))
    return [word.strip("' ") for word in expected.replace(" or ", ", ").split(",") if word.strip()]


def parameters_of(route: object) -> list[str]:
    """Return the names of the query parameters a route takes."""
    names: list[str] = []
    if isinstance(route, APIRoute):
        for field in route.dependant.query_params:
            model = field.field_info.annotation
            if isinstance(model, type) and issubclass(model, BaseModel):
                names += [f.alias or name for name, f in model.model_fields.items()]
            else:
                names.append(field.alias)
    return names


def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    code, title = {
        404: ("not-found", "There is nothing at this address."),
        405: ("method-not-allowed", "Everything here is read-only: use GET or HEAD."),
    }.get(error.status_code, ("http-error", "The request cannot be answered."))
    answer = _problem(error.status_code, code, title)
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer


def _our_fault(_request: Request, _error: Exception) -> Response:
    return _problem(500, "internal-error", "The answer could not be made. The fault is ours.")
