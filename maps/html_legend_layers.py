"""Legend blocks in markup for the less common layers: the square, dots, and which panel is shown."""

from markupsafe import Markup

from maps.scene import Scene

__all__ = ["bivariate_markup", "dots_markup", "panel_markup"]

_CELL = (34, 22)  # CSS pixels
_TEXT = Markup('<text x="{:g}" y="{:g}" text-anchor="{}">{}</text>')


def _svg(width: float, height: float, body: Markup) -> Markup:
    return Markup(
        '<svg width="{0:g}" height="{1:g}" viewBox="0 0 {0:g} {1:g}" aria-hidden="true">{2}</svg>'
    ).format(width, height, body)


def panel_markup(scene: Scene) -> Markup | None:
    """Say which of several dates a screen shows: the last; the table has them all."""
    if not scene.panels:
        return None
    last = scene.panels[-1]
    return Markup('<section class="key panel"><h3>{}</h3><p>{}</p></section>').format(
        last.title, last.subtitle
    )


def bivariate_markup(scene: Scene) -> Markup | None:
    """Return the square of two variables, its classes named beside and below."""
    legend = scene.bivariate_legend
    if legend is None:
        return None
    wide, tall = _CELL
    rows, rtl = legend.colours[::-1], scene.direction == "rtl"
    columns = len(rows[0])
    width = columns * wide
    room = 150  # for the names of the rows
    left = room if rtl else 12
    parts = []
    for j, (row, label) in enumerate(zip(rows, legend.second.labels[::-1], strict=True)):
        for i, colour in enumerate(row):
            x = left + (columns - 1 - i if rtl else i) * wide
            parts.append(
                Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>').format(
                    x, j * tall, wide - 1, tall - 1, colour
                )
            )
        beside = left - 8 if rtl else left + width + 8
        parts.append(_TEXT.format(beside, j * tall + tall / 2 + 4, "start", label))
    for i, end in enumerate(legend.first.ends):
        x = left + (width - i * wide if rtl else i * wide)
        parts.append(_TEXT.format(x, len(rows) * tall + 14, "middle", end))
    square = _svg(width + room + 12, len(rows) * tall + 20, Markup("").join(parts))
    notes = dict.fromkeys((legend.first.subtitle, legend.second.subtitle, legend.note))
    said = Markup("").join(Markup("<p>{}</p>").format(note) for note in notes if note)
    empty = Markup("").join(
        Markup("<li>{}<span>{}</span></li>").format(_swatch(colour), label)
        for _, colour, label in legend.empty
    )
    return Markup(
        '<section class="key areas">{}<p>↑ {}</p>{}<p>{} {}</p>{}<ul>{}</ul></section>'
    ).format(
        Markup("<h3>{}</h3>").format(legend.title) if legend.title else "",
        legend.second.title,
        square,
        "←" if rtl else "→",
        legend.first.title,
        said,
        empty,
    )


def dots_markup(scene: Scene) -> Markup | None:
    """Say what a dot is, and that it is no place."""
    legend = scene.dot_legend
    if legend is None:
        return None
    dot = Markup('<circle cx="7.5" cy="7.5" r="3" fill="{}"/>')
    keys = Markup("").join(
        Markup("<li>{}<span>{}</span></li>").format(_svg(15, 15, dot.format(key.colour)), key.label)
        for key in legend.keys
    )
    return Markup(
        '<section class="key dots"><h3>{}</h3><p>{}</p><ul>{}</ul><p>{}</p></section>'
    ).format(legend.title, legend.label, keys, legend.note)


def _swatch(colour: str) -> Markup:
    box = Markup(
        '<rect x="0.5" y="0.5" width="25" height="14" fill="{}" stroke="#999" stroke-width="0.6"/>'
    ).format(colour)
    return _svg(26, 15, box)
