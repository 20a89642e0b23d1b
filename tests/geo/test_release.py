"""Only what is declared public is released; anything else is refused as a whole."""

from dataclasses import fields, replace

import pytest

from geo.errors import NeedsProtection, ReleaseRefused, UndeclaredSensitivity, UnknownSource
from geo.release import Frames, release
from geo.sources import Sensitivity, Source


def parts_of(released):
    return {field.name: getattr(released, field.name) for field in fields(released)}


def declared(released, source, sensitivity):
    return tuple(
        replace(each, sensitivity=sensitivity) if each.id == source else each
        for each in released.sources
    )


def test_public_figures_pass_unchanged(xaa_released):
    again = release(**parts_of(xaa_released))
    assert again.figures is xaa_released.figures
    assert again.sources == xaa_released.sources


@pytest.mark.parametrize(
    ("sensitivity", "error"),
    [
        (None, UndeclaredSensitivity),
        (Sensitivity.SENSITIVE, NeedsProtection),
        (Sensitivity.RESTRICTED, NeedsProtection),
    ],
)
@pytest.mark.parametrize("source", ["survey", "register", "census"])
def test_one_source_in_use_that_is_not_public_refuses_everything(
    xaa_released, source, sensitivity, error
):
    sources = declared(xaa_released, source, sensitivity)
    with pytest.raises(error) as caught:
        release(**parts_of(xaa_released) | {"sources": sources})
    assert caught.value.source == source
    assert isinstance(caught.value, ReleaseRefused)


def test_a_source_that_is_not_used_is_neither_asked_nor_released(xaa_released):
    spare = Source("spare", "Spare", "Nobody", xaa_released.as_of)
    again = release(**parts_of(xaa_released) | {"sources": (*xaa_released.sources, spare)})
    assert "spare" not in [source.id for source in again.sources]


def test_a_source_that_is_not_declared_is_named(xaa_released):
    with pytest.raises(UnknownSource, match="'survey' is used by a table but not declared"):
        release(**parts_of(xaa_released) | {"sources": xaa_released.sources[1:]})


def test_protection_takes_the_place_of_the_policy(xaa_released):
    def nothing_passes(frames, _sources):
        return Frames(frames.figures.iloc[:0], frames.flows.iloc[:0], frames.presence.iloc[:0])

    again = release(**parts_of(xaa_released), policy=nothing_passes)
    assert len(again.figures) == len(again.flows) == len(again.presence) == 0
