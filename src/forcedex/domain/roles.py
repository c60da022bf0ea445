"""What a field is for people who search: the same answer when a mapping is made and when a query is built."""

from enum import StrEnum

from forcedex.domain.schema import Field


class Role(StrEnum):
    """How a field's value is searched."""

    #: The record's name: whole words, beginnings, fragments, typos.
    NAME = "name"
    #: A name of something close to the record: company, parent, job title.
    TITLE = "title"
    #: Another short text.
    TEXT = "text"
    #: A long or rich text.
    LONG_TEXT = "long_text"
    #: A value of a list, such as a stage.
    LABEL = "label"
    EMAIL = "email"
    URL = "url"
    PHONE = "phone"
    #: Not searched by words.
    NONE = "none"


_TITLE_FIELDS = frozenset({"Company", "Title", "Subject", "Department", "ProductCode", "AccountNumber"})
_BY_TYPE = {
    "string": Role.TEXT,
    "combobox": Role.TEXT,
    "picklist": Role.LABEL,
    "multipicklist": Role.LABEL,
    "email": Role.EMAIL,
    "url": Role.URL,
    "phone": Role.PHONE,
}
#: Longer text areas cannot be sorted or filtered in Salesforce either.
_SHORT_TEXT_AREA = 255


def role_of(field: Field) -> Role:
    """The role of a field of the record itself."""
    if field.type == "textarea":
        short = 0 < field.length <= _SHORT_TEXT_AREA and not field.html_formatted
        return Role.TEXT if short else Role.LONG_TEXT
    role = _BY_TYPE.get(field.type, Role.NONE)
    if role is Role.TEXT and field.name_field:
        return Role.NAME
    if role is Role.TEXT and (field.name in _TITLE_FIELDS or field.external_id):
        return Role.TITLE
    return role


def role_of_parent(field: Field) -> Role:
    """The role of a parent's value on its child, such as `Account.Name` on a Contact."""
    return Role.TITLE if role_of(field) in (Role.NAME, Role.TEXT, Role.TITLE) else Role.NONE
