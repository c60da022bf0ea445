"""The search log and the administrator's vocabulary.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "searches",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("asked_at", sa.String(40), nullable=False),
        sa.Column("person", sa.String(18), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("results", sa.BigInteger, nullable=False),
        sa.Column("terms", sa.Integer, nullable=False),
        sa.Column("microseconds", sa.BigInteger, nullable=False),
        sa.Column("relaxed", sa.Integer, nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
    )
    op.create_index("searches_by_time", "searches", ["org_id", "asked_at"])
    op.create_table(
        "clicks",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("search", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("record_id", sa.String(18), primary_key=True),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("clicked_at", sa.String(40), nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "vocabulary",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(500), primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
    )
