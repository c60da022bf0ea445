"""`python -m localorg run --data DIR`: a local Salesforce org."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

import orjson

from localorg.creation import CompanySettings
from localorg.org import DAILY_REQUESTS
from localorg.run import RunSettings, run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="localorg", description="A local Salesforce org.")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run", help="run the org of a folder; the first time, make it")
    one.add_argument("--data", type=Path, required=True, help="folder of the org")
    one.add_argument("--port", type=int, default=8000, help="a taken one is replaced by a free one")
    one.add_argument("--https-port", type=int, default=8443, help="the same for HTTPS")
    one.add_argument("--pubsub-port", type=int, default=7443, help="the same for the Pub/Sub API")
    one.add_argument("--seed", type=int, default=7, help="of the demo company")
    one.add_argument("--size", type=float, default=1.0, help="of the demo company")
    one.add_argument("--empty", action="store_true", help="no demo company")
    one.add_argument("--daily-requests", type=int, default=DAILY_REQUESTS, help="API requests a day")
    one.add_argument("--json", action="store_true", help="events as JSON lines")
    one.add_argument("--parent-stdin", action="store_true", help="stop when standard input ends")
    return parser


def _emit_json(event: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(event) + b"\n")
    sys.stdout.buffer.flush()


def _emit_text(event: dict[str, Any]) -> None:
    match event["event"]:
        case "seeding":
            print(f"making the demo company: {event['done']:,} of {event['total']:,} records", flush=True)
        case "ready":
            already = " (it was running already)" if event["attached"] else ""
            print(f"The local org is at {event['url']}{already}.", flush=True)
            print(f"Also {event['https_url']}; Pub/Sub API {event['pubsub']}; trust {event['ca_file']}", flush=True)
            print(f"Administrator: {event['admin']['username']}; passwords and keys: credentials.json", flush=True)
        case "error":
            print(f"{event['message']} {event['hint']}", file=sys.stderr, flush=True)
        case "stopped":
            print("The local org has stopped.", flush=True)


def main() -> int:
    """The exit code: 0 done, 1 failed, 2 wrong usage."""
    given = _parser().parse_args()
    emit = _emit_json if given.json else _emit_text
    company = None if given.empty else CompanySettings(seed=given.seed, factor=given.size)
    settings = RunSettings(
        data=given.data.absolute(),
        port=given.port,
        https_port=given.https_port,
        pubsub_port=given.pubsub_port,
        company=company,
        daily_requests=given.daily_requests,
        parent_stdin=given.parent_stdin,
    )
    try:
        return asyncio.run(run(settings, emit))
    except OSError as error:
        emit({"event": "error", "message": str(error), "hint": "Check the folder given with --data."})
        return 1


if __name__ == "__main__":
    sys.exit(main())
