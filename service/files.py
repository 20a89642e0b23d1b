"""Files beside the program and files it leaves behind. Nothing is ever half-written."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from service.errors import CannotWrite

__all__ = ["example_folder", "examples_at_hand", "write_all", "write_one"]


def examples_at_hand() -> list[str]:
    """Return the names of the packaged examples."""
    return sorted(
        {p.parent.name for root in _example_roots() for p in root.glob("*/situation.toml")}
    )


def example_folder(name: str) -> Path:
    """Return the folder of one packaged example."""
    return next(root / name for root in _example_roots() if (root / name).is_dir())


def _example_roots() -> list[Path]:
    """Return where examples lie: in the wheel beside this module, in a checkout at its top."""
    here = Path(__file__).resolve().parent
    return [root for root in (here / "examples", here.parent / "examples") if root.is_dir()]


def write_one(path: Path, content: bytes) -> None:
    """Write one file by writing a neighbour and renaming it; raises `CannotWrite`."""
    write_all({path: content})


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write several files: all are written beside their names first, then all are renamed.

    Where writing fails, nothing that was there before is touched and nothing is left behind.
    """
    written: list[tuple[Path, Path]] = []
    path = Path()
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            written.append((beside, path))
            beside.write_bytes(content)
        for beside, path in written:
            beside.replace(path)
    except OSError as error:
        raise CannotWrite(
            path,
            why=(error.strerror or "it cannot be written").lower(),
            todo="Free the space or name another place with --out.",
        ) from None
    finally:
        for beside, _ in written:
            beside.unlink(missing_ok=True)
