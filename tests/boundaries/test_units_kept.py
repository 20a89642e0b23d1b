"""What a set of units keeps of each of them is what its table says."""

import pytest

from boundaries.errors import UnknownUnit
from boundaries.names import normalise_name
from boundaries.natural_earth import open_natural_earth
from boundaries.units import LANGUAGES, BoundarySet


@pytest.fixture(scope="module")
def some() -> BoundarySet:
    return open_natural_earth(("MLI", "NER"))


def test_each_unit_has_its_own_shape(some: BoundarySet) -> None:
    assert list(some.shapes) == list(some.frame["pcode"])
    for pcode, shape in zip(some.frame["pcode"], some.frame.geometry, strict=True):
        assert some.shapes[pcode] is shape


def test_each_unit_is_known_by_all_its_names_and_no_others(some: BoundarySet) -> None:
    for row in some.plain().to_dict("records"):
        names = {row["name"], *(row[f"name_{lang}"] for lang in LANGUAGES)} - {""}
        assert some.keys_of_names(row["pcode"]) == {normalise_name(name) for name in names}
    with pytest.raises(UnknownUnit):
        some.keys_of_names("XA77")


def test_the_country_of_a_unit_is_its_ancestor_of_level_0(some: BoundarySet) -> None:
    assert some.country_of == {code: some.ancestor(code, 0) for code in some.frame["pcode"]}


def test_a_unit_under_no_country_has_none(some: BoundarySet) -> None:
    regions = BoundarySet(some.vintage, some.at(1).reset_index(drop=True))
    assert regions.country_of == {}
