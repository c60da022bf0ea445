"""People at work in the org: changes through REST, evenly paced; a process of its own (`python -m bench.changes`).

Its argument is a `Work` as JSON. It prints a JSON line for each probe, which is a change whose Description is a word
that occurs nowhere else: `{"marker", "due", "sent", "returned"}`, monotonic seconds (one clock for all processes of a
machine), after the org has answered; and at the end `{"changes", "latest"}`: how many were written, and by how many
seconds the latest was late. A refused change ends it all. A mix: four updates, one insert, over all objects.
"""

import http.client
import json
import random
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from bench.org import DATA, STREAMED, administrator

_THREADS = 8  # requests that may be under way
_INSERTS = 0.2
#: An ordinary field of each object, and what a new record needs.
_FIELDS = {"Account": "Site", "Contact": "Department", "Opportunity": "NextStep", "Lead": "Title", "Case": "Subject"}
_NEEDED: Mapping[str, Mapping[str, str]] = {
    "Account": {"Name": "{text}"},
    "Contact": {"LastName": "{text}"},
    "Opportunity": {"Name": "{text}", "StageName": "Prospecting", "CloseDate": "2030-01-31"},
    "Lead": {"LastName": "{text}", "Company": "{text}"},
    "Case": {"Subject": "{text}"},
}


@dataclass(frozen=True, kw_only=True)
class Work:
    """What is to be done."""

    url: str
    session: str
    #: Changes a second, for so many seconds.
    rate: float
    seconds: float
    #: Records of one request; more than one go to sObject Collections.
    per_call: int = 1
    #: Every so many changes are one probe.
    probe_every: int = 10
    #: Characters of long text that every update of an account brings.
    text: int = 0
    objects: tuple[str, ...] = STREAMED
    #: What markers begin with: letters and digits.
    token: str = "probe"


@contextmanager
def at_work(org: Mapping[str, Any], **work: Any) -> Iterator[subprocess.Popen[str]]:
    """That process, working; ended with the context."""
    given = Work(url=org["url"], session=administrator(org), **work)
    command = [sys.executable, "-m", "bench.changes", json.dumps(asdict(given))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


class Door:
    """A connection to the org."""

    def __init__(self, work: Work) -> None:
        parts = urlsplit(work.url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        self._headers = {"Authorization": f"Bearer {work.session}", "Content-Type": "application/json"}

    def send(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and what was answered."""
        content = None if body is None else json.dumps(body).encode()
        self._connection.request(method, DATA + path, body=content, headers=self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None

    def ids(self, sobject: str) -> list[str]:
        """Of all records."""
        _, page = self.send("GET", f"/query?q={quote(f'SELECT Id FROM {sobject} ORDER BY Id')}")
        found = [record["Id"] for record in page["records"]]
        while not page["done"]:
            _, page = self.send("GET", page["nextRecordsUrl"].removeprefix(DATA))
            found += [record["Id"] for record in page["records"]]
        return found


class Changes:
    """What is changed next. Probes have records of their own: no later change takes their marker away."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._chance = random.Random(7)
        door = Door(work)
        self._others: dict[str, Iterator[str]] = {}
        self._probes: dict[str, Iterator[str]] = {}
        for name in work.objects:
            ids = door.ids(name)
            self._chance.shuffle(ids)
            self._probes[name] = _for_ever(ids[: len(ids) // 2])
            self._others[name] = _for_ever(ids[len(ids) // 2 :])
        self._words = ["".join(self._chance.choices("abcdefghijklmnoprstuvw", k=7)) for _ in range(5_000)]

    def request(self, number: int) -> tuple[list[dict[str, Any]], str]:
        """The records of a request, and their method; markers are in Description."""
        inserting = self._chance.random() < _INSERTS
        first = number * self._work.per_call
        records = [self._record(each, inserting) for each in range(first, first + self._work.per_call)]
        records.sort(key=lambda record: str(record["attributes"]["type"]))  # at most ten runs of one object
        return records, "POST" if inserting else "PATCH"

    def _record(self, number: int, inserting: bool) -> dict[str, Any]:
        probe = number % self._work.probe_every == 0
        name = self._work.objects[number // self._work.probe_every % len(self._work.objects)]
        if not probe:
            name = self._chance.choice(self._work.objects)
        text = f"{self._chance.choice(self._words).capitalize()} {number}"
        record: dict[str, Any] = {"attributes": {"type": name}}
        if inserting:
            record |= {field: value.format(text=text) for field, value in _NEEDED[name].items()}
        else:
            record |= {"Id": next((self._probes if probe else self._others)[name]), _FIELDS[name]: text}
        if self._work.text and name == "Account":
            record["Background__c"] = " ".join(self._chance.choices(self._words, k=self._work.text // 8))
        if probe:
            record["Description"] = f"{self._work.token}{number:07d}"
        return record


def _for_ever(ids: list[str]) -> Iterator[str]:
    while True:
        yield from ids


class Worker(threading.Thread):
    """Takes the next request when it is due, until there are none left."""

    def __init__(
        self, work: Work, changes: Changes, numbers: Iterator[int], began: float, lock: threading.Lock
    ) -> None:
        super().__init__()
        self._work, self._changes, self._numbers, self._began, self._lock = work, changes, numbers, began, lock
        self._door = Door(work)
        self.changed = 0
        self.latest = 0.0
        #: What the org answered when it refused a change: nothing that is measured then means anything.
        self.refusal = ""

    def run(self) -> None:
        """Work."""
        while True:
            with self._lock:
                number = next(self._numbers, None)
                if number is None:
                    return
                records, method = self._changes.request(number)
            due = self._began + number * self._work.per_call / self._work.rate
            time.sleep(max(0.0, due - time.monotonic()))
            sent = time.monotonic()
            self.refusal = self._send(records, method)
            if self.refusal:
                with self._lock:
                    deque(self._numbers, maxlen=0)  # the others end, too
                return
            returned = time.monotonic()
            self.latest = max(self.latest, sent - due)
            self.changed += len(records)
            for record in records:
                if "Description" in record:
                    times = {"due": due, "sent": sent, "returned": returned}
                    print(json.dumps({"marker": record["Description"], **times}), flush=True)

    def _send(self, records: list[dict[str, Any]], method: str) -> str:
        """What the org answered if it refused something, else nothing."""
        if len(records) > 1:
            body = {"allOrNone": False, "records": records}
            status, results = self._door.send(method, "/composite/sobjects", body)
            fine = status == 200 and all(result["success"] for result in results)
            return "" if fine else f"{status} {results}"
        (record,) = records
        fields = {key: value for key, value in record.items() if key not in ("attributes", "Id")}
        path = f"/sobjects/{record['attributes']['type']}"
        status, answer = self._door.send(method, f"{path}/{record['Id']}" if method == "PATCH" else path, fields)
        return "" if status in (200, 201, 204) else f"{status} {answer}"


def main() -> None:
    """Work until everything is done."""
    given = json.loads(sys.argv[1])
    work = Work(**{**given, "objects": tuple(given["objects"])})
    changes = Changes(work)
    numbers = iter(range(int(work.rate * work.seconds / work.per_call)))
    lock = threading.Lock()
    began = time.monotonic() + 0.5
    workers = [Worker(work, changes, numbers, began, lock) for _ in range(_THREADS)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    for each in workers:
        if each.refusal:
            raise SystemExit(f"The org refused a change: {each.refusal[:500]}")
    changed = sum(each.changed for each in workers)
    print(json.dumps({"changes": changed, "latest": max(each.latest for each in workers)}), flush=True)


if __name__ == "__main__":
    main()
