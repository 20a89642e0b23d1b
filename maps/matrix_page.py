"""Who does what where on a sheet: organisations down, places across, signs of sectors in the cells.

Every sector has its own place within a cell, the same in all cells, so that a column of signs reads
like a column of figures, and so that small signs without pictures still say which sector they are.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from shapely.geometry import LineString, box

from maps.display import Box, Item, Layer, Page, PathItem, TextItem, moved
from maps.page_furniture import Furniture, finished, furniture, placed
from maps.scene import Scene
from maps.scene_layers import MatrixRow, PresenceMatrix, SectorCount
from maps.sector_icons import sign_items
from maps.sectors import OTHER, sorted_sectors
from maps.spec import Paper
from maps.symbology import BOUNDARY, GREY, RULE, Symbology
from maps.text import CAP_HEIGHT, POINT, TextStyle, facing, text_width, wrap

__all__ = ["draw_matrix"]

_STRIPE = "#F3F6F9"
_LARGEST, _SMALLEST = 5.2, 0.55  # mm: side of a sign
_PICTURE = 2.3  # mm: side from which a picture is read
_ROW = 9.0  # mm: a row is no higher
_PAD = 1.8  # mm between the signs of neighbouring cells, less in narrow ones
_LONGEST_HEAD = 24.0  # mm: the rest of a place's name is in the table
_APART = 0.9  # of the distance between signs is sign
_KEY_GAP = 5.0  # mm between keys
_BLOCK_GAP = 7.0  # mm between blocks side by side
_WIDEST_COLUMN = 26.0  # mm


@dataclass(frozen=True)
class _Grid:
    """How the table is cut: ``blocks`` side by side, ``rows`` in each, sizes in mm; ``slots`` are
    the columns and rows of sign places within a cell, ``side`` that of a sign."""

    blocks: int
    rows: int
    names: float
    cell: tuple[float, float]
    slots: tuple[int, int]
    side: float
    header: float
    upwards: bool


def draw_matrix(scene: Scene, matrix: PresenceMatrix, paper: Paper) -> Page:
    """Lay the matrix out on a sheet. Organisations beyond what fits share one row that counts them."""
    symbology = Symbology.for_paper(paper)
    around = furniture(scene, paper, symbology)
    x0, _, x1, y1 = around.frame
    key, top = _key(matrix, symbology, around, None)
    grid = _grid(matrix, symbology, (x0, top, x1, y1))
    if grid.side < _PICTURE:  # signs too small for pictures are known by their place: show it
        key, top = _key(matrix, symbology, around, grid.slots)
        grid = _grid(matrix, symbology, (x0, top, x1, y1))
    rows = _rows(matrix, grid)
    items: list[Item] = []
    width = (x1 - x0 - _BLOCK_GAP * (grid.blocks - 1)) / grid.blocks
    for block in range(grid.blocks):
        part = rows[block * grid.rows : (block + 1) * grid.rows]
        if part:
            left = x0 + block * (width + _BLOCK_GAP)
            last = block * grid.rows + len(part) >= len(rows)
            items += _block(matrix, grid, symbology, part, at=(left, top), total=last)
    layers = [
        Layer("legend", placed(key, scene, paper)),
        Layer("matrix", placed(items, scene, paper)),
    ]
    return finished(scene, paper, around, layers)


# --- the key --------------------------------------------------------------------------------------


def _key(
    matrix: PresenceMatrix,
    symbology: Symbology,
    around: Furniture,
    slots: tuple[int, int] | None,
) -> tuple[list[Item], float]:
    """Return title, note and the sectors' signs in lines, and where the table may begin.

    With ``slots`` each sign is followed by a cell in which its place is marked.
    """
    x0, y0, x1, _ = around.frame
    note, side = TextStyle(symbology.note), 3.4
    rise = CAP_HEIGHT * note.size * POINT
    bold = TextStyle(symbology.note + 1, bold=True)
    items: list[Item] = []
    y = y0 + 0.6 + CAP_HEIGHT * bold.size * POINT
    items.append(TextItem(matrix.title, x0, y, bold, RULE, role="legend-title"))
    said = f"{matrix.subtitle}. {matrix.note}" if matrix.subtitle else matrix.note
    y += 1.2
    for line in wrap(said, note, x1 - x0):
        y += symbology.leading
        items.append(TextItem(line, x0, y, facing(note, said), GREY, role="legend"))
    y += 2.2
    x = x0
    for i, key in enumerate(matrix.sectors):
        cell = _marked_cell(slots, i, side) if slots else ()
        lead = side + 1.2 + (side * slots[0] / slots[1] + 1.2 if slots else 0)
        width = lead + text_width(key.label, note)
        if x + width > x1 and x > x0:
            x, y = x0, y + side + 1.2
        items += sign_items(key.code, x + side / 2, y + side / 2, side / 2)
        items += moved(cell, x + side + 1.2, y)
        baseline = y + side / 2 + rise / 2
        items.append(TextItem(key.label, x + lead, baseline, note, RULE, role="legend"))
        x += width + _KEY_GAP
    if matrix.inferred:
        width = side + 1.2 + text_width(matrix.inferred, note)
        if x + width > x1:
            x, y = x0, y + side + 1.2
        middle = y + side / 2
        items += sign_items(OTHER, x + side / 2, middle, side / 2, inferred=True, picture=False)
        style = facing(note, matrix.inferred)
        at = x + side + 1.2
        items.append(TextItem(matrix.inferred, at, middle + rise / 2, style, RULE, role="legend"))
    return items, y + side + 3.0


def _marked_cell(slots: tuple[int, int], place: int, height: float) -> tuple[Item, ...]:
    """Return a small cell, ``height`` mm high, with one of its places filled."""
    columns, rows = slots
    step = height / rows
    items: list[Item] = []
    for i in range(columns * rows):
        x, y = i % columns * step, i // columns * step
        gap = 0.1 * step
        square = box(x + gap, y + gap, x + step - gap, y + step - gap)
        colour = RULE if i == place else "#D9DDE2"
        items.append(PathItem(square, fill=colour, role="legend-slot"))
    return tuple(items)


# --- how it is cut --------------------------------------------------------------------------------


def _grid(matrix: PresenceMatrix, symbology: Symbology, room: Box) -> _Grid:
    """Return the cut in which signs are largest; of equal ones that with the fewest blocks."""
    cuts = [_cut(matrix, symbology, room, blocks) for blocks in (1, 2, 3)]
    fitting = [cut for cut in cuts if cut.blocks * cut.rows >= len(matrix.rows)] or cuts
    readable = [cut for cut in fitting if cut.side >= _SMALLEST] or cuts
    return max(readable, key=lambda cut: (round(cut.side, 1), -cut.blocks))


def _cut(matrix: PresenceMatrix, symbology: Symbology, room: Box, blocks: int) -> _Grid:
    places = max(len(matrix.places), 1)
    style = TextStyle(symbology.note)
    width = (room[2] - room[0] - _BLOCK_GAP * (blocks - 1)) / blocks
    wanted = max((text_width(row.short, style) for row in matrix.rows), default=20.0) + 3
    names = min(wanted, (0.24 if blocks == 1 else 0.17) * width)
    across = min((width - names) / places, _WIDEST_COLUMN)
    longest = max((text_width(name, style) for _, name in matrix.places), default=0.0)
    upwards = longest > 2 * across - 2 or any(
        text_width(word, style) > across - 1.2 for _, name in matrix.places for word in name.split()
    )
    header = min(longest, _LONGEST_HEAD) + 2.2 if upwards else 2 * symbology.leading + 1.6
    least = 0.9 * symbology.leading
    high = room[3] - room[1] - header
    rows = math.ceil(len(matrix.rows) / blocks)
    tall = min(high / (rows + 1), _ROW)  # one more for the totals
    if tall < least:
        rows, tall = int(high / least) - 1, least
    slots, side = _slots(len(matrix.sectors), across, tall)
    return _Grid(blocks, rows, names, (across, tall), slots, side, header, upwards)


def _slots(sectors: int, across: float, tall: float) -> tuple[tuple[int, int], float]:
    """Return the columns and rows of sign places within a cell, and the side of a sign.

    The fewest rows in which a picture is read; where none does, those in which signs are largest.
    """
    best, largest = (1, 1), 0.0
    for rows in range(1, max(sectors, 1) + 1):
        columns = math.ceil(max(sectors, 1) / rows)
        room = across - min(_PAD, 0.16 * across), tall - min(_PAD / 2, 0.12 * tall)
        side = _APART * min(room[0] / columns, room[1] / rows)
        if side > largest:
            best, largest = (columns, rows), side
        if side >= _PICTURE + 0.2:
            break
    return best, min(largest, _LARGEST)


def _rows(matrix: PresenceMatrix, grid: _Grid) -> list[MatrixRow]:
    """Return the rows that fit; the organisations that do not share the last."""
    most = grid.blocks * grid.rows
    if len(matrix.rows) <= most:
        return list(matrix.rows)
    # Those at work in the most places stay: the rest is in the table that goes with the page.
    kept = sorted(matrix.rows, key=lambda row: -sum(bool(cell) for cell in row.cells))[: most - 1]
    rest = [row for row in matrix.rows if row not in kept]
    cells = tuple(_joined([row.cells[i] for row in rest]) for i in range(len(matrix.places)))
    label = f"+ {len(rest)}"
    return [*(row for row in matrix.rows if row in kept), MatrixRow(label, label, cells)]


def _joined(cells: Sequence[tuple[SectorCount, ...]]) -> tuple[SectorCount, ...]:
    each = [count for cell in cells for count in cell]
    return tuple(
        SectorCount(
            code,
            sum(count.count for count in each if count.code == code),
            inferred=all(count.inferred for count in each if count.code == code),
        )
        for code in sorted_sectors(count.code for count in each)
    )


# --- the table ------------------------------------------------------------------------------------


def _block(
    matrix: PresenceMatrix,
    grid: _Grid,
    symbology: Symbology,
    rows: Sequence[MatrixRow],
    *,
    at: tuple[float, float],
    total: bool,
) -> list[Item]:
    """Return one block of the table, its upper left corner at a point."""
    left, top = at
    across, tall = grid.cell
    right = left + grid.names + across * len(matrix.places)
    note = TextStyle(symbology.note)
    rise = CAP_HEIGHT * note.size * POINT
    items = _header(matrix, grid, symbology, at)
    order = {key.code: i for i, key in enumerate(matrix.sectors)}
    first = top + grid.header
    for i, row in enumerate(rows):
        y = first + i * tall
        if i % 2 == 0:
            items.append(PathItem(box(left, y, right, y + tall), fill=_STRIPE, role="stripe"))
        items += _name(row.short, grid, symbology, (left, y))
        for j, cell in enumerate(row.cells):
            x = left + grid.names + j * across
            for count in cell:
                items += _sign(count, order[count.code], grid, (x, y))
    floor = first + len(rows) * tall
    if total:
        bold = TextStyle(symbology.note, bold=True)
        baseline = floor + tall / 2 + rise / 2
        items += _name(matrix.total, grid, symbology, (left, floor), bold=True)
        for j, number in enumerate(matrix.totals):
            x = left + grid.names + (j + 0.5) * across
            text = str(number) if number else "–"
            items.append(TextItem(text, x, baseline, bold, RULE, "middle", role="matrix-total"))
    edges = [first, floor, *([floor + tall] if total else [])]
    items += [
        PathItem(LineString([(left, y), (right, y)]), stroke=RULE, stroke_width=0.5, role="rule")
        for y in edges
    ]
    items += [
        PathItem(
            LineString([(x, first), (x, edges[-1])]), stroke=BOUNDARY, stroke_width=0.3, role="rule"
        )
        for x in (left + grid.names + j * across for j in range(len(matrix.places)))
    ]
    return items


def _header(
    matrix: PresenceMatrix, grid: _Grid, symbology: Symbology, at: tuple[float, float]
) -> list[Item]:
    left, top = at
    across, _ = grid.cell
    bold = TextStyle(symbology.note, bold=True)
    rise = CAP_HEIGHT * bold.size * POINT
    floor = top + grid.header - 1.4
    items: list[Item] = [
        TextItem(
            _cut_short(matrix.organisations, bold, grid.names - 1.5),
            left,
            floor,
            bold,
            RULE,
            role="matrix-head",
        )
    ]
    for j, (_, name) in enumerate(matrix.places):
        middle = left + grid.names + (j + 0.5) * across
        if grid.upwards:
            items.append(
                TextItem(
                    _cut_short(name, bold, _LONGEST_HEAD),
                    middle + rise / 2,
                    floor,
                    bold,
                    RULE,
                    role="matrix-head",
                    upwards=True,
                )
            )
            continue
        lines = wrap(name, bold, across - 1)
        for k, line in enumerate(reversed(lines)):
            y = floor - k * symbology.leading
            items.append(TextItem(line, middle, y, bold, RULE, "middle", role="matrix-head"))
    return items


def _name(
    text: str, grid: _Grid, symbology: Symbology, at: tuple[float, float], *, bold: bool = False
) -> list[Item]:
    """Write an organisation's name into its row, on as many lines as that has; cut short beyond."""
    style = facing(TextStyle(symbology.note, bold=bold), text)
    room, step = grid.names - 2.0, symbology.leading
    most = max(1, int((grid.cell[1] - 0.3) / step))
    lines = wrap(text, style, room)
    if len(lines) > most or any(text_width(line, style) > room for line in lines):
        lines = _shortened(text, style, room, most)
    rise = CAP_HEIGHT * style.size * POINT
    first = at[1] + grid.cell[1] / 2 + rise / 2 - (len(lines) - 1) * step / 2
    return [
        TextItem(line, at[0] + 0.8, first + i * step, style, RULE, role="matrix-name")
        for i, line in enumerate(lines)
    ]


def _cut_short(text: str, style: TextStyle, room: float) -> str:
    return text if text_width(text, style) <= room else _shortened(text, style, room, 1)[0]


def _shortened(text: str, style: TextStyle, room: float, most: int) -> list[str]:
    for length in range(len(text) - 1, 0, -1):
        lines = wrap(f"{text[:length].rstrip()}…", style, room)
        if len(lines) <= most and all(text_width(line, style) <= room for line in lines):
            return lines
    return ["…"]


def _sign(
    count: SectorCount, place: int, grid: _Grid, at: tuple[float, float]
) -> tuple[PathItem, ...]:
    """Return a sector's sign in its own place of the cell whose corner is ``at``."""
    (across, tall), (columns, rows) = grid.cell, grid.slots
    step = grid.side / _APART
    x = at[0] + across / 2 + (place % columns - (columns - 1) / 2) * step
    y = at[1] + tall / 2 + (place // columns - (rows - 1) / 2) * step
    picture = grid.side >= _PICTURE
    return sign_items(count.code, x, y, grid.side / 2, inferred=count.inferred, picture=picture)
