"""The edges of a coverage joined to lines, one per pair of neighbours, without asking each edge again.

Neighbours share runs of edges that follow each other in a ring already; joining them is counting.
Only where more than two edges of a pair meet, or a ring comes back to a corner, is it left to GEOS.
Which end a line begins at is part of a map's bytes: it is the one that GEOS' line merger begins at.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["Edges", "edges_of", "line_of_each_pair"]

_SURE = 1e-9  # relative; two directions that differ by less are not told apart here

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Edges:
    """Unique edges of rings, (n,) each; edges of one ring follow each other.

    ``corners`` (n, 2, 2) are in the direction of the ring; ``ends`` (n, 2) are their numbers, in order
    of x, then y. ``sides`` (n, 2) are the rows of the units on their sides (-1: none), that of the
    ring first; ``place`` is where the edge stands in its ring of ``ring_size`` edges, ``ring`` which it is.
    """

    corners: NDArray[np.float64]
    ends: Ints
    sides: Ints
    ring: Ints
    place: Ints
    ring_size: Ints

    def some(self, keep: Bools, sides: Ints) -> "Edges":
        """Return some of the edges, with other sides."""
        return Edges(
            self.corners[keep],
            self.ends[keep],
            sides[keep],
            self.ring[keep],
            self.place[keep],
            self.ring_size[keep],
        )


def edges_of(shapes: NDArray[np.object_]) -> Edges:
    """Cut the rings of polygons into edges; one that several share is there once, of the first."""
    parts, unit_of_part = shapely.get_parts(shapes, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    corners, ring_of_corner = shapely.get_coordinates(rings, return_index=True)
    corners += 0.0  # no negative zero
    number = _numbered(corners)
    start = np.flatnonzero(ring_of_corner[:-1] == ring_of_corner[1:])
    ends = np.column_stack([number[start], number[start + 1]])
    ring = ring_of_corner[start]
    owner = unit_of_part[part_of_ring[ring]]
    # both directions of an edge get one key: its smaller corner first
    key = ends.min(axis=1) * (len(corners) + 1) + ends.max(axis=1)
    order = np.argsort(key, kind="stable")  # of one key, the first unit comes first
    key, owner = key[order], owner[order]
    first = np.ones(len(key), dtype=np.bool_)
    first[1:] = key[1:] != key[:-1]
    at = np.flatnonzero(first)
    # a third unit on one edge is an overlap in the input; the first two are taken
    second = np.where(np.diff(np.append(at, len(key))) > 1, np.minimum(at + 1, len(key) - 1), -1)
    right = np.where(second >= 0, owner[second], -1)
    kept = order[at]
    sides = np.full((len(start), 2), -1, dtype=np.int64)
    sides[kept, 0], sides[kept, 1] = owner[at], right
    there = np.zeros(len(start), dtype=np.bool_)
    there[kept] = owner[at] != right  # an edge a unit shares with itself parts nothing
    size = np.bincount(ring, minlength=len(rings))
    place = np.arange(len(start)) - np.concatenate([[0], np.cumsum(size)])[ring]
    chosen = np.flatnonzero(there)
    return Edges(
        corners=np.stack([corners[start[chosen]], corners[start[chosen] + 1]], axis=1),
        ends=ends[chosen],
        sides=sides[chosen],
        ring=ring[chosen],
        place=place[chosen],
        ring_size=size[ring[chosen]],
    )


def _numbered(corners: NDArray[np.float64]) -> Ints:
    """Number corners by x, then y; the same corner has the same number."""
    order = np.argsort(corners.view(np.complex128).ravel())  # complex numbers are in this order
    there = corners[order]
    new = np.zeros(len(corners), dtype=np.int64)
    new[1:] = (there[1:] != there[:-1]).any(axis=1)
    number = np.empty(len(corners), dtype=np.int64)
    number[order] = np.cumsum(new)
    return number


def line_of_each_pair(edges: Edges) -> tuple[Ints, NDArray[np.object_]]:
    """Return the pairs of sides (p, 2) that have edges, ascending, and the line of each (p,).

    A line is what ``shapely.line_merge`` makes of the pair's edges, each from its smaller corner to
    its larger one: open lines by their smaller end, then closed ones from their smallest corner.
    """
    if not len(edges.sides):
        return np.empty((0, 2), dtype=np.int64), np.empty(0, dtype=object)
    width = int(edges.sides[:, 1].max()) + 2
    code = edges.sides[:, 0] * width + edges.sides[:, 1] + 1
    order = np.argsort(code, kind="stable")
    code = code[order]
    new = np.ones(len(code), dtype=np.bool_)
    new[1:] = code[1:] != code[:-1]
    pair = np.cumsum(new) - 1
    sides = edges.sides[order[new]]
    chains = _chained(edges, order, pair)
    turned = _turned(chains)
    plain = _are_plain(chains) & ~turned.doubtful
    chosen = np.flatnonzero(plain)
    by = (turned.begin[chosen], chains.closed[chosen], chains.of[chosen])
    chosen = chosen[np.lexsort(by)]
    lines = _together(_joined(chains, turned, chosen), chains.of[chosen], len(sides))
    if not plain.all():
        _merge(lines, chains, np.repeat(~plain, chains.length))
    return sides, lines


@dataclass(frozen=True)
class _Chains:
    """Edges by pair, those of a chain in the order of their ring.

    ``first`` is where each chain begins, ``length`` its edges, ``of`` its pair; ``closed``: it comes
    back to where it began. ``follows`` (edges,): the edge goes on from the one before it.
    """

    corners: NDArray[np.float64]
    ends: Ints
    pair: Ints
    first: Ints
    length: Ints
    of: Ints
    closed: Bools
    follows: Bools


def _chained(edges: Edges, order: Ints, pair: Ints) -> _Chains:
    ring, place, size = edges.ring[order], edges.place[order], edges.ring_size[order]
    together = (pair[1:] == pair[:-1]) & (ring[1:] == ring[:-1])
    follows = np.zeros(len(order), dtype=np.bool_)  # the edge before it in this order
    follows[1:] = together & (place[1:] == place[:-1] + 1)
    # a run that a ring begins with goes on from the run that it ends with
    block = np.cumsum(np.concatenate([[True], ~together])) - 1
    begins = np.flatnonzero(np.concatenate([[True], ~together]))
    stops = np.append(begins[1:], len(order)) - 1
    wraps = (place[begins] == 0) & (place[stops] == size[begins] - 1)
    run = np.cumsum(~follows)
    whole = run[begins] == run[stops]
    moved = (wraps & ~whole)[block] & (run == run[begins][block])
    if moved.any():
        place = place + np.where(moved, size, 0)
        again = np.lexsort((place, block))
        order, place = order[again], place[again]
        follows[1:] = (block[1:] == block[:-1]) & (place[1:] == place[:-1] + 1)
    first = np.flatnonzero(~follows)
    length = np.diff(np.append(first, len(order)))
    ends, corners = edges.ends[order], edges.corners[order]
    closed = ends[first, 0] == ends[first + length - 1, 1]
    return _Chains(corners, ends, pair, first, length, pair[first], closed, follows)


def _are_plain(chains: _Chains) -> Bools:
    """Return which chains meet no other of their pair, and themselves only where they close."""
    width = int(chains.ends.max()) + 1
    corner = chains.pair[:, None] * width + chains.ends
    there = np.sort(corner, axis=None)
    new = np.ones(len(there), dtype=np.bool_)
    new[1:] = there[1:] != there[:-1]
    at = np.flatnonzero(new)
    meeting = np.diff(np.append(at, len(there)))
    goes_on = chains.follows.copy()
    goes_on[chains.first[chains.closed]] = True
    linked = np.zeros(len(at), dtype=np.bool_)
    linked[np.searchsorted(there[at], corner[goes_on, 0])] = True
    crossed = there[at][(meeting > 2) | ((meeting == 2) & ~linked)]
    touched = np.isin(corner, crossed).any(axis=1) | (chains.ends[:, 0] == chains.ends[:, 1])
    return ~np.logical_or.reduceat(touched, chains.first)


@dataclass(frozen=True)
class _Turned:
    """How chains become lines: ``back`` against their ring; closed ones ``after`` so many edges.

    ``begin`` is the smaller end, or the smallest corner, by which a pair's lines are in order.
    ``doubtful`` are closed chains of which the direction cannot be told.
    """

    back: Bools
    after: Ints
    begin: Ints
    doubtful: Bools


def _turned(chains: _Chains) -> _Turned:
    first, length, ends = chains.first, chains.length, chains.ends
    rising = np.add.reduceat((ends[:, 0] < ends[:, 1]).astype(np.int64), first)
    start, stop = ends[first, 0], ends[first + length - 1, 1]
    smallest = np.minimum.reduceat(ends[:, 0], first)
    begin = np.where(chains.closed, smallest, np.minimum(start, stop))
    chain = np.repeat(np.arange(len(first)), length)
    at = np.flatnonzero(ends[:, 0] == smallest[chain])
    after = np.zeros(len(first), dtype=np.int64)
    after[chain[at[::-1]]] = (at - first[chain[at]])[::-1]
    after[~chains.closed] = 0
    tied = 2 * rising == length
    back = np.where(tied, stop < start, 2 * rising < length)
    loops = np.flatnonzero(chains.closed & tied)
    here = first[loops] + after[loops]
    before = first[loops] + (after[loops] - 1) % length[loops]
    one = chains.corners[here, 1] - chains.corners[here, 0]
    other = chains.corners[before, 0] - chains.corners[here, 0]
    # counter-clockwise from the east; nothing lies west of the smallest corner
    down = np.stack([one[:, 1] < 0, other[:, 1] < 0])
    left, right = one[:, 0] * other[:, 1], one[:, 1] * other[:, 0]
    back[loops] = np.where(down[0] == down[1], left < right, down[0])
    unsure = (down[0] == down[1]) & (abs(left - right) <= _SURE * (abs(left) + abs(right)))
    doubtful = np.zeros(len(first), dtype=np.bool_)
    doubtful[loops[unsure]] = True
    return _Turned(back, after, begin, doubtful)


def _joined(chains: _Chains, turned: _Turned, chosen: Ints) -> NDArray[np.object_]:
    """Return a line of each of some chains."""
    length = chains.length[chosen]
    size = length + 1
    line = np.repeat(np.arange(len(chosen)), size)
    step = np.arange(len(line)) - (np.cumsum(size) - size)[line]
    step = np.where(turned.back[chosen][line], length[line] - step, step)
    last, closed = step == length[line], chains.closed[chosen][line]
    within = np.where(
        closed, (turned.after[chosen][line] + step) % length[line], np.where(last, step - 1, step)
    )
    edge = chains.first[chosen][line] + within
    corners = chains.corners[edge, (last & ~closed).astype(np.int64)]
    made: NDArray[np.object_] = shapely.linestrings(corners, indices=line)
    return made


def _together(made: NDArray[np.object_], pair: Ints, pairs: int) -> NDArray[np.object_]:
    """Return the lines of each pair as one; None for a pair without any."""
    lines = np.empty(pairs, dtype=object)
    there, begins, count = np.unique(pair, return_index=True, return_counts=True)
    alone = count == 1
    lines[there[alone]] = made[begins[alone]]
    if not alone.all():
        among = np.repeat(~alone, count)
        which = np.repeat(np.arange((~alone).sum()), count[~alone])
        lines[there[~alone]] = shapely.multilinestrings(made[among], indices=which)
    return lines


def _merge(lines: NDArray[np.object_], chains: _Chains, others: Bools) -> None:
    """Merge the edges of other chains with the lines that their pairs have already."""
    corners, ends, of = chains.corners[others], chains.ends[others], chains.pair[others]
    falling = ends[:, 0] > ends[:, 1]
    corners[falling] = corners[falling][:, ::-1]
    pairs = np.unique(of)
    have = np.array([line is not None for line in lines[pairs]], dtype=np.bool_)
    parts, of_part = shapely.get_parts(lines[pairs[have]], return_index=True)
    every = np.concatenate([parts, shapely.linestrings(corners)])
    which = np.concatenate([pairs[have][of_part], of])
    order = np.argsort(which, kind="stable")
    which = np.searchsorted(pairs, which[order])
    lines[pairs] = shapely.line_merge(shapely.multilinestrings(every[order], indices=which))
