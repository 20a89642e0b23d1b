import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.once import Once


def test_many_who_ask_at_once_are_answered_by_one_making() -> None:
    memory: Once[str, int] = Once(size=4)
    made: list[int] = []
    gate = threading.Event()

    def make() -> int:
        gate.wait(5)
        made.append(1)
        return 7

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(memory.get, "key", make) for _ in range(8)]
        gate.set()
        assert [answer.result() for answer in answers] == [7] * 8
    assert made == [1]


def test_what_failed_is_made_again() -> None:
    memory: Once[str, int] = Once(size=4)

    def fail() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        memory.get("key", fail)
    assert memory.get("key", lambda: 3) == 3


def test_what_was_asked_for_last_is_kept() -> None:
    memory: Once[int, int] = Once(size=2)
    for key in (1, 2, 1, 3):
        memory.get(key, lambda key=key: key)
    assert memory.get(1, lambda: 10) == 1
    assert memory.get(2, lambda: 20) == 20
