"""Records that Salesforce did not show a person although we did.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reported",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("user_id", sa.String(18), primary_key=True),
        sa.Column("record_id", sa.String(18), primary_key=True),
        sa.Column("object", sa.String(255), nullable=False),
        sa.Column("reported_at", sa.String(40), nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
    )
