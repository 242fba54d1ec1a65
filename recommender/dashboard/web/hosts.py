"""Which names the server answers to: a page of somebody else's name must not reach it through a viewer's browser.

Without this, a page whose owner points its name to 127.0.0.1 once a viewer has opened it (DNS rebinding) would read,
from that viewer's browser, what a server shows that listens on the viewer's machine alone.
"""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

# Whoever looks whether a server lives asks by number or by the name of a container; it learns nothing else.
_FOR_HEALTH_CHECKS = {"/ready", "/_stcore/health"}
_REFUSAL = (
    "This server does not answer to the name in this address. "
    "Whoever runs it adds a name with --server.allowedHosts NAME.\n"
)


def is_allowed(host: str | None, names: Sequence[str]) -> bool:
    """Whether a request was sent to this server by a name it has.

    Args:
      host: the header Host; None if there is none.
      names: of the server, "*.example.org" for all below one, "*" for any. Without names: localhost, and any number, as
        no number can be pointed to another machine.
    """
    name = _name_in(host or "")
    if not name:
        return False
    if not names:
        return name == "localhost" or name.endswith(".localhost") or _is_number(name)
    known = [pattern.strip().lower().rstrip(".") for pattern in names]
    return any(pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:])) for pattern in known)


def _name_in(host: str) -> str:
    """The name or number in "name:port"; "" if it is no such thing."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises if it is none
    except ValueError:
        return ""
    return (parts.hostname or "").rstrip(".") if parts.netloc == host and "@" not in host else ""


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class KnownHosts:
    """Refuses what was sent to another name, pages and websockets alike.

    Args:
      app: what answers.
      names: as for `is_allowed`.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self._app, self._names = app, tuple(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, as ASGI has it."""
        if (
            scope["type"] not in ("http", "websocket")
            or scope["path"] in _FOR_HEALTH_CHECKS
            or is_allowed(Headers(scope=scope).get("host"), self._names)
        ):
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse(_REFUSAL, status_code=400)(scope, receive, send)
