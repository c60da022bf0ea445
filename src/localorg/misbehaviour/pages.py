"""Pages of queries that are not what a client expects.

SHORT_PAGE and EMPTY_PAGE have fewer records than the batch size although more follow, which Salesforce documents
(`done` and `nextRecordsUrl` alone count; that a page can be empty is undocumented). The others are wrong.

Source: REST API Developer Guide, "Query Options Header", "Query More Results".
"""

from typing import Any

from localorg.rest.call import Call

Json = dict[str, Any]


def is_page(resource: str) -> bool:
    """Whether a resource answers with a page of a query."""
    return resource.lower().startswith("query")


def records_on_page(call: Call) -> int | None:
    """The most records that this page may have; None: the batch size."""
    faults = call.org.faults
    if not faults.armed:
        return None
    if faults.take("EMPTY_PAGE", call.subject) is not None:
        return 0
    options = faults.take("SHORT_PAGE", call.subject)
    return None if options is None else int(options.get("records", 1))


def spoiled(call: Call, page: Json) -> Json:
    """The page as the client gets it."""
    faults, subject = call.org.faults, call.subject
    page = dict(page)
    records: list[Json] = page["records"]
    if records and faults.take("DUPLICATE_ROW", subject) is not None:
        if page["done"]:
            page["records"] = records = [*records, records[-1]]
        else:
            # The next page starts with the record that this one ends with.
            path, _, at = str(page["nextRecordsUrl"]).rpartition("-")
            page["nextRecordsUrl"] = f"{path}-{int(at) - 1}"
    if (options := faults.take("WRONG_TOTAL_SIZE", subject)) is not None:
        page["totalSize"] += int(options.get("by", 1))
    if records and (options := faults.take("NUL_IN_TEXT", subject)) is not None:
        name = options.get("field") or _text_field(records[0])
        if name is not None:
            value = str(records[0][name])
            page["records"] = [{**records[0], name: f"{value[:1]}\0{value[1:]}"}, *records[1:]]
    return page


def _text_field(record: Json) -> str | None:
    """A field that surely holds text: the name, or the last text that is no Id."""
    if isinstance(record.get("Name"), str):
        return "Name"
    texts = [name for name, value in record.items() if isinstance(value, str) and not name.endswith("Id")]
    return texts[-1] if texts else None
