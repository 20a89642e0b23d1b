"""A file that a user wrote, read and checked. What is wrong is told in one sentence, at its key."""

import inspect
import tomllib
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from service.errors import BadSituation, closest
from service.toml_lines import line_of

__all__ = ["did_you_mean", "read_toml", "validated"]

Loc = tuple[int | str, ...]
M = TypeVar("M", bound=BaseModel)


def read_toml(file: Path, *, todo: str) -> Mapping[str, Any]:
    """Return what a TOML file says; ``todo`` is told where there is none. Raises `BadSituation`."""
    try:
        text = file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise BadSituation(file, where="", found="there is no such file", todo=todo) from None
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise BadSituation(file, where="", found=reason, todo=todo) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadSituation(
            file,
            where=f"line {line}",
            found="the file is not UTF-8 text",
            todo="Save it as UTF-8.",
        ) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, position = str(error).partition(" (at ")
        raise BadSituation(
            file,
            where=position.rstrip(")"),
            found=f"not TOML: {what[:1].lower()}{what[1:]}",
            todo="Correct the line; https://toml.io tells the few rules there are.",
        ) from None


def validated(model: type[M], raw: Mapping[str, Any], file: Path) -> M:
    """Return what a file says as ``model``; raises `BadSituation` for the first thing wrong."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        details = error.errors(include_url=False)
        # A misspelt key is the cause of the key that is then missing: tell it first.
        first = min(details, key=lambda detail: detail["type"] != "extra_forbidden")
        raise _explained(model, first, file) from None


def _explained(model: type[BaseModel], detail: ErrorDetails, file: Path) -> BadSituation:
    loc = tuple(part for part in detail["loc"] if part != "[key]")
    key, given = str(loc[-1]) if loc else "", detail.get("input")
    kind, where = detail["type"], _where(loc)
    line = line_of(file.read_text(encoding="utf-8"), loc)
    if kind == "extra_forbidden":
        known = _keys_at(model, loc[:-1])
        return BadSituation(
            file,
            where=_where(loc[:-1]),
            found=f"unknown key {key!r}",
            todo=did_you_mean(key, known) or f"Expected one of {', '.join(known)}.",
            line=line,
        )
    if kind == "missing":
        return BadSituation(
            file,
            where=_where(loc[:-1]),
            found=f"the key {key!r} is missing",
            todo="Add it.",
            line=line,
        )
    if kind in {"value_error", "assertion_error"}:
        what = str(detail["ctx"]["error"])
        return BadSituation(file, where=where, found=what, todo="Correct it there.", line=line)
    shown = repr(given) if isinstance(given, str | int | float | bool) else "what stands there"
    return BadSituation(
        file,
        where=where,
        found=f"{shown} cannot be used",
        todo=_expected(detail),
        line=line,
    )


def _expected(detail: ErrorDetails) -> str:
    """Return what was expected, in the words of the file's writer."""
    context = detail.get("ctx", {})
    if "expected" in context:
        choices = str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
        return did_you_mean(str(detail.get("input")), choices) or (
            f"Expected one of {', '.join(choices)}."
        )
    if detail["type"].startswith("date"):
        return "Expected a date, written as 2016-12-31 without quotes."
    if detail["type"] == "string_pattern_mismatch":
        return {
            r"^[A-Z]{3}$": "Expected an ISO 3166-1 code of three capitals, as MLI.",
            r"^[A-Z]{2}-\d{4}-\d{6}-[A-Z]{3}$": "Expected a GLIDE number, as CE-2012-000076-MLI.",
            r"^[A-Za-z0-9][A-Za-z0-9./-]*$": "Expected letters, digits, hyphens, as MLI-003.",
        }.get(
            str(context["pattern"]),
            "Expected lower-case letters, digits and hyphens, as mali-2017.",
        )
    words = detail["msg"].removeprefix("Input should be ")
    return f"Expected {words[:1].lower()}{words[1:]}."


def did_you_mean(word: str, known: list[str]) -> str:
    """Return a question with the known word nearest to ``word``, "" where none is near."""
    hint = closest(word, known)
    return f"Did you mean {hint!r}? Known are {', '.join(known)}." if hint else ""


def _where(loc: Loc) -> str:
    """Return a TOML path as its writer would say it, counting from 1.

    >>> _where(("map", 0, "layer", 1, "group"))
    '[[map]] 1, [[map.layer]] 2, group'
    """
    parts: list[str] = []
    path: list[str] = []
    for i, part in enumerate(loc):
        if isinstance(part, int):
            continue
        path.append(part)
        following = loc[i + 1] if i + 1 < len(loc) else None
        if isinstance(following, int) and part not in _PLAIN_LISTS:
            parts.append(f"[[{'.'.join(path)}]] {following + 1}")
        elif following is not None and not isinstance(following, int) and i == 0:
            parts.append(f"[{part}]")
        else:
            parts.append(part)
    return ", ".join(parts)


_PLAIN_LISTS = {
    *("into", "countries", "within", "aliases", "about", "group", "extent", "languages"),
    *("breaks", "against_breaks", "dates", "sector", "logos"),
}


def _keys_at(model: type[BaseModel], loc: Loc) -> list[str]:
    """Return the keys there are at a TOML path."""
    here: type[BaseModel] | None = model
    for part in loc:
        if isinstance(part, int) or here is None:
            continue
        fields = {field.alias or name: field for name, field in here.model_fields.items()}
        here = next(_models_in(fields[part].annotation), None) if part in fields else None
    if here is None:
        return []
    return [field.alias or name for name, field in here.model_fields.items()]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models inside an annotation such as ``Annotated[tuple[X, ...], …] | None``."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _models_in(argument)
