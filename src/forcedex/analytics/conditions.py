"""Conditions as people write them."""

import re

from forcedex.analytics.definition import Filter, Op
from forcedex.domain.errors import Refused

_CONDITION = re.compile(r"\s*([\w.]+)\s*(!=|>=|<=|=|>|<)(.*)", re.DOTALL)
_SIGNS = {
    "!=": Op.NOT,
    ">=": Op.AT_LEAST,
    "<=": Op.AT_MOST,
    "=": Op.IS,
    ">": Op.MORE,
    "<": Op.LESS,
}


def condition(text: str) -> Filter:
    """`Region__c=EMEA,AMER`, `Amount>=1000`, `Type!=Renewal`, `LeadSource=` (empty): as on the command line."""
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise Refused(f"“{text[:60]}” is no condition.", "Write FIELD=VALUE, FIELD!=VALUE, FIELD>=VALUE, FIELD<VALUE …")
    name, op, value = found[1], _SIGNS[found[2]], found[3].strip()
    if not value and op in (Op.IS, Op.NOT):
        return Filter(name, Op.KNOWN if op is Op.NOT else Op.UNKNOWN)
    return Filter(name, op, tuple(each.strip() for each in value.split(",")) if op in (Op.IS, Op.NOT) else (value,))
