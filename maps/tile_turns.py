"""Processes that take turns: what several are asked for at once, one makes, and the others wait for it.

The turn is a lock on an empty file (``flock``), which the system lets go when its holder ends, however it
ends. Where no such file can be made, and on Windows, everyone goes at once: the work is done twice
then, and comes out the same.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

__all__ = ["in_turn"]


@contextmanager
def in_turn(path: Path) -> Iterator[bool]:
    """Hold the turn that a file stands for; the value is whether it had to be waited for.

    Threads of one process take turns, too. Never ask for a turn that the thread itself holds.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, in_turn(Path(folder) / "turns" / "one") as waited:
    ...     waited
    False
    """
    file = _opened(path)
    if file is None:
        yield False
        return
    try:
        yield _taken(file)
    finally:
        _let_go(file)


def _opened(path: Path) -> int | None:
    if sys.platform == "win32":
        return None
    try:
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        return None


def _taken(file: int) -> bool:
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(file, fcntl.LOCK_EX)
        return True
    except OSError:  # a file system without locks
        return False
    return False


def _let_go(file: int) -> None:
    if sys.platform != "win32":
        # closing would not do where a child process has the file, too
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_UN)
    os.close(file)
