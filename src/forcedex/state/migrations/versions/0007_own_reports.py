"""Reports of one's own, and when reports are sent.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_reports",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("owner", sa.String(18), primary_key=True),
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("saved_at", sa.String(40), nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "schedules",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("owner", sa.String(18), nullable=False),
        sa.Column("report", sa.String(60), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("due", sa.String(40), nullable=False),
        sa.Column("claimed_until", sa.String(40)),
        sa.Column("crc", sa.BigInteger, nullable=False),
    )
