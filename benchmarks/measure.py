"""A measured value, told in one line and kept for the table of all: `measure` is how benchmarks speak.

Each value has a name of its own, by which docs link to its line of `docs/measured.md`. Values are kept where
``SITMAP_MEASURED`` names a file (`benchmarks/run.py` does); without it they are only printed.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["KEPT", "Measured", "measure"]

KEPT = "SITMAP_MEASURED"
"""The environment's name of the file that values are added to, one JSON document a line."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table: ``target`` and ``met`` are empty for a value that has only to be known."""

    id: str
    what: str
    value: float
    found: str
    target: str = ""
    met: bool | None = None
    beside: str = ""


def measure(
    name: str,
    what: str,
    value: float,
    unit: str = "",
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    digits: int | None = None,
    beside: str = "",
) -> Measured:
    """Print a value and keep it for the table.

    Parameters
    ----------
    name : str
        The line's own name, in words joined by hyphens: ``tiles-z6-tipg``.
    what : str
        What was measured, in words.
    value, unit
        The value as it is compared; a unit of ``%`` shows a share of 1 in hundredths.
    at_most, at_least : float, optional
        The target, in the same unit; both where it is a range.
    digits : int, optional
        Digits after the point; else three significant ones.
    beside : str, optional
        What the value stands beside: the peer's own, in the same run.
    """
    met: bool | None = None
    bounds = []
    if at_least is not None:
        bounds.append(f"≥ {_told(at_least, unit)}")
        met = bool(value >= at_least)
    if at_most is not None:
        bounds.append(f"≤ {_told(at_most, unit)}" if at_most else "0")
        met = met is not False and bool(value <= at_most)
    line = Measured(
        name, what, float(value), _told(value, unit, digits), " and ".join(bounds), met, beside
    )
    verdict = {None: "", True: "met", False: "NOT MET"}[met]
    print(
        f"  {what:<66} {line.found:>16}  {line.target:<18} {verdict:<8}{beside}".rstrip(),
        flush=True,
    )
    if kept := os.environ.get(KEPT):
        with Path(kept).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")
    return line


def _told(value: float, unit: str, digits: int | None = None) -> str:
    if unit == "%":
        value *= 100
    if digits is None:
        whole = value == int(value) or abs(value) >= 100
        small = 0 < abs(value) < 0.01
        number = f"{value:.1e}" if small else f"{value:,.0f}" if whole else f"{value:.3g}"
    else:
        number = f"{value:,.{digits}f}"
    return f"{number} {unit}".strip()
