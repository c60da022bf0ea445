"""The org's own pages: one self-contained document each, without scripts and without requests to anybody."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse


@cache
def _style() -> tuple[str, str]:
    """The style sheet, and its digest for the content security policy."""
    text = files(__name__).joinpath("style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return text, f"'sha256-{digest}'"


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader(__name__, "."), autoescape=True, undefined=StrictUndefined)


def page(name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page as an answer: `login`, `approval` or `message`, with the values that its template names."""
    style, digest = _style()
    text = _environment().get_template(f"{name}.html").render(style=style, **values)
    # No form-action: browsers apply it to what a form's answer redirects to as well, which is the app's callback.
    policy = f"default-src 'none'; style-src {digest}; base-uri 'none'; frame-ancestors 'none'"
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    return HTMLResponse(text, status, headers)
