"""Which vintage a table's codes belong to. A code that is found proves nothing: its name must agree.

After codes are dealt out anew, a join by code with the wrong vintage succeeds on every row and is
wrong on most. The names beside the codes tell.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from boundaries.errors import BoundaryError
from boundaries.name_keys import name_keys, same_name
from boundaries.names import normalise_name
from boundaries.units import BoundarySet
from boundaries.vintage import Vintage

__all__ = ["VintageFit", "WrongVintage", "check_vintage", "suspect_vintage", "vintage_fit"]

_TOLERATED = 0.1  # share of rows whose name may disagree: slips of the pen, not another vintage
_HOPELESS = 0.5  # share from which a table is stopped even if no other vintage is known to fit


@dataclass(frozen=True, slots=True)
class VintageFit:
    """How the rows of a table that have both a code and a name fit one vintage.

    ``agree``: the code is there and bears the name; ``disagree``: it bears another; ``unknown``:
    the vintage does not have the code. ``examples`` are (code, name written, name of the code).
    """

    vintage: Vintage
    agree: int
    disagree: int
    unknown: int
    examples: tuple[tuple[str, str, str], ...] = ()

    @property
    def rows(self) -> int:
        """Distinct pairs of a code and a name that were looked at."""
        return self.agree + self.disagree + self.unknown

    @property
    def share(self) -> float:
        """Share of them that agree; 1 where there were none."""
        return self.agree / self.rows if self.rows else 1.0


class WrongVintage(BoundaryError):
    """A table whose codes and names belong to another vintage than the one declared.

    ``suspected`` is the vintage that fits better, None where none at hand does.
    """

    code = "wrong-vintage"

    def __init__(self, table: str, *, declared: VintageFit, suspected: VintageFit | None) -> None:
        self.table, self.declared, self.suspected = table, declared, suspected
        code, written, meant = declared.examples[0]
        todo = (
            f"{suspected.vintage.id} fits ({suspected.agree} of {suspected.rows} agree): read the "
            "table on that vintage and carry its figures across."
            if suspected
            else "None of the vintages at hand fits: ask the publisher which boundaries it is on."
        )
        super().__init__(
            f"{table}: {declared.disagree} of {declared.rows} codes bear another name in vintage "
            f"{declared.vintage.id} (code {code!r} stands beside {written!r} but is {meant}); "
            f"expected codes and names of one vintage. {todo}"
        )


def vintage_fit(rows: Iterable[tuple[str, str]], boundaries: BoundarySet) -> VintageFit:
    """Count how many (code, name) pairs of a table agree with a vintage.

    Pairs without a code or a name are passed over; equal pairs count once. A name agrees where it
    is one of the unit's names, aliases included, or another spelling of one.
    """
    units = {unit["pcode"]: unit for unit in boundaries.plain().to_dict("records")}
    agree = disagree = unknown = 0
    examples = []
    for code, name in sorted({(c.strip(), n.strip()) for c, n in rows}):
        key = normalise_name(name)
        if not code or not key:
            continue
        if code not in units:
            unknown += 1
        elif same_name(frozenset({key}), name_keys(units[code])) != "renamed":
            agree += 1
        else:
            disagree += 1
            examples.append((code, name, units[code]["name"]))
    return VintageFit(boundaries.vintage, agree, disagree, unknown, tuple(examples[:5]))


def suspect_vintage(
    rows: Iterable[tuple[str, str]], candidates: Sequence[BoundarySet]
) -> tuple[VintageFit, ...]:
    """Return how a table's (code, name) pairs fit each vintage, the best first.

    Of equals the first in order of ``candidates`` comes first.
    """
    pairs = list(rows)
    fits = [vintage_fit(pairs, boundaries) for boundaries in candidates]
    return tuple(sorted(fits, key=lambda fit: -fit.share))


def check_vintage(
    table: str,
    rows: Iterable[tuple[str, str]],
    declared: BoundarySet,
    others: Sequence[BoundarySet] = (),
) -> VintageFit:
    """Return the fit of a table to the vintage it is declared to be on.

    Parameters
    ----------
    table : str
        Its name, for the message.
    rows : iterable of (str, str)
        Code and name of each row as written.
    declared : BoundarySet
    others : sequence of BoundarySet
        Vintages it may be on instead.

    Raises
    ------
    WrongVintage
        Two or more codes, and more than a tenth of them, bear another name, and either another
        vintage has fewer than half as many that do not agree or more than half disagree.
    """
    pairs = list(rows)
    fit = vintage_fit(pairs, declared)
    if fit.disagree < 2 or fit.disagree <= _TOLERATED * fit.rows:
        return fit
    best = next(iter(suspect_vintage(pairs, others)), None)
    better = best is not None and 2 * (best.rows - best.agree) < fit.rows - fit.agree
    if better or fit.disagree > _HOPELESS * fit.rows:
        raise WrongVintage(table, declared=fit, suspected=best if better else None)
    return fit
