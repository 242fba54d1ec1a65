"""A server that is one of several: it tells browsers its number, and ends with whoever started it."""

import os
import signal
import sys
import threading

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommender.dashboard.web.headers import framing_sites
from recommender.replicas.sticking import COOKIE, number_in

_BEGINNINGS = {"http.response.start", "websocket.accept"}


class NamesReplica:
    """Gives a browser that does not name this replica a cookie that does, so that all it asks comes here.

    Args:
      app: what answers.
      number: of this replica; None for a server that is alone, which gives none.
    """

    def __init__(self, app: ASGIApp, number: int | None) -> None:
        self._app, self._number = app, number
        # In another site's frame browsers send a cookie only if it says so, and only over https.
        self._reach = "SameSite=None; Secure; Partitioned" if framing_sites() else "SameSite=Lax"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, as ASGI has it."""

        async def send_with_cookie(message: Message) -> None:
            if message["type"] in _BEGINNINGS:
                cookie = f"{COOKIE}={self._number}; Path=/; HttpOnly; {self._reach}"
                MutableHeaders(scope=message).append("Set-Cookie", cookie)
            await send(message)

        if self._number is None or scope["type"] not in ("http", "websocket") or self._is_named_by(scope):
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send_with_cookie)

    def _is_named_by(self, scope: Scope) -> bool:
        cookies = [b"cookie:" + value for name, value in scope["headers"] if name == b"cookie"]
        return number_in(b"\n".join(cookies)) == self._number


def end_with_parent() -> None:
    """Ends this server when its standard input does: whoever started it holds the other end for as long as it lives."""
    threading.Thread(target=_wait_for_end, name="end with parent", daemon=True).start()


def _wait_for_end() -> None:
    descriptor = sys.__stdin__.fileno() if sys.__stdin__ is not None else 0
    while os.read(descriptor, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
