"""Published editions that this machine keeps for the time the database is away. Nothing else is kept.

Each edition is a file of its own, and gone once the database says that it is withdrawn. Large
editions are not kept: they are answered by parts, from the database.
"""

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from boundaries.errors import SitmapError
from geo.release import ReleasedFigures
from geo.sqlite_store import SqliteStore
from geo.store import Edition, Holdings, Status

__all__ = ["KeptEditions"]


class KeptEditions:
    """Editions in ``folder``. A folder that cannot be written to keeps nothing, and is no error."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, edition: str, released: ReleasedFigures, specs: str) -> None:
        """Keep an edition, unless it is kept already."""
        path = self._path(edition)
        if path.is_file():
            return
        with suppress(OSError, SitmapError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder) as beside:
                # under another name until it is whole
                made = SqliteStore(Path(beside) / "edition.sqlite")
                made.publish(released, specs_json=specs, published=datetime.now(UTC))
                os.replace(made.path, path)  # noqa: PTH105 - over one that another worker made

    def read(self, edition: str) -> ReleasedFigures | None:
        """Return a kept edition, None where it is not kept or damaged."""
        with suppress(OSError, SitmapError):
            return SqliteStore(self._path(edition), readonly=True).read(edition)
        return None

    def specs(self, edition: str) -> str | None:
        """Return the specifications of a kept edition, None where it is not kept or damaged."""
        with suppress(OSError, SitmapError):
            return SqliteStore(self._path(edition), readonly=True).specs(edition)
        return None

    def follow(self, holdings: Holdings) -> None:
        """Remember what is shown, and let go of what is shown no more."""
        document = {
            "current": [edition.id for edition in holdings.current.values()],
            "shown": [_said(edition) for edition in holdings.shown.values()],
        }
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", dir=self.folder, suffix=".part", encoding="utf-8", delete=False
            ) as part:
                json.dump(document, part)
            os.replace(part.name, self._list)  # noqa: PTH105 - a reader sees the old or the new one
            for path in self.folder.glob("*.sqlite"):
                if path.stem not in holdings.shown:
                    path.unlink(missing_ok=True)

    def holdings(self) -> Holdings | None:
        """Return what was shown last of what is kept, None where nothing is."""
        try:
            said = json.loads(self._list.read_text("utf-8"))
            shown = {each["id"]: _edition(each) for each in said["shown"]}
            current = {shown[each].situation: shown[each] for each in said["current"]}
        except (OSError, ValueError, TypeError, KeyError):
            return None
        at_hand = {each: shown[each] for each in shown if self._path(each).is_file()}
        kept = {situation: each for situation, each in current.items() if each.id in at_hand}
        return Holdings(kept, at_hand) if kept else None

    @property
    def _list(self) -> Path:
        return self.folder / "holdings.json"

    def _path(self, edition: str) -> Path:
        return self.folder / f"{edition}.sqlite"


def _said(edition: Edition) -> dict[str, Any]:
    return asdict(edition) | {"published": edition.published.isoformat()}


def _edition(said: dict[str, Any]) -> Edition:
    return Edition(
        **{
            **said,
            "published": datetime.fromisoformat(said["published"]),
            "status": Status(said["status"]),
        }
    )
