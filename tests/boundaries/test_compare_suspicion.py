"""A table whose codes and names belong to another vintage is stopped."""

from dataclasses import replace

import pytest

from boundaries.suspicion import WrongVintage, check_vintage, vintage_fit
from boundaries.units import BoundarySet

WRITTEN = [("XA01", "Norda"), ("XA02", "Séna"), ("XA03", "Tamar")]


def swapped(xaa: BoundarySet) -> BoundarySet:
    """Return the regions with their codes dealt out anew."""
    frame = xaa.frame.copy()
    anew = {"XA01": "XA02", "XA02": "XA03", "XA03": "XA01"}
    frame["pcode"] = frame["pcode"].replace(anew)
    return BoundarySet(replace(xaa.vintage, id="xaa-2020"), frame)


def test_codes_that_bear_other_names_stop_the_table_and_the_better_vintage_is_named(xaa_world):
    with pytest.raises(WrongVintage) as stopped:
        check_vintage("idps.csv", WRITTEN, swapped(xaa_world), [xaa_world])
    assert stopped.value.suspected is not None
    assert stopped.value.suspected.vintage.id == "xaa-2010"
    assert "idps.csv: 3 of 3 codes bear another name in vintage xaa-2020" in str(stopped.value)
    assert "xaa-2010 fits (3 of 3 agree)" in str(stopped.value)


def test_the_right_vintage_passes_whatever_else_is_at_hand(xaa_world):
    assert check_vintage("idps.csv", WRITTEN, xaa_world, [swapped(xaa_world)]).share == 1


def test_without_a_better_vintage_a_table_that_mostly_disagrees_is_stopped_too(xaa_world):
    with pytest.raises(WrongVintage, match="None of the vintages at hand fits") as stopped:
        check_vintage("idps.csv", WRITTEN, swapped(xaa_world))
    assert stopped.value.suspected is None


def test_one_slip_of_the_pen_is_not_another_vintage(xaa_world):
    fit = check_vintage("idps.csv", [*WRITTEN[:2], ("XA03", "Ubari")], xaa_world)
    assert (fit.agree, fit.disagree) == (2, 1)


def test_rows_without_a_name_or_a_code_tell_nothing(xaa_world):
    assert vintage_fit([("XA01", ""), ("", "Norda"), (" ", " ")], xaa_world).rows == 0


def test_spellings_and_other_languages_agree_and_unknown_codes_are_counted(xaa_world):
    fit = vintage_fit([("XA01", "Nordé"), ("XA02", "SENNA"), ("XA77", "Tamar")], xaa_world)
    assert (fit.agree, fit.disagree, fit.unknown) == (2, 0, 1)
