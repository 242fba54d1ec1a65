"""What the server holds: the model, and the ratings as soon as they are there.

TensorFlow is imported in a thread of its own, so that the server answers and the browser paints its frame meanwhile. A
page that comes too early waits for `Loading.recommender` behind a skeleton.
"""

import gc
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from recommender.bundle import default_bundle
from recommender.dashboard.bundles.manifests import written_at
from recommender.errors import RecommenderError

if TYPE_CHECKING:
    from recommender.bundle.manifest import DataFacts
    from recommender.data import FetchProgress, ProgressCallback, Ratings
    from recommender.serving.recommender import Recommender

_FETCHABLE = "ml-100k"
_ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
_log = logging.getLogger(__name__)


class RatingsState(StrEnum):
    """Where the ratings are."""

    HERE = "here"
    FETCHING = "fetching"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"  # the bundle's data set is none that can be fetched


@dataclass(frozen=True)
class RatingsNews:
    """Where the ratings are: the `share` of the fetch in [0, 1] if known, and what is being done or went wrong."""

    state: RatingsState
    share: float | None = None
    message: str = ""


def load_recommender(bundle: Path) -> "Recommender":
    """Loads and warms a bundle. The import takes seconds, which is why it stands here and not above."""
    with _without_onednn():
        import tensorflow as tf

        from recommender.serving.recommender import Recommender

        # TensorFlow would rewrite each function when it is first asked, for half a second and 11 MB, so that it is
        # quicker ever after; of programs as short as ours nothing of that can be measured.
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
        return Recommender.load(bundle)


@contextmanager
def _without_onednn() -> Iterator[None]:
    """Imports TensorFlow without oneDNN, unless the environment says otherwise.

    oneDNN keeps what it has made for each shape it meets, and sweeps meet hundreds: 190 MB after a round of the pages,
    and an eighth more of the processor for a change (`python -m benchmarks.work`). Trainings that this server starts
    get none of it.
    """
    if _ONEDNN in os.environ:
        yield
        return
    os.environ[_ONEDNN] = "0"
    try:
        yield
    finally:
        os.environ.pop(_ONEDNN, None)


def read_cached_ratings() -> "Ratings | None":
    """The ratings if they are on this machine; no network. A damaged copy counts as none: it is fetched again."""
    from recommender.data import cached_ml100k, read_ml100k

    folder = cached_ml100k()
    try:
        return None if folder is None else read_ml100k(folder)
    except RecommenderError as error:
        _log.warning("the cached ratings cannot be read and are fetched again: %s", error)
        return None


def read_own_ratings(facts: "DataFacts") -> "Ratings | None":
    """The ratings of a data set that needs no fetching; None if they are gone.

    Those of one's own lie where they lay when the model was trained, others beside the program.
    """
    from recommender.bundle.training_data import load_data_of
    from recommender.data import SHIPPED

    try:
        return None if facts.source is None and facts.name not in SHIPPED else load_data_of(facts)
    except RecommenderError as error:
        _log.warning("a model is shown without its ratings: %s", error)
        return None


def fetch_ratings(progress: "ProgressCallback") -> "Ratings":
    """Brings the ratings to this machine and reads them.

    Raises:
      FetchError: if no source can be reached; says what to do.
    """
    from recommender.data import fetch_ml100k, read_ml100k

    return read_ml100k(fetch_ml100k(progress=progress))


class Loading:
    """One bundle on its way from the disk to a page; safe to ask from many threads."""

    def __init__(self, bundle: Path) -> None:
        self.bundle = bundle
        self._arrived = threading.Event()
        self._recommender: Recommender | None = None
        self._failure: Exception | None = None
        self._news = RatingsNews(RatingsState.FETCHING)
        threading.Thread(target=self._run, name=f"load {bundle.name}", daemon=True).start()

    @property
    def ready(self) -> bool:
        """True once the model is warmed and can answer."""
        return self._recommender is not None

    @property
    def finished(self) -> bool:
        """True once the model is there or will never be."""
        return self._arrived.is_set()

    @property
    def ratings(self) -> RatingsNews:
        """Where the ratings are."""
        return self._news

    def wait(self) -> None:
        """Waits until the model is there or will never be."""
        self._arrived.wait()

    def recommender(self) -> "Recommender":
        """Waits for the model and returns it, joined with the ratings if they are here by now.

        Raises:
          BundleError: if the bundle cannot be loaded.
        """
        self._arrived.wait()
        if self._failure is not None:
            raise self._failure
        assert self._recommender is not None
        return self._recommender

    def fetch_again(self) -> None:
        """Tries once more to bring the ratings, in the background."""
        if self._news.state is RatingsState.FAILED:
            self._news = RatingsNews(RatingsState.FETCHING)
            threading.Thread(target=self._fetch, name="fetch ratings", daemon=True).start()

    def _run(self) -> None:
        gc.disable()  # collecting again and again among a million new objects makes the import a sixth slower
        try:
            recommender = load_recommender(self.bundle)
            data = recommender.manifest.data
            fetchable = data.source is None and data.name == _FETCHABLE
            ratings = read_cached_ratings() if fetchable else read_own_ratings(data)
            if ratings is not None:
                recommender = _joined(recommender, ratings)
                self._news = RatingsNews(RatingsState.HERE)
            elif not fetchable:
                message = (
                    f"The data set {data.name} has no place from which it could be read."
                    if data.source is None
                    else f"The data set cannot be read from {data.source}; put it back there and start again."
                )
                self._news = RatingsNews(RatingsState.UNAVAILABLE, message=message)
            self._recommender = recommender
            if _freeze.cache_info().currsize:
                gc.collect()  # the model that was here before: nobody else collects it, as postScriptGC is off
            _freeze()
        except Exception as error:
            if not isinstance(error, RecommenderError):
                _log.exception("%s: could not be loaded", self.bundle)
            self._failure = error
            return
        finally:
            gc.enable()
            self._arrived.set()
        if self._news.state is RatingsState.FETCHING:
            self._fetch()

    def _fetch(self) -> None:
        try:
            ratings = fetch_ratings(self._note_progress)
            assert self._recommender is not None
            self._recommender = _joined(self._recommender, ratings)
            self._news = RatingsNews(RatingsState.HERE)
        except Exception as error:
            if not isinstance(error, RecommenderError):
                _log.exception("the ratings could not be fetched")
                error = RecommenderError("an unexpected error; the server's log has it.")
            self._news = RatingsNews(RatingsState.FAILED, message=str(error))

    def _note_progress(self, progress: "FetchProgress") -> None:
        share = min(1.0, progress.done / progress.total) if progress.total else None
        self._news = RatingsNews(RatingsState.FETCHING, share, progress.step)


def _joined(recommender: "Recommender", ratings: "Ratings") -> "Recommender":
    """The model joined with its ratings, and these cut as they were cut for training: every page asks for that."""
    joined = recommender.with_ratings(ratings.without_rare_titles(recommender.manifest.data.min_ratings))
    joined.last_known_moment(joined.user_ids[0])
    return joined


@lru_cache(maxsize=1)
def _freeze() -> None:
    """Takes all there is out of garbage collection, once.

    The second of the two settings worth 10x (the first is TF_USE_LEGACY_KERAS in recommender/__init__.py): what
    TensorFlow has allocated stays for good, so no later collection need walk it. Only with the first model: a model is
    full of cycles, and one that is frozen keeps its memory for good after it has left the cache.
    """
    gc.freeze()


# The time of writing is part of the key: a bundle that was trained again is loaded anew. The first bundle has a place
# of its own, so that neither the start page nor /ready waits for it again; of the others three stay, the last that were
# looked at (the page Models shows two at once), and a fourth takes the place of the one not looked at for longest.
@st.cache_resource(max_entries=1, show_spinner=False)
def _first(bundle: Path, written_at: int) -> Loading:
    return Loading(bundle)


@st.cache_resource(max_entries=3, show_spinner=False)
def _other(bundle: Path, written_at: int) -> Loading:
    return Loading(bundle)


def load(bundle: Path) -> Loading:
    """The one loading of this bundle, which all sessions share; starts it if nobody has.

    Args:
      bundle: its folder. If its manifest is replaced, the next call loads it anew.
    """
    return _cache_of(bundle)(bundle, written_at(bundle))


def try_again(bundle: Path) -> None:
    """Forgets a loading that failed, so that the next `load` starts anew."""
    _cache_of(bundle).clear(bundle, written_at(bundle))


def _cache_of(bundle: Path) -> Any:
    """The cache that holds a bundle: `_first` or `_other`."""
    return _first if bundle == default_bundle() else _other
