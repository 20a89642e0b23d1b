"""Mali 2015 and 2019: codes dealt out anew, and eighteen cercles redrawn as a separate fact."""

from pathlib import Path

import pytest

from boundaries.compare import Comparison, code_join_error, compare
from boundaries.files import read_boundaries
from boundaries.suspicion import WrongVintage, check_vintage, suspect_vintage
from boundaries.units import BoundarySet

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def vintages(shared_data: Path) -> dict[int, tuple[BoundarySet, BoundarySet]]:
    folder = shared_data / "boundaries"
    files = {1: "adm1_gov_ocha_itos", 2: "adm2_gov_ocha_itos", 3: "adm3_gov_ocha"}
    return {
        level: (
            read_boundaries(folder / "mli_cod_2015" / f"mli_admbnda_{file}.shp"),
            read_boundaries(folder / "cod_2019_sahel" / f"MLI_adm{level}.geojson"),
        )
        for level, file in files.items()
    }


@pytest.fixture(scope="module")
def cercles(vintages: dict[int, tuple[BoundarySet, BoundarySet]]) -> Comparison:
    return compare(*vintages[2], level=2)


def test_41_of_50_cercles_carry_another_code_and_a_join_by_code_is_wrong_for_82_percent(cercles):
    assert len(cercles.pairs) == 50
    assert len(cercles.recoded) == 41
    assert cercles.old_codes == cercles.new_codes
    assert code_join_error(cercles) == pytest.approx(0.82)


def test_recoding_moved_nobody_each_cercle_has_its_name_and_most_of_its_ground(cercles):
    assert {change.naming for change in cercles.pairs} <= {"same", "respelled"}
    main = [p for c in cercles.recoded for p in c.parts if p.old in c.old and p.new in c.new]
    assert min(min(part.of_old, part.of_new) for part in main) > 0.87


def test_18_cercles_in_nine_neighbouring_pairs_were_redrawn_and_32_kept_their_polygon(cercles):
    assert len(cercles.redrawn) == 18
    assert len(cercles.kept) == 32
    assert all(change.moved_km2 == 0 for change in cercles.kept)
    pairs = cercles.neighbour_pairs
    assert len(pairs) == 9
    assert {code for pair in pairs for code in pair.places} == {
        code for change in cercles.redrawn for code in change.old
    }
    assert (pairs[0].names, round(pairs[0].km2)) == (("Kidal", "Tessalit"), 2679)
    assert (pairs[-1].names, round(pairs[-1].km2)) == (("San", "Djenne"), 19)
    # one more border moved, between cercles of two of the pairs
    assert [e.names for e in cercles.exchanges if e not in pairs] == [("Koutiala", "San")]


def test_three_regions_were_redrawn_and_none_recoded(vintages):
    regions = compare(*vintages[1], level=1)
    assert (len(regions.redrawn), len(regions.kept), len(regions.recoded)) == (3, 6, 0)


def test_595_of_701_communes_carry_another_code_and_18_were_redrawn(vintages):
    communes = compare(*vintages[3], level=3)
    assert (len(communes.pairs), len(communes.recoded), len(communes.redrawn)) == (701, 595, 18)


def test_a_table_on_2015_read_as_2019_is_stopped_and_2015_named(vintages):
    old, new = vintages[2]
    written = list(zip(old.at(2)["pcode"], old.at(2)["name"], strict=True))
    with pytest.raises(WrongVintage, match=f"{old.vintage.id} fits") as stopped:
        check_vintage("idps.csv", written, new, [old])
    assert stopped.value.declared.disagree == 41
    assert check_vintage("idps.csv", written, old, [new]).agree == 50
    assert [fit.vintage.id for fit in suspect_vintage(written, [new, old])] == [
        old.vintage.id,
        new.vintage.id,
    ]
