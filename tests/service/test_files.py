from pathlib import Path

import pytest

from service.errors import CannotWrite
from service.files import example_folder, examples_at_hand, write_all


def test_all_files_are_written_or_none(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("before", "utf-8")
    (tmp_path / "blocked").write_text("a file, no folder", "utf-8")
    with pytest.raises(CannotWrite):
        write_all({tmp_path / "old.txt": b"after", tmp_path / "blocked" / "new.txt": b"x"})
    assert (tmp_path / "old.txt").read_text("utf-8") == "before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["blocked", "old.txt"]


def test_written_files_leave_no_temporary_neighbour(tmp_path: Path) -> None:
    write_all({tmp_path / "out" / "a.svg": b"a", tmp_path / "out" / "b.svg": b"b"})
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["a.svg", "b.svg"]


def test_the_mali_example_is_packaged() -> None:
    assert "mali-2017" in examples_at_hand()
    assert (example_folder("mali-2017") / "situation.toml").is_file()
