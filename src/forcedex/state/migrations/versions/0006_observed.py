"""What the org does not keep: changes that the sync saw, and the totals of days.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import VARCHAR

revision = "0006"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("seen", *_of_record(), sa.Column("stamp", sa.String(40), nullable=False), *_read())
    op.create_table(
        "observed",
        *_of_record(),
        sa.Column("at", sa.String(40), primary_key=True),
        sa.Column("field", sa.String(255), primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "held",
        *_of_record(),
        sa.Column("first", sa.String(10), nullable=False),
        sa.Column("end", sa.String(10), nullable=False),
        *_read(),
    )
    op.create_table(
        "days",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("name", sa.String(255), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("ended_with", sa.LargeBinary),
        sa.Column("corrected", sa.Integer, nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
    )


def _of_record() -> tuple[sa.Column[str], ...]:
    record_id = sa.String(18).with_variant(VARCHAR(18, collation="C"), "postgresql")
    return (
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("object", sa.String(255), primary_key=True),
        sa.Column("record_id", record_id, primary_key=True),
    )


def _read() -> tuple[sa.Column[int] | sa.Column[str], ...]:
    return (
        sa.Column("ordinal", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
    )
