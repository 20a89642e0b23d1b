"""What stands in the margin by itself: dates that differ, carried units, sources, national figures."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from geo.standing import standing_figures
from geo.tables import records
from maps.compose_setting import Dated, LayerWords, Setting
from maps.palettes import group_colour
from maps.scene import KeyFigure
from maps.spec import text_in

__all__ = [
    "compose_alt",
    "compose_footnotes",
    "compose_key_figures",
    "compose_sources",
    "date_footnotes",
]

_MEASURES = ("stock", "cumulative", "new")  # in the order a reader wants the national figures


def date_footnotes(setting: Setting, dated: Iterable[Dated]) -> tuple[str, ...]:
    """Name every country whose figures are of another day than the map's date, day by day.

    A country is named alone where all its figures on the map are of that day, else with the
    groups that are.
    """
    say = setting.say
    dated = tuple(dict.fromkeys(dated))
    groups_of: dict[str, set[str]] = {}
    for each in dated:
        groups_of.setdefault(each.country, set()).add(each.group)
    by_time: dict[tuple[date, date | None], dict[str, list[str]]] = {}
    for each in dated:
        if each.date != setting.as_of:
            # Of a period, both ends matter; of a stock only the day.
            time = (each.date, each.start if each.measure == "new" else None)
            groups = by_time.setdefault(time, {}).setdefault(each.country, [])
            if each.group not in groups:
                groups.append(each.group)
    notes = []
    for end, start in sorted(by_time, key=lambda time: (time[0], time[1] or time[0]), reverse=True):
        countries = by_time[end, start]
        items = []
        for country in setting.in_country_order(countries):
            groups = [group for group in countries[country] if group]
            if set(countries[country]) == groups_of[country] or not groups:
                items.append(setting.name(country))
            else:
                named = say.listed([say.people(group) for group in groups])
                name = setting.name(country)
                items.append(say.say("note.dates.item", country=name, groups=named))
        if start is None:
            notes.append(say.say("note.dates", items=say.listed(items), date=say.date(end)))
        else:
            period = say.period("new", start, end)
            notes.append(say.say("note.dates.period", items=say.listed(items), period=period))
    return tuple(notes)


def compose_footnotes(setting: Setting, layers: Sequence[LayerWords]) -> tuple[str, ...]:
    """Return all footnotes: dates, what each layer left beside the map, notes, open questions."""
    lang = setting.say.lang
    drawn = {pcode for words in layers for pcode in words.drawn}
    drawn |= {setting.places.parent(pcode) for pcode in drawn}
    carried = {pcode for words in layers for pcode in words.carried}
    notes = [
        *date_footnotes(setting, (each for words in layers for each in words.dated)),
        *(note for words in layers for note in words.footnotes),
        *(
            text_in(note.text, lang)
            for note in setting.released.notes
            if not note.about
            or (carried if note.kind == "carry" else drawn).intersection(note.about)
        ),
        text_in(setting.spec.notes, lang),
        _open_questions(setting),
    ]
    return tuple(dict.fromkeys(note for note in notes if note))


def _open_questions(setting: Setting) -> str:
    """Say how many findings nobody has explained; "" where all are settled."""
    count = sum(not finding.acknowledged for finding in setting.released.findings)
    return setting.say.say("note.open", count=count) if count else ""


def compose_sources(
    setting: Setting, layers: Sequence[LayerWords], used: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return one line for each source used, in the situation's order, then the boundaries'."""
    say = setting.say
    named = {source for words in layers for source in words.sources} | set(used)
    lines = []
    for source in setting.released.sources:
        if source.id in named:
            line = setting.source_line(source.id)
            lines.append(
                say.say("source.licence", line=line, licence=source.licence)
                if source.licence
                else line
            )
    vintages = [("source.boundaries", setting.places.vintage)]
    if setting.world.vintage.id != setting.places.vintage.id:
        vintages.append(("source.context", setting.world.vintage))
    for key, vintage in vintages:
        lines.append(
            say.say(key, label=vintage.label, source=vintage.source, licence=vintage.licence or "–")
        )
    return tuple(lines)


def compose_key_figures(
    setting: Setting, groups: Iterable[str]
) -> tuple[tuple[KeyFigure, ...], tuple[str, ...]]:
    """Return the national figures of the map's date, and the ids of their sources.

    They are those stated for the focus country or for an area over several countries, of the
    groups the map shows; those of other countries are on the map. They stand beside the map: a figure of the day need not have parts of that day.
    """
    say = setting.say
    wanted = {group: rank for rank, group in enumerate(dict.fromkeys(groups))}
    table = setting.released.figures
    table = table[
        (table["level"] == 0)
        & (table["state"] == "figure")
        & table["group"].isin(list(wanted))
        & ~table["pcode"].isin([code for code in setting.countries if code != setting.focus])
        & (table["date"].map(lambda day: day == setting.as_of))
    ]
    table = table[(table["origin"] != "") | ~table["group"].isin(list(_only_by_origin(setting)))]
    rows = sorted(
        _most_telling(records(standing_figures(table))),
        key=lambda row: (
            wanted[row["group"]],
            _MEASURES.index(row["measure"]),
            row["origin"] != "",
            str(row["pcode"]),
        ),
    )
    figures: list[KeyFigure] = []
    sources: list[str] = []
    for row in rows:
        label = say.group(row["group"])
        if row["origin"]:
            label = say.say("keyfigure.from", group=label, origin=setting.name(row["origin"]))
        note = say.period(row["measure"], row["start"], row["date"])
        where = _whereabouts(setting, row)
        if where:
            note = say.say("keyfigure.in", period=note, place=where)
        caveat = str(row.get("note") or "")
        if caveat:
            note = say.say("keyfigure.note", period=note, note=caveat)
        number = say.number(float(row["value"]), str(row["qualifier"]))
        figures.append(KeyFigure(row["group"], group_colour(row["group"]), number, label, note))
        sources += [each for each in str(row["sources"]).split("|") if each]
    return tuple(figures), tuple(dict.fromkeys(sources))


def _only_by_origin(setting: Setting) -> set[str]:
    """Return the groups that the map shows by origin alone: those hosted are another figure."""
    by_origin = {
        group
        for layer in setting.spec.layers
        if layer.kind == "flows" and layer.measure == "stock"
        for group in layer.groups
    }
    return by_origin - {
        group for layer in setting.spec.layers if layer.kind != "flows" for group in layer.groups
    }


def _most_telling(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of a figure and its parts by origin keep the figure; of one with a single part, the part."""
    families: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        where = row["pcode"] or row["sites"]  # an area over several countries lies in no unit
        key = (where, row["group"], row["measure"], row["unit"])
        families.setdefault(key, []).append(row)
    kept: list[dict[str, Any]] = []
    for family in families.values():
        together = [row for row in family if not row["origin"]]
        parts = [row for row in family if row["origin"]]
        single = len(parts) == 1 and together and parts[0]["value"] == together[0]["value"]
        kept += parts if single or not together else together
    return kept


def _whereabouts(setting: Setting, row: Mapping[str, Any]) -> str:
    """Name the place a national figure speaks of, unless it is the focus country."""
    sites = [each for each in str(row.get("sites") or "").split("|") if each in setting.sites]
    if row["pcode"] not in setting.places and sites:
        return setting.say.listed([setting.name(f"site:{each}") for each in sites])
    pcode = str(row["pcode"])
    return "" if pcode in ("", setting.focus) else setting.name(pcode)


def compose_alt(setting: Setting, title: str, as_of: str, layers: Sequence[LayerWords]) -> str:
    """Return the map in words, from its figures: what a reader who cannot see it should know."""
    heading = text_in(setting.released.title, setting.say.lang)
    opening = setting.say.say("alt.opening", heading=heading, title=title, as_of=as_of)
    return " ".join([opening, *(line for words in layers for line in words.alt)])
