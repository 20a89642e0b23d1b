"""The names of a vintage, one row for each name of each unit. A name means nothing without its vintage.

Names repeat between countries, between levels (Mopti is a region, a cercle and a commune) and even
within one level; so every row carries the code, the level and the parent that tell them apart.
"""

from typing import TYPE_CHECKING

from boundaries.names import normalise_name
from boundaries.units import LANGUAGES, BoundarySet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GAZETTEER_COLUMNS", "gazetteer"]

GAZETTEER_COLUMNS = {
    "pcode": "P-code of the unit, unique in the vintage",
    "level": "0 country, 1, 2, …",
    "name": "as written",
    "kind": "name (as the source writes it), language (in a language), alias (another spelling)",
    "language": "en, fr, es, ar; empty where the source does not say",
    "key": "the name as `boundaries.names.normalise_name` compares it",
    "parent": "P-code one level up; empty at the top",
    "parent_name": "its name; empty where the vintage does not have it",
    "iso3": "ISO 3166-1 alpha-3 of the country",
    "vintage": "id of the vintage",
}


def gazetteer(boundaries: BoundarySet) -> "pd.DataFrame":
    """Return every name of every unit, with the columns of ``GAZETTEER_COLUMNS``.

    Rows are in order of level, P-code, then name as written, by language, aliases. A name that says
    what another of the same unit and kind says is left out.

    Examples
    --------
    >>> from boundaries.natural_earth import open_natural_earth
    >>> names = gazetteer(open_natural_earth(("MLI",)))
    >>> names.loc[names["pcode"] == "ML06", ["name", "language"]].drop_duplicates().values.tolist()[:2]
    [['Timbuktu', ''], ['Timbuktu', 'en']]
    """
    import pandas as pd

    frame = boundaries.plain()
    name_of = dict(zip(frame["pcode"], frame["name"], strict=True))
    rows: list[tuple[str, str, str, int]] = []
    for at, unit in enumerate(frame.itertuples(index=False)):
        said = [(str(unit.name), "name", "")]
        said += [(str(getattr(unit, f"name_{lang}")), "language", lang) for lang in LANGUAGES]
        said += [(alias, "alias", "") for alias in str(unit.aliases).split("|")]
        rows += [(name, kind, lang, at) for name, kind, lang in dict.fromkeys(said) if name]
    at_unit = [at for *_, at in rows]
    units = frame.iloc[at_unit].reset_index(drop=True)
    return pd.DataFrame(
        {
            "pcode": units["pcode"],
            "level": units["level"],
            "name": [name for name, *_ in rows],
            "kind": [kind for _, kind, *_ in rows],
            "language": [lang for _, _, lang, _ in rows],
            "key": [normalise_name(name) for name, *_ in rows],
            "parent": units["parent"],
            "parent_name": units["parent"].map(lambda code: name_of.get(code, "")),
            "iso3": units["iso3"],
            "vintage": boundaries.vintage.id,
        },
        columns=list(GAZETTEER_COLUMNS),
    )
