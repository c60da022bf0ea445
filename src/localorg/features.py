"""Features that an administrator turns on, and the objects that an org has only with them.

Source: Object Reference, "Special Access Rules" of each object.
"""

from localorg.store import Store

ADVANCED_CURRENCY = "advanced_currency"
#: Objects that are not there without a feature.
_OBJECTS = {ADVANCED_CURRENCY: frozenset({"DatedConversionRate"})}


def has(store: Store, feature: str) -> bool:
    """Whether a feature is on."""
    return store.setting(feature) == "1"


def turn(store: Store, feature: str, *, on: bool) -> None:
    """Turn a feature on or off; nothing else changes."""
    store.set_setting(feature, str(int(on)))


def missing_objects(store: Store) -> frozenset[str]:
    """Objects whose feature is off."""
    return frozenset[str]().union(*(names for feature, names in _OBJECTS.items() if not has(store, feature)))
