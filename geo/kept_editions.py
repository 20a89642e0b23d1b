"""Published editions that this machine keeps for the time the database is away. Nothing else is kept.

Each edition is a file of its own, and gone once the database says that it is withdrawn. An edition that
is answered by its sheets is kept as those; they are copied in the background, and read from here, which
is quicker than asking the database, as soon as all of them are.
"""

import json
import os
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from boundaries.errors import SitmapError
from geo.errors import StoreError
from geo.release import ReleasedFigures
from geo.sheets import CONTENTS, DAY, ORIGINS, UNIT, Sheet
from geo.sqlite_file import SqliteFile
from geo.sqlite_store import SqliteStore
from geo.store import Edition, Holdings, Status
from geo.store_sheets import StoreSheets
from geo.stored_figures import SheetReader

__all__ = ["KeptEditions"]

_LOOKED_FOR = 0.2  # seconds between two looks for a copy that is being made


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
            return SqliteStore(self._path(edition), readonly=True).open(edition)
        return None

    def sheets(
        self, edition: Edition, without: ReleasedFigures, specs: str, there: SheetReader
    ) -> SheetReader:
        """Return where an edition's sheets are read, and begin to copy them if they are not here.

        Until they are here they are read ``there``. ``without`` is the edition without its figures.
        """
        path = self._path(edition.id)
        if not path.is_file():
            threading.Thread(
                target=self._copy,
                args=(edition, without, specs, there),
                name="sitmap-keeping",
                daemon=True,
            ).start()
        return _KeptFirst(path, edition.id, there)

    def _copy(
        self, edition: Edition, without: ReleasedFigures, specs: str, there: SheetReader
    ) -> None:
        """Copy all sheets into a file that has its name when it is whole; a failure is no error."""
        listed = (
            Sheet(kind, key, content)
            for kind in (DAY, UNIT, ORIGINS, CONTENTS)
            for key, content in there.contents(kind)
        )
        with suppress(OSError, SitmapError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder) as beside:
                made = SqliteStore(Path(beside) / "edition.sqlite")
                made.keep_sheets(edition, without, specs_json=specs, sheets=listed)
                os.replace(made.path, self._path(edition.id))  # noqa: PTH105 - another worker's

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


class _KeptFirst:
    """Reads sheets in the file that keeps them, and until it is there, or if it goes, in the store."""

    def __init__(self, path: Path, edition: str, there: SheetReader) -> None:
        self._path, self._there = path, there
        self._here = StoreSheets(SqliteFile(path, readonly=True).ask, edition, at_hand=True)
        self._kept = path.is_file()
        self._looked = time.monotonic()

    @property
    def at_hand(self) -> bool:
        if not self._kept and time.monotonic() - self._looked > _LOOKED_FOR:
            self._kept, self._looked = self._path.is_file(), time.monotonic()
        return self._kept

    def content(self, kind: str, key: str) -> bytes | None:
        if self.at_hand:
            try:
                return self._here.content(kind, key)
            except StoreError:  # it went: withdrawn, or swept away
                self._kept = False
        return self._there.content(kind, key)

    def contents(self, kind: str) -> Iterable[tuple[str, bytes]]:
        return (self._here if self.at_hand else self._there).contents(kind)


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
