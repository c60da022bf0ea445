"""The limit of a full sync: ready NDJSON by two raw bulk requests while the same Bulk pages are downloaded and dropped.

Run as a process of its own: `python -m bench.limit ORG_URL SESSION JOB ELASTICSEARCH_URL INDEX FOLDER`. It prints one
JSON line: seconds from the first request to the last answer.
"""

import http.client
import json
import queue
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit


def download(url: str, session: str, job: str) -> None:
    """Read every page of the job's result and drop it."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    locator = ""
    while True:
        more = f"&locator={locator}" if locator else ""
        headers = {"Authorization": f"Bearer {session}", "Accept": "text/csv", "Accept-Encoding": "gzip"}
        connection.request(
            "GET", f"/services/data/v67.0/jobs/query/{job}/results?maxRecords=50000{more}", headers=headers
        )
        answer = connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"Bulk page: {answer.status} {answer.read()[:200]!r}")
        while answer.read(65_536):
            pass
        locator = answer.headers["Sforce-Locator"]
        if locator == "null":
            return


def send(url: str, index: str, bodies: "queue.SimpleQueue[Path | None]") -> None:
    """Send bodies until there is none left."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    while (path := bodies.get()) is not None:
        connection.request(
            "POST",
            f"/{index}/_bulk?filter_path=errors",
            body=path.read_bytes(),
            headers={"Content-Type": "application/x-ndjson"},
        )
        answer = json.loads(connection.getresponse().read())
        if answer["errors"]:
            raise SystemExit("bulk errors")


def main() -> None:
    """Do all at once and print how long it took."""
    org, session, job, elasticsearch, index, folder = sys.argv[1:]
    bodies: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
    for path in [*sorted(Path(folder).glob("*.ndjson")), None, None]:
        bodies.put(path)
    threads = [threading.Thread(target=send, args=(elasticsearch, index, bodies)) for _ in range(2)]
    threads.append(threading.Thread(target=download, args=(org, session, job)))
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main()
