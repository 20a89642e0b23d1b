import os

import pytest

from service.errors import BadSetting
from service.settings import Settings


def test_stores_are_separated_like_a_path() -> None:
    settings = Settings.from_environment({"SITMAP_STORES": os.pathsep.join(["a", "b"])})
    assert [store.name for store in settings.stores] == ["a", "b"]


def test_a_base_url_has_no_slash_at_its_end() -> None:
    assert (
        Settings.from_environment({"SITMAP_BASE_URL": "https://x.org/"}).base_url == "https://x.org"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITMAP_BASE_URL", "x.org"),
        ("SITMAP_BASE_URL", "javascript:alert(1)"),
        ("SITMAP_CACHE_ENTRIES", "many"),
        ("SITMAP_MAX_ZOOM", "15"),
        ("SITMAP_MAX_ZOOM", "0"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        Settings.from_environment({name: value})


def test_sites_that_may_embed_and_names_we_answer_to_are_words() -> None:
    settings = Settings.from_environment(
        {
            "SITMAP_EMBED_ORIGINS": "https://portal.example https://*.un.example:8443",
            "SITMAP_HOSTS": "maps.example localhost",
        }
    )
    assert settings.ancestors == "'self' https://portal.example https://*.un.example:8443"
    assert settings.hosts == ("maps.example", "localhost")
    assert Settings.from_environment({}).ancestors == "*"
    for name, value in (
        ("SITMAP_EMBED_ORIGINS", "portal.example"),
        ("SITMAP_EMBED_ORIGINS", "https://x.example; script-src *"),
        ("SITMAP_HOSTS", "https://maps.example"),
    ):
        with pytest.raises(BadSetting, match=name):
            Settings.from_environment({name: value})
