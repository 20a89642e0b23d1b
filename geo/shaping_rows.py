"""The rows of one sheet, column by column: what each says, and why some are left out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.emptiness import folded, state_of_words
from geo.grids import Sheet
from geo.headers import Dropped, Header
from geo.loose_dates import Periods, periods_in
from geo.loose_numbers import Numbers, numbers_in
from geo.shapes.roles import group_of_words
from geo.shapes.shape import Level, Shape, Value
from geo.shaping_places import Places, places_of
from geo.terms import Measure, PopulationGroup, State, Unit
from geo.troubles import Trouble, troubles_of

__all__ = ["Reading"]

_RETURNING = ("RET", "RDP")
_ABROAD = ("REF", "ASY")
_OF_PLACE = ("IDP", "IOC", "RDP", "HST")  # counted where they are citizens: no country of origin
_UNITS = {
    "individuals": "persons",
    "individual": "persons",
    "people": "persons",
    "hh": "households",
}
_MEASURES = {
    **{
        "stock": "stock",
        "new": "new",
        "cumulative": "cumulative",
        "flow": "new",
        "c": "cumulative",
    },
    **{"cumulative flow": "cumulative", "end of month": "stock", "snapshot": "stock", "s": "stock"},
}


class Reading:
    """One reading of one sheet. ``why`` holds, per data row, why it is left out, or ""."""

    def __init__(self, sheet: Sheet, header: Header, shape: Shape, source: str) -> None:
        self.sheet, self.header, self.shape, self.source = sheet, header, shape, source
        self.rows = header.data
        self.body = sheet.grid.loc[self.rows]
        self.names = {column.at: column.name for column in header.columns}
        self.why: NDArray[np.object_] = np.full(len(self.rows), "", dtype=object)
        self.troubles: list[Trouble] = []
        self._leave_out_parts()
        self._say_repeated()

    # --- cells -----------------------------------------------------------------------------------

    def texts(self, ours: str) -> pd.Series:
        """Return one of our columns as text: its own cells, the default where they are blank."""
        default = self.shape.defaults.get(ours, "")
        if ours not in self.shape.columns:
            return pd.Series(default, index=self.body.index, dtype="str")
        cells = self.body[self.shape.columns[ours]]
        blank = [t for t in pd.unique(cells) if state_of_words(str(t), number=False) is not None]
        return cells.where(~cells.isin(blank), default)

    def numbers(self, at: int) -> Numbers:
        """Return a column of counts. A negative one is bad: it is no count."""
        read = numbers_in(self.body[at], where=self.sheet.where, column=self.names[at])
        self.troubles += read.troubles
        negative = np.nan_to_num(read.value) < 0
        self._say(
            self.body[at],
            negative,
            "negative",
            column=self.names[at],
            rule="a count, 0 or more",
            cause="a correction, or a difference between two dates",
            todo="Correct it; leave the cell empty if it is unknown.",
        )
        read.value[negative] = np.nan
        read.state[negative] = State.NOT_REPORTED.value
        read.bad[negative] = True
        return read

    def periods(self, ours: str) -> Periods:
        """Return one of our columns as periods."""
        at = self.shape.columns.get(ours)
        read = periods_in(
            self.texts(ours),
            where=self.sheet.where,
            column=self.names[at] if at is not None else ours,
            year=self.shape.year,
        )
        self.troubles += read.troubles
        return read

    def places(self, levels: tuple[Level, ...]) -> Places:
        """Return the place that each row names in ``levels``."""
        said = self.texts("level") if "level" in self.shape.columns else None
        return places_of(self.body, levels, said if levels is self.shape.place else None)

    def one_place(self) -> Places:
        """Return the place that all rows are about because a default says so."""
        return self.places(()).all_at(self.shape.defaults)

    def leave_out(self, hit: NDArray[np.bool_], reason: str) -> None:
        """Leave out the rows that are ``hit``; the first reason for a row stays."""
        self.why[hit & (self.why == "")] = reason

    def _say(
        self,
        cells: pd.Series,
        hit: NDArray[np.bool_],
        code: str,
        **words: str,
    ) -> None:
        self.troubles += troubles_of(cells, hit, code, where=self.sheet.where, **words)

    # --- rows ------------------------------------------------------------------------------------

    def _leave_out_parts(self) -> None:
        """Leave out the rows that are parts of another: one sex, one age."""
        part = np.zeros(len(self.rows), dtype=bool)
        for at, whole in self.shape.whole.items():
            cells = self.body[at]
            parts = [text for text in pd.unique(cells) if folded(str(text)) not in whole]
            if len(parts) == cells.nunique():
                continue  # the column never says "all": there is no total that these are parts of
            part |= cells.isin(parts).to_numpy()
        self.leave_out(part, "part-of-total")

    def _say_repeated(self) -> None:
        repeated = self.body.duplicated(keep="first").to_numpy()
        first = self.body.iloc[:, 0]
        self._say(
            first,
            repeated,
            "repeated-row",
            column="",
            rule="the first of its kind: the whole row stands there before",
            cause="rows pasted twice, or parts that the table no longer tells apart",
            todo="Remove the second one if it is the same people.",
        )

    def counted(self, place: Places, origin: Places, *, flows: bool = False) -> pd.DataFrame:
        """Return the counts of all value columns, in the order of rows and columns."""
        day, first = self.periods("date"), self.periods("start")
        nowhere = (place.name == "").to_numpy() & (place.code == "").to_numpy()
        if self.shape.place:
            self.leave_out(nowhere, "no-place")
        self.leave_out(day.bad, "bad-date")
        parts, some_bad = [], np.zeros(len(self.rows), dtype=bool)
        for order, value in enumerate(self.shape.values):
            read = self.numbers(value.at)
            group, other = self._groups(value)
            some_bad |= read.bad
            keep = (self.why == "") & ~read.bad & ~other
            if len(self.shape.values) == 1:
                self.leave_out(other, "other-group")
            if self.shape.sparse:
                keep &= read.value > 0
            at = np.flatnonzero(keep)
            frame = self._figures(at, value, read, group=group, day=day, first=first)
            ends = self._flow_ends if flows else self._figure_ends
            parts.append(frame.assign(_order=order, **ends(at, frame, place, origin)))
        frame = pd.concat(parts, ignore_index=True)
        frame = frame.sort_values(["row", "_order"], kind="stable", ignore_index=True)
        kept = np.isin(self.rows, frame["row"].to_numpy())
        self.leave_out(~kept & some_bad, "bad-number")
        self.leave_out(~kept, "no-figure")
        return frame

    def _groups(self, value: Value) -> tuple[pd.Series, NDArray[np.bool_]]:
        """Return each row's group, and which rows are of a group that is no displacement."""
        if value.group:
            return self._same(value.group), np.zeros(len(self.rows), dtype=bool)
        texts = self.texts("group")
        known = {str(text): _group(str(text)) for text in pd.unique(texts)}
        group = texts.map(known).astype("str")
        other = ((group == "") & (texts != "")).to_numpy()
        at = self.shape.columns.get("group")
        self._say(
            texts,
            other,
            "other-group",
            column=self.names[at] if at is not None else "group",
            rule="a population group",
            cause="resettled, naturalised and mixed groups are not on these maps",
            todo="Correct it if it is one of REF, ASY, IDP, RET, RDP and so on.",
        )
        return group, other

    def _same(self, text: str) -> pd.Series:
        return pd.Series(text, index=self.body.index, dtype="str")

    def _figures(
        self,
        at: NDArray[np.intp],
        value: Value,
        read: Numbers,
        *,
        group: pd.Series,
        day: Periods,
        first: Periods,
    ) -> pd.DataFrame:
        measure = self._measures(value, group).iloc[at]
        period = (measure.isin([Measure.NEW.value, Measure.CUMULATIVE.value])).to_numpy()
        start = np.where(first.start[at] == np.array(None), day.start[at], first.start[at]).astype(
            object
        )
        # a stock has no period; neither has what is new up to a single day without a first one
        single = (day.precision[at] == "day") & (first.start[at] == np.array(None))
        start[~period | single] = None
        qualifier = self._qualifiers(value, read, at)
        return pd.DataFrame(
            {
                "file": self.sheet.file,
                "row": self.rows[at],
                "group": value.group or group.iloc[at].array,
                "measure": value.measure or measure.array,
                "kind": self._picked("kind", at),
                "unit": value.unit or self._units(at),
                "start": start,
                "date": day.end[at],
                "value": read.value[at],
                "state": read.state[at],
                "qualifier": qualifier,
                "source": self.source,  # what a column calls its source is prose, not our id
                "note": self._notes(at),
            }
        )

    def _picked(self, ours: str, at: NDArray[np.intp]) -> Any:
        """Return the texts of some rows: an array, or the one default of all."""
        if ours not in self.shape.columns:
            return self.shape.defaults.get(ours, "")
        return self.texts(ours).iloc[at].array

    def _notes(self, at: NDArray[np.intp]) -> Any:
        if "source" not in self.shape.columns:
            return self._picked("note", at)
        note = self.texts("note")
        return note.where(note != "", self.texts("source")).iloc[at].array

    def _qualifiers(self, value: Value, read: Numbers, at: NDArray[np.intp]) -> NDArray[np.object_]:
        qualifier = read.qualifier[at].copy()
        if "qualifier" in self.shape.columns:
            said = self.texts("qualifier").iloc[at].to_numpy(dtype=object)
            known = np.isin(said, ["approx", "at_least", "estimate", "rounded"])
            qualifier[known] = said[known]
        if value.rounded_to:
            small = read.value[at] <= value.rounded_to
            qualifier[small & (qualifier == "exact")] = "rounded"
        return qualifier

    def _measures(self, value: Value, group: pd.Series) -> pd.Series:
        if value.measure:
            return self._same(value.measure)
        texts = self.texts("measure")
        words = {str(t): _MEASURES.get(folded(str(t)), "") for t in pd.unique(texts)}
        measure = pd.Series(texts.map(words), dtype="str")
        if self.shape.id.startswith(("unhcr", "hapi")):
            # returns are counted over a year, everything else on its last day
            returning = group.isin(_RETURNING) & (measure == "")
            measure = measure.mask(returning, Measure.NEW.value)
            measure = measure.mask(measure == "", Measure.STOCK.value)
        return measure

    def _units(self, at: NDArray[np.intp]) -> Any:
        if "unit" not in self.shape.columns:
            return self.shape.defaults.get("unit") or Unit.PERSONS.value
        texts = self.texts("unit").iloc[at]
        words = {str(t): _UNITS.get(folded(str(t)), folded(str(t))) for t in pd.unique(texts)}
        return texts.map(words).astype("str").replace("", Unit.PERSONS.value).array

    def _figure_ends(
        self, at: NDArray[np.intp], frame: pd.DataFrame, place: Places, origin: Places
    ) -> Mapping[str, Any]:
        here = place.take(at)
        if not self.shape.origin:
            return {**_place_columns(here), "origin": ""}
        there = origin.take(at)
        from_where = _code_or_name(there)
        if self.shape.returns and (frame["group"] == "RET").any():
            # returnees are where they came from once: the table's country of asylum is behind them
            left = _code_or_name(here)
            back = (frame["group"] == "RET") & (from_where != "") & (left != from_where)
            back &= here["level"] == "0"
            here = pd.DataFrame({name: here[name].where(~back, there[name]) for name in here})
            from_where = from_where.where(~back, left)
        own = frame["group"].isin(_OF_PLACE)
        at_home = (from_where == here["code"]) | (from_where == here["country"])
        # a refugee in the country of origin is odd, but without the origin it would be a total
        own |= at_home & ~frame["group"].isin(_ABROAD)
        return {**_place_columns(here), "origin": from_where.where(~own, "").array}

    def _flow_ends(
        self, at: NDArray[np.intp], _frame: pd.DataFrame, place: Places, origin: Places
    ) -> Mapping[str, Any]:
        ends: dict[str, Any] = {}
        for end, places in (("origin", origin), ("destination", place)):
            here = places.take(at)
            ends |= {
                end: here["name"].array,
                f"{end}_pcode": here["code"].array,
                f"{end}_parent": here["parent"].array,
            }
        return ends

    def present(self, place: Places) -> pd.DataFrame:
        """Return one row per row that names an organisation and a place."""
        day, first = self.periods("date"), self.periods("start")
        org = self.texts("org")
        if "acronym" in self.shape.columns:
            org = org.where(org != "", self.texts("acronym"))
        self.leave_out((org == "").to_numpy(), "no-organisation")
        nowhere = (place.name == "").to_numpy() & (place.code == "").to_numpy()
        self.leave_out(nowhere, "no-place")
        self.leave_out(day.bad, "bad-date")
        at = np.flatnonzero(self.why == "")
        here = place.take(at)
        texts = ("acronym", "org_type", "role", "sector", "sector_code", "activity", "note")
        start = np.where(first.start[at] == np.array(None), day.start[at], first.start[at])
        start = start.astype(object)
        start[(day.precision[at] == "day") & (first.start[at] == np.array(None))] = None
        return pd.DataFrame(
            {
                "file": self.sheet.file,
                "row": self.rows[at],
                **_place_columns(here),
                "org": org.iloc[at].array,
                **{ours: self._picked(ours, at) for ours in texts},
                "basis": "explicit",
                "start": start,
                "date": day.end[at],
                "source": self.source,
            }
        )

    def left_out(self) -> tuple[Dropped, ...]:
        """Return the data rows that are left out, in order, with why."""
        out = np.flatnonzero(self.why != "")
        said = (" | ".join(filter(None, cells)) for cells in self.body.iloc[out].to_numpy())
        return tuple(
            Dropped(int(self.rows[n]), int(self.rows[n]), str(self.why[n]), text[:120])
            for n, text in zip(out, said, strict=True)
        )


def _group(text: str) -> str:
    code = text.strip().upper()
    return code if code in set(PopulationGroup) else group_of_words(text)


def _code_or_name(places: pd.DataFrame) -> pd.Series:
    return places["code"].where(places["code"] != "", places["name"])


def _place_columns(here: pd.DataFrame) -> dict[str, Any]:
    return {
        "place": here["name"].array,
        "pcode": here["code"].array,
        "parent": here["parent"].array,
        "level": here["level"].array,
    }
