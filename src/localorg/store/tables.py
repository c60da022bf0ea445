"""Tables and indexes of the org's SQLite file."""

from collections.abc import Iterator

from localorg.schema import FieldDef, SObjectDef
from localorg.store.derived import columns

_SQL_TYPES = {"boolean": "INTEGER NOT NULL DEFAULT 0", "int": "INTEGER", "long": "INTEGER"} | dict.fromkeys(
    ("double", "currency", "percent"), "INTEGER"
)

#: What the org keeps beside records: counters and settings, secrets, apps; which records were deleted when, with
#: which other one, and what was cleared because of it; records that a user does not see; sharing rules;
#: objects that were changed.
INTERNAL = """
CREATE TABLE IF NOT EXISTS "_counter" (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS "_setting" (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS "_credential" (
    user_id TEXT PRIMARY KEY, password TEXT NOT NULL, security_token TEXT NOT NULL,
    expired INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS "_app" (client_id TEXT PRIMARY KEY, definition TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS "_refresh_token" (
    token TEXT PRIMARY KEY, client_id TEXT NOT NULL, user_id TEXT NOT NULL, scope TEXT NOT NULL,
    created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS "_deleted" (
    record TEXT PRIMARY KEY, object TEXT NOT NULL, at TEXT NOT NULL, root TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS "_deleted_at" ON "_deleted" (object, at);
CREATE TABLE IF NOT EXISTS "_cleared" (
    root TEXT NOT NULL, parent TEXT NOT NULL, object TEXT NOT NULL, field TEXT NOT NULL, record TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS "_cleared_root" ON "_cleared" (root);
CREATE TABLE IF NOT EXISTS "_hidden" (
    user_id TEXT NOT NULL, object TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (user_id, object, record)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS "_sharing_rule" (
    name TEXT PRIMARY KEY, object TEXT NOT NULL, definition TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS "_schema" (object TEXT PRIMARY KEY, definition TEXT NOT NULL);
"""


def quoted(name: str) -> str:
    """A name in SQL: Group, Case and others are SQL words."""
    return f'"{name}"'


def column(field: FieldDef) -> str:
    """A column's name and type."""
    if field.name == "Id":
        return '"Id" TEXT NOT NULL UNIQUE'
    return f"{quoted(field.name)} {_SQL_TYPES.get(field.type, 'TEXT')}"


def create_table(sobject: SObjectDef) -> str:
    """The statement that makes an object's table."""
    return (
        f"CREATE TABLE IF NOT EXISTS {quoted(sobject.name)} ({', '.join(column(field) for field in columns(sobject))})"
    )


def indexes(sobject: SObjectDef) -> Iterator[tuple[str, str]]:
    """Names and definitions of an object's indexes: the replication key, foreign keys, lookup keys."""
    table = quoted(sobject.name)
    for field in columns(sobject):
        name = f"{sobject.name}_{field.name}"
        if field.name == "SystemModstamp":
            yield name, f'{table} ("SystemModstamp", "Id")'
        elif field.type == "reference" and field.name not in ("CreatedById", "LastModifiedById"):
            yield name, f"{table} ({quoted(field.name)})"
        elif field.case_sensitive:
            yield name, f"{table} ({quoted(field.name)})"
        elif field.external_id or field.type == "email" or field.name in ("Name", "CaseNumber", "Username"):
            yield name, f"{table} ({quoted(field.name)} COLLATE NOCASE)"
