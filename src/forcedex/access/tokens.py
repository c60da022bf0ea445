"""Tokens: who may read a record, by stable principals only.

    o:Account         whoever sees every record of the object
    v:Contact         whoever views all records of the object by a permission, not by the org's default
    u:005…            a user, and everybody above his role
    d:005…            a user alone: objects without "grant access using hierarchies"
    g:00G…            the members of a group, queue or role group, and everybody above them as the group has it
    h:00G…            the members of a group alone
    f:005…            a user who may forecast, and the forecast managers above his role: forecasts and quotas
    k:Case:005…       who owns the account of a case, if his role lets him read its cases, and everybody above him
    Account/u:005…    the same, inherited from a parent of that object by whoever may read that object

A record carries the first one (a private contact the second), so that what opens a whole object is decided on the
user's side.
"""


def whole(sobject: str) -> str:
    """Held by who sees every record of an object."""
    return f"o:{sobject}"


def by_permission(sobject: str) -> str:
    """Held by who has View All or Modify All, on the object or on all data."""
    return f"v:{sobject}"


def account_owner(child: str, user_id: str) -> str:
    """Held by the owner of an account, and those above him, whose role lets him read such children of it."""
    return f"k:{child}:{user_id}"


def forecast(user_id: str) -> str:
    """Held by a user who may forecast, and by the forecast managers above him."""
    return f"f:{user_id}"


def user(user_id: str, *, hierarchy: bool = True) -> str:
    """A user who owns a record, or whom it was shared with."""
    return f"{'u' if hierarchy else 'd'}:{user_id}"


def group(group_id: str, *, hierarchy: bool = True) -> str:
    """A group, queue or role group."""
    return f"{'g' if hierarchy else 'h'}:{group_id}"


def principal(principal_id: str, *, hierarchy: bool = True) -> str:
    """The user or group with this Id."""
    make = user if principal_id.startswith("005") else group
    return make(principal_id, hierarchy=hierarchy)


def inherited(parent: str, token: str) -> str:
    """A token of a parent record, on a child that may have parents of several objects."""
    return token if token.startswith(("o:", "v:")) else f"{parent}/{token}"
