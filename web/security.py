"""What every answer says to the browser, and which requests are refused.

Nothing is loaded from anywhere but the station, no script or style stands inside a page, no page can be framed, and
pages about a person are never kept by the browser.

The address: a page of another site that points its own name at the station (DNS rebinding) would be of the same
origin as the station, so requests are answered only under the names that the application was given.

Requests that change something must come from the station's pages: `Sec-Fetch-Site` where the browser sends it (https
and localhost), otherwise `Origin` compared with `Host`. A client that sends neither is no browser, and is let
through. Under `Referrer-Policy: no-referrer` a plain HTML form posts `Origin: null`, which is refused over plain http:
state-changing forms have to be sent by htmx, whose requests carry the true origin.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Flask, Response, request

from web.assets import Assets
from web.failures import HostError, OriginError
from web.text import TEXT

LOOPBACK = ("localhost", "127.0.0.1", "::1")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def register(app: Flask, assets: Assets, hosts: Sequence[str]) -> None:
    """Check every request and mark every answer. hosts: names, without ports, under which the station is known."""

    names = frozenset(host.lower() for host in hosts)

    def check_request() -> None:
        if _name(request.host) not in names:
            raise HostError(f"request for the foreign host {request.host!r}", person=TEXT.error_host)
        if request.method not in _SAFE_METHODS and not _from_own_page():
            raise OriginError(f"{request.method} {request.path} from another origin", person=TEXT.error_origin)

    def mark_answer(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        elif assets.is_current(request.path, request.args.get("v", "")):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    app.before_request(check_request)
    app.after_request(mark_answer)


def _name(host: str) -> str | None:
    """The name in a Host header, without its port; None for one that is malformed."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _from_own_page() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
