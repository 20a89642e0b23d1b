"""A profile says how a file is read: it is written, corrected, and read back to the same."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries.columns import Columns
from boundaries.errors import BadBoundaryProfile
from boundaries.files import read_with_profile
from boundaries.profiles import BoundaryProfile, profile_text, read_profile

names = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=12)
columns = st.builds(
    Columns,
    code=st.none() | names,
    parent=st.none() | names,
    level=st.none() | names,
    fixed_level=st.none() | st.integers(0, 5),
    names=st.lists(names, max_size=2).map(tuple),
    languages=st.dictionaries(st.sampled_from(["en", "fr", "es", "ar"]), names),
    codes_above=st.dictionaries(st.integers(0, 5), names, max_size=2),
    names_above=st.dictionaries(
        st.integers(0, 5), st.lists(names, max_size=2).map(tuple), max_size=2
    ),
    aliases=st.lists(names, max_size=2).map(tuple),
    nested_codes=st.booleans(),
    how=st.just({"code": "by the profile", "name": "by the profile", "parent": "by the profile"}),
)
profiles = st.builds(
    BoundaryProfile,
    layers=st.dictionaries(names, columns, max_size=2),
    label=names,
    crs=st.sampled_from(["", "EPSG:4326"]),
    valid_on=st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
)


@given(profile=profiles)
def test_a_profile_is_read_back_as_it_was_written(tmp_path_factory, profile):
    path = tmp_path_factory.mktemp("profile") / "p.toml"
    path.write_text(profile_text(profile), encoding="utf-8", newline="")
    assert read_profile(path) == profile


def test_a_corrected_profile_changes_how_a_file_is_read(xaa, tmp_path):
    xaa.assign(own=["N1", "N2", "N3", "N4"]).to_file(tmp_path / "xaa.gpkg")
    proposed = read_with_profile(tmp_path / "xaa.gpkg")
    path = tmp_path / "p.toml"
    path.write_text(profile_text(proposed.profile).replace('code = "pcode"', 'code = "own"'))
    again = read_with_profile(tmp_path / "xaa.gpkg", read_profile(path))
    assert again.boundaries.at(1)["pcode"].tolist() == ["N1", "N2", "N3", "N4"]
    same = read_with_profile(tmp_path / "xaa.gpkg", proposed.profile)
    assert same.boundaries.vintage.content == proposed.boundaries.vintage.content


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("labell = 'x'", "Did you mean 'label'"),
        ("label = 3", "label"),
        ("valid_on = '2019'", "2019-08-02"),
        ("[[layer]]\ncod = 'x'", "Did you mean 'code'"),
        ("[[layer]]\nlevel = 9", "no level"),
        ("[[layer]]\ncode = 9", "9 is not str"),
        ("[[layer]]\nlanguages = { xx = 'a' }", "unknown key 'xx'"),
        ("layer = 1", "not a list"),
        ("= x", "cannot be read"),
    ],
)
def test_a_profile_that_cannot_be_used_is_refused_with_its_place(tmp_path, text, words):
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(BadBoundaryProfile, match=words) as refusal:
        read_profile(path)
    assert str(path) in str(refusal.value)
