"""Browsers that have logged in.

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.String(18), nullable=False),
        sa.Column("began_at", sa.String(40), nullable=False),
        sa.Column("used_at", sa.String(40), nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
    )
