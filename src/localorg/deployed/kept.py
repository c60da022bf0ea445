"""What is deployed, as the org keeps it: one JSON value among its settings."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from localorg.store import Store

_SETTING = "deployed"
Values = Mapping[str, str | float | bool | None]


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """By kind and name. Values are those of the Tooling API's fields, but for the two kinds of credentials."""

    classes: Mapping[str, Values] = field(default_factory=dict)
    components: Mapping[str, Values] = field(default_factory=dict)
    #: `label`, `url`, `external` (the external credential), `enabled`.
    named_credentials: Mapping[str, Values] = field(default_factory=dict)
    #: `label`, `protocol`.
    external_credentials: Mapping[str, Values] = field(default_factory=dict)
    data_sources: Mapping[str, Values] = field(default_factory=dict)
    certificates: Mapping[str, Values] = field(default_factory=dict)
    #: Records of custom metadata types, by `Type__mdt.Record`; their fields.
    custom_metadata: Mapping[str, Values] = field(default_factory=dict)

    def with_these(self, other: "Deployed") -> "Deployed":
        """Both; what has the same name is replaced."""
        mine, theirs = asdict(self), asdict(other)
        return Deployed(**{kind: {**mine[kind], **theirs[kind]} for kind in mine})

    def changed(self, kind: str, name: str, values: Values | None) -> "Deployed":
        """With other values of one thing; None: without it. KeyError if there is no such thing."""
        all_kinds = asdict(self)
        known = all_kinds[kind][name]
        if values is None:
            del all_kinds[kind][name]
        else:
            all_kinds[kind][name] = {**known, **values}
        return Deployed(**all_kinds)


def load(store: Store) -> Deployed:
    """What is there now."""
    text = store.setting(_SETTING)
    return Deployed(**json.loads(text)) if text else Deployed()


def save(store: Store, deployed: Deployed) -> None:
    """Keep it."""
    store.set_setting(_SETTING, json.dumps(asdict(deployed)))
