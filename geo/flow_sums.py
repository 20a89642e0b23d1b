"""Movements added up: to wider places, over time, net and gross. Nobody is lost, nobody counted twice.

People of unknown origin stay of unknown origin. A movement within one place stays one, and is
never netted away. Only rows that are stated are added: what stands ``beside`` them tells of the
same people, and stocks by origin (``by-origin``) are no movements.
"""

from collections.abc import Sequence

import pandas as pd

from geo.gazetteer import UNKNOWN, Places
from geo.terms import QUALIFIERS, Kind, Measure, State

__all__ = ["NET_COLUMNS", "TURNOVER_COLUMNS", "flows_between", "net_flows", "over_time", "turnover"]

NET_COLUMNS = {
    "origin": "where more people left than arrived; of equals the first by code",
    "destination": "",
    "gross": "persons in both directions",
    "net": "persons more from origin to destination than back, 0 or more",
    "back": "persons from destination to origin",
}
TURNOVER_COLUMNS = {
    "pcode": "",
    "arrived": "persons from other known places",
    "arrived_unknown": "persons of unknown origin",
    "left": "persons to other places",
    "within": "persons who moved within the place",
    "net": "arrived + arrived_unknown - left",
}
_WHAT = ["group", "measure", "unit", "start", "date"]
_ENDS = ["origin", "destination"]
_KINDS = [kind.value for kind in Kind]


def flows_between(flows: pd.DataFrame, places: Places, level: int) -> pd.DataFrame:
    """Add up movements between the units of one level.

    Parameters
    ----------
    flows : DataFrame
        The columns of ``UNIT_FLOW_COLUMNS``; only rows of basis ``stated`` with a figure count.
    places : Places
        An end inside a unit of ``level`` becomes that unit; a wider one, a site over several of
        them, and 'unknown' stay what they are.
    level : int
        0 for countries.

    Returns
    -------
    DataFrame
        The columns of ``UNIT_FLOW_COLUMNS``, one row per pair of ends, group, measure, unit and
        period; a pair of one place with itself is a movement within it. ``kind`` and
        ``qualifier`` are those of the weakest part, ``basis`` is ``stated``.
    """
    known = flows[(flows["basis"] == "stated") & (flows["state"] == State.FIGURE.value)]
    ends = {end for name in _ENDS for end in known[name].unique()}
    at_level = {end: _at_level(end, places, level) for end in ends}
    moved = known.assign(**{name: known[name].map(at_level).astype("str") for name in _ENDS})
    return _added(moved, [*_ENDS, *_WHAT], list(flows.columns))


def over_time(flows: pd.DataFrame) -> pd.DataFrame:
    """Add what is new in periods that do not overlap, pair by pair.

    All sums of a group have the period of its first day to its last; stocks and cumulative
    figures are left out, because they are not added over time.

    Raises
    ------
    MayNotAdd
        Two periods of one pair overlap.
    """
    from geo.adding import MayNotAdd

    new = flows[(flows["measure"] == Measure.NEW.value) & (flows["basis"] == "stated")]
    keys = [*_ENDS, "group", "measure", "unit"]
    ordered = new.sort_values([*keys, "date"], kind="stable")
    last = ordered.groupby(keys, sort=False)["date"].shift()
    clash = last.notna() & (
        ordered["start"].isna() | (ordered["start"].where(last.notna()) <= last)
    )
    if clash.any():
        row = ordered[clash].iloc[0]
        raise MayNotAdd(
            "periods",
            f"the period of {row['origin']} to {row['destination']} until {row['date']} begins "
            f"before {last[clash].iloc[0]} is over",
            rows=[str(row["rows"])],
            todo="Choose periods that do not overlap.",
        )
    what = ["group", "measure", "unit"]
    by = ordered.groupby(what, sort=False)
    period = pd.DataFrame({"start": by["start"].min(), "date": by["date"].max()}).reset_index()
    spanned = ordered.drop(columns=["start", "date"]).merge(period, on=what, how="left")
    return _added(spanned, [*_ENDS, *_WHAT], list(flows.columns))


def net_flows(flows: pd.DataFrame) -> pd.DataFrame:
    """Return what remains of movements there and back, per pair, group, measure, unit and period.

    Movements within a place and those of unknown origin have no way back: `turnover` has them.
    Columns: ``NET_COLUMNS`` and group, measure, unit, start, date.
    """
    both = flows[
        (flows["basis"] == "stated")
        & (flows["state"] == State.FIGURE.value)
        & (flows["origin"] != flows["destination"])
        & (flows["origin"] != UNKNOWN)
        & (flows["destination"] != UNKNOWN)
    ]
    is_forth = both["origin"] < both["destination"]
    pairs = pd.DataFrame(
        {
            "one": both["origin"].where(is_forth, both["destination"]),
            "other": both["destination"].where(is_forth, both["origin"]),
            **{name: both[name] for name in _WHAT},
            "forth": both["value"].where(is_forth, 0.0),
            "back": both["value"].where(~is_forth, 0.0),
        }
    )
    keys = ["one", "other", *_WHAT]
    total = pairs.groupby(keys, sort=True, dropna=False, as_index=False)[["forth", "back"]].sum()
    turned = total["back"] > total["forth"]
    return pd.DataFrame(
        {
            "origin": total["one"].where(~turned, total["other"]),
            "destination": total["other"].where(~turned, total["one"]),
            **{name: total[name] for name in _WHAT},
            "gross": total["forth"] + total["back"],
            "net": (total["forth"] - total["back"]).abs(),
            "back": total[["forth", "back"]].min(axis=1),
        }
    )


def turnover(flows: pd.DataFrame) -> pd.DataFrame:
    """Return who arrived, left and moved within, per place, group, measure, unit and period.

    Columns: ``TURNOVER_COLUMNS`` and group, measure, unit, start, date. Over all places, arrivals
    from known places equal departures to known places.
    """
    known = flows[(flows["basis"] == "stated") & (flows["state"] == State.FIGURE.value)]
    within = known["origin"] == known["destination"]
    unknown = (known["origin"] == UNKNOWN) & ~within
    parts = [
        _side(known[~within & ~unknown], "destination", "arrived"),
        _side(known[unknown], "destination", "arrived_unknown"),
        _side(known[~within & ~unknown], "origin", "left"),
        _side(known[within], "destination", "within"),
    ]
    keys = ["pcode", *_WHAT]
    sides = ["arrived", "arrived_unknown", "left", "within"]
    everything = pd.concat(parts, ignore_index=True)
    everything[sides] = everything.reindex(columns=sides).fillna(0.0)
    total = everything.groupby(keys, sort=True, dropna=False, as_index=False)[sides].sum()
    total = total[total["pcode"] != UNKNOWN].reset_index(drop=True)
    return total.assign(net=total["arrived"] + total["arrived_unknown"] - total["left"])


def _side(flows: pd.DataFrame, end: str, name: str) -> pd.DataFrame:
    columns = {"pcode": flows[end], **{what: flows[what] for what in _WHAT}, name: flows["value"]}
    return pd.DataFrame(columns)


def _at_level(end: str, places: Places, level: int) -> str:
    if end == UNKNOWN:
        return end
    units = places.within(places.site(end.removeprefix("site:"))) if ":" in end else (end,)
    above = {
        next((code for code in places.chain(unit) if places.level(code) == level), "")
        for unit in units
    }
    wider = above.pop() if len(above) == 1 else ""
    return wider or end


def _added(flows: pd.DataFrame, keys: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """Add the values of rows that agree in ``keys``; words are those of the weakest part."""
    if flows.empty:
        return flows[list(columns)].reset_index(drop=True)
    ranked = flows.assign(
        kind=flows["kind"].map(_KINDS.index), qualifier=flows["qualifier"].map(QUALIFIERS.index)
    )
    by = ranked.groupby(list(keys), sort=True, dropna=False)
    total = by.agg(
        value=("value", "sum"),
        kind=("kind", "max"),
        qualifier=("qualifier", "max"),
        sources=("sources", _joined),
        rows=("rows", _joined),
    ).reset_index()
    return total.assign(
        kind=total["kind"].map(dict(enumerate(_KINDS))),
        qualifier=total["qualifier"].map(dict(enumerate(QUALIFIERS))),
        state=State.FIGURE.value,
        basis="stated",
        note="",
    )[list(columns)]


def _joined(texts: pd.Series) -> str:
    return "|".join(dict.fromkeys(part for text in texts for part in str(text).split("|") if part))
