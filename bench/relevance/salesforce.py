"""The same records in a local org, searched by SOSL: as much of Salesforce's own search as is public."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import chain, zip_longest

import httpx2

from bench.relevance.engines import DEPTH, Engine
from bench.relevance.records import PREFIXES, Entry
from localorg.fixture import LocalOrg, running_org

_RESERVED = re.compile(r"([?&|!{}\[\]()^~*:\\\"'+\-])")
_LOADED = frozenset({"string", "textarea", "phone", "email", "url"})
#: By which contacts have the name of their account.
_PARENT = "AccountId"


@asynccontextmanager
async def sosl(entries: Sequence[Entry]) -> AsyncIterator[Engine]:
    """A local org with these records; SOSL has no mixed list, so the lists of the objects take turns.

    Words are searched as they are typed and, if nothing has them, as beginnings of words.
    """
    async with running_org(empty=True) as org:
        await asyncio.to_thread(_load, org, entries)
        token = org.session(org.credentials.admin_username)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(base_url=org.url, headers=headers, timeout=60) as http:

            async def found(words: str) -> Sequence[str]:
                returning = ", ".join(f"{name}(Id LIMIT {DEPTH})" for name in PREFIXES)
                find = f"FIND {{{words}}} IN ALL FIELDS RETURNING {returning}"
                answer = await http.get("/services/data/v66.0/search", params={"q": find})
                if answer.status_code == httpx2.codes.BAD_REQUEST:  # such as a term of one letter
                    assert answer.json()[0]["errorCode"] == "MALFORMED_SEARCH", answer.text
                    return []
                answer.raise_for_status()
                records = answer.json()["searchRecords"]
                lists = [[each["Id"] for each in records if each["attributes"]["type"] == name] for name in PREFIXES]
                return [each for each in chain.from_iterable(zip_longest(*lists)) if each][:DEPTH]

            async def rank(text: str) -> Sequence[str]:
                words = [_RESERVED.sub(r"\\\1", word) for word in text.split()]
                return await found(" ".join(words)) or await found(" ".join(f"{word}*" for word in words))

            yield rank


def _load(org: LocalOrg, entries: Sequence[Entry]) -> None:
    for name in PREFIXES:
        known = {each.name: each for each in org.org.schema.objects[name].fields}
        rows = [each.row for each in entries if each.object == name]
        texts = {
            path for row in rows for path in row if path in known and (known[path].type in _LOADED or path == _PARENT)
        }
        columns = ["Id", *sorted(texts - {"Id"})]
        org.load(name, columns, [tuple(row.get(path) or None for path in columns) for row in rows])
