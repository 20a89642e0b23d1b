"""A figure against its neighbours in time: swapped, misplaced, out of line, recounted, outlived.

Stocks only. The neighbours are the dates before and after at which the same group and origin are
told of at all, so that a place without a figure on a day is seen. Swaps and misplacements are
told one by one; the rest one finding per group, measure and level, with the largest first.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.changes import SMALL_BASE
from geo.findings import Finding
from geo.gazetteer import Places
from geo.standing import standing_figures
from geo.terms import Measure, State

__all__ = ["changes_over_time"]

_LOST = 0.1  # of the neighbours' figure: what is left where the people stand elsewhere
_NEAR = 1.6  # a factor between a figure and its neighbours that a year can explain
_SAME_SIZE = 3.0  # a factor within which the small figures of a swap agree
_LEAST = 100.0  # persons; smaller figures come and go
_OUT_OF_LINE, _LARGE = 8.0, 1000.0
_RECOUNT_KIND, _RECOUNT_SOURCE = 1.2, 1.5
_TIMES = 3  # dates in a row with one and the same large figure
_SHOWN = 3
_SERIES = ["group", "measure", "unit", "origin", "level"]


def changes_over_time(figures: pd.DataFrame, places: Places) -> list[Finding]:
    """Return what the dates of a table say against each other.

    Parameters
    ----------
    figures : DataFrame
        Joined figures (``UNIT_FIGURE_COLUMNS``).
    places : Places
        For the units' parents and names: people are swapped or misplaced within one parent.

    Returns
    -------
    list of Finding
        ``swapped:…``, ``misplaced:…``, ``out-of-line:…``, ``recount:…``, ``outlives:…`` and
        ``small-base:…``.
    """
    stocks = figures[
        (figures["measure"] == Measure.STOCK.value)
        & (figures["state"] == State.FIGURE.value)
        & ~figures["unplaced"]
    ]
    dates = stocks.groupby("group")["date"].nunique()
    stocks = stocks[stocks["group"].isin(dates.index[dates > 1])]
    if stocks.empty:
        return []
    standing = _with_neighbours(standing_figures(stocks))
    found = _exchanged(standing[standing["level"] > 0], places)
    explained = {_place(cell) for _, cells in found for cell in cells}
    told = [finding for finding, _ in found]
    totals = standing[standing["origin"] == ""]
    told += _out_of_line(totals, places, explained)
    told += _recounts(totals, places)
    told += _outlived(totals, places)
    told += _small_bases(totals, places, explained)
    return told


def _with_neighbours(stocks: pd.DataFrame) -> pd.DataFrame:
    """Add each unit's figures on the series' dates before and after: ``before``, ``after`` (0: none).

    ``step`` numbers the dates of a series; ``first`` and ``last`` tell its ends.
    """
    frame = stocks.assign(series=stocks.groupby(_SERIES, sort=False).ngroup())
    dates = frame[["series", "date"]].drop_duplicates().sort_values(["series", "date"])
    dates["step"] = dates.groupby("series").cumcount()
    dates["last"] = dates["step"] == dates.groupby("series")["step"].transform("max")
    frame = frame.merge(dates, on=["series", "date"], how="left")
    at = frame.set_index(["series", "pcode", "step"])["value"]
    for name, by in (("before", -1), ("after", 1)):
        there = pd.MultiIndex.from_arrays([frame["series"], frame["pcode"], frame["step"] + by])
        frame[name] = at.reindex(there).fillna(0.0).to_numpy()
    return frame.assign(inner=(frame["step"] > 0) & ~frame["last"])


# --- people who stand elsewhere for one date ------------------------------------------------------


def _exchanged(
    frame: pd.DataFrame, places: Places
) -> list[tuple[Finding, tuple[tuple[Any, ...], ...]]]:
    """Find dates on which one place has lost its people and another of its parent has as many."""
    gained = frame[
        frame["inner"]
        & (frame["value"] >= _LEAST)
        & (frame[["before", "after"]].max(axis=1) <= _LOST * frame["value"])
    ]
    if gained.empty:
        return []
    found: dict[str, tuple[Finding, tuple[tuple[Any, ...], ...]]] = {}
    by_series = dict(iter(frame.groupby("series", sort=False)))
    for there in gained.to_dict("records"):
        series = by_series[there["series"]]
        here = _lost(series, there, places)
        if here is None:
            continue
        finding = _exchange(here, there, places)
        cells = tuple(_cell({**there, "pcode": code}) for code in (here["pcode"], there["pcode"]))
        found.setdefault(finding.id, (finding, cells))
    # a series by origin tells more than the same for all origins together
    by_origin = {cell[:-1] for finding, cells in found.values() for cell in cells if cell[-1]}
    return [
        (finding, cells)
        for finding, cells in found.values()
        if cells[0][-1] or not {cell[:-1] for cell in cells} <= by_origin
    ]


def _lost(series: pd.DataFrame, there: Mapping[Any, Any], places: Places) -> dict[str, Any] | None:
    """Return the place whose people are missing on the date that ``there`` has as many."""
    parent = places.chain(there["pcode"])[1:2]
    step = there["step"]
    around = series[series["step"].isin([step - 1, step + 1])]
    usual = around.pivot_table(index="pcode", columns="step", values="value", aggfunc="first")
    if usual.shape[1] < 2:
        return None
    now = series[series["step"] == step].set_index("pcode")["value"]
    small = max(there["before"], there["after"])
    best: dict[str, Any] | None = None
    for pcode, (before, after) in zip(usual.index, usual.to_numpy(), strict=True):
        value = float(now.get(pcode, 0.0))
        mean = (before + after) / 2
        if not mean >= _LEAST or pcode == there["pcode"] or places.chain(pcode)[1:2] != parent:
            continue
        agrees = max(before, after) <= _SAME_SIZE * min(before, after)
        gone = value <= _LOST * min(before, after)
        as_many = mean / _NEAR <= there["value"] <= mean * _NEAR
        if agrees and gone and as_many and value <= max(_SAME_SIZE * small, _LEAST):
            near = abs(there["value"] - mean)
            if best is None or near < best["near"]:
                best = {"pcode": pcode, "value": value, "mean": mean, "near": near}
    return best


def _exchange(here: Mapping[str, Any], there: Mapping[Any, Any], places: Places) -> Finding:
    name = places.boundaries.name
    ours, theirs = name(here["pcode"]), name(there["pcode"])
    what = f"{there['group']} ({there['measure']}) of {there['date']}"
    if there["origin"]:
        what += f" from {name(there['origin']) if there['origin'] in places.boundaries else there['origin']}"
    usual = f"{ours} has about {here['mean']:,.0f} on the dates before and after"
    swapped = here["value"] > 0 and max(there["before"], there["after"]) > 0
    word, sign = ("swapped", "<>") if swapped else ("misplaced", ">")
    guess = (
        f"{theirs} has {there['value']:,.0f} and {ours} {here['value']:,.0f}; {usual}, and {theirs} "
        f"{max(there['before'], there['after']):,.0f}: the two look swapped"
        if swapped
        else f"{there['value']:,.0f} stand in {theirs}, which has "
        f"{max(there['before'], there['after']):,.0f} before and after; {usual}, "
        f"and {here['value']:,.0f} on this one: they look misplaced"
    )
    pair = sorted((here["pcode"], there["pcode"])) if swapped else [here["pcode"], there["pcode"]]
    origin = f":{there['origin']}" if there["origin"] else ""
    return Finding(
        id=f"{word}:{there['group']}:{there['measure']}:{there['date']}:{sign.join(pair)}{origin}",
        severity="open",
        what=f"{what}: {guess}",
        where=_at(there),
        todo="Ask the source; correct the table, or acknowledge that it is so.",
        facts={
            "here": here["pcode"],
            "there": there["pcode"],
            "value": there["value"],
            "usual": here["mean"],
        },
    )


# --- figures that change as no people do ----------------------------------------------------------


def _out_of_line(
    frame: pd.DataFrame, places: Places, explained: set[tuple[Any, ...]]
) -> list[Finding]:
    """Find figures many times larger or smaller than both neighbours, which agree."""
    low, high = frame[["before", "after"]].min(axis=1), frame[["before", "after"]].max(axis=1)
    agree = frame["inner"] & (low > 0) & (high <= 2 * low)
    above = agree & (frame["value"] >= _OUT_OF_LINE * high) & (frame["value"] >= _LARGE)
    below = agree & (frame["value"] <= low / _OUT_OF_LINE) & (low >= _LARGE)
    odd = frame[above | below]
    odd = _unexplained(odd, explained)
    size = (odd["value"] - (odd["before"] + odd["after"]) / 2).abs()

    def said(row: Mapping[Any, Any], name: str) -> str:
        around = f"{row['before']:,.0f} before and {row['after']:,.0f} after"
        return f"{name} {row['value']:,.0f} on {row['date']}, between {around}"

    return _each_series(
        odd, size, places, "out-of-line", "out of line with the dates before and after", said,
        "Look for a digit too many, another unit or another place; correct it, or acknowledge it.",
    )  # fmt: skip


def _recounts(frame: pd.DataFrame, places: Places) -> list[Finding]:
    """Find changes that come with another kind of figure or another source."""
    pairs = _pairs(frame)
    ratio = _ratio(pairs)
    kind = (pairs["kind"] != pairs["kind_old"]) & (ratio >= _RECOUNT_KIND)
    apart = [
        not set(new.split("|")) & set(old.split("|"))
        for new, old in zip(pairs["sources"], pairs["sources_old"], strict=True)
    ]
    source = np.array(apart, dtype=bool) & (ratio >= _RECOUNT_SOURCE)
    large = pairs[["value", "value_old"]].max(axis=1) >= _LEAST
    odd = pairs[(kind | source) & large]

    def said(row: Mapping[Any, Any], name: str) -> str:
        was, now = (
            (row["kind_old"], row["kind"])
            if row["kind"] != row["kind_old"]
            else (row["sources_old"], row["sources"])
        )
        return (
            f"{name} {row['value_old']:,.0f} on {row['date_old']} ({was}), "
            f"{row['value']:,.0f} on {row['date']} ({now})"
        )

    return _each_series(
        odd, (odd["value"] - odd["value_old"]).abs(), places, "recount",
        "from one kind or source to another: a recount, not a movement", said,
        "Do not show the difference as movement; acknowledge it with what changed.",
    )  # fmt: skip


def _outlived(frame: pd.DataFrame, places: Places) -> list[Finding]:
    """Find large figures that are told again for a later date, to the unit."""
    pairs = _pairs(frame[(frame["value"] >= _LARGE) & (frame["value"] % 100 != 0)])
    same = pairs[pairs["value"] == pairs["value_old"]]
    other = same["sources"] != same["sources_old"]
    count = same.groupby(["series", "pcode", "value"])["value"].transform("size")
    odd = same[other | (count >= _TIMES - 1)].drop_duplicates(["series", "pcode", "value"])

    def said(row: Mapping[Any, Any], name: str) -> str:
        by = "" if row["sources"] == row["sources_old"] else f" ({row['sources']})"
        since = "" if not by else f" ({row['sources_old']})"
        return f"{name} {row['value']:,.0f} on {row['date_old']}{since} and on {row['date']}{by}"

    return _each_series(
        odd, odd["value"], places, "outlives", "told again, to the unit, for a later date", said,
        "Find the date it was counted on and keep that one, or acknowledge it.",
    )  # fmt: skip


def _small_bases(
    frame: pd.DataFrame, places: Places, explained: set[tuple[Any, ...]]
) -> list[Finding]:
    """Find rises that a percentage would make large because few people were there before."""
    pairs = _pairs(frame)
    small = (pairs["value_old"] > 0) & (pairs["value_old"] < SMALL_BASE)
    odd = pairs[small & (pairs["value"] >= 3 * pairs["value_old"]) & (pairs["value"] >= SMALL_BASE)]

    odd = _unexplained(odd, explained)

    def said(row: Mapping[Any, Any], name: str) -> str:
        percent = 100 * (row["value"] / row["value_old"] - 1)
        rise = f"{row['value_old']:,.0f} on {row['date_old']} to {row['value']:,.0f}"
        return f"{name} from {rise} on {row['date']} (+{percent:,.0f} %)"

    return _each_series(
        odd, odd["value"] / odd["value_old"].clip(lower=1), places, "small-base",
        f"on a base of fewer than {SMALL_BASE:.0f} people", said,
        "Show the difference in people, not in percent; acknowledge it once.",
    )  # fmt: skip


# --- common ---------------------------------------------------------------------------------------


def _pairs(frame: pd.DataFrame) -> pd.DataFrame:
    """Return each figure with the unit's own one before it (``…_old``)."""
    ordered = frame.sort_values(["series", "pcode", "date"], kind="stable")
    before = ordered.groupby(["series", "pcode"], sort=False)
    told = ("value", "date", "kind", "sources")
    pairs = ordered.assign(**{f"{name}_old": before[name].shift() for name in told})
    return pairs[pairs["date_old"].notna()]


def _ratio(pairs: pd.DataFrame) -> NDArray[np.float64]:
    values = pairs[["value", "value_old"]].to_numpy(dtype=float)
    return np.asarray(values.max(axis=1) / np.maximum(values.min(axis=1), 1.0))


def _cell(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    return (row["group"], row["measure"], row["date"], row["pcode"], row["origin"])


def _unexplained(frame: pd.DataFrame, explained: set[tuple[Any, ...]]) -> pd.DataFrame:
    told = [_place(_cell(row)) in explained for row in frame.to_dict("records")]
    return frame[~np.array(told, dtype=bool)]


def _place(cell: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the group, measure and unit of a cell: what a swap explains on all its dates."""
    group, measure, _, pcode, _ = cell
    return group, measure, pcode


def _each_series(  # noqa: PLR0917 - the words of one kind of finding
    odd: pd.DataFrame,
    size: pd.Series,
    places: Places,
    code: str,
    title: str,
    said: Callable[[Mapping[Any, Any], str], str],
    todo: str,
) -> list[Finding]:
    """Return one finding per group, measure, unit and level, with the largest cases first."""
    if odd.empty:
        return []
    ordered = odd.assign(_size=size).sort_values(
        ["_size", "pcode", "date"], ascending=[False, True, True], kind="stable"
    )
    found = []
    for key, cases in ordered.groupby(["group", "measure", "unit", "level"], sort=True):
        group, measure, unit, level = map(str, key)
        largest = cases.head(_SHOWN).to_dict("records")
        told = "; ".join(said(row, places.boundaries.name(row["pcode"])) for row in largest)
        more = f"; and {len(cases) - _SHOWN} more" if len(cases) > _SHOWN else ""
        suffix = "" if unit == "persons" else f":{unit}"
        found.append(
            Finding(
                id=f"{code}:{group}:{measure}:level-{level}{suffix}",
                severity="open",
                what=f"{group} ({measure}), level {level}, {title}: {told}{more}",
                where="; ".join(_at(row) for row in largest),
                todo=todo,
                facts={"cases": float(len(cases)), "level": float(level)},
            )
        )
    return found


def _at(row: Mapping[Any, Any]) -> str:
    rows = str(row["rows"]).split("|")
    return rows[0] + (f" and {len(rows) - 1} more" if len(rows) > 1 else "")
