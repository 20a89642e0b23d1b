"""How a boundary file is read, written down: which column says what. A person may correct it and use it again.

A profile is TOML. It is proposed by reading the file once (`boundaries.files.read_with_profile`), kept
beside an imported vintage, and given back with ``--profile``. An unknown key is an error: a misspelt one
must not be ignored.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from boundaries.columns import Columns
from boundaries.errors import BadBoundaryProfile
from boundaries.units import LANGUAGES

__all__ = ["BoundaryProfile", "profile_text", "read_profile"]

_TEXTS = ("label", "source", "licence", "iso3", "crs", "encoding", "member")
_DAYS = ("valid_on", "valid_to")
_COLUMNS = ("code", "parent", "level_column", "iso3", "type", "valid_on", "valid_to")
_LISTS = ("names", "aliases")
_LAYER_KEYS = (
    "layer", *_COLUMNS, "level", *_LISTS, "nested_codes", "style",
    "languages", "codes_above", "names_above",
)  # fmt: skip


@dataclass(frozen=True)
class BoundaryProfile:
    """What a file does not say by itself, and which column of each layer says what.

    ``layers`` are by the layer's name; a layer that is not among them is recognised afresh. ``iso3`` is
    the ISO 3166-1 alpha-3 of every unit, ``crs`` and ``encoding`` hold where the file declares none.
    Empty text and None say nothing.
    """

    layers: Mapping[str, Columns] = field(default_factory=dict)
    label: str = ""
    source: str = ""
    licence: str = ""
    iso3: str = ""
    crs: str = ""
    encoding: str = ""
    member: str = ""
    valid_on: date | None = None
    valid_to: date | None = None


def read_profile(path: Path) -> BoundaryProfile:
    """Read a profile.

    Raises
    ------
    BadBoundaryProfile
        Not there, not TOML, an unknown key, or a value of the wrong kind.
    """
    try:
        body = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise _bad(path, "the file", f"cannot be read ({fault})", "Correct it.") from None
    known = [one.name for one in fields(BoundaryProfile) if one.name != "layers"]
    _only(path, "top", body, [*known, "layer"])
    for key in _TEXTS:
        if not isinstance(body.get(key, ""), str):
            raise _bad(path, key, f"{body[key]!r} is not text", "Put it in quotes.")
    for key in _DAYS:
        if key in body and type(body[key]) is not date:
            raise _bad(
                path, key, f"{body[key]!r} is not a day", "Write it as 2019-08-02, unquoted."
            )
    tables = body.get("layer", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise _bad(path, "layer", "is not a list of tables", "Write each as [[layer]].")
    layers = {str(table.get("layer", "")): _columns(path, table) for table in tables}
    said: dict[str, Any] = {key: body[key] for key in (*_TEXTS, *_DAYS) if key in body}
    return BoundaryProfile(layers=layers, **said)


def _columns(path: Path, table: Mapping[str, Any]) -> Columns:
    where = f"[[layer]] {table.get('layer', '')!r}"
    _only(path, where, table, _LAYER_KEYS)

    def value(key: str, kind: type, default: Any) -> Any:
        found = table.get(key, default)
        if found is not default and type(found) is not kind:
            raise _bad(path, f"{where}, {key}", f"{found!r} is not {kind.__name__}", "Correct it.")
        return found

    def numbered(key: str) -> dict[int, Any]:
        found = value(key, dict, {})
        wrong = [level for level in found if not re.fullmatch("[0-5]", level)]
        if wrong:
            raise _bad(path, f"{where}, {key}", f"{wrong[0]!r} is no level", "Write 0 to 5.")
        return {int(level): columns for level, columns in found.items()}

    languages = value("languages", dict, {})
    _only(path, f"{where}, languages", languages, LANGUAGES)
    level = value("level", int, None)
    if level is not None and not 0 <= level <= 5:
        raise _bad(path, f"{where}, level", f"{level} is no level", "Write 0 to 5.")
    return Columns(
        code=value("code", str, None),
        parent=value("parent", str, None),
        level=value("level_column", str, None),
        fixed_level=level,
        iso3=value("iso3", str, None),
        type=value("type", str, None),
        names=tuple(value("names", list, [])),
        languages=languages,
        codes_above=numbered("codes_above"),
        names_above={n: tuple(columns) for n, columns in numbered("names_above").items()},
        aliases=tuple(value("aliases", list, [])),
        valid_on=value("valid_on", str, None),
        valid_to=value("valid_to", str, None),
        nested_codes=value("nested_codes", bool, False),
        style=value("style", str, "plain"),
        how={"code": "by the profile", "name": "by the profile", "parent": "by the profile"},
    )


def profile_text(profile: BoundaryProfile) -> str:
    """Return a profile as TOML, which `read_profile` reads back to the same profile.

    >>> print(profile_text(BoundaryProfile({"xaa": Columns(code="GEO", fixed_level=1)}, iso3="XAA")))
    # How a boundary file is read: which column says what. Correct it, and import with --profile.
    iso3 = "XAA"
    <BLANKLINE>
    [[layer]]
    layer = "xaa"
    code = "GEO"
    level = 1
    style = "plain"
    <BLANKLINE>
    """
    lines = [
        "# How a boundary file is read: which column says what. "
        "Correct it, and import with --profile."
    ]
    lines += [
        f"{key} = {_quoted(getattr(profile, key))}" for key in _TEXTS if getattr(profile, key)
    ]
    lines += [f"{key} = {getattr(profile, key)}" for key in _DAYS if getattr(profile, key)]
    for name, columns in profile.layers.items():
        lines += ["", "[[layer]]", f"layer = {_quoted(name)}", *_layer_lines(columns)]
    return "\n".join(lines) + "\n"


def _layer_lines(columns: Columns) -> list[str]:
    lines = []
    for key in _COLUMNS:
        column = columns.level if key == "level_column" else getattr(columns, key)
        if column is not None:
            lines.append(f"{key} = {_quoted(column)}")
        if key == "level_column" and columns.fixed_level is not None:
            lines.append(f"level = {columns.fixed_level}")
    for key in _LISTS:
        if getattr(columns, key):
            lines.append(f"{key} = {_list(getattr(columns, key))}")
    if columns.nested_codes:
        lines.append("nested_codes = true")
    lines.append(f"style = {_quoted(columns.style)}")
    if columns.languages:
        said = ", ".join(f"{lang} = {_quoted(c)}" for lang, c in columns.languages.items())
        lines.append(f"languages = {{ {said} }}")
    if columns.codes_above:
        said = ", ".join(f"{n} = {_quoted(c)}" for n, c in sorted(columns.codes_above.items()))
        lines.append(f"codes_above = {{ {said} }}")
    if columns.names_above:
        said = ", ".join(f"{n} = {_list(c)}" for n, c in sorted(columns.names_above.items()))
        lines.append(f"names_above = {{ {said} }}")
    return lines


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(_quoted(text) for text in texts)}]"


def _quoted(text: str) -> str:
    """Return a TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\u{ord(m[0]):04x}", escaped) + '"'


def _only(path: Path, where: str, table: Mapping[str, Any], known: Iterable[str]) -> None:
    from difflib import get_close_matches

    known = list(known)
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            todo = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(known)}."
            raise _bad(path, where, f"unknown key {key!r}", todo)


def _bad(path: Path, where: str, found: str, todo: str) -> BadBoundaryProfile:
    return BadBoundaryProfile(path, where=where, found=found, todo=todo)
