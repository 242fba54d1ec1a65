"""Starts a replay in a process of its own, and shows how far it is."""

import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from recommender.dashboard.drawing.markdown import escape, sentence
from recommender.dashboard.drawing.words import duration
from recommender.dashboard.frame import present
from recommender.dashboard.parts import cancel_button
from recommender.errors import RecommenderError
from recommender.replay.steps import in_words, steps_of
from recommender.runs import Queue, Run, RunProgress, RunRequest, State, default_queue, progress_from, read_events
from recommender.runs.run import ACTIVE
from recommender.runs.switch import training_is_on

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_LENGTHS = ("7d", "30d", "3m", "6m", "1y", "2y")
_MOST_STEPS, _GOOD_STEPS = 60, 10  # models to be trained: more are not offered; the first that has so many is proposed
_LENGTH, _REFUSED = "replay_every", "_replay_refused"
_LOOK_AGAIN_SECONDS = 2.0


def draw(bundle: str) -> None:
    """Draws how far the replay of a bundle is, and goes on looking while it is under way."""
    refused = st.session_state.get(_REFUSED)
    if refused:
        st.error(sentence(refused), icon=":material/report:")
    queue = default_queue()
    run = _newest(queue, bundle)
    if run is None:
        return
    if run.state in ACTIVE:
        if training_is_on():
            queue.supervise()  # the server may be another than the one that was asked
        _watch(queue, run.id)
    elif run.reason:
        st.error(f"The last replay from this page came to nothing: {sentence(run.reason)}", icon=":material/report:")


def draw_offer(recommender: "Recommender", bundle: Path, *, replaces: bool) -> None:
    """Draws what a replay is, and how to make one.

    Args:
      recommender: the model.
      bundle: its bundle.
      replaces: whether there is the replay of another model or of other data, which gives way.
    """
    there = "That beside this model is of another one." if replaces else "There is none beside this model."
    if _is_active(bundle.name):
        there = "What it finds is shown here as soon as there is something."
    st.markdown(
        "A replay trains this kind of model as it would have been at many moments, on what was known by then alone, "
        f"and asks it about what came next: what it found, what it missed, and how fast it ages. {there}"
    )
    if not recommender.manifest.data.has_timestamps:
        st.caption("The data have no times, so there is nothing to be replayed.")
        return
    lengths = _lengths(recommender)
    if _is_active(bundle.name) or not lengths:
        return
    if training_is_on():
        with present.fold(st.container(horizontal=True, vertical_alignment="bottom", gap="medium")):
            every = st.selectbox(
                "A step is",
                list(lengths),
                index=next((place for place, n in enumerate(lengths.values()) if n >= _GOOD_STEPS), 0),
                format_func=in_words,
                key=_LENGTH,
                width=160,
            )
            st.button(
                "Replay",
                icon=":material/replay:",
                type="primary",
                key="replay",
                on_click=_start,
                args=(bundle.name, recommender.manifest.model, every, replaces),
            )
        seconds = lengths[every] * recommender.manifest.training.seconds
        st.caption(
            f"{lengths[every]} models are trained, one after the other, in {duration(seconds)} if each takes as long "
            "as this one did. It goes on when the page is closed; if it is cancelled, what it has found by then stays."
        )
    else:
        place = bundle.relative_to(Path.cwd()) if bundle.is_relative_to(Path.cwd()) else bundle
        st.caption("Nothing is trained from this page (MATINEE_TRAINING is off). In a terminal:")
        st.code(f"python -m recommender replay {place} --every {next(iter(lengths))}", language=None, wrap_lines=True)


def draw_going_on(bundle: Path, request: Mapping[str, Any]) -> None:
    """Draws the button that takes up a replay which is not over, unless it is under way.

    Args:
      bundle: the bundle that is replayed.
      request: what was asked for: `model` and `every`.
    """
    if training_is_on() and not _is_active(bundle.name):
        st.button(
            "Go on with it",
            icon=":material/play_arrow:",
            key="replay_on",
            on_click=_start,
            args=(bundle.name, request["model"], request["every"], False),
        )


def _lengths(recommender: "Recommender") -> dict[str, int]:
    """Lengths of a step -> how many models a replay with it trains, the longest first."""
    found = {}
    for every in reversed(_LENGTHS):
        try:
            n_steps = len(steps_of(recommender.first_moment, recommender.last_moment, every))
        except RecommenderError:  # too long, or too short, for these data
            continue
        if n_steps <= _MOST_STEPS:
            found[every] = n_steps
    return found


def _newest(queue: Queue, bundle: str) -> Run | None:
    """The newest replay of a bundle that was asked for from the page."""
    mine = (queue.store.resolve(), bundle)
    return next((run for run in queue.runs() if run.request.is_replay and (run.store, run.request.name) == mine), None)


def _is_active(bundle: str) -> bool:
    run = _newest(default_queue(), bundle)
    return run is not None and run.state in ACTIVE


@st.fragment(run_every=_LOOK_AGAIN_SECONDS)
def _watch(queue: Queue, drawn: str) -> None:
    run = next((run for run in queue.active() if run.id == drawn), None)
    if run is None:
        st.rerun()
        return
    progress = progress_from(read_events(run.progress), time.time())
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.progress(progress.share, text=_line(run, progress))
        if training_is_on():
            cancel_button.draw(run.id, ending=run.state is State.CANCELLING, cancel=partial(queue.cancel, run))


def _line(run: Run, progress: RunProgress) -> str:
    if run.state is State.WAITING:
        return f"The replay of {escape(run.request.name)} waits for what is being trained."
    if run.state is State.CANCELLING:
        return "Being cancelled; what has been found stays."
    if not progress.epochs:
        return "The replay begins: the ratings are read."
    at = min(int(progress.done) + 1, progress.epochs)
    left = f", {duration(progress.seconds_left)} left" if progress.seconds_left else ""
    return f"Model {at} of {progress.epochs}{left}."


def _start(bundle: str, model: str, every: str, replaces: bool) -> None:
    st.session_state.pop(_REFUSED, None)
    try:
        default_queue().add(RunRequest(name=bundle, model=model, every=every, replace=replaces))
    except RecommenderError as error:
        st.session_state[_REFUSED] = str(error)
