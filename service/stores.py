"""Which store an address means: a path or ``sqlite:///…`` is a file, ``postgresql://…`` a database.

A file's boundaries, marks and columns lie beside it. A database is shared by machines: its boundaries
are in it, and each machine has a folder of its own for what it keeps of them (`home_of`).
"""

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from boundaries.shelf import data_folder
from service.errors import BadStoreAddress

if TYPE_CHECKING:
    from geo.postgres_store import PostgresStore
    from geo.sqlite_store import SqliteStore
    from geo.store import Store

__all__ = [
    "Address",
    "at_hand",
    "brought_up",
    "home_of",
    "is_there",
    "joined_addresses",
    "marks_of",
    "open_to_read",
    "open_to_serve",
    "open_to_write",
    "parsed_address",
    "shown",
    "split_addresses",
]

Address = Path | str
"""A file of SQLite, or the URL of a PostgreSQL database."""

_FILE, _DATABASE = "sqlite://", ("postgresql://", "postgres://")


def parsed_address(text: str) -> Address:
    """Return what an address means; raises `BadStoreAddress` for another kind of URL.

    As elsewhere, three slashes begin a path from here, four a path from the root.

    >>> parsed_address("sqlite:///stores/mali.sqlite").as_posix()
    'stores/mali.sqlite'
    >>> parsed_address("postgresql://db.example/figures")
    'postgresql://db.example/figures'
    """
    if text.startswith(_DATABASE):
        return text
    if text.startswith(f"{_FILE}/") and len(text) > len(_FILE) + 1:
        return Path(text.removeprefix(f"{_FILE}/"))
    if "://" in text or not text:
        raise BadStoreAddress(text.partition("://")[0])
    return Path(text)


def split_addresses(text: str) -> tuple[Address, ...]:
    """Return the addresses of ``SITMAP_STORES``: separated like ``PATH``, or one a line.

    The parts of a URL are separated like ``PATH`` themselves; a URL has a line of its own.

    >>> [str(each) for each in split_addresses("postgresql://a/b\\nc.sqlite")]
    ['postgresql://a/b', 'c.sqlite']
    """
    parts = text.splitlines() if "\n" in text or "://" in text else text.split(os.pathsep)
    return tuple(parsed_address(part.strip()) for part in parts if part.strip())


def joined_addresses(addresses: tuple[Address, ...]) -> str:
    """Return what `split_addresses` takes apart."""
    separator = "\n" if any(isinstance(each, str) for each in addresses) else os.pathsep
    return separator.join(map(str, addresses))


def shown(address: Address) -> str:
    """Return an address as it may be shown: never with a password."""
    if isinstance(address, Path):
        return str(address)
    from geo.postgres_connecting import shown_address

    return shown_address(address)


def home_of(address: Address) -> Path:
    """Return the folder for what lies beside a store: a file's own, else one of this machine's."""
    if isinstance(address, Path):
        return address.parent
    key = hashlib.sha256(shown(address).encode()).hexdigest()[:12]
    return data_folder() / "stores" / key


def marks_of(address: Address) -> Path:
    """Return the file that remembers what was built into a store from this machine."""
    if isinstance(address, Path):
        return address.with_suffix(".built.json")
    return home_of(address) / "built.json"


def is_there(address: Address) -> bool:
    """Return whether there is anything to read from; a database has to be asked."""
    return not isinstance(address, Path) or address.exists()


def open_to_read(address: Address) -> "Store":
    """Open a store to read from; raises a `StoreError` where it cannot be."""
    if isinstance(address, Path):
        from geo.sqlite_store import SqliteStore

        return SqliteStore.open_readonly(address)
    store = _database(address, readonly=True)
    store.situations()  # says what is wrong now
    return store


def open_to_write(address: Address) -> "SqliteStore | PostgresStore":
    """Return a store to publish in; it is made where it is not there yet."""
    if isinstance(address, Path):
        from geo.sqlite_store import SqliteStore

        return SqliteStore(address)
    return _database(address, readonly=False)


def open_to_serve(address: Address) -> "Store":
    """Return a store for the serving process: it can change nothing, and need not be there yet."""
    if isinstance(address, Path):
        from geo.sqlite_store import SqliteStore

        return SqliteStore(address, readonly=True)
    return _database(address, readonly=True, serving=True)


def brought_up(address: Address) -> str:
    """Make a store's tables or bring older ones up; return what was done, in words."""
    if isinstance(address, Path):
        open_to_write(address).situations()
        return "a file is brought up when it is written to"
    from geo.postgres_connecting import bring_up_at

    before, now = bring_up_at(address)
    if before == now:
        return f"of schema {now} already"
    return f"brought up from schema {before} to {now}" if before else f"made, of schema {now}"


def at_hand(address: Address) -> bool:
    """Return whether this machine keeps editions that can be served while the store is away."""
    if isinstance(address, Path):
        return False
    from geo.kept_editions import KeptEditions

    return KeptEditions(_kept(address)).holdings() is not None


def _database(address: str, *, readonly: bool, serving: bool = False) -> "PostgresStore":
    from geo.postgres_store import PostgresStore

    # several machines may share one folder; without, each has what it published itself
    told = os.environ.get("SITMAP_COLUMNS")
    return PostgresStore(
        address,
        readonly=readonly,
        listening=serving,
        keep=_kept(address) if serving else None,
        columns=Path(told) if told else home_of(address) / "columns",
    )


def _kept(address: str) -> Path:
    return home_of(address) / "editions"
