"""The tables in a SQLite file. An older file is read as it is, and brought up when it is written to."""

# ruff: noqa: S608 - the names put into statements are constants of this module; values never are

import sqlite3

from geo.edition_rows import FIGURES_KEY, FRAMES, column_of

__all__ = ["APPLICATION", "SCHEMA", "SINCE", "TABLES", "bring_up"]

SCHEMA = 4
"""Version of the tables below, in the file's ``user_version``.

Version 1 had no bounds of figures; version 2 had its figures by day first; version 3 had summaries of
large editions where now there are sheets (`geo.sheets`).
"""

APPLICATION = 0x7369_746D
"""\"sitm\" in the file's header: this is a sitmap store."""

_TYPES = {
    "level": "INTEGER NOT NULL",
    "unplaced": "INTEGER NOT NULL",
    "value": "REAL",
    "low": "REAL",
    "high": "REAL",
    "start": "TEXT",
}
# `place` keeps the order the rows were published in
_KEYS = {
    # what is asked for together lies together: one series, one day
    "figures": ", ".join(["edition", *map(column_of, FIGURES_KEY)]),
    "flows": "edition, place",
    "presence": "edition, place",
}


def _create_table(table: str, named: str = "") -> str:
    columns = ", ".join(
        f"{column_of(name)} {_TYPES.get(name, 'TEXT NOT NULL')}" for name in FRAMES[table]
    )
    return (
        f"CREATE TABLE {named or table} (edition TEXT NOT NULL REFERENCES editions (id), "
        f"place INTEGER NOT NULL, {columns}, PRIMARY KEY ({_KEYS[table]})) WITHOUT ROWID"
    )


_SHEETS = (
    # with a rowid: the key is small and the content is not
    "CREATE TABLE sheets (edition TEXT NOT NULL REFERENCES editions (id), kind TEXT NOT NULL, "
    "key TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (edition, kind, key))",
    "CREATE TABLE seals (edition TEXT PRIMARY KEY REFERENCES editions (id), "
    "sha256 TEXT NOT NULL) WITHOUT ROWID",
)
TABLES = (
    "CREATE TABLE editions (id TEXT PRIMARY KEY, situation TEXT NOT NULL, "
    "number INTEGER NOT NULL, published TEXT NOT NULL, vintage TEXT NOT NULL, "
    "content TEXT NOT NULL, status TEXT NOT NULL, particulars TEXT NOT NULL, "
    "specs TEXT NOT NULL, UNIQUE (situation, number)) WITHOUT ROWID",
    "CREATE TABLE current (situation TEXT PRIMARY KEY, "
    "edition TEXT NOT NULL REFERENCES editions (id)) WITHOUT ROWID",
    *(_create_table(table) for table in FRAMES),
    *_SHEETS,
)
_ALL_FIGURES = ", ".join(["edition", "place", *map(column_of, FRAMES["figures"])])
SINCE = {  # what brings a store of a version to the next one
    1: tuple(f"ALTER TABLE figures ADD COLUMN {name} REAL" for name in ("low", "high")),
    2: (
        _create_table("figures", "figures_3"),
        f"INSERT INTO figures_3 ({_ALL_FIGURES}) SELECT {_ALL_FIGURES} FROM figures",
        "DROP TABLE figures",
        "ALTER TABLE figures_3 RENAME TO figures",
    ),
    3: (*(f"DROP TABLE IF EXISTS {name}" for name in ("days", "latest", "fed")), *_SHEETS),
}


def bring_up(db: sqlite3.Connection) -> None:
    """Bring an older store to this version, step by step; what is published in it stays as it is."""
    db.execute("BEGIN IMMEDIATE")
    (made,) = db.execute("PRAGMA user_version").fetchone()  # others may have, while this one waited
    for version in range(made, SCHEMA):
        for statement in SINCE[version]:
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {SCHEMA}")
    db.execute("COMMIT")
