"""What the web server does beside showing pages: warm the model, answer /ready and programs, hand out the assets."""

import logging
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from recommender.bundle.signing import trusted_keys
from recommender.dashboard.api import routes as api
from recommender.dashboard.bundles import loading
from recommender.dashboard.web.headers import SecurityHeaders, framing_sites, security_headers
from recommender.dashboard.web.hosts import KnownHosts
from recommender.dashboard.web.replica import NamesReplica, end_with_parent
from recommender.dashboard.web.slow_clients import close_slow_clients
from recommender.dashboard.web.uploads import BoundedUploads
from recommender.data.atomic import clear_abandoned
from recommender.errors import RecommenderError
from recommender.replicas.sticking import own_number
from recommender.runs.switch import training_is_on

_ASSETS = Path(__file__).resolve().parents[2] / "assets"
_log = logging.getLogger(__name__)


class _ExpectedFailures(logging.Filter):
    """Writes an error that the page explains as one line of the log, and leaves the traceback to bugs."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and isinstance(error.__cause__, RecommenderError):
            record.msg, record.args, record.exc_info = "a download was not prepared: %s", (error.__cause__,), None
        return True


# Streamlit calls what a download button is given in a thread of its own, where no page can catch what it raises.
_PREPARES_DOWNLOADS = "streamlit.runtime.backend_operation_handler"


def check_settings() -> None:
    """Ends the program with a sentence if a setting from the environment is not understood: nothing is served then."""
    try:
        training_is_on()
        trusted_keys()
        framing_sites()
    except RecommenderError as error:
        sys.exit(f"error: {error}")


@asynccontextmanager
async def warm_up(app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Starts loading the first bundle as the server starts, without making the server wait for it.

    Raises:
      ConfigurationError: if a setting from the environment is not understood; such a server does not start.
    """
    trains = training_is_on()
    # A page makes hundreds of short columns and looks their names up; Arrow's strings, which are made for long ones,
    # take a fifth more of the processor for a change on Recommend.
    pd.set_option("mode.string_storage", "python")
    close_slow_clients()
    if own_number() is not None:
        end_with_parent()
    logging.getLogger(_PREPARES_DOWNLOADS).addFilter(_ExpectedFailures())
    stage = loading.load(loading.default_bundle())
    clear_abandoned(loading.default_bundle().parent)
    if trains:
        threading.Thread(target=_look_after_trainings, args=(stage,), name="resume trainings", daemon=True).start()
    yield {}


def _look_after_trainings(stage: loading.Loading) -> None:
    """Starts what waited when the server stopped; after the model, which somebody is waiting for."""
    stage.wait()
    from recommender.runs import default_queue

    default_queue().supervise()


async def ready(request: Request) -> JSONResponse:
    """200 once a page would show recommendations, 503 before and if the bundle cannot be loaded."""
    stage = loading.load(loading.default_bundle())
    state = "ready" if stage.ready else "failed" if stage.finished else "loading"
    body = {"state": state, "bundle": stage.bundle.name, "ratings": str(stage.ratings.state)}
    return JSONResponse(body, status_code=200 if stage.ready else 503, headers={"Cache-Control": "no-store"})


def routes() -> list[BaseRoute]:
    """The routes of our own, none of them under a prefix of Streamlit's."""
    return [Route("/ready", ready), *api.routes(), Mount("/assets", app=StaticFiles(directory=_ASSETS))]


def middleware() -> list[Middleware]:
    """What each request passes, the first of them first."""
    return [
        Middleware(SecurityHeaders),
        Middleware(NamesReplica, number=own_number()),
        Middleware(KnownHosts, names=st.get_option("server.allowedHosts")),
        Middleware(BoundedUploads),
    ]


async def unexpected_failure(request: Request, error: Exception) -> PlainTextResponse:
    """The answer to a request at which a route failed: it is made above all middleware, so it brings its headers."""
    return PlainTextResponse("Internal Server Error", status_code=500, headers=security_headers())


def show_failure(error: Exception) -> bool:
    """A bug: the log gets the traceback, the viewer a sentence."""
    _log.error("a page failed", exc_info=error)
    st.error(
        "This page ran into a problem it did not expect. The details are in the server's log; "
        "going back to the start page usually helps.",
        icon=":material/report:",
    )
    return True
