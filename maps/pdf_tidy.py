"""A PDF of svg2pdf put in order: the same picture in fewer bytes, and the same bytes every time.

svg2pdf numbers its fonts and lists its resources in an order that differs between runs, writes
every letter as a text object of its own and every number in single precision. Here fonts are
numbered by name, resources sorted, equal objects merged, numbers cut to what is seen, and objects
renumbered in the order in which they are reached from the catalogue.

Only files as svg2pdf writes them are understood: one revision, no object streams, no encryption.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

__all__ = ["tidy"]

_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj\n", re.DOTALL)
_LENGTH = re.compile(rb"/Length (\d+)")
_REFERENCE = re.compile(rb"\b(\d+) 0 R\b")
_FONT_LINE = re.compile(rb"/(fo\d+) (\d+) 0 R")
_BASE_FONT = re.compile(rb"/BaseFont /(\S+)")
_RESOURCES = re.compile(rb"(?:^ +/[a-z]+\d+ \d+ 0 R\n){2,}", re.MULTILINE)
_NAME = re.compile(rb"/([a-z]+)(\d+)")
_LONG = re.compile(rb"-?\d*\.\d{3,}")
_HUNDREDTHS = re.compile(rb"(\.\d\d)\d+")  # cut, not rounded: much faster, and 0.004 mm
_EFFORT = 6  # of 9; the last per cent would take as long again
_ROOT, _INFO = re.compile(rb"/Root (\d+) 0 R"), re.compile(rb"/Info (\d+) 0 R")


@dataclass(frozen=True, slots=True)
class _Object:
    """A dictionary and, behind it, a stream as it is when unpacked; None where there is none."""

    head: bytes
    stream: bytes | None
    drawing: bool = False


def tidy(pdf: bytes) -> bytes:
    """Return the PDF in canonical form. Text, fonts and picture stay what they are."""
    objects = dict(_objects(pdf))
    trailer = pdf[pdf.rindex(b"trailer") :]
    root, info = _found(_ROOT, trailer), _found(_INFO, trailer)
    fonts = _font_names(objects)
    objects = {n: _redrawn(each, fonts) for n, each in objects.items()}
    objects = {n: _sorted(each) for n, each in objects.items()}
    objects, same = _merged(objects)
    order = list(_reached(objects, [same.get(root, root), same.get(info, info)]))
    number = {old: new for new, old in enumerate(order, start=1)}
    return _written(
        [_renumbered(objects[old], number) for old in order], number[root], number[info]
    )


def _found(pattern: re.Pattern[bytes], text: bytes) -> int:
    match = pattern.search(text)
    if match is None:
        raise ValueError("not a PDF as svg2pdf writes it: the trailer names no root or information")
    return int(match.group(1))


def _objects(pdf: bytes) -> Iterator[tuple[int, _Object]]:
    at = 0
    while (found := _OBJECT.search(pdf, at)) is not None:
        body = found.group(2)
        start = body.find(b"\nstream\n")
        if start < 0:
            yield int(found.group(1)), _Object(body, None)
            at = found.end()
            continue
        # A stream may hold the very words that end an object: take it by its length.
        head = body[:start]
        length = _LENGTH.search(head)
        assert length is not None  # noqa: S101 - every stream states its length
        begin = found.start(2) + start + len(b"\nstream\n")
        stream = pdf[begin : begin + int(length.group(1))]
        packed = b"/FlateDecode" in head
        drawing = b"/Form" in head or (packed and b"/Type" not in head and b"/N 3" not in head)
        stream = zlib.decompress(stream) if packed else stream
        drawing = drawing and stream.startswith(b"q\n")
        yield int(found.group(1)), _Object(_without_length(head), stream, drawing)
        at = pdf.index(b"endobj", begin + int(length.group(1)))


def _without_length(head: bytes) -> bytes:
    return re.sub(rb"\n +/(?:Length \d+|Filter /FlateDecode)(?=\n)", b"", head)


# --- what is drawn --------------------------------------------------------------------------------


def _font_names(objects: dict[int, _Object]) -> dict[bytes, bytes]:
    """Return the new names of font resources, numbered by the fonts' own names."""
    name_of = {}
    for each in objects.values():
        for match in _FONT_LINE.finditer(each.head):
            base = _BASE_FONT.search(objects[int(match.group(2))].head)
            name_of[match.group(1)] = base.group(1) if base else b""
    ordered = sorted(name_of, key=lambda resource: name_of[resource])
    return {old: b"fo%d" % i for i, old in enumerate(ordered)}


def _redrawn(each: _Object, fonts: dict[bytes, bytes]) -> _Object:
    def renamed(match: re.Match[bytes]) -> bytes:
        return b"/" + fonts[match.group(1)] + b" "

    if fonts:
        pattern = re.compile(rb"/(fo\d+) ")
        head = pattern.sub(renamed, each.head)
        stream = pattern.sub(renamed, each.stream) if each.drawing and each.stream else each.stream
        each = replace(each, head=head, stream=stream)
    if each.drawing and each.stream is not None:
        each = replace(each, stream=b"\n".join(_terse(each.stream)))
    return each


def _terse(stream: bytes) -> Iterator[bytes]:
    """Yield the lines of a drawing: letters of one run in one text object, numbers cut short."""
    font = b""
    # Nothing but the matrix and the letter differs from one text object of a run to the next.
    stream = stream.replace(b"ET\nQ\nq\nBT\n", b"")
    path: list[bytes] = []
    for line in stream.split(b"\n"):
        operator = line[line.rfind(b" ") + 1 :]
        if operator in (b"m", b"l", b"c"):
            path.append(line)
            continue
        if path:
            yield _HUNDREDTHS.sub(rb"\1", b"\n".join(path))
            path.clear()
        if operator in (b"Tm", b"scn", b"SCN"):
            yield _LONG.sub(_thousandths, line)
        elif operator == b"Tf":
            if line != font:
                yield line
            font = line
        else:
            if operator == b"ET":
                font = b""
            yield line
    if path:
        yield _HUNDREDTHS.sub(rb"\1", b"\n".join(path))


def _thousandths(match: re.Match[bytes]) -> bytes:
    return _short(b"%.3f" % float(match.group()))


def _short(number: bytes) -> bytes:
    number = number.rstrip(b"0").rstrip(b".")
    return b"0" if number in (b"-0", b"") else number


# --- order ----------------------------------------------------------------------------------------


def _sorted(each: _Object) -> _Object:
    """Sort runs of resources by kind and number."""

    def key(line: bytes) -> tuple[bytes, int]:
        name = _NAME.search(line)
        return (name.group(1), int(name.group(2))) if name else (line, 0)

    def in_order(match: re.Match[bytes]) -> bytes:
        lines = sorted(match.group().splitlines(keepends=True), key=key)
        return b"".join(lines)

    return replace(each, head=_RESOURCES.sub(in_order, each.head))


def _merged(objects: dict[int, _Object]) -> tuple[dict[int, _Object], dict[int, int]]:
    """Keep one of objects that are equal in all; return them and what stands for what."""
    same: dict[int, int] = {}
    while True:
        first: dict[tuple[bytes, bytes | None], int] = {}
        twins: dict[int, int] = {}
        for n in sorted(objects):
            key = (objects[n].head, objects[n].stream)
            if b"/Type /Page" in key[0]:
                continue
            if first.setdefault(key, n) != n:
                twins[n] = first[key]
        if not twins:
            return objects, same
        same = {n: twins.get(to, to) for n, to in same.items()} | twins

        def redirected(match: re.Match[bytes], twins: dict[int, int] = twins) -> bytes:
            n = int(match.group(1))
            return b"%d 0 R" % twins.get(n, n)

        objects = {
            n: replace(each, head=_REFERENCE.sub(redirected, each.head))
            for n, each in objects.items()
            if n not in twins
        }


def _reached(objects: dict[int, _Object], start: list[int]) -> Iterator[int]:
    """Yield object numbers in the order in which they are referred to."""
    waiting, seen = list(start), set(start)
    while waiting:
        n = waiting.pop(0)
        yield n
        for match in _REFERENCE.finditer(objects[n].head):
            other = int(match.group(1))
            if other not in seen and other in objects:
                seen.add(other)
                waiting.append(other)


def _renumbered(each: _Object, number: dict[int, int]) -> _Object:
    def renamed(match: re.Match[bytes]) -> bytes:
        return b"%d 0 R" % number[int(match.group(1))]

    return replace(each, head=_REFERENCE.sub(renamed, each.head))


def _written(objects: list[_Object], root: int, info: int) -> bytes:
    out = bytearray(b"%PDF-1.7\n%\x80\x80\x80\x80\n")
    places = []
    for n, each in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % n
        head = re.sub(rb"\n +", b"\n", each.head)
        if each.stream is None:
            out += head
        else:
            packed = zlib.compress(each.stream, _EFFORT)
            end = head.rindex(b">>")
            out += head[:end] + b"/Length %d\n/Filter /FlateDecode\n>>" % len(packed)
            out += b"\nstream\n" + packed + b"\nendstream"
        out += b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f\r\n" % (len(objects) + 1)
    for place in places:
        out += b"%010d 00000 n\r\n" % place
    out += b"trailer\n<<\n/Size %d\n/Root %d 0 R\n/Info %d 0 R\n>>\n" % (
        len(objects) + 1,
        root,
        info,
    )
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)
