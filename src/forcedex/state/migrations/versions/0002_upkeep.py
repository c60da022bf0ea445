"""Leases, notes (before: deletions), sealed payloads, replay ids, moments, reports, notices, checks, calls, requests.

Every row gets its checksum, those that are there too.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

from forcedex.state.rows import checksum

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _extend()
    _add_tables()
    _move_deletions()
    op.bulk_insert(sa.table("ordinals", sa.column("id"), sa.column("next")), [{"id": 2, "next": 1}])
    for name in ("ordinals", "orgs", "checkpoints", "dead_letters"):
        _check_rows(name)


def _extend() -> None:
    """The new columns of the tables that were there; the default only fills the rows that are there."""
    op.add_column("checkpoints", sa.Column("backfill", sa.Text, nullable=False, server_default="[]"))
    op.add_column("checkpoints", sa.Column("fence", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("dead_letters", sa.Column("refused_at", sa.String(40)))
    op.add_column("dead_letters", sa.Column("key_id", sa.String(16)))
    op.add_column("dead_letters", sa.Column("nonce", sa.LargeBinary))
    op.add_column("dead_letters", sa.Column("payload", sa.LargeBinary))
    for name in ("ordinals", "orgs", "checkpoints", "dead_letters"):
        op.add_column(name, sa.Column("crc", sa.BigInteger, nullable=False, server_default="0"))


def _add_tables() -> None:
    _create(
        "leases",
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("host", sa.String(255)),
        sa.Column("boot_id", sa.String(80)),
        sa.Column("pid", sa.BigInteger),
        sa.Column("started", sa.String(40)),
        sa.Column("taken_at", sa.String(40)),
        sa.Column("expires_at", sa.String(40)),
    )
    _create(
        "notes",
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("object", sa.String(255), primary_key=True),
        sa.Column("record_id", sa.String(18), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
    op.create_index("notes_in_order", "notes", ["org_id", "kind", "object", "number"])
    _create(
        "replay_ids",
        sa.Column("object", sa.String(255), primary_key=True),
        sa.Column("replay_id", sa.LargeBinary, nullable=False),
    )
    _create(
        "moments",
        sa.Column("name", sa.String(255), primary_key=True),
        sa.Column("object", sa.String(255), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
    _create(
        "reports",
        sa.Column("object", sa.String(255), primary_key=True),
        sa.Column("report", sa.Text, nullable=False),
    )
    _create(
        "notices",
        sa.Column("object", sa.String(255), primary_key=True),
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("since", sa.String(40), nullable=False),
        sa.Column("cleared_at", sa.String(40)),
    )
    _create(
        "checks",
        sa.Column("object", sa.String(255), primary_key=True),
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("which", sa.String(10), primary_key=True),
        sa.Column("report", sa.Text, nullable=False),
    )
    _create(
        "calls",
        sa.Column("hour", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("calls", sa.BigInteger, nullable=False),
    )
    _create(
        "requests",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("argument", sa.Text, nullable=False),
        sa.Column("asked_at", sa.String(40), nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("answered_at", sa.String(40)),
    )


def _create(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("org_id", sa.String(18), primary_key=True),
        *columns,
        sa.Column("crc", sa.BigInteger, nullable=False),
    )


def _move_deletions() -> None:
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT org_id, object, record_id FROM deletions ORDER BY 1, 2, 3"))
    rows = [
        {"org_id": row.org_id, "kind": "deleted", "object": row.object, "record_id": row.record_id, "number": number}
        for number, row in enumerate(found, 1)
    ]
    names = ("org_id", "kind", "object", "record_id", "number", "crc")
    notes = sa.table("notes", *[sa.column(name) for name in names])
    if rows:
        connection.execute(sa.insert(notes), [{**row, "crc": checksum(row)} for row in rows])
    op.drop_table("deletions")


def _check_rows(name: str) -> None:
    connection = op.get_bind()
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    columns = [column for column in table.columns if column.name not in ("crc", "key_id", "nonce", "payload")]
    for row in connection.execute(sa.select(*columns)).mappings().all():
        own = sa.and_(*[column == row[column.name] for column in table.primary_key])
        connection.execute(sa.update(table).where(own).values(crc=checksum(dict(row))))
