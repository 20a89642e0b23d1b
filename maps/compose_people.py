"""The inhabitants that a map's people are related to, and what it says where only a part is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from geo.denominators import Inhabitants, KnownParts, inhabitants
from maps.compose_figures import GroupFigures, ask
from maps.compose_setting import Setting
from maps.spec import LayerSpec

__all__ = ["IN_PART", "People", "partly_cell", "partly_footnotes", "people_of"]

IN_PART = "people_in_part"  # inhabitants of some of its areas: over them a rate is too high
_NAMED = 8  # units that a footnote names; more are in the table


@dataclass(frozen=True)
class People:
    """Residents at a layer's level: as they were told, and by country which of them are whole."""

    figures: GroupFigures
    by_country: Mapping[str, Inhabitants]

    @cached_property
    def partly(self) -> Mapping[str, KnownParts]:
        """The units of which only a part is known, by P-code."""
        return {
            pcode: parts
            for each in self.by_country.values()
            for pcode, parts in each.partly.items()
        }

    @cached_property
    def whole(self) -> Mapping[str, float]:
        """How many live in each unit of which that is known, by P-code."""
        return {
            row.pcode: row.value
            for row in self.figures.rows
            if row.value is not None and row.pcode not in self.partly
        }


def people_of(setting: Setting, layer: LayerSpec) -> People:
    """Return the inhabitants at the layer's level; raises as `maps.compose_figures.ask` does."""
    figures = ask(setting, layer, "POP")
    return People(
        figures,
        {
            country: inhabitants(setting.released, setting.places, answer, parent=country)
            for country, answer in figures.answers
        },
    )


def partly_footnotes(
    setting: Setting, partly: Mapping[str, KnownParts], pcodes: Iterable[str]
) -> tuple[str, ...]:
    """Say of which units the inhabitants of how many areas are not known."""
    say = setting.say
    units = sorted(set(pcodes) & partly.keys())
    if not units:
        return ()
    if len(units) > _NAMED:
        return (say.say("note.partly.many", count=len(units)),)
    items = [
        say.say(
            "note.partly.item" if partly[code].units else "note.partly.item.inside",
            name=setting.name(code),
            missing=say.number(partly[code].missing),
            units=say.number(partly[code].units),
        )
        for code in units
    ]
    return (say.say("note.partly", items=say.joined(items)),)


def partly_cell(setting: Setting, parts: KnownParts) -> str:
    """Return what stands in a table where the inhabitants would."""
    say = setting.say
    if not parts.units:
        return say.say(f"state.{IN_PART}")
    return say.say("twin.partly", missing=say.number(parts.missing), units=say.number(parts.units))
