import importlib
import pkgutil
import re
from collections.abc import Iterator

import boundaries
import geo
import maps
import service
from boundaries.errors import SitmapError
from geo.errors import StoreUnavailable
from service.errors import PROBLEMS, BadSetting, exit_code


def _all_errors(root: type[SitmapError]) -> Iterator[type[SitmapError]]:
    yield root
    for each in root.__subclasses__():
        yield from _all_errors(each)


def _import_everything() -> None:
    for room in (boundaries, geo, maps, service):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            importlib.import_module(module.name)


def test_every_error_of_every_room_has_its_status_and_no_two_share_a_code() -> None:
    _import_everything()
    errors = {e for e in _all_errors(SitmapError) if e.__module__.split(".")[0] != "tests"}
    assert {e.code for e in errors} - set(PROBLEMS) == set()
    own = [vars(e)["code"] for e in errors if "code" in vars(e)]
    assert len(set(own)) == len(own)


def test_codes_are_lower_case_words_with_hyphens() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", code) for code in PROBLEMS)


def test_titles_are_fixed_sentences() -> None:
    assert all(
        problem.title.endswith(".") and "{" not in problem.title for problem in PROBLEMS.values()
    )


def test_an_unavailable_store_exits_3_and_all_else_2() -> None:
    assert exit_code(StoreUnavailable("x", found="it is locked", todo="Wait.")) == 3
    assert exit_code(BadSetting("X", expected="a word")) == 2
