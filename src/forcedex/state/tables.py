"""The tables of the state store. The migrations in `migrations/` make them; this is how queries name them."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Text

metadata = MetaData()

#: One row: the first ordinal that no block has taken yet.
ordinals = Table(
    "ordinals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("next", BigInteger, nullable=False),
)

#: The orgs that were synced, so that questions can be asked without Salesforce.
orgs = Table(
    "orgs",
    metadata,
    Column("org_id", String(18), primary_key=True),
    Column("login_url", String(255), nullable=False),
    Column("org_name", String(255), nullable=False),
    Column("instance_url", String(255), nullable=False),
    Column("username", String(255), nullable=False),
    Column("seen_at", String(40), nullable=False),
)

#: Times are ISO texts in UTC, so that every database keeps them alike.
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("org_id", String(18), primary_key=True),
    Column("object", String(255), primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("index_uuid", String(40), nullable=False),
    Column("phase", String(20), nullable=False),
    Column("floor", String(40), nullable=False),
    Column("job_id", String(18)),
    Column("ordinal", BigInteger),
    Column("locator", Text),
    Column("mark_stamp", String(40)),
    Column("mark_id", String(18)),
    Column("synced_at", String(40)),
)

#: Deleted records that others may have referred to; see `forcedex.sync.references`.
deletions = Table(
    "deletions",
    metadata,
    Column("org_id", String(18), primary_key=True),
    Column("object", String(255), primary_key=True),
    Column("record_id", String(18), primary_key=True),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("org_id", String(18), primary_key=True),
    Column("object", String(255), primary_key=True),
    Column("record_id", String(18), primary_key=True),
    Column("reason", Text, nullable=False),
)
