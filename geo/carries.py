"""Units of another vintage, carried into ours. Everybody in them is shared out, nobody twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from geo.errors import BadCarry

__all__ = ["Carry"]


@dataclass(frozen=True, slots=True)
class Carry:
    """A unit of another vintage whose people are counted within units of ours.

    ``into`` holds P-codes of ours with the share of the people that each gets; shares sum to 1.
    ``note`` says so by language, for every output.
    """

    from_code: str
    from_names: tuple[str, ...]
    into: tuple[tuple[str, float], ...]
    note: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        weights = [weight for _, weight in self.into]
        if not weights or min(weights) <= 0 or abs(sum(weights) - 1) > 1e-6:
            raise BadCarry(self.from_code, found=f"weights {weights} sum to {sum(weights):g}")
        if len({pcode for pcode, _ in self.into}) < len(self.into):
            raise BadCarry(self.from_code, found="a target stands there twice")
