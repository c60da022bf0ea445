"""Users as the org sees them: who he is, what he may read, how he sees time."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from localorg.features import missing_objects
from localorg.permissions import hidden_objects, permission_sets, readable_objects, visible_schema
from localorg.schema import Schema
from localorg.sharing.conditions import RecordAccess
from localorg.sharing.defaults import load_model
from localorg.sharing.objects import FORECASTS, all_shared
from localorg.store import Store
from localorg.store.store import Row
from localorg.store.values import unscaled

#: Locales whose week starts on Sunday.
_SUNDAY = ("en_US", "en_CA", "ja", "pt_BR", "es_MX", "zh", "ko", "en_IN")


def time_zone(name: object) -> ZoneInfo:
    """The zone of a TimeZoneSidKey."""
    try:
        return ZoneInfo(str(name or "UTC"))
    except ZoneInfoNotFoundError:
        return ZoneInfo("UTC")


@dataclass(frozen=True, kw_only=True)
class OrgUser:
    """One user, as of now."""

    id: str
    username: str
    row: Row
    #: Names of the objects that he may read.
    readable: frozenset[str]
    #: All objects, with the fields that he may read.
    schema: Schema
    #: Which of their records he may read and change.
    access: RecordAccess
    api_enabled: bool
    views_all: bool
    modifies_all: bool
    sees_encrypted: bool
    manages_users: bool
    #: View Setup and Configuration.
    views_setup: bool
    #: Set Audit Fields upon Record Creation.
    sets_audit_fields: bool

    @property
    def zone(self) -> ZoneInfo:
        """His time zone."""
        return time_zone(self.row.get("TimeZoneSidKey"))

    @property
    def week_start(self) -> int:
        """His first day of the week: 0 Monday, 6 Sunday."""
        return 6 if str(self.row.get("LocaleSidKey") or "en_US").startswith(_SUNDAY) else 0

    @property
    def currency(self) -> str:
        """His currency."""
        return str(self.row.get("DefaultCurrencyIsoCode") or self.row.get("CurrencyIsoCode") or "USD")


def _flag(rows: list[Row], name: str) -> bool:
    return any(row.get(f"Permissions{name}") for row in rows)


def is_frozen(store: Store, user_id: str) -> bool:
    """Whether an administrator keeps the user from logging in."""
    return bool(store.scalar('SELECT max("IsFrozen") FROM "UserLogin" WHERE "UserId" = ?', (user_id,)))


def _without_shares(store: Store) -> frozenset[str]:
    """Share objects that nobody sees: of objects that everybody may write, or that their parent decides about."""
    model = load_model(store)
    return frozenset(one.share for one in all_shared(store.schema) if not model.has_share_object(one.object))


def load_user(store: Store, user_id: str) -> OrgUser | None:
    """The user with his permissions, as they are now; None: there is none, or he is inactive or frozen."""
    objects = store.schema.objects
    row = store.get(objects["User"], user_id)
    if row is None or not row["IsActive"] or is_frozen(store, user_id):
        return None
    profile = store.get(objects["Profile"], str(row["ProfileId"]))
    sets = permission_sets(store, row)
    system = [one for one in (profile, *sets) if one is not None]
    modifies_all = _flag(system, "ModifyAllData")
    views_all = modifies_all or _flag(system, "ViewAllData")
    readable = readable_objects(store, sets, views_all=views_all) - _without_shares(store) - missing_objects(store)
    if not (modifies_all or row["ForecastEnabled"] or _flag(system, "ViewAllForecasts")):
        readable -= {*FORECASTS, "ForecastingType"}
    return OrgUser(
        id=user_id,
        username=str(row["Username"]),
        row=row,
        readable=readable,
        schema=visible_schema(store, sets, modifies_all=modifies_all),
        access=RecordAccess(
            store,
            row,
            sets,
            readable=readable,
            views_all=views_all,
            modifies_all=modifies_all,
            hidden=hidden_objects(store, user_id),
        ),
        manages_users=modifies_all or _flag(system, "ManageUsers"),
        api_enabled=_flag(system, "ApiEnabled"),
        views_setup=modifies_all or _flag(system, "ViewSetup"),
        views_all=views_all,
        modifies_all=modifies_all,
        sees_encrypted=_flag(system, "ViewEncryptedData"),
        sets_audit_fields=_flag(system, "CreateAuditFields"),
    )


def currency_rates(store: Store) -> Mapping[str, Decimal]:
    """Units of each currency per unit of the corporate one."""
    sobject = store.schema.objects["CurrencyType"]
    scale = sobject.by_name["conversionrate"].scale
    return {
        str(row["IsoCode"]): unscaled(int(str(row["ConversionRate"])), scale)
        for row in store.select(sobject)
        if row["ConversionRate"]
    }
