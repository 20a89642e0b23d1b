"""The legend as markup: the scene's words and colours, each sample drawn at the map's own scale."""

from collections.abc import Sequence

from markupsafe import Markup

from maps.html_legend_layers import bivariate_markup, dots_markup, panel_markup
from maps.scene import GroupKey, Scene
from maps.web_view import ScreenView

__all__ = ["legend_markup"]

_LINE = "#a8aaad"
_DASHES = {"agreed": "", "disputed": "5 3", "line_of_control": "5 3 1 3", "undetermined": "1.5 3"}
_SWATCH = (26, 15)


def legend_markup(scene: Scene, view: ScreenView) -> Markup:
    """Return the blocks of the legend, in the order in which a reader meets the marks."""
    blocks = (
        _key_figures(scene),
        panel_markup(scene),
        _choropleth(scene),
        bivariate_markup(scene),
        _symbols(scene, view),
        dots_markup(scene),
        _flows(scene, view),
        _presence(scene),
        _lines(scene),
    )
    return Markup("\n").join(block for block in blocks if block)


def _block(kind: str, title: str, subtitle: str, body: Markup) -> Markup:
    under = Markup("<p>{}</p>").format(subtitle) if subtitle else ""
    head = Markup("<h3>{}</h3>").format(title) if title else ""
    return Markup('<section class="key {}">{}{}{}</section>').format(kind, head, under, body)


def _items(items: Sequence[tuple[Markup, str]]) -> Markup:
    rows = Markup("").join(
        Markup("<li>{}<span>{}</span></li>").format(sample, label) for sample, label in items
    )
    return Markup("<ul>{}</ul>").format(rows)


def _svg(width: float, height: float, body: Markup, *, kind: str = "") -> Markup:
    """Return a sample; it only repeats what stands beside it, so it is hidden from screen readers."""
    return Markup(
        '<svg class="{}" width="{}" height="{}" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>'
    ).format(kind, *(f"{number:g}" for number in (width, height, width, height)), body)


def _swatch(colour: str) -> Markup:
    width, height = _SWATCH
    box = Markup(
        '<rect x="0.5" y="0.5" width="{}" height="{}" fill="{}" stroke="#999" stroke-width="0.6"/>'
    ).format(width - 1, height - 1, colour)
    return _svg(width, height, box)


def _dots(keys: Sequence[GroupKey]) -> Markup:
    return _items([(_dot(key.colour), key.label) for key in keys])


def _dot(colour: str) -> Markup:
    return _svg(15, 15, Markup('<circle cx="7.5" cy="7.5" r="6.5" fill="{}"/>').format(colour))


def _key_figures(scene: Scene) -> Markup | None:
    if not scene.key_figures:
        return None
    rows = Markup("").join(
        Markup(
            '<li>{}<b>{}</b> <span class="what">{}</span> <span class="note">{}</span></li>'
        ).format(_dot(figure.colour), figure.value, figure.label, figure.note)
        for figure in scene.key_figures
    )
    return _block("figures", "", "", Markup("<ul>{}</ul>").format(rows))


def _choropleth(scene: Scene) -> Markup | None:
    legend = scene.choropleth_legend
    if legend is None:
        return None
    items = [(_swatch(c), label) for c, label in zip(legend.colours, legend.labels, strict=True)]
    if legend.zero is not None:
        items.insert(0, (_swatch(legend.zero[0]), legend.zero[1]))
    items += [(_swatch(colour), label) for _, colour, label in legend.empty]
    return _block("areas", legend.title, legend.subtitle, _items(items))


def _symbols(scene: Scene, view: ScreenView) -> Markup | None:
    legend = scene.symbol_legend
    if legend is None:
        return None
    sizes = sorted(zip(legend.sizes, legend.labels, strict=True), reverse=True)
    widest = max((view.radius(size) for size, _ in sizes), default=0.0)
    height = max(2 * widest + 2, 15.0 * len(sizes))
    parts = []
    for row, (size, label) in enumerate(sizes):
        radius = view.radius(size)
        top = height - 1 - 2 * radius
        # labels keep a line's height apart, however close the circles' tops are
        text_y = max(top, row * 15.0 + 6) if row else max(top, 6.0)
        parts.append(
            Markup(
                '<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" fill="none" stroke="#4d4d4d"/>'
                '<path d="M{:.1f} {:.1f}L{:.1f} {:.1f}" stroke="#999" stroke-width="0.6"/>'
                '<text x="{:.1f}" y="{:.1f}">{}</text>'
            ).format(
                *(widest + 1, height - 1 - radius, radius),
                *(widest + 1, top, 2 * widest + 10, text_y),
                *(2 * widest + 13, text_y + 4, label),
            )
        )
    nested = _svg(2 * widest + 110, height + 4, Markup("").join(parts), kind="nested")
    return _block("symbols", legend.title, legend.subtitle, nested + _dots(legend.keys))


def _flows(scene: Scene, view: ScreenView) -> Markup | None:
    legend = scene.flow_legend
    if legend is None:
        return None
    items = [
        (_band(view.width(size)), label)
        for size, label in zip(legend.sizes, legend.labels, strict=True)
    ]
    return _block("flows", legend.title, legend.subtitle, _items(items) + _dots(legend.keys))


def _band(width: float) -> Markup:
    """Return a reference band; the page scales its height with the map between two layouts."""
    bar = Markup(
        '<rect class="band" data-width="{:.2f}" x="0" y="{:.2f}" width="44" height="{:.2f}"'
        ' fill="#666"/>'
    ).format(width, 12 - width / 2, width)
    return _svg(44, 24, bar)


def _presence(scene: Scene) -> Markup | None:
    legend = scene.presence_legend
    if legend is None:
        return None
    items = [
        (
            _svg(16, 16, Markup('<rect width="16" height="16" rx="4" fill="{}"/>').format(colour)),
            label,
        )
        for colour, label in zip(legend.colours, legend.labels, strict=True)
    ]
    return _block("presence", legend.title, legend.subtitle, _items(items))


def _lines(scene: Scene) -> Markup | None:
    if not scene.line_keys:
        return None
    items = [
        (
            _svg(
                30,
                10,
                Markup(
                    '<path d="M0 5H30" stroke="{}" stroke-width="1.6" stroke-dasharray="{}"/>'
                ).format(_LINE, _DASHES.get(status, "")),
            ),
            label,
        )
        for status, label in scene.line_keys
    ]
    return _block("lines", "", "", _items(items))
