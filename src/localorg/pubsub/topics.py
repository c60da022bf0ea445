"""Topics: the channels of change events.

    /data/ChangeEvents           all selected objects that the subscriber may see
    /data/AccountChangeEvent     one object

Source: Change Data Capture Developer Guide, "Subscription Channels". There are no custom channels here.
"""

from collections.abc import Collection

from localorg.events.entities import of_event_name
from localorg.org import Org
from localorg.pubsub.caller import Caller
from localorg.pubsub.errors import PubSubError

_ROOT = "/data/"
_ALL = "/data/ChangeEvents"


def single(org: Org, topic: str) -> str | None:
    """The object of a topic; None: the topic of all. PubSubError if there is no such topic."""
    if not topic:
        raise PubSubError("topic.validation.empty")
    if topic == _ALL:
        return None
    found = of_event_name(org.store.schema, topic.removeprefix(_ROOT)) if topic.startswith(_ROOT) else None
    if found is None or found.name not in org.journal.settings.selected:
        raise PubSubError("topic.not.found")
    return found.name


def subscribed(caller: Caller, topic: str) -> Collection[str]:
    """The objects whose events a subscriber of the topic gets now."""
    name = single(caller.org, topic)
    if name is None:
        return caller.permitted(sorted(caller.org.journal.settings.selected))
    if not caller.may_subscribe(name):
        raise PubSubError("subscription.topic.cannot.subscribe")
    return [name]
