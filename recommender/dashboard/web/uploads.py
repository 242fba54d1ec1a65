"""A bound on what uploads hold in the server's memory: of one session, and of all.

Streamlit bounds a single file (`server.maxUploadSize`) and drops a session's files when it ends, but not how many there
are. A file beyond the bound is read and not kept: its page then runs without it and says why, which it could not if
the upload failed in the browser.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

import streamlit as st
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

MOST_BYTES_OF_A_SESSION = 400_000_000
MOST_BYTES_OF_ALL = 1_000_000_000
_FILE = re.compile(r"/_stcore/upload_file/([^/]+)/([^/]+)/?$")
_MOST_NOTED = 1_000


class RefusedUploads:
    """Why files of sessions were not kept; safe to ask from many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._reasons: OrderedDict[tuple[str, str], str] = OrderedDict()

    def note(self, session: str, file: str, reason: str) -> None:
        """Notes why a file was not kept; the oldest of too many notes goes."""
        with self._lock:
            self._reasons[session, file] = reason
            if len(self._reasons) > _MOST_NOTED:
                self._reasons.popitem(last=False)

    def forget(self, session: str, file: str) -> None:
        """Forgets a file that its viewer took away."""
        with self._lock:
            self._reasons.pop((session, file), None)

    def last_reason(self, session: str) -> str:
        """Why the last of a session's files that were refused was; "" if none was."""
        with self._lock:
            return next((reason for (whose, _), reason in reversed(self._reasons.items()) if whose == session), "")


refused_uploads = RefusedUploads()


def refusal() -> str:
    """Why a file of the session that runs was not kept, in a sentence; "" if all were."""
    context = get_script_run_ctx(suppress_warning=True)
    return "" if context is None else refused_uploads.last_reason(context.session_id)


def why_too_much(size: int, session: str, held: Mapping[str, int]) -> str:
    """Why there is no room for a file; "" if there is.

    Args:
      size: of the file, in bytes.
      session: whose it is.
      held: session -> bytes of its files, those on their way included.
    """
    theirs = held.get(session, 0)
    if theirs + size > MOST_BYTES_OF_A_SESSION:
        return (
            f"A file that you chose was not kept: it has {size / 1e6:,.0f} MB, your other uploads {theirs / 1e6:,.0f} "
            f"MB, and together they may have {MOST_BYTES_OF_A_SESSION / 1e6:,.0f} MB. Remove it, or others that you "
            "need no more."
        )
    if sum(held.values()) + size > MOST_BYTES_OF_ALL:
        return (
            f"A file that you chose was not kept: it has {size / 1e6:,.0f} MB, and what all viewers have uploaded "
            "leaves no room for it. Remove it and try again later."
        )
    return ""


class BoundedUploads:
    """Lets a file be uploaded if there is room for it, and else notes why it was not kept.

    Args:
      app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._coming: dict[str, int] = {}  # session -> bytes on their way; touched by the server's one thread alone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, as ASGI has it."""
        found = _FILE.search(scope["path"]) if scope["type"] == "http" else None
        if found is None or scope["method"] not in ("PUT", "DELETE"):
            await self._app(scope, receive, send)
            return
        session, file = found.groups()
        refused_uploads.forget(session, file)
        if scope["method"] == "DELETE":
            await self._app(scope, receive, send)
            return
        size = _announced_size(scope)
        held = held_bytes()
        held.update({whose: held.get(whose, 0) + coming for whose, coming in self._coming.items()})
        reason = why_too_much(size, session, held)
        if reason:
            await _drain(Request(scope, receive), size)
            refused_uploads.note(session, file, reason)
            await Response(status_code=204)(scope, receive, send)
            return
        self._coming[session] = self._coming.get(session, 0) + size
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming[session] -= size
            if not self._coming[session]:
                del self._coming[session]


def held_bytes() -> dict[str, int]:
    """Session -> bytes of its files in memory."""
    uploads = Runtime.instance().uploaded_file_mgr if Runtime.exists() else None
    if not isinstance(uploads, MemoryUploadedFileManager):
        return {}
    return {
        session: sum(len(file.data) for file in list(files.values()))
        for session, files in list(uploads.file_storage.items())
    }


def _announced_size(scope: Scope) -> int:
    """Bytes of a request: as it says, or where it does not, the most that one file may have."""
    said = Headers(scope=scope).get("content-length", "")
    return int(said) if said.isdecimal() else int(st.get_option("server.maxUploadSize")) * 1024 * 1024


async def _drain(request: Request, size: int) -> None:
    """Reads a request and keeps nothing of it, up to the size that was announced."""
    async for chunk in request.stream():
        size -= len(chunk)
        if size <= 0:
            return
