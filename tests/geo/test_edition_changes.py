"""A change is a figure that is another, new or gone; a new reason for no figure is one too."""

from dataclasses import replace

from geo.edition_changes import compare_editions
from geo.release import ReleasedFigures


def test_an_edition_does_not_differ_from_itself(xaa_released: ReleasedFigures) -> None:
    shuffled = replace(xaa_released, figures=xaa_released.figures.sample(frac=1, random_state=2))
    assert not compare_editions(xaa_released, shuffled)


def test_each_kind_of_change_is_told_with_both_sides(xaa_released: ReleasedFigures) -> None:
    figures = xaa_released.figures.copy()
    idps = figures[(figures["group"] == "IDP") & (figures["pcode"] == "XA01")]
    first, second = idps.index[:2]
    gone = figures.index[(figures["group"] == "POP") & (figures["pcode"] == "XA02")][0]
    before = figures.loc[first, "value"]
    figures.loc[first, "value"] = before + 5
    figures.loc[second, ["value", "state"]] = [float("nan"), "not_assessed"]
    after = replace(xaa_released, figures=figures.drop(index=gone), notes=())
    changes = compare_editions(xaa_released, after, specs_before="a", specs_after="b")
    told = {
        (each.what, each.pcode, each.group, each.before, each.after, each.state_after)
        for each in changes.figures
    }
    lost = xaa_released.figures.loc[second, "value"]
    people = xaa_released.figures.loc[gone, "value"]
    assert ("changed", "XA01", "IDP", before, before + 5, "figure") in told
    assert ("changed", "XA01", "IDP", lost, None, "not_assessed") in told
    assert ("removed", "XA02", "POP", people, None, "") in told
    assert "maps" in changes.said
    assert ("notes" in changes.said) == bool(xaa_released.notes)


def test_flows_and_presence_are_compared_too(xaa_released: ReleasedFigures) -> None:
    after = replace(
        xaa_released, flows=xaa_released.flows.iloc[1:], presence=xaa_released.presence.iloc[:0]
    )
    changes = compare_editions(xaa_released, after)
    assert [change.what for change in changes.flows] == ["removed"]
    assert changes.presence_removed > 0
    back = compare_editions(after, xaa_released)
    assert [change.what for change in back.flows] == ["added"]
