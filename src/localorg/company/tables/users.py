"""Roles, users, groups and queues."""

from collections.abc import Iterator
from dataclasses import dataclass

from localorg.company.cases import CASE_QUEUES, LEAD_QUEUES
from localorg.company.clock import DAY, business_time, moment
from localorg.company.numbering import ids
from localorg.company.records import Records
from localorg.company.staff import COMPANY, DOMAIN, REGIONS, ROLES, Employee, Staff
from localorg.company.table import Row, Sheet, sheet
from localorg.company.tables.permissions import permission_set_id, profile_id
from localorg.company.world import Draw

_group_id = ids("Group")
_LANGUAGES = {"zh": "en_US", "en": "en_US"}  # the org has no Chinese user interface
#: roles whose holder forecasts for those below
_LEADING = ("VP Sales", "Country Manager")

_FIRST_PUBLIC = 1 + len(LEAD_QUEUES) + len(CASE_QUEUES)
#: numbers of the public groups
SALES_GROUPS = {region: _FIRST_PUBLIC + number for number, region in enumerate(REGIONS)}
SERVICE_GROUPS = {region: _FIRST_PUBLIC + 3 + number for number, region in enumerate(REGIONS)}
_ALL_SALES, DEAL_DESK, _EVERYBODY = (_FIRST_PUBLIC + 6 + number for number in range(3))
_FIRST_ROLE_GROUP = _EVERYBODY + 1


def sheets(records: Records) -> Iterator[Sheet]:
    """The people of the company and how they are grouped."""
    yield _roles(records)
    yield _users(records)
    yield _assignments(records)
    yield from _groups(records)


def _roles(records: Records) -> Sheet:
    start, admin = moment(records.world.clock.start), records.world.staff.admin.id

    def rows() -> Iterator[Row]:
        for role in ROLES.values():
            parent = ROLES[role.parent].id if role.parent else None
            leads = records.world.staff.with_role(role.name) if role.name.startswith(_LEADING) else []
            forecaster = leads[0].id if leads else None
            yield role.id, role.name, parent, role.developer_name, role.name, forecaster, start, admin, start

    return sheet(
        "UserRole",
        "Id Name ParentRoleId DeveloperName RollupDescription ForecastUserId LastModifiedDate LastModifiedById"
        " SystemModstamp",
        rows,
        len(ROLES),
        OpportunityAccessForAccountOwner="Edit",
        CaseAccessForAccountOwner="Read",
        ContactAccessForAccountOwner="Edit",
        MayForecastManagerShare=False,
        PortalType="None",
    )


def _users(records: Records) -> Sheet:
    world = records.world

    def row(one: Employee) -> Row:
        random = world.random(Draw.STAFF, one.number)
        clock = world.clock
        created = clock.start + one.number * 60
        if one.number > 17:  # the others were there from the first day
            created = business_time(random, clock.start // DAY + int(random.random() * 900))
        manager = world.staff.manager(one)
        login = clock.now - int(random.random() * (3 * DAY if one.active else 400 * DAY))
        nickname = one.latin[:40]
        return (
            one.id,
            one.username,
            one.first,
            one.last,
            one.name,
            one.title,
            one.department,
            one.username,
            f"+1 617 555 {100 + one.number:04}",
            nickname.replace(".", "")[:8],
            nickname,
            one.active,
            ROLES[one.role].id if one.role else None,
            profile_id(one.profile),
            manager.id if manager else None,
            one.team.time_zone,
            one.team.locale,
            _LANGUAGES.get(one.team.language.code, one.team.language.locale),
            one.team.city,
            one.team.country,
            one.team.currency.code,
            one.team.currency.code,
            f"{one.number:05}",
            moment(login),
            one.role is not None and one.department == "Sales",
            one.department in ("Marketing", "IT"),
            one.department == "Service",
            *world.audit(random, created, world.staff.admin),
        )

    def rows() -> Iterator[Row]:
        return map(row, world.staff.everyone)

    return sheet(
        "User",
        "Id Username FirstName LastName Name Title Department Email Phone Alias CommunityNickname IsActive"
        " UserRoleId ProfileId ManagerId TimeZoneSidKey LocaleSidKey LanguageLocaleKey City Country"
        " CurrencyIsoCode DefaultCurrencyIsoCode EmployeeNumber LastLoginDate ForecastEnabled"
        " UserPermissionsMarketingUser UserPermissionsSupportUser AUDIT",
        rows,
        len(world.staff.everyone),
        CompanyName=COMPANY,
        UserType="Standard",
        EmailEncodingKey="UTF-8",
        ReceivesInfoEmails=True,
        ReceivesAdminInfoEmails=False,
        UserPermissionsOfflineUser=False,
        UserPermissionsSFContentUser=True,
        UserPermissionsInteractionUser=False,
        UserPermissionsKnowledgeUser=False,
        DigestFrequency="D",
        DefaultGroupNotificationFrequency="N",
        IsExtIndicatorVisible=False,
        IsProfilePhotoActive=False,
    )


def _assignments(records: Records) -> Sheet:
    """Everybody has the permission set of the profile; a few have more."""
    staff = records.world.staff
    more = (
        (staff.integration, "Search_Sync"),
        *((one, "Sales_Cost_Reader") for one in staff.everyone if (one.role or "").startswith(("VP Sales", "Chief"))),
        *((one, "Sales_Cost_Reader") for one in staff.with_role("Sales Operations")),
        *((one, "Campaign_Manager") for one in staff.marketing),
        *((one, "Forcedex_Admin") for one in staff.everyone if one.profile == "System Administrator"),
    )
    given = (*((one, one.profile) for one in staff.everyone), *more)

    def rows() -> Iterator[Row]:
        start = moment(records.world.clock.start)
        for number, (one, access) in enumerate(given, start=1):
            yield ids("PermissionSetAssignment")(number), permission_set_id(access), one.id, start, one.active

    columns = "Id PermissionSetId AssigneeId SystemModstamp IsActive"
    return sheet("PermissionSetAssignment", columns, rows, len(given), IsRevoked=False)


@dataclass(frozen=True)
class _Group:
    number: int
    name: str
    type: str
    related: str | None
    members: tuple[str, ...]
    #: for a queue, whose records it may own
    sobject: str | None = None

    @property
    def developer_name(self) -> str | None:
        return self.name.replace(" ", "_").replace("&", "and") if self.type in ("Regular", "Queue") else None


def _all_groups(staff: Staff) -> Iterator[_Group]:
    reps = {region: [one for one in staff.everyone if _sells(one, region)] for region in REGIONS}
    helpers = {region: [one for one in staff.everyone if _helps(one, region)] for region in REGIONS}
    for region, number in LEAD_QUEUES.items():
        yield _Group(number, f"{region} Leads", "Queue", None, _user_ids(reps[region]), "Lead")
    for region, number in CASE_QUEUES.items():
        yield _Group(number, f"{region} Support", "Queue", None, _user_ids(helpers[region]), "Case")
    for region, number in SALES_GROUPS.items():
        yield _Group(number, f"{region} Sales", "Regular", None, _user_ids(reps[region]))
    for region, number in SERVICE_GROUPS.items():
        yield _Group(number, f"{region} Service", "Regular", None, _user_ids(helpers[region]))
    regions = tuple(_group_id(number) for number in SALES_GROUPS.values())
    yield _Group(_ALL_SALES, "All Sales", "Regular", None, regions)
    desk = [*staff.with_role("Sales Operations"), *staff.with_role("Chief Executive Officer")]
    yield _Group(DEAL_DESK, "Deal Desk", "Regular", None, _user_ids(desk))
    yield _Group(_EVERYBODY, COMPANY, "Organization", None, ())
    number = _FIRST_ROLE_GROUP
    for role in ROLES.values():
        for kind in ("Role", "RoleAndSubordinates"):
            yield _Group(number, role.developer_name[:40], kind, role.id, ())
            number += 1


def _sells(one: Employee, region: str) -> bool:
    role = one.role or ""
    return one.region == region and one.department == "Sales" and not role.startswith("VP")


def _helps(one: Employee, region: str) -> bool:
    return one.role in (f"Support {region}", f"Support Manager {region}")


def _user_ids(people: list[Employee]) -> tuple[str, ...]:
    return tuple(one.id for one in people if one.active)


def _groups(records: Records) -> Iterator[Sheet]:
    world = records.world
    groups = tuple(_all_groups(world.staff))
    members = [(group, member) for group in groups for member in group.members]
    queues = [group for group in groups if group.sobject]
    start, admin = moment(world.clock.start), world.staff.admin.id

    def group_rows() -> Iterator[Row]:
        for group in groups:
            yield (
                _group_id(group.number),
                group.name,
                group.developer_name,
                group.type,
                group.related,
                f"{(group.developer_name or '').lower()}@{DOMAIN}" if group.sobject else None,
                admin,
                group.type == "Regular",
                *world.setup_audit(),
            )

    def member_rows() -> Iterator[Row]:
        for number, (group, member) in enumerate(members, start=1):
            yield ids("GroupMember")(number), _group_id(group.number), member, start

    def queue_rows() -> Iterator[Row]:
        for number, group in enumerate(queues, start=1):
            yield ids("QueueSobject")(number), _group_id(group.number), group.sobject, admin, start

    columns = "Id Name DeveloperName Type RelatedId Email OwnerId DoesIncludeBosses AUDIT"
    yield sheet("Group", columns, group_rows, len(groups), DoesSendEmailToMembers=False)
    yield sheet("GroupMember", "Id GroupId UserOrGroupId SystemModstamp", member_rows, len(members))
    yield sheet("QueueSobject", "Id QueueId SobjectType CreatedById SystemModstamp", queue_rows, len(queues))
