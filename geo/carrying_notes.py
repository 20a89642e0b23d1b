"""What every map of carried figures says. Only figures that were split are estimates, and named."""

import pandas as pd

from boundaries.crosswalk import Crosswalk, Weighting
from geo.release import Note

__all__ = ["carry_notes"]

_BASES = {
    Weighting.GIVEN: ("given shares", "des parts données", "proporciones dadas", "حصص معطاة"),
    Weighting.POPULATION: (
        "a population grid",
        "une grille de population",
        "una cuadrícula de población",
        "شبكة سكانية",
    ),
    Weighting.SETTLEMENTS: ("settlements", "les localités", "las localidades", "المناطق السكنية"),
    Weighting.AREA: ("area", "la superficie", "la superficie", "المساحة"),
}
_TEXTS = {
    "en": "Figures collected on the boundaries {old} were shared out by {basis}; those concerned "
    "are estimates (90% range in the data).",
    "fr": "Les chiffres recueillis selon les limites {old} ont été répartis selon {basis} ; ceux "
    "concernés sont des estimations (intervalle à 90 % dans les données).",
    "es": "Las cifras recogidas según los límites {old} se repartieron según {basis}; las afectadas "
    "son estimaciones (intervalo del 90 % en los datos).",
    "ar": "الأرقام التي جُمعت وفق حدود {old} وُزّعت بحسب {basis}، والمعنية منها تقديرات "
    "(مجال 90٪ في البيانات).",
}


def carry_notes(carried: pd.DataFrame, crosswalk: Crosswalk, *, old_label: str) -> tuple[Note, ...]:
    """Return a note per weighting that split figures rest on, about the units concerned.

    Parameters
    ----------
    carried : DataFrame
        The columns of ``geo.carrying.CARRIED_COLUMNS``.
    crosswalk : Crosswalk
        What they were carried with.
    old_label : str
        The old vintage as readers know it.
    """
    there = set(carried["pcode"])
    notes = []
    for basis in crosswalk.weightings:
        split = {pair.new for pair in crosswalk.pairs if pair.weighting is basis}
        if split & there:
            text = {
                lang: words.format(old=old_label, basis=called)
                for (lang, words), called in zip(_TEXTS.items(), _BASES[basis], strict=True)
            }
            notes.append(Note("carry", text, tuple(sorted(split & there))))
    return tuple(notes)
