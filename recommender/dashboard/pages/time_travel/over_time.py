"""What the model answers over a stretch of time: lists, curves, averages, ranks and changes, each asked for once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from recommender.dashboard.answers import title_lists
from recommender.dashboard.choices.current import Choices, options_of, to_seconds
from recommender.dashboard.pages.time_travel.stretch import ALL, Stretch, stretch_around
from recommender.data.clock import MINUTE
from recommender.data.ranking import Rows, Scores, ranks_in_catalogue
from recommender.serving import clock_grain
from recommender.serving.clock_grain import ClockGrain
from recommender.serving.time_travel import (
    Movers,
    Step,
    first_of,
    mean_answers,
    most_moved,
    nearest_steps,
    to_the_minute,
)
from recommender.serving.traveller import Traveller, traveller_for

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

Values = npt.NDArray[np.float64]

N_AVERAGED = 100
_AVERAGED_MOMENTS = 24  # of that many viewers at once; the flagship is within 0.0001 stars of a straight line between
_MOVERS = 12
_SCANNED = 500  # moments of equal distance at which the first title is looked at, beside the model's own edges


class Question(NamedTuple):
    """Whose list the model is asked for, by which its answers are cached.

    Attributes:
      version: of the model; see `title_lists.version`.
      user: a viewer of the model.
      hide_seen: leave out what the viewer has rated.
      as_of_then: read and leave out nothing rated later than each moment.
      hide_future: leave out what was not out at each moment.
    """

    version: str
    user: str
    hide_seen: bool
    as_of_then: bool
    hide_future: bool


class Lists(NamedTuple):
    """The list at each of some moments; [n, k] each but the moments.

    Attributes:
      moments: [n] UTC seconds.
      rows: catalogue rows, best first, -1 where titles run out.
      scores: their retrieval scores.
      stars: their predicted stars; NaN from a model that predicts none.
    """

    moments: Rows
    rows: Rows
    scores: Values
    stars: Values


@st.cache_resource(max_entries=20, show_spinner=False)
def _traveller(_recommender: "Recommender", question: Question) -> Traveller:
    """The viewer as the model is asked about them; shared by all, so never changed."""
    user, hide_seen, as_of_then, hide_future = question[1:]
    return traveller_for(_recommender, user, hide_seen=hide_seen, as_of_then=as_of_then, hide_future=hide_future)


@st.cache_resource(max_entries=6, show_spinner=False)
def _scores(_recommender: "Recommender", question: Question, moments: Stretch) -> Scores:
    """[n_moments, n_titles] of the whole catalogue, of which a page needs several things; shared, so never changed."""
    return _traveller(_recommender, question).scores(_recommender, moments.moments.tolist())


@st.cache_data(max_entries=100, max_size="100MB", show_spinner=False)
def lists(_recommender: "Recommender", question: Question, moments: Stretch | int, k: int) -> Lists:
    """The lists over a stretch, or at one moment."""
    asked = _asked(moments)
    traveller = _traveller(_recommender, question)
    if isinstance(moments, int):
        scores = traveller.scores(_recommender, [moments])
    else:
        scores = _scores(_recommender, question, moments)
    best = traveller.lists(scores, asked.tolist(), k)
    some = best >= 0
    listed = np.unique(best[some])
    stars = np.full(best.shape, np.nan)
    if _recommender.manifest.rates and len(listed):
        swept = _swept(_recommender, question, moments, [_recommender.titles[row] for row in listed])[:, :, 0]
        stars[some] = swept[np.nonzero(some)[0], np.searchsorted(listed, best[some])]
    own = np.take_along_axis(scores, np.maximum(best, 0), axis=1).astype(float)
    return Lists(asked, best, np.where(some, own, np.nan), stars)


@st.cache_data(max_entries=50, max_size="50MB", show_spinner=False)
def movers(_recommender: "Recommender", question: Question, moments: Stretch) -> Movers:
    """The titles of the whole catalogue that move most in the lists inside the training span."""
    return most_moved(_scores_inside_training(_recommender, question, moments), _MOVERS)


@st.cache_data(max_entries=50, max_size="50MB", show_spinner=False)
def places(_recommender: "Recommender", question: Question, moments: Stretch, titles: tuple[str, ...]) -> Values:
    """[n, n_titles] places of some titles in the lists inside the training span; NaN where they are left out."""
    scores, rows = _scores_inside_training(_recommender, question, moments), _recommender.rows.rows_of_titles(titles)
    return np.where(np.isfinite(scores[:, rows]), ranks_in_catalogue(scores, rows), np.nan)


@st.cache_data(max_entries=200, max_size="50MB", show_spinner=False)
def curves(_recommender: "Recommender", question: Question, moments: Stretch | int, titles: tuple[str, ...]) -> Values:
    """[n, n_titles, 3] predicted stars of some titles and their 80% range; scores from a model that predicts none.

    NaN where a title is not out.
    """
    asked, traveller = _asked(moments), _traveller(_recommender, question)
    out = traveller.out(asked, _recommender.rows.rows_of_titles(titles))
    return np.where(out[:, :, None], _swept(_recommender, question, moments, titles), np.nan)


def mean_curves(
    recommender: "Recommender", version: str, moments: Stretch, titles: tuple[str, ...]
) -> tuple[Rows, Values]:
    """What `curves` gives of some titles, averaged over the same hundred viewers for everybody.

    Returns:
      [m] UTC seconds, fewer than the stretch has, and [m, n_titles] the values then.
    """
    asked = Stretch(moments.start, moments.end, _AVERAGED_MOMENTS).moments
    known = _known_means(version, moments)
    missing = [title for title in titles if title not in known]
    if missing:
        users = np.array(recommender.user_ids, dtype=object)
        if len(users) > N_AVERAGED:
            users = np.random.default_rng(0).choice(users, N_AVERAGED, replace=False)
        means = mean_answers(recommender, users.tolist(), asked.tolist(), missing)
        known.update(zip(missing, means.T, strict=True))
    return asked, np.stack([known[title] for title in titles], axis=1)


@st.cache_resource(max_entries=8, show_spinner=False)
def _known_means(version: str, moments: Stretch) -> dict[str, Values]:
    """Title -> its mean curve, of those that were asked for so far; shared by all, who add to it."""
    return {}


@st.cache_data(max_entries=200, max_size="10MB", show_spinner=False)
def given(_recommender: "Recommender", question: Question, moments: Stretch, titles: tuple[str, ...]) -> pd.DataFrame:
    """What the viewer gave to some titles within a stretch: `title`, `rating`, `timestamp`."""
    rated = life(_recommender, question)[::-1]
    inside = rated["title"].isin(titles) & rated["timestamp"].between(moments.start, moments.end)
    return rated[inside].drop_duplicates("title")


@st.cache_data(max_entries=300, show_spinner=False)
def changes(_recommender: "Recommender", question: Question, at: int, now: int) -> tuple[Step | None, Step | None]:
    """Where the first title changes before and after the clock, at which it is `now`, in moments that can be chosen."""
    traveller, options = _traveller(_recommender, question), options_of(_recommender)
    first, last = to_seconds(options.first), to_seconds(options.last)
    if question.as_of_then:  # every moment reads another history, so those that were asked about already are taken
        whole = stretch_around(options, at, ALL, len(_recommender.titles))
        moments = whole.moments
        firsts = first_of(traveller.hide(_scores(_recommender, question, whole), moments.tolist()))
        inside = (moments >= first) & (moments <= last)
        return nearest_steps(_recommender, traveller, at, now, moments[inside], firsts[inside])
    edges: list[Rows] = [np.linspace(first, last, _SCANNED).astype(np.int64)]
    found = grain(_recommender, question.version)
    if found is not None:
        edges.append(found.edges)
    minutes = np.concatenate(edges) // MINUTE * MINUTE
    grid = np.unique(np.concatenate([minutes, minutes + MINUTE]))  # what begins within a minute is there after it
    return nearest_steps(_recommender, traveller, at, now, grid[(grid >= first) & (grid <= last)])


def minute_of_change(recommender: "Recommender", question: Question, step: Step) -> int:
    """The minute nearest to the clock at which another title is first, UTC seconds."""
    return to_the_minute(recommender, _traveller(recommender, question), step)


@st.cache_resource(max_entries=4, show_spinner=False)
def grain(_recommender: "Recommender", version: str) -> ClockGrain | None:
    """The steps of the model's clock; shared by all, so never changed."""
    return clock_grain.clock_grain(_recommender)


@st.cache_data(max_entries=100, max_size="20MB", show_spinner=False)
def life(_recommender: "Recommender", question: Question) -> pd.DataFrame:
    """All that the viewer rated, the oldest first: `title`, `rating`, `timestamp`; empty without ratings and times."""
    rated = _recommender.rated(question.user)
    if "timestamp" not in rated:
        return pd.DataFrame({"title": [], "rating": [], "timestamp": []})
    return rated[["title", "rating", "timestamp"]][::-1].reset_index(drop=True)


def question_of(recommender: "Recommender", chosen: Choices) -> Question:
    """Whose list is asked for, of which model."""
    known = recommender.has_ratings
    as_of_then = chosen.as_of_then and known
    hide_future = as_of_then and not chosen.show_future
    return Question(title_lists.version(recommender), chosen.user, chosen.hide_seen and known, as_of_then, hide_future)


def _asked(moments: Stretch | int) -> Rows:
    return np.array([moments], np.int64) if isinstance(moments, int) else moments.moments


def _scores_inside_training(recommender: "Recommender", question: Question, moments: Stretch) -> Scores:
    """The `_scores` of those moments that lie inside the training span; -inf for what their lists leave out."""
    asked = moments.inside(recommender.first_moment, recommender.last_moment)
    places = np.isin(moments.moments, asked)
    traveller = _traveller(recommender, question)
    if places.any():
        scores = _scores(recommender, question, moments)[places]
    else:  # the stretch lies outside of the span
        scores = traveller.scores(recommender, asked.tolist())
    return traveller.hide(scores, asked.tolist())


def _swept(recommender: "Recommender", question: Question, moments: Stretch | int, titles: Sequence[str]) -> Values:
    """[n, n_titles, 3] as `curves`, also before a title is out; each title is asked about once in a stretch."""
    known = _known_swept(question, moments)
    missing = [title for title in titles if title not in known]
    if missing:
        asked = _asked(moments)
        swept = _traveller(recommender, question).sweep(recommender, asked.tolist(), missing)
        columns = ["stars" if recommender.manifest.rates else "score", "low", "high"]
        values = swept[columns].to_numpy(np.float64).reshape(len(asked), len(missing), 3)
        known.update(zip(missing, values.swapaxes(0, 1), strict=True))
    return np.stack([known[title] for title in titles], axis=1)


@st.cache_resource(max_entries=50, show_spinner=False)
def _known_swept(question: Question, moments: Stretch | int) -> dict[str, Values]:
    """Title -> its [n, 3] of `_swept`, of those that were asked for so far; shared by all, who add to it."""
    return {}
