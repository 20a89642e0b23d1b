"""The tables in PostgreSQL, and who may do what with them. A database is brought up step by step, never guessed at.

Three kinds of users, held apart by the database itself. The owner makes and brings up the tables.
Members of ``sitmap_publisher`` add editions and point to them: they can rewrite or delete no figure.
Members of ``sitmap_reader``, the service's own role, can only read published editions: a withdrawn
edition is not there for them (row security), and they can write nothing at all.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from geo.edition_rows import FIGURES_KEY, FRAMES, column_of

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["CHANNEL", "SCHEMA", "bring_up", "found_schema", "has_postgis"]

SCHEMA = 3
"""Version of the tables; 2 had summaries of large editions where now there are sheets (`geo.sheets`)."""

CHANNEL = "sitmap_editions"
"""What is notified of when another edition is current or one is withdrawn."""

_TYPES = {
    "level": "integer NOT NULL",
    "unplaced": "boolean NOT NULL",
    "value": "double precision",
    "low": "double precision",
    "high": "double precision",
    "start": "date",
}
_TEXT = 'text COLLATE "C" NOT NULL'
# An area's presence may be of no stated day.
_FRAME_TYPES = {
    ("figures", "date"): "date NOT NULL",
    ("flows", "date"): "date NOT NULL",
    ("presence", "date"): "date",
}
_LOCK = 0x7369746D  # "sitm": one who brings up at a time


def _frame(table: str) -> str:
    columns = ", ".join(
        f"{column_of(name)} {_FRAME_TYPES.get((table, name)) or _TYPES.get(name, _TEXT)}"
        for name in FRAMES[table]
    )
    return (
        # no foreign key: an edition's rows are written with it and never taken away, and a check
        # for each of ten million rows takes minutes
        f"CREATE TABLE sitmap.{table} (edition {_TEXT}, place integer NOT NULL, {columns})"
    )


_MADE_IN = {
    1: ("editions", "current", "figures", "flows", "presence", "boundaries", "units"),
    3: ("sheets", "seals"),
}
_KEEPS_EDITION = {"figures", "flows", "presence", "current", "sheets", "seals"}


def _role(name: str) -> str:
    return f"""
    DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{name}') THEN
        CREATE ROLE {name} NOLOGIN;
      END IF;
    EXCEPTION WHEN duplicate_object THEN NULL;  -- made for another database of the cluster just now
    END $$"""


def _rights(table: str) -> tuple[str, ...]:
    """Readers see what is published; publishers add, and only point and decide."""
    changes = {"editions": ", UPDATE (status)", "current": ", UPDATE (edition), DELETE"}
    statements = [
        f"GRANT SELECT ON sitmap.{table} TO sitmap_reader, sitmap_publisher",
        f"GRANT INSERT{changes.get(table, '')} ON sitmap.{table} TO sitmap_publisher",
    ]
    seen = {
        "editions": "status = 'published'",
        # what this user sees of editions, which is row security again
        **dict.fromkeys(_KEEPS_EDITION, "edition IN (SELECT id FROM sitmap.editions)"),
    }.get(table)
    if seen:
        statements += [
            f"ALTER TABLE sitmap.{table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY published ON sitmap.{table} FOR SELECT TO sitmap_reader USING ({seen})",
            f"CREATE POLICY publishing ON sitmap.{table} TO sitmap_publisher "
            "USING (true) WITH CHECK (true)",
        ]
    return tuple(statements)


_STEPS: Mapping[int, tuple[str, ...]] = {
    1: (
        "CREATE EXTENSION IF NOT EXISTS postgis",
        _role("sitmap_reader"),
        _role("sitmap_publisher"),
        "CREATE SCHEMA IF NOT EXISTS sitmap",
        "GRANT USAGE ON SCHEMA sitmap TO sitmap_reader, sitmap_publisher",
        "CREATE TABLE sitmap.schema_version (version integer PRIMARY KEY, "
        "brought_up timestamptz NOT NULL DEFAULT now())",
        "GRANT SELECT ON sitmap.schema_version TO sitmap_reader, sitmap_publisher",
        f"CREATE TABLE sitmap.editions (id {_TEXT} PRIMARY KEY, situation {_TEXT}, "
        f"number integer NOT NULL, published timestamptz NOT NULL, vintage {_TEXT}, "
        f"content {_TEXT}, status {_TEXT}, particulars {_TEXT}, specs {_TEXT}, "
        "UNIQUE (situation, number))",
        f"CREATE TABLE sitmap.current (situation {_TEXT} PRIMARY KEY, "
        f"edition {_TEXT} REFERENCES sitmap.editions (id))",
        *(_frame(table) for table in FRAMES),
        "CREATE UNIQUE INDEX figures_key ON sitmap.figures (edition, "
        f"{', '.join(map(column_of, FIGURES_KEY))})",
        "CREATE UNIQUE INDEX flows_key ON sitmap.flows (edition, place)",
        "CREATE UNIQUE INDEX presence_key ON sitmap.presence (edition, place)",
        f"CREATE TABLE sitmap.boundaries (content {_TEXT} PRIMARY KEY, parquet bytea NOT NULL)",
        f"CREATE TABLE sitmap.units (content {_TEXT}, pcode {_TEXT}, level integer NOT NULL, "
        f"parent {_TEXT}, name {_TEXT}, geom geometry(Geometry, 4326) NOT NULL, "
        "PRIMARY KEY (content, pcode))",
        "CREATE INDEX units_geom ON sitmap.units USING gist (geom)",
        # For desktop GIS: only current editions, so only published ones.
        "CREATE VIEW sitmap.current_figures AS SELECT e.situation, e.id AS edition, f.pcode, "
        "u.name, f.level, f.group_, f.measure, f.kind, f.unit, f.start, f.date, f.origin, f.value, "
        "f.state, f.basis, f.sources, u.geom FROM sitmap.current c "
        "JOIN sitmap.editions e ON e.id = c.edition AND e.status = 'published' "
        "JOIN sitmap.figures f ON f.edition = e.id AND NOT f.unplaced "
        "LEFT JOIN sitmap.units u ON u.pcode = f.pcode AND u.content = "
        "CASE WHEN e.specs LIKE '{%' THEN e.specs::jsonb #>> '{vintage,content}' END",
        "GRANT SELECT ON sitmap.current_figures TO sitmap_reader, sitmap_publisher",
        *(each for table in _MADE_IN[1] for each in _rights(table)),
    ),
    2: (),  # made summaries that step 3 takes away
    3: (
        *(f"DROP TABLE IF EXISTS sitmap.{name}" for name in ("days", "latest", "fed")),
        f"CREATE TABLE sitmap.sheets (edition {_TEXT}, kind {_TEXT}, key {_TEXT}, "
        "content bytea NOT NULL, PRIMARY KEY (edition, kind, key))",
        f"CREATE TABLE sitmap.seals (edition {_TEXT} PRIMARY KEY, sha256 {_TEXT})",
        *(each for table in _MADE_IN[3] for each in _rights(table)),
    ),
}


def found_schema(db: "Connection[Any]") -> int:
    """Return the version of the tables there; 0 where there are none."""
    (there,) = _one(db, "SELECT to_regclass('sitmap.schema_version') IS NOT NULL")
    if not there:
        return 0
    (version,) = _one(db, "SELECT coalesce(max(version), 0) FROM sitmap.schema_version")
    return int(version)


def has_postgis(db: "Connection[Any]") -> bool:
    """Return whether the database has the extension."""
    (there,) = _one(db, "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis')")
    return bool(there)


def bring_up(db: "Connection[Any]", *, to: int = SCHEMA) -> int:
    """Make the tables, or bring older ones up to version ``to``; return the version found before.

    In one transaction, one at a time; what is published stays as it is.
    """
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        before = found_schema(db)
        for version in range(before + 1, to + 1):
            for statement in _STEPS[version]:
                db.execute(statement.encode())
            db.execute("INSERT INTO sitmap.schema_version (version) VALUES (%s)", [version])
    return before


def _one(db: "Connection[Any]", query: str) -> tuple[Any, ...]:
    row = db.execute(query.encode()).fetchone()
    assert row is not None  # noqa: S101 - each of these always gives one row
    return tuple(row)
