"""The keys of ``[[table]]`` and ``[[crosswalk]]`` that speak of other boundaries."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

__all__ = ["BoundaryColumns", "CrosswalkEntry", "WeightsEntry"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BoundaryColumns(_Strict):
    """``boundary_columns``: which columns of a table's boundary file hold what."""

    code: str | None = None
    name: str | None = None
    parent: str | None = None
    level: str | Annotated[int, Field(ge=0, le=4)] | None = None
    iso3: str | None = None

    def said(self) -> tuple[tuple[str, Any], ...]:
        """Return what is said, as arguments of `boundaries.files.read_boundaries`."""
        return tuple(self.model_dump(exclude_none=True).items())


class _Weights(_Strict):
    grid: str | None = None
    per_km2: bool = False
    settlements: str | None = None

    @model_validator(mode="after")
    def _density_needs_a_grid(self) -> Self:
        if self.per_km2 and self.grid is None:
            raise ValueError("per_km2 says how to read a grid; name the grid too")
        return self


def _by_area(value: object) -> object:
    return {} if value == "area" else value


WeightsEntry = Annotated[_Weights, BeforeValidator(_by_area)]
"""``weights``: what tells where people live; ``"area"`` is that nothing does."""


class CrosswalkEntry(_Strict):
    """``[[crosswalk]]``: the share of an old unit's people that a unit of ours gets.

    ``vintage`` names the old boundaries as their table does; without it, those of every table.
    """

    from_: str = Field(alias="from")
    to: str
    weight: float = Field(gt=0, le=1, allow_inf_nan=False)
    low: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    high: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    vintage: str | None = None

    @model_validator(mode="after")
    def _lies_within_its_bounds(self) -> Self:
        low = self.weight if self.low is None else self.low
        high = self.weight if self.high is None else self.high
        if not low <= self.weight <= high:
            raise ValueError(f"weight {self.weight:g} does not lie within {low:g} and {high:g}")
        return self
