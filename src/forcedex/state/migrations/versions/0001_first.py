"""The first tables: ordinals, orgs, checkpoints, deletions, dead letters.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    ordinals = op.create_table(
        "ordinals",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("next", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(ordinals, [{"id": 1, "next": 1}])
    op.create_table(
        "orgs",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("login_url", sa.String(255), nullable=False),
        sa.Column("org_name", sa.String(255), nullable=False),
        sa.Column("instance_url", sa.String(255), nullable=False),
        sa.Column("username", sa.String(255), nullable=False),
        sa.Column("seen_at", sa.String(40), nullable=False),
    )
    op.create_table(
        "checkpoints",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("object", sa.String(255), primary_key=True),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("index_uuid", sa.String(40), nullable=False),
        sa.Column("phase", sa.String(20), nullable=False),
        sa.Column("floor", sa.String(40), nullable=False),
        sa.Column("job_id", sa.String(18)),
        sa.Column("ordinal", sa.BigInteger),
        sa.Column("locator", sa.Text),
        sa.Column("mark_stamp", sa.String(40)),
        sa.Column("mark_id", sa.String(18)),
        sa.Column("synced_at", sa.String(40)),
    )
    op.create_table(
        "deletions",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("object", sa.String(255), primary_key=True),
        sa.Column("record_id", sa.String(18), primary_key=True),
    )
    op.create_table(
        "dead_letters",
        sa.Column("org_id", sa.String(18), primary_key=True),
        sa.Column("object", sa.String(255), primary_key=True),
        sa.Column("record_id", sa.String(18), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
    )


def downgrade() -> None:
    for table in ("dead_letters", "deletions", "checkpoints", "orgs", "ordinals"):
        op.drop_table(table)
