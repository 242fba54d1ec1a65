"""What browsers are told with every answer: to load and run nothing from elsewhere, and in no frame but named ones."""

import base64
import hashlib
import os
import re
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommender.errors import ConfigurationError

FRAMES_VARIABLE = (
    "MATINEE_FRAMES"  # sites that may show pages in a frame, https://wiki.example.org, with spaces between
)

_BEGINNINGS = {"http.response.start", "websocket.http.response.start", "websocket.accept"}
# Counts of sessions and caches, which tell a stranger how much this machine is used; there is no option to turn it off.
_METRICS = "/_stcore/metrics"
_SITE = re.compile(r"https?://(\*\.)?[a-z0-9.-]+(:\d{1,5})?", re.IGNORECASE)
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def security_headers() -> dict[str, str]:
    """The headers of every answer."""
    headers = {
        "Content-Security-Policy": content_policy(),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",  # an address says whose list is looked at
    }
    # frame-ancestors, for browsers that do not know it; it can name no sites.
    return headers if framing_sites() else {**headers, "X-Frame-Options": "DENY"}


def framing_sites() -> list[str]:
    """The sites that may show pages in a frame, from the environment; none unless it names some.

    Raises:
      ConfigurationError: if one of them is no address of a site.
    """
    sites = os.environ.get(FRAMES_VARIABLE, "").split()
    for site in sites:
        if not _SITE.fullmatch(site):
            raise ConfigurationError(
                f"{FRAMES_VARIABLE} names {site!r}, which is no site; write https://wiki.example.org, or several with "
                "spaces between, without a path."
            )
    return sites


def content_policy() -> str:
    """What a page may load: nothing from elsewhere but pictures, and no text turned into a program.

    A table may name posters by https links; a switch on the page says so, and stops it.

    Streamlit needs some exceptions: the script in its page, which is named by its checksum; `blob:` for the scripts of
    components; styles, a font and pictures that lie within what it sends. Its charts do without `unsafe-eval`, as it
    interprets Vega's expressions. It tries to use WebAssembly for long integers, is refused, and does without.
    """
    return "; ".join(
        [
            "default-src 'none'",
            " ".join(["script-src 'self' blob:", *map(_checksum, _inline_scripts())]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob: https:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            " ".join(["frame-ancestors", *(framing_sites() or ["'none'"])]),
        ]
    )


def _inline_scripts() -> list[str]:
    """The scripts that stand in the page that Streamlit serves."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    return _INLINE_SCRIPT.findall(page.read_text(encoding="utf-8"))


def _checksum(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


class SecurityHeaders:
    """Gives every answer the headers of security, and hides the metrics route.

    Args:
      app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._headers = app, security_headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, as ASGI has it."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] in _BEGINNINGS:
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        if scope["type"] == "http" and scope["path"].rstrip("/").endswith(_METRICS):
            await PlainTextResponse("Not Found", status_code=404)(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)
