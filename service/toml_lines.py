"""Where in a TOML file a value stands. ``tomllib`` forgets its lines; an error must still name one.

Only headers and the keys at the start of a line are read: of a value that spans several lines, or
stands in an inline table, the line its key stands on is told.
"""

import re
from collections.abc import Iterator

__all__ = ["line_of"]

Loc = tuple[int | str, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*("[^"]+"|'[^']+'|[\w-]+)\s*[.=]""")
_TRIPLE = re.compile(r"\"\"\"|" + r"'''")


def line_of(text: str, loc: Loc) -> int | None:
    """Return the line, counted from 1, of the value at ``loc`` or of the nearest thing around it.

    >>> line_of('id = "a"\\n[[map]]\\nid = "b"\\n[[map.layer]]\\nkind = "dots"\\n',
    ...         ("map", 0, "layer", 0, "kind"))
    5
    >>> line_of('[[map]]\\n[[map]]\\n', ("map", 1, "title"))
    2
    """
    best, deepest = None, 0
    for number, path in _paths(text):
        if len(path) > deepest and loc[: len(path)] == path:
            best, deepest = number, len(path)
    return best


def _paths(text: str) -> Iterator[tuple[int, Loc]]:
    """Yield (line, path) of every table header and every key at the start of a line."""
    table: Loc = ()
    counted: dict[Loc, int] = {}
    inside = False  # of a string over several lines
    for number, line in enumerate(text.splitlines(), start=1):
        opens = len(_TRIPLE.findall(line)) % 2 == 1
        if inside:
            inside = not opens
            continue
        inside = opens
        if header := _HEADER.match(line):
            table = _table(header[2], counted, of_many=header[1] == "[[")
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, key[1].strip("\"'"))


def _table(name: str, counted: dict[Loc, int], *, of_many: bool) -> Loc:
    """Return the path of a header: ``[[a.b]]`` is the next of the latest a's b."""
    parts = [part.strip().strip("\"'") for part in name.split(".")]
    path: Loc = ()
    for i, part in enumerate(parts):
        path = (*path, part)
        last = i == len(parts) - 1
        if last and of_many:
            counted[path] = counted.get(path, -1) + 1
        if path in counted:
            path = (*path, counted[path])
    return path
