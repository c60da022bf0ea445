"""The tables of the state store. The migrations in `migrations/` make them; this is how queries name them.

Times are ISO texts in UTC, so that every database keeps them alike. `crc` is the checksum of the row, see `rows`.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text
from sqlalchemy.dialects.postgresql import VARCHAR

metadata = MetaData()


def _crc() -> Column[int]:
    return Column("crc", BigInteger, nullable=False)


def _key(name: str, length: int = 255) -> Column[str]:
    return Column(name, String(length), primary_key=True)


def _in_order() -> Column[str]:
    """The Id of a record; scans go by its bytes."""
    return Column("record_id", String(18).with_variant(VARCHAR(18, collation="C"), "postgresql"), primary_key=True)


#: Counters, by id: 1 is the first ordinal that no block has taken yet, 2 the next request's number.
ordinals = Table(
    "ordinals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("next", BigInteger, nullable=False),
    _crc(),
)

#: The orgs that were synced, so that questions can be asked without Salesforce.
orgs = Table(
    "orgs",
    metadata,
    _key("org_id", 18),
    Column("login_url", String(255), nullable=False),
    Column("org_name", String(255), nullable=False),
    Column("instance_url", String(255), nullable=False),
    Column("username", String(255), nullable=False),
    Column("seen_at", String(40), nullable=False),
    _crc(),
)

#: Who syncs the org. Without a host nobody does; the fence stays and only ever rises.
leases = Table(
    "leases",
    metadata,
    _key("org_id", 18),
    Column("fence", BigInteger, nullable=False),
    Column("host", String(255)),
    Column("boot_id", String(80)),
    Column("pid", BigInteger),
    Column("started", String(40)),
    Column("taken_at", String(40)),
    Column("expires_at", String(40)),
    _crc(),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    _key("org_id", 18),
    _key("object"),
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
    #: A JSON list of columns.
    Column("backfill", Text, nullable=False),
    #: Of the lease under which it was saved.
    Column("fence", BigInteger, nullable=False),
    _crc(),
)

#: Records about which something is to be done, in the order of `number` within (org, kind, object).
notes = Table(
    "notes",
    metadata,
    _key("org_id", 18),
    _key("kind", 40),
    _key("object"),
    _key("record_id", 18),
    Column("number", BigInteger, nullable=False),
    _crc(),
    Index("notes_in_order", "org_id", "kind", "object", "number"),
)

#: `payload` is sealed JSON; GCM guards it, so the checksum leaves it and what opens it out.
dead_letters = Table(
    "dead_letters",
    metadata,
    _key("org_id", 18),
    _key("object"),
    _key("record_id", 18),
    Column("reason", Text, nullable=False),
    Column("refused_at", String(40)),
    Column("key_id", String(16), info={"guarded": True}),
    Column("nonce", LargeBinary, info={"guarded": True}),
    Column("payload", LargeBinary, info={"guarded": True}),
    _crc(),
)

replay_ids = Table(
    "replay_ids",
    metadata,
    _key("org_id", 18),
    _key("object"),
    Column("replay_id", LargeBinary, nullable=False),
    _crc(),
)

moments = Table(
    "moments",
    metadata,
    _key("org_id", 18),
    _key("name"),
    _key("object"),
    Column("text", Text, nullable=False),
    _crc(),
)

#: `report` is the JSON of an `ObjectReport`.
reports = Table(
    "reports",
    metadata,
    _key("org_id", 18),
    _key("object"),
    Column("report", Text, nullable=False),
    _crc(),
)

notices = Table(
    "notices",
    metadata,
    _key("org_id", 18),
    _key("object"),
    _key("kind", 40),
    Column("text", Text, nullable=False),
    Column("since", String(40), nullable=False),
    Column("cleared_at", String(40)),
    _crc(),
)

#: `which` is `last` or `clean`, `report` the JSON of a `CheckReport`.
checks = Table(
    "checks",
    metadata,
    _key("org_id", 18),
    _key("object"),
    _key("kind", 40),
    _key("which", 10),
    Column("report", Text, nullable=False),
    _crc(),
)

#: API calls by hour since 1970.
calls = Table(
    "calls",
    metadata,
    _key("org_id", 18),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("calls", BigInteger, nullable=False),
    _crc(),
)

#: What commands ask of the running sync.
requests = Table(
    "requests",
    metadata,
    _key("org_id", 18),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(40), nullable=False),
    Column("argument", Text, nullable=False),
    Column("asked_at", String(40), nullable=False),
    Column("answer", Text),
    Column("answered_at", String(40)),
    _crc(),
)

#: People and their rights; `content` is the packed JSON of a `Directory`.
directories = Table(
    "directories",
    metadata,
    _key("org_id", 18),
    Column("read_at", String(40), nullable=False),
    Column("content", LargeBinary, nullable=False),
    _crc(),
)

#: What holds for the whole org; `content` is the packed JSON of a `Company`.
companies = Table(
    "companies",
    metadata,
    _key("org_id", 18),
    Column("read_at", String(40), nullable=False),
    Column("content", LargeBinary, nullable=False),
    _crc(),
)

#: Grants on records (`RecordGrants.text`), and the ordinal of the read that brought them.
grants = Table(
    "grants",
    metadata,
    _key("org_id", 18),
    _key("object"),
    _in_order(),
    Column("grants", Text, nullable=False),
    Column("ordinal", BigInteger, nullable=False),
    _crc(),
)

#: Records that holders of a token may not see until what follows from the grants on `root` has been written.
denials = Table(
    "denials",
    metadata,
    _key("org_id", 18),
    _key("object"),
    _key("record_id", 18),
    _key("token", 300),
    _key("root", 18),
    _crc(),
    Index("denials_by_root", "org_id", "root"),
)

#: Records that Salesforce did not show a person although we did: hidden from him until their access was read again.
reported = Table(
    "reported",
    metadata,
    _key("org_id", 18),
    _key("user_id", 18),
    _key("record_id", 18),
    Column("object", String(255), nullable=False),
    Column("reported_at", String(40), nullable=False),
    _crc(),
)

#: Who asked what in whose name.
audit = Table(
    "audit",
    metadata,
    _key("org_id", 18),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("who", String(255), nullable=False),
    Column("action", String(40), nullable=False),
    Column("as_whom", String(255), nullable=False),
    Column("what", Text, nullable=False),
    _crc(),
)

#: What people searched for.
searches = Table(
    "searches",
    metadata,
    _key("org_id", 18),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("asked_at", String(40), nullable=False),
    Column("person", String(18), nullable=False),
    Column("text", Text, nullable=False),
    Column("results", BigInteger, nullable=False),
    Column("terms", Integer, nullable=False),
    Column("microseconds", BigInteger, nullable=False),
    Column("relaxed", Integer, nullable=False),
    _crc(),
    Index("searches_by_time", "org_id", "asked_at"),
)

#: Which hits of a search were opened.
clicks = Table(
    "clicks",
    metadata,
    _key("org_id", 18),
    Column("search", BigInteger, primary_key=True, autoincrement=False),
    _key("record_id", 18),
    Column("rank", Integer, nullable=False),
    Column("clicked_at", String(40), nullable=False),
    _crc(),
)

#: The administrator's groups of words that stand for each other (`synonym`: JSON list), and the records that stand on
#: top for a query (`promotion`: JSON list of Ids), by their first word or query.
vocabulary = Table(
    "vocabulary",
    metadata,
    _key("org_id", 18),
    _key("kind", 20),
    _key("name", 500),
    Column("content", Text, nullable=False),
    _crc(),
)

#: Reports of one's own, as TOML; an empty owner is the operator, whose reports everybody may use.
own_reports = Table(
    "own_reports",
    metadata,
    _key("org_id", 18),
    _key("owner", 18),
    _key("name", 60),
    Column("text", Text, nullable=False),
    Column("saved_at", String(40), nullable=False),
    _crc(),
)

#: Reports that are sent by themselves; `content` is the JSON of a `Schedule`. Whoever runs one claims it first.
schedules = Table(
    "schedules",
    metadata,
    _key("org_id", 18),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("owner", String(18), nullable=False),
    Column("report", String(60), nullable=False),
    Column("content", Text, nullable=False),
    Column("due", String(40), nullable=False),
    Column("claimed_until", String(40)),
    _crc(),
)

#: Browsers that have logged in.
sessions = Table(
    "sessions",
    metadata,
    _key("org_id", 18),
    _key("digest", 64),
    Column("user_id", String(18), nullable=False),
    Column("began_at", String(40), nullable=False),
    Column("used_at", String(40), nullable=False),
    _crc(),
)

#: What an administrator loaded of what sales costs: JSON of a `CostTable`, packed and sealed.
cost_tables = Table(
    "cost_tables",
    metadata,
    _key("org_id", 18),
    Column("digest", String(64), nullable=False),
    Column("key_id", String(16), nullable=False, info={"guarded": True}),
    Column("nonce", LargeBinary, nullable=False, info={"guarded": True}),
    Column("content", LargeBinary, nullable=False, info={"guarded": True}),
    _crc(),
)

#: Records as they were seen last; `content` is the JSON of `[saved, values]`.
seen = Table(
    "seen",
    metadata,
    _key("org_id", 18),
    _key("object"),
    _in_order(),
    Column("stamp", String(40), nullable=False),
    Column("ordinal", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    _crc(),
)

#: Changes that were seen; `content` is the JSON of `[before, after]`.
observed = Table(
    "observed",
    metadata,
    _key("org_id", 18),
    _key("object"),
    _in_order(),
    _key("at", 40),
    _key("field"),
    Column("content", Text, nullable=False),
    _crc(),
)

#: In which combinations a record was when, from `first` to before `end` in all; `content` is the JSON of its `Held`s.
held = Table(
    "held",
    metadata,
    _key("org_id", 18),
    _key("object"),
    _in_order(),
    Column("first", String(10), nullable=False),
    #: `9999-12-31`: none.
    Column("end", String(10), nullable=False),
    Column("ordinal", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    _crc(),
)

#: Totals of days by the kind of their documents; `content` is the packed JSON of a day's totals, `ended_with` what it
#: was when the day ended, if it was corrected since.
days = Table(
    "days",
    metadata,
    _key("org_id", 18),
    _key("name"),
    _key("day", 10),
    Column("content", LargeBinary, nullable=False),
    Column("ended_with", LargeBinary),
    Column("corrected", Integer, nullable=False),
    _crc(),
)
