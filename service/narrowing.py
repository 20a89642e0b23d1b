"""One map, narrowed: the same figures by another group, day, measure, origin or level.

A narrowed map is a map like any other: it is composed, drawn, tiled and counted by the same code, so
the explorer, the picture and the table of one address cannot disagree. What is not there is an error
that names what is; nothing is silently replaced.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Any

from geo.errors import NoSuchLevel, UnknownDate, UnknownGroup, UnknownMeasure, UnknownOrigin
from geo.terms import Measure, State, Unit
from maps.errors import NothingToDraw
from maps.messages import messages
from maps.spec import LANGUAGES, LayerKind, LayerSpec, MapSpec, Per

if TYPE_CHECKING:
    import pandas as pd

    from geo.counts import Counts
    from maps.scene import Scene
    from service.published import Published

__all__ = [
    "AS_PUBLISHED",
    "SHOWN",
    "Narrowing",
    "Offer",
    "narrowed",
    "offers",
    "offers_of",
    "with_steady_sizes",
]

SHOWN: tuple[LayerKind, ...] = ("choropleth", "symbols", "flows", "presence")
"""The kinds of layer that can be asked for."""

_PEOPLE = "POP"  # inhabitants: what rates are related to, never a layer of their own


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What is asked of a map; None leaves it as it was published."""

    show: LayerKind | None = None
    group: str | None = None
    measure: str | None = None
    date: dt.date | None = None
    level: int | None = None
    origin: str | None = None

    def __bool__(self) -> bool:
        return any(part is not None for part in astuple(self))


AS_PUBLISHED = Narrowing()


@dataclass(frozen=True, slots=True)
class Offer:
    """One series that can be shown; dates ascending. ``group`` is "" for presence.

    ``origin`` is "" for all origins together, else a P-code or "unknown". ``grounded``: a choropleth
    of people per km², which needs no inhabitants; a map is offered these or the others.
    """

    show: LayerKind
    group: str
    measure: str
    level: int
    dates: tuple[dt.date, ...]
    origin: str = ""
    grounded: bool = False


def offers_of(published: "Published", spec: MapSpec) -> tuple[Offer, ...]:
    """Return every series that one map can be narrowed to."""
    grounded = _base(spec) == "area"
    return tuple(
        offer
        for offer in published.offers
        if offer.show != "choropleth" or offer.grounded == grounded
    )


def _base(spec: MapSpec) -> Per:
    """Return what a map relates people to where it shades areas, which a new layer of it does too."""
    shaded = (layer.per for layer in spec.layers if layer.kind == "choropleth")
    return next(shaded, None) or "population"


def offers(published: "Published") -> tuple[Offer, ...]:
    """Return every series of an edition that some map can be narrowed to."""
    known = published.released.dated(published.boundaries.frame["pcode"].tolist())
    counted: dict[int, dt.date] = {}  # when inhabitants were first counted, by level
    for row in known[known["group"] == _PEOPLE].to_dict("records"):
        at = int(row["level"])
        counted[at] = min(row["date"], counted.get(at, row["date"]))
    grounded = any(_base(spec) == "area" for spec in published.maps)
    found = []
    keys = ["group", "measure", "level", "origin"]
    for _, part in known[known["group"] != _PEOPLE].groupby(keys, sort=True):
        group, measure, level, origin = (part[key].iloc[0] for key in keys)
        days = tuple(sorted(set(part["date"])))
        found.append(Offer("symbols", group, measure, int(level), days, origin))
        related = tuple(day for day in days if day >= counted.get(int(level), dt.date.max))
        if (part["unit"] == Unit.PERSONS.value).all():
            if related:
                found.append(Offer("choropleth", group, measure, int(level), related, origin))
            if grounded:
                found.append(
                    Offer("choropleth", group, measure, int(level), days, origin, grounded=True)
                )
    return (*found, *_flow_offers(published.released.flows), *_presence_offers(published))


def _flow_offers(flows: "pd.DataFrame") -> list[Offer]:
    known = flows[flows["state"] == State.FIGURE.value]
    return [
        Offer(
            "flows",
            str(part["group"].iloc[0]),
            str(part["measure"].iloc[0]),
            LayerSpec("flows").level,
            tuple(sorted(set(part["date"]))),
        )
        for _, part in known.groupby(["group", "measure"], sort=True)
    ]


def _presence_offers(published: "Published") -> list[Offer]:
    presence = published.released.presence
    if presence.empty:
        return []
    dates = tuple(sorted({day for day in presence["date"] if isinstance(day, dt.date)}))
    return [Offer("presence", "", "", LayerSpec("presence").level, dates)]


def narrowed(published: "Published", map_id: str, asked: Narrowing) -> MapSpec:
    """Return the specification of a map, narrowed.

    Layers that can show what is asked stay, with only the groups that have such figures; where
    none can, a layer of the kind asked for (else circles) takes their place. Rates keep one
    classification over all days of a series, so that two days can be compared.

    Raises `UnknownMap`, and `UnknownGroup`, `UnknownMeasure`, `NoSuchLevel`, `UnknownDate`,
    `UnknownOrigin` or `NothingToDraw` for the first thing asked that is not there.
    """
    spec = published.map(map_id)
    if not asked:
        return spec
    there = _fitting(spec, offers_of(published, spec), asked)
    kept = [layer for layer in spec.layers if not asked.show or layer.kind == asked.show]
    layers = [_asked_layer(layer, there, asked) for layer in kept if layer.kind in SHOWN]
    drawn = [layer for layer in layers if layer is not None]
    if not drawn:
        drawn = [_new_layer(spec, there, asked)]
    if asked.date:
        drawn = [_steady(published, layer) for layer in drawn]
    groups = {group for layer in drawn for group in layer.groups}
    titled = len(groups) == 1 and (asked.group or asked.show)
    title = (
        {lang: messages(lang).group(min(groups)) for lang in LANGUAGES} if titled else spec.title
    )
    return replace(spec, title=title, layers=tuple(drawn), as_of=asked.date or spec.as_of)


def _fitting(spec: MapSpec, there: Sequence[Offer], asked: Narrowing) -> list[Offer]:
    """Return the series that have all that is asked; raises for the first thing none of them has."""
    group = asked.group or ""
    level = 1 if asked.level is None else asked.level

    def nothing(left: Sequence[Offer]) -> Exception:
        kinds = ", ".join(sorted({offer.show for offer in left}))
        what = f"{asked.show} of {group or 'any group'}"
        return NothingToDraw(map_id=spec.id, layer=str(asked.show), asked=what, there_is=kinds)

    def known(left: Sequence[Offer], of: Callable[[Offer], Any]) -> list[Any]:
        return sorted({of(offer) for offer in left} - {""})

    steps: list[tuple[object, Callable[[Offer], bool], Callable[[list[Offer]], Exception]]] = [
        (
            asked.group,
            lambda offer: offer.group == asked.group,
            lambda left: UnknownGroup(group, known=known(left, lambda offer: offer.group)),
        ),
        (
            asked.origin or "",  # without an origin, the people of all origins together
            lambda offer: offer.origin == (asked.origin or ""),
            lambda left: UnknownOrigin(
                asked.origin or "", group=group, known=known(left, lambda offer: offer.origin)
            ),
        ),
        (asked.show, lambda offer: offer.show == asked.show, nothing),
        (
            asked.measure,
            lambda offer: offer.measure == asked.measure,
            lambda left: UnknownMeasure(
                str(asked.measure), group=group, known=known(left, lambda offer: offer.measure)
            ),
        ),
        (
            asked.level,
            lambda offer: offer.level == asked.level,
            lambda left: NoSuchLevel(
                level, group=group, known=known(left, lambda offer: offer.level)
            ),
        ),
        (
            asked.date,
            lambda offer: asked.date in offer.dates,
            lambda left: UnknownDate(
                asked.date or dt.date.min,
                group=group,
                level=level,
                known=sorted({day for offer in left for day in offer.dates}),
            ),
        ),
    ]
    left = list(there)
    for wanted, fits, error in steps:
        if wanted is not None:
            fitting = [offer for offer in left if fits(offer)]
            if not fitting:
                raise error(left)
            left = fitting
    return left


def _asked_layer(layer: LayerSpec, there: Sequence[Offer], asked: Narrowing) -> LayerSpec | None:
    """Return the layer as it is asked for; None where it has nothing of the kind."""
    level = layer.level if asked.level is None else asked.level
    wanted = asked.measure or layer.measure
    measures: dict[str, set[str]] = {}
    for offer in there:
        if (offer.show, offer.level) == (layer.kind, level) and wanted in (None, "", offer.measure):
            measures.setdefault(offer.group, set()).add(offer.measure)
    groups = tuple(group for group in layer.groups if group in measures)
    if not groups and (layer.groups or "" not in measures):
        return None
    if len(groups) == 1:
        wanted = wanted or _first_measure(measures[groups[0]])
    return replace(
        layer,
        groups=groups,
        measure=wanted,
        date=asked.date or layer.date,
        dates=() if asked.date else layer.dates,
        every_date=layer.every_date and not asked.date,
        level=level,
        origin=asked.origin or layer.origin,
    )


def _new_layer(spec: MapSpec, there: Sequence[Offer], asked: Narrowing) -> LayerSpec:
    """Return a layer the map did not have, for the groups it speaks of."""
    kinds = {offer.show for offer in there}
    preferred: tuple[LayerKind, ...] = ("symbols", "choropleth", *SHOWN)
    kind = asked.show if asked.show else next(each for each in preferred if each in kinds)
    fitting = [offer for offer in there if offer.show == kind]
    spoken = [group for layer in spec.layers for group in layer.groups]
    first = min(fitting, key=lambda offer: (offer.group not in spoken, offer.level != 1))
    return LayerSpec(
        kind,
        groups=(first.group,) if first.group else (),
        measure=_first_measure({offer.measure for offer in fitting if offer.group == first.group}),
        date=asked.date,
        level=first.level,
        per=_base(spec) if kind == "choropleth" else None,
        origin=asked.origin,
    )


def _first_measure(there: set[str]) -> str | None:
    """Return stock where there is one, else the first measure; None for presence."""
    return Measure.STOCK.value if Measure.STOCK.value in there else min(there) or None


def _steady(published: "Published", layer: LayerSpec) -> LayerSpec:
    """Give a choropleth the breaks of all days of its series together."""
    if layer.kind != "choropleth" or layer.breaks:
        return layer
    import numpy as np

    from geo.counts import CountQuery, counts
    from geo.denominators import inhabitants
    from geo.errors import FigureError
    from maps.compose_rates import layer_breaks, related

    series = _series(published, layer, layer.groups[0])
    people = None
    if layer.per != "area":
        query = CountQuery(layer.level, _PEOPLE)
        try:
            told = counts(published.released, published.boundaries, query)
        except FigureError:
            return layer  # composing the layer says what is amiss
        people = inhabitants(published.released, published.boundaries, told)
    pooled = [
        row.value for day in series for row in related(published.boundaries, layer, day, people)
    ]
    values = np.array(pooled, dtype=np.float64)
    values = np.where(values > 0, values, np.nan)
    if len(series) < 2 or not (values > 0).any():
        return layer
    return replace(layer, breaks=layer_breaks(layer, values).upper)


def with_steady_sizes(published: "Published", scene: "Scene", spec: MapSpec) -> "Scene":
    """Return a scene whose largest circle is that of the greatest figure of all days of its series."""
    layer = next((layer for layer in spec.layers if layer.kind == "symbols"), None)
    if layer is None or scene.symbol_legend is None:
        return scene
    days = [day for group in layer.groups for day in _series(published, layer, group)]
    values = [row.value for day in days for row in day.rows if row.value is not None]
    before = scene.symbol_legend
    sums = [total for day in days for total in _by_country(published, day)] if before.widest else []
    legend = replace(
        before,
        maximum=max([before.maximum, *values]),
        widest=max([before.widest, *sums]),
    )
    return replace(scene, symbol_legend=legend)


def _by_country(published: "Published", counts: "Counts") -> list[float]:
    """Return what the units of each country come to."""
    sums: dict[str, float] = {}
    for row in counts.rows:
        if row.value is not None:
            country = published.boundaries.ancestor(row.pcode, 0)
            sums[country] = sums.get(country, 0.0) + row.value
    return list(sums.values())


def _series(published: "Published", layer: LayerSpec, group: str) -> list["Counts"]:
    """Return the counts of one group of a layer, day by day."""
    from geo.counts import CountQuery, counts
    from geo.errors import FigureError

    measures = {
        offer.measure: offer.dates
        for offer in published.offers
        if (offer.show, offer.group, offer.level) == (layer.kind, group, layer.level)
        and offer.grounded == (layer.kind == "choropleth" and layer.per == "area")
        and offer.origin == (layer.origin or "")
    }
    measure = layer.measure or (Measure.STOCK.value if len(measures) > 1 else None)
    found = []
    for day in measures.get(measure or next(iter(measures), ""), ()):
        query = CountQuery(layer.level, group, day, measure, layer.origin)
        try:
            found.append(counts(published.released, published.boundaries, query))
        except FigureError:
            continue  # a day without figures of this origin
    return found
