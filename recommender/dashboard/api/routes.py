"""The addresses below /api. Work is done in threads, a few at once, so that pages are served meanwhile."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from recommender.dashboard.bundles import loading

_AT_ONCE = 2  # TensorFlow spreads each over all cores
_WAITING = 8  # as many more wait; who comes later is told so
_BUSY_SECONDS = 1

_Answer = TypeVar("_Answer", bound=Response)


class Desk:
    """Works on a few requests at once, lets a few more wait, and turns away the others.

    Args:
      at_once: how many are worked on.
      waiting: how many wait.
    """

    def __init__(self, at_once: int = _AT_ONCE, waiting: int = _WAITING) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="api")
        self._places = threading.BoundedSemaphore(at_once + waiting)

    async def ask(self, work: Callable[[], _Answer]) -> _Answer | JSONResponse:
        """What the work gives, or 429 where there is no place."""
        if not self._places.acquire(blocking=False):
            said = "the server is answering as many programs as it can at once; ask again in a second."
            headers = {"Retry-After": str(_BUSY_SECONDS), "Cache-Control": "no-store"}
            return JSONResponse({"error": said}, status_code=429, headers=headers)
        done = self._threads.submit(work)
        done.add_done_callback(self._leave)  # also of work that nobody waits for any more
        return await asyncio.wrap_future(done)

    def _leave(self, done: Future[_Answer]) -> None:
        self._places.release()


def routes(desk: Desk | None = None) -> list[BaseRoute]:
    """The routes, which share one desk.

    What they need is imported with the first request: the start page is not to wait for it.

    Args:
      desk: where work is done; one of its own if None.
    """
    desk = desk or Desk()

    async def answer(request: Request) -> Response:
        def work() -> JSONResponse:
            from recommender.dashboard.api.answering import answer

            return answer(request.url.path.rpartition("/")[2], request.query_params.multi_items())

        return await desk.ask(work)

    async def describe(request: Request) -> Response:
        return await desk.ask(_document)

    async def page(request: Request) -> Response:
        return await desk.ask(_page)

    return [
        Route("/api", page),
        Route("/api/openapi.json", describe),
        *(Route(f"/api/{name}", answer) for name in ("recommend", "rate", "similar")),
    ]


def _document() -> JSONResponse:
    from recommender.dashboard.api.description import openapi

    return JSONResponse(openapi())


def _page() -> HTMLResponse:
    from recommender.dashboard.api.description import page

    stage = loading.load(loading.default_bundle())
    return HTMLResponse(page(stage.recommender() if stage.ready else None))
