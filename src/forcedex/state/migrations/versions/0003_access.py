"""Who may see what: people and rights, grants on records, records that are hidden until they are written anew.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directories",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("read_at", sa.String(40), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
    )
    # In the order of bytes, as Salesforce orders Ids.
    in_bytes = sa.String(18).with_variant(postgresql.VARCHAR(18, collation="C"), "postgresql")
    op.create_table(
        "grants",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("object", sa.String(255), primary_key=True),
        sa.Column("record_id", in_bytes, primary_key=True),
        sa.Column("grants", sa.Text, nullable=False),
        sa.Column("ordinal", sa.BigInteger, nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "denials",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("object", sa.String(255), primary_key=True),
        sa.Column("record_id", sa.String(18), primary_key=True),
        sa.Column("token", sa.String(300), primary_key=True),
        sa.Column("root", sa.String(18), primary_key=True),
        sa.Column("crc", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("who", sa.String(255), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("as_whom", sa.String(255), nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
    )
    op.create_index("denials_by_root", "denials", ["org_id", "root"])
