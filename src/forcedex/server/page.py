"""The page, as it was built: files under `/assets/`, and one document for every address that people see."""

import gzip
from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter
from markupsafe import escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from forcedex.server.problems import Problem, not_found

_BUILT = Path(__file__).parent / "built"
_TYPES: Mapping[str, str] = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}
_WORTH_PACKING = 1_024  # bytes
_FOR_EVER = "public, max-age=31536000, immutable"
_UNBUILT = (
    "<!doctype html><title>Forcedex</title><p>The page was not built: run <code>make setup</code>. The API answers."
)
#: Addresses that the page shows itself.
_SHOWN = (
    *("/", "/search", "/reports", "/dashboard", "/operator"),
    *("/record/{sobject}/{record_id}", "/report/{name}", "/operator/{part}"),
)

router = APIRouter(include_in_schema=False)


class Built:
    """The files of the page, read once: nothing else of the disk can be asked for."""

    def __init__(self, folder: Path = _BUILT) -> None:
        assets = folder / "assets"
        self.document = _text(folder / "index.html") or _UNBUILT
        self.files = (
            {each.name: each.read_bytes() for each in assets.iterdir() if each.suffix in _TYPES}
            if assets.is_dir()
            else {}
        )
        #: Nothing in them is anybody's secret, so they may travel packed.
        self.packed = {
            name: gzip.compress(content) for name, content in self.files.items() if len(content) > _WORTH_PACKING
        }


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


@router.get("/assets/{name}")
async def asset(name: str, request: Request) -> Response:
    """One file; its name changes with its content."""
    built: Built = request.app.state.built
    content = built.files.get(name)
    if content is None:
        raise not_found("There is no such file.")
    headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", "") and name in built.packed:
        content, headers = built.packed[name], {**headers, "Content-Encoding": "gzip"}
    return Response(content, headers=headers, media_type=_TYPES[Path(name).suffix])


async def document(request: Request) -> Response:
    """The page."""
    return HTMLResponse(request.app.state.built.document, headers={"Cache-Control": "no-cache"})


for _path in _SHOWN:
    router.add_api_route(_path, document, methods=["GET"])


def problem_page(problem: Problem) -> Response:
    """A problem for a person at a browser."""
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Forcedex</title><h1>{escape(problem.message)}</h1><p>{escape(problem.hint)}</p>"
        '<p><a href="/auth/login">Log in</a> · <a href="/">Home</a></p></html>'
    )
    return HTMLResponse(text, problem.status, headers={"Cache-Control": "no-store"})
