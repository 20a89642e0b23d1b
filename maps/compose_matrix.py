"""Who does what where as one table: organisations down, places across, sectors inside the cells.

An empty cell says that nothing was reported there, not that nobody works there; the page says so.
"""

from maps.compose_presence import sector_keys
from maps.compose_setting import LayerWords, Setting
from maps.presence_units import Organisation, UnitPresence, presence_of
from maps.scene import TableTwin
from maps.scene_layers import MatrixRow, PresenceMatrix, SectorCount
from maps.sectors import sorted_sectors
from maps.spec import LayerSpec

__all__ = ["compose_matrix"]


def compose_matrix(setting: Setting, layer: LayerSpec) -> tuple[PresenceMatrix, LayerWords]:
    """Return the matrix of the layer's level, and its words.

    Places are those of the focus country, reported or not, and whichever others have presence.
    """
    say = setting.say
    presence = presence_of(setting, layer)
    places = _places(setting, layer, presence)
    found: dict[str, dict[str, Organisation]] = {}
    for pcode in places:
        for org in presence.organisations(pcode):
            found.setdefault(org.name, {})[pcode] = org
    rows = tuple(_row(where, places) for _, where in sorted(found.items(), key=_by_short))
    period = presence.period(setting)
    matrix = PresenceMatrix(
        title=presence.title(setting, layer),
        subtitle=period,
        note=say.say("matrix.note"),
        inferred=say.say("presence.sector.inferred") if _some_inferred(rows) else "",
        organisations=say.say("matrix.organisations"),
        total=say.say("matrix.total"),
        places=tuple((pcode, setting.name(pcode)) for pcode in places),
        rows=rows,
        totals=tuple(len(presence.organisations(pcode)) for pcode in places),
        sectors=sector_keys(setting, presence),
    )
    items = [
        say.say("alt.item", name=name, number=say.number(total))
        for (_, name), total in zip(matrix.places, matrix.totals, strict=True)
        if total
    ]
    words = LayerWords(
        alt=(say.say("alt.presence", period=period, places=say.listed(items)),) if items else (),
        footnotes=presence.footnotes(setting),
        dated=presence.dated(setting),
        sources=presence.sources,
        drawn=frozenset(pcode for pcode in places if presence.organisations(pcode)),
        carried=presence.carried,
        twins=(_twin(setting, matrix),),
    )
    return matrix, words


def _some_inferred(rows: tuple[MatrixRow, ...]) -> bool:
    return any(count.inferred for row in rows for cell in row.cells for count in cell)


def _places(setting: Setting, layer: LayerSpec, presence: UnitPresence) -> list[str]:
    at_level = [str(pcode) for pcode in setting.places.at(layer.level)["pcode"]]
    wanted = [
        pcode
        for pcode in at_level
        if setting.country_of(pcode) == setting.focus or presence.organisations(pcode)
    ]
    order = setting.in_country_order(setting.country_of(pcode) for pcode in wanted)
    return sorted(wanted, key=lambda pcode: (order.index(setting.country_of(pcode)), pcode))


def _by_short(item: tuple[str, dict[str, Organisation]]) -> tuple[str, str]:
    name, where = item
    return next(iter(where.values())).short.casefold(), name


def _row(where: dict[str, Organisation], places: list[str]) -> MatrixRow:
    first = next(iter(where.values()))
    cells = tuple(
        tuple(
            SectorCount(code, 1, inferred=not where[pcode].sectors[code])
            for code in sorted_sectors(where[pcode].sectors)
        )
        if pcode in where
        else ()
        for pcode in places
    )
    return MatrixRow(first.short, first.name, cells)


def _twin(setting: Setting, matrix: PresenceMatrix) -> TableTwin:
    say = setting.say
    names = {key.code: key.label for key in matrix.sectors}
    silent = say.say("state.not_reported")

    def cell(counts: tuple[SectorCount, ...]) -> str:
        named = [
            say.say("presence.inferred", org=names[each.code])
            if each.inferred
            else names[each.code]
            for each in counts
        ]
        return "; ".join(named) or silent

    return TableTwin(
        caption=say.say("key.dated", label=matrix.title, period=matrix.subtitle),
        columns=(say.say("matrix.organisation"), *(name for _, name in matrix.places)),
        rows=tuple(
            (
                row.name if row.name == row.short else f"{row.short}, {row.name}",
                *(cell(counts) for counts in row.cells),
            )
            for row in matrix.rows
        ),
    )
