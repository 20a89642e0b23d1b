"""What a rate is called, by what people are related to: inhabitants, ground, or the other way about."""

from typing import Any

from maps.compose_figures import GroupFigures
from maps.compose_setting import Setting
from maps.messages import Messages
from maps.spec import LayerSpec, Per, text_in

__all__ = [
    "base_cell",
    "columns",
    "denominator",
    "explained",
    "layer_title",
    "rate_title",
    "said",
    "written",
]


def _key(key: str, per: Per | None) -> str:
    return key if per in (None, "population") else f"{key}.{per}"


def written(say: Messages, per: Per | None, value: float, *, about: bool = False) -> str:
    """Write a rate or a bound of its classes; a density or a ratio with three significant digits."""
    if per in (None, "population"):
        return say.rate(value)
    number = say.significant(value)
    # of people per inhabitants the count beside it says "about"; a ratio has two counts
    return say.say("number.about", number=number) if about and per == "displaced" else number


def rate_title(say: Messages, layer: LayerSpec, group: str) -> str:
    """Return what the rate of a group is."""
    return say.say(
        _key("choropleth.title", layer.per),
        group=say.group(group),
        number=say.number(layer.per_unit),
        one=say.one(group),
    )


def denominator(setting: Setting, inhabitants: GroupFigures) -> str:
    """Say whose count of inhabitants a rate is of."""
    named = [
        f"{source.publisher}, {setting.say.date(source.date)}"
        for source in (setting.sources.get(each) for each in inhabitants.sources)
        if source
    ]
    return setting.say.listed(named) or inhabitants.period(setting)


def explained(
    setting: Setting, layer: LayerSpec, key: str, inhabitants: GroupFigures | None, /, **facts: Any
) -> str:
    """Return the line under a legend's title: whose inhabitants, or which ground."""
    people = denominator(setting, inhabitants) if inhabitants else ""
    return setting.say.say(_key(key, layer.per), denominator=people, **facts)


def said(
    setting: Setting, layer: LayerSpec, *, place: str, rate: str, counted: str, base: float | None
) -> str:
    """Return what a tooltip says of a place with a rate."""
    say = setting.say
    return say.say(
        _key("fill.text", layer.per),
        name=place,
        rate=rate,
        number=say.number(layer.per_unit),
        one=say.one(layer.groups[0]),
        counted=counted,
        base=base_cell(setting, layer, base),
    )


def base_cell(setting: Setting, layer: LayerSpec, base: float | None) -> str:
    """Return what people are related to, as the table writes it."""
    say = setting.say
    if base is None:
        return say.say("state.not_reported")
    return say.rate(base) if layer.per == "area" else say.number(base)


def columns(setting: Setting, layer: LayerSpec) -> tuple[str, str]:
    """Return the heads of the table's last two columns: what people are related to, and the rate."""
    say = setting.say
    return (
        say.say("twin.area" if layer.per == "area" else "twin.inhabitants"),
        say.say(
            _key("twin.rate", layer.per),
            number=say.number(layer.per_unit),
            one=say.one(layer.groups[0]),
        ),
    )


def layer_title(setting: Setting, layer: LayerSpec) -> str:
    """Return the layer's own title, else what its rate is."""
    return text_in(layer.title, setting.say.lang) or rate_title(setting.say, layer, layer.groups[0])
