"""The text beside the files: what they are, who may have them, how they come into Kibana."""

from collections.abc import Sequence

from forcedex.analytics.kibana.rights import ROLE, SPACE
from forcedex.analytics.kibana.saved_objects import Placed

WARNING = (
    "Kibana reads Elasticsearch directly. What Salesforce lets a person see, record by record and field by field, is "
    "not asked there. Give this only to people who may see every record and every field."
)
_TEXT = """\
# {org} in Kibana

**{warning}** Everybody else asks Forcedex.

For Kibana 9.0 and later, over the Elasticsearch that `forcedex sync` writes to. Made by `forcedex kibana`: run it again
after an upgrade or when other objects are synced, and import again with "overwrite".

| file | what it is |
| --- | --- |
| `space.json` | a space of its own |
| `dashboard.ndjson` | data views and the dashboard |
| `role.json` | the role: reads these aliases and the dashboard, changes nothing |

## How to import

With the address of your Kibana in `KIBANA` and an administrator's API key in `KEY`:

```sh
curl -X POST "$KIBANA/api/spaces/space" -H "Authorization: ApiKey $KEY" -H "kbn-xsrf: true" \\
  -H "Content-Type: application/json" --data @space.json
curl -X POST "$KIBANA/s/{space}/api/saved_objects/_import?overwrite=true" -H "Authorization: ApiKey $KEY" \\
  -H "kbn-xsrf: true" --form file=@dashboard.ndjson
curl -X PUT "$KIBANA/api/security/role/{role}" -H "Authorization: ApiKey $KEY" -H "kbn-xsrf: true" \\
  -H "Content-Type: application/json" --data @role.json
```

Then, in the space, set Stack Management, Advanced Settings, Time zone (`dateFormat:tz`) to `UTC`. The days of the
documents are already those of the org ({time_zone}); with another time zone, deals of the first and last day of a
period fall into the wrong one.

## What the role reads

{aliases}

These are aliases that leave out deleted documents. A privilege on an alias is none on the index behind it, so keep
other roles with wider patterns away from these people.

## Panels

Each shows what a report shows, with the same conditions. Those of "now" do not follow the time range.

| panel | the same as |
| --- | --- |
{panels}

Amounts are in the corporate currency. Kibana adds them up as doubles: rounded to the minor unit, a sum equals that of
the report as long as it stays below 10 trillion. People or accounts of the same name are one row here, and two in a
report.
"""
_LEFT_OUT = """
## Left out

{left_out}
"""


def guide(
    org_name: str, time_zone: str, aliases: Sequence[str], placed: Sequence[Placed], left_out: Sequence[str]
) -> str:
    """The text for an org."""
    text = _TEXT.format(
        org=org_name,
        warning=WARNING,
        space=SPACE,
        role=ROLE,
        time_zone=time_zone,
        aliases="\n".join(f"- `{each}`" for each in aliases),
        panels="\n".join(f"| {each.panel.title} | `{_command(each)}` |" for each in placed),
    )
    return text + (_LEFT_OUT.format(left_out="\n".join(f"- {each}" for each in left_out)) if left_out else "")


def _command(placed: Placed) -> str:
    panel = placed.panel
    by = f" --by {panel.by}" if panel.by else ""
    return f"forcedex report {panel.report.name}{by} --period {'this-year' if panel.day else 'all'}"
