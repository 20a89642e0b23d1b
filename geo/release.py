"""What may be seen. Everything downstream (maps, tiles, counts, the store) takes only what is here.

Public figures pass as they are. Anything else is refused until it can be protected: protection
(thresholds, controlled rounding) takes its place in `release`, before anything is published.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from boundaries.sites import Site
from geo.errors import NeedsProtection, UndeclaredSensitivity, UnknownSource
from geo.findings import Finding
from geo.sources import Sensitivity, Source

if TYPE_CHECKING:
    from geo.figure_index import FigureIndex
    from geo.sheets import Columns
    from geo.stored_figures import StoredIndex

__all__ = ["Frames", "Note", "Policy", "ReleasedFigures", "public_passes", "release"]


_DATED = ("group", "measure", "unit", "origin", "level", "date")


@dataclass(frozen=True, slots=True)
class Note:
    """Something every output made from the figures must say, by language.

    ``about`` says when it applies: P-codes it concerns (empty: always).
    """

    kind: str
    text: Mapping[str, str]
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReleasedFigures:
    """Released figures of one situation; frames with the columns of ``geo.tables.UNIT_*_COLUMNS``."""

    situation: str
    title: Mapping[str, str]
    as_of: date
    created: date
    vintage: str
    countries: tuple[str, ...]
    focus: str
    figures: pd.DataFrame
    flows: pd.DataFrame
    presence: pd.DataFrame
    sources: tuple[Source, ...]
    sites: tuple[Site, ...] = ()
    notes: tuple[Note, ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    @cached_property
    def index(self) -> "FigureIndex | StoredIndex":
        """The figures by what can be asked of them; made when first asked."""
        from geo.figure_index import FigureIndex

        return FigureIndex.of(self.figures)

    @property
    def levels(self) -> list[int]:
        """The levels at which any row speaks, ascending."""
        return sorted({int(level) for level in self.figures["level"]})

    def of_unit(self, pcode: str) -> "Columns":
        """Return the rows of ``figures`` that speak of one unit, as columns of cells, days as text."""
        from geo.coded_frame import CodedFrame
        from geo.tables import UNIT_FIGURE_COLUMNS

        rows = CodedFrame.of(self.figures[self.figures["pcode"] == pcode], UNIT_FIGURE_COLUMNS)
        return {
            name: [cells[code] for code in rows.codes[name].tolist()]
            for name, cells in rows.cells.items()
        }

    def dated(self, places: Collection[str]) -> pd.DataFrame:
        """Return group, measure, unit, origin, level and date of the figures in some units."""
        known = self.figures["state"].eq("figure") & self.figures["pcode"].isin(set(places))
        return self.figures.loc[known, list(_DATED)]

    def for_groups(
        self,
        groups: Collection[str],  # noqa: ARG002 - for figures that stay in their store
        *,
        by_origin: bool,  # noqa: ARG002
    ) -> "ReleasedFigures":
        """Return at least the figures of some groups; ``by_origin``: by every origin."""
        return self

    def fed_by(self, source: str) -> set[tuple[str, str, date]]:
        """Return group, measure and day of the figures that rest on a source."""
        joined = self.figures["sources"]
        resting = {each for each in set(joined) if source in each.split("|")}
        rows = self.figures[joined.isin(resting)]
        return set(zip(rows["group"], rows["measure"], rows["date"], strict=True))


@dataclass(frozen=True)
class Frames:
    """What a policy may change: the three frames as joined."""

    figures: pd.DataFrame
    flows: pd.DataFrame
    presence: pd.DataFrame


Policy = Callable[[Frames, Sequence[Source]], Frames]
"""From joined frames and the sources they rest on to what may be seen, or a `ReleaseRefused`."""


def public_passes(frames: Frames, sources: Sequence[Source]) -> Frames:
    """Let figures of public sources pass unchanged; refuse everything if one source is not.

    Raises
    ------
    UndeclaredSensitivity, NeedsProtection
        For the first source, in their order, that is not declared public.
    """
    for source in sources:
        if source.sensitivity is None:
            raise UndeclaredSensitivity(source.id)
        if source.sensitivity is not Sensitivity.PUBLIC:
            raise NeedsProtection(source.id, sensitivity=source.sensitivity)
    return frames


def release(
    *,
    situation: str,
    title: Mapping[str, str],
    as_of: date,
    created: date,
    vintage: str,
    countries: Iterable[str],
    focus: str,
    figures: pd.DataFrame,
    flows: pd.DataFrame,
    presence: pd.DataFrame,
    sources: Iterable[Source],
    sites: Iterable[Site] = (),
    notes: Iterable[Note] = (),
    findings: Iterable[Finding] = (),
    policy: Policy = public_passes,
) -> ReleasedFigures:
    """Return what may be seen of joined figures, flows and presence.

    Only sources in use are released, and only they have to declare a sensitivity.

    Raises
    ------
    UnknownSource
        A row names a source that is not declared.
    ReleaseRefused
        The policy does not let the figures pass.
    """
    declared = {source.id: source for source in sources}
    used = _sources_of(figures) | _sources_of(flows) | _sources_of(presence)
    for source in sorted(used - set(declared)):
        raise UnknownSource(source, known=sorted(declared))
    in_use = tuple(source for source in declared.values() if source.id in used)
    seen = policy(Frames(figures, flows, presence), in_use)
    return ReleasedFigures(
        situation=situation,
        title=dict(title),
        as_of=as_of,
        created=created,
        vintage=vintage,
        countries=tuple(countries),
        focus=focus,
        figures=seen.figures,
        flows=seen.flows,
        presence=seen.presence,
        sources=in_use,
        sites=tuple(sites),
        notes=tuple(notes),
        findings=tuple(findings),
    )


def _sources_of(frame: pd.DataFrame) -> set[str]:
    return {source for joined in set(frame["sources"]) for source in joined.split("|") if source}
