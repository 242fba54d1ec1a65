"""Draws the trainings that were asked for: the one under way with its curves, those that wait, and the earlier ones."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from recommender.bundle.figures import NAMES, TOLD, reference_name, remarks, verdict
from recommender.dashboard.choices import current
from recommender.dashboard.drawing import pictures
from recommender.dashboard.drawing.markdown import escape, sentence
from recommender.dashboard.drawing.words import duration
from recommender.dashboard.pages.training.tabs import LEARNED, TAB
from recommender.dashboard.pages.training.view import CURVES
from recommender.dashboard.parts import cancel_button
from recommender.errors import RecommenderError
from recommender.runs import Queue, Run, RunProgress, State, live_curves, progress_from, read_events
from recommender.runs.progress_log import PHASES
from recommender.runs.run import ACTIVE
from recommender.runs.switch import training_is_on

REFUSED = "_training_refused"
_LOOK_AGAIN_SECONDS = 1.5
_MOST_OVER = 10
_MOST_PICTURES = 4
_PHASES = {
    "": "Starting",
    "starting": "Starting: TensorFlow is being loaded",
    "reading": "Reading the ratings",
    "training": "Training",
    "preparing": "Preparing: what is learned from and what is held back are parted",
    "finishing": "Finishing: it learns once more, from all that it may know",
    "examining": "Examining: lists and stars are held against what was kept back, beside simpler models",
    "indexing": "Indexing: what finds titles quickly is built, and the map of them drawn",
    "writing": "Written as a bundle",
}
_OVER = {
    State.DONE: (":material/check_circle:", "Done"),
    State.FAILED: (":material/error:", "Failed"),
    State.STOPPED: (":material/power_off:", "Stopped unexpectedly"),
    State.CANCELLED: (":material/cancel:", "Cancelled"),
}


def active_and_over(queue: Queue) -> tuple[list[Run], list[Run]]:
    """Those that train or wait, in the order of the queue; and those that are over, the newest first."""
    active: list[Run] = []
    over: list[Run] = []
    for run in queue.runs():  # a state is read from files: once for each run
        (active if run.state in ACTIVE else over).append(run)
    return active[::-1], over


def draw_active(queue: Queue, active: list[Run]) -> None:
    """Draws those that train or wait, and goes on looking while there are any."""
    if active:
        if training_is_on():
            queue.supervise()  # the server may be another than the one that was asked
        _watch(queue, tuple(run.id for run in active))


def draw_over(queue: Queue, over: list[Run], bundles: list[str], heading: str) -> None:
    """Draws what came of trainings.

    Args:
      queue: where they were asked for.
      over: those that are over, the newest first.
      bundles: names of the models that can be shown.
      heading: what they are.
    """
    if not over:
        return
    st.subheader(heading, anchor=False)
    for run in over[:_MOST_OVER]:
        _draw_over(queue, run, bundles)
    if len(over) > _MOST_OVER:
        st.caption(f"And {len(over) - _MOST_OVER} before them.")


def draw_unreadable(queue: Queue) -> None:
    """Draws the folders of the queue that hold no training that can be read, each with the reason."""
    unreadable = queue.unreadable()
    if not unreadable:
        return
    st.subheader("Trainings that cannot be read", anchor=False)
    for name, why in unreadable.items():
        with st.container(border=True, gap="small"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f":material/report: **{escape(name)}**", width="stretch")
                if training_is_on():
                    st.button(
                        "Remove",
                        icon=":material/delete:",
                        type="tertiary",
                        key=f"remove_{name}",
                        on_click=queue.remove_unreadable,
                        args=(name,),
                        help="Deletes its folder; a bundle stays.",
                    )
            st.caption(f"What was asked for is not to be read: {escape(why)}.")


@st.fragment(run_every=_LOOK_AGAIN_SECONDS)
def _watch(queue: Queue, drawn: tuple[str, ...]) -> None:
    active = queue.active()
    if tuple(run.id for run in active) != drawn:
        st.rerun()  # one has ended: its bundle belongs into the picker
    st.subheader("Under way", anchor=False)
    if queue.trouble:
        st.error(sentence(queue.trouble), icon=":material/report:")
    places = iter(range(1, len(active) + 1))
    for run in active:
        if run.state is State.WAITING:
            _draw_waiting(queue, run, next(places))
        else:
            _draw_running(queue, run)


def _draw_waiting(queue: Queue, run: Run, place: int) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/hourglass_empty: **{escape(run.request.name)}** {_model_on_data(run)}. Waits, number {place}.",
            width="stretch",
        )
        _cancel_button(queue, run)


def _draw_running(queue: Queue, run: Run) -> None:
    events = read_events(run.progress)
    progress = progress_from(events, time.time())
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escape(run.request.name)}** {_model_on_data(run)}. {_settings(run)}", width="stretch")
            _cancel_button(queue, run)
        st.progress(progress.share, text=_progress_line(run, progress))
        if not run.request.is_replay:
            st.caption(_way(progress.phase))
        _draw_curves(run, progress, live_curves(events))


def _way(phase: str) -> str:
    """All that a training goes through, the present part in bold."""
    return " · ".join(f"**{part}**" if part == phase else part for part in PHASES)


def _progress_line(run: Run, progress: RunProgress) -> str:
    if run.state is State.CANCELLING:
        return "Being cancelled; it clears up what it has half written."
    if progress.phase != "training" or not progress.epochs:
        left = ""
        if progress.seconds_left:
            left = f", {duration(progress.seconds_left)} left"
        return f"{_PHASES.get(progress.phase, _PHASES[''])}{left}."
    at = min(int(progress.done) + 1, progress.epochs)
    if run.request.is_replay:  # it does not stop early
        left = f", {duration(progress.seconds_left)} left" if progress.seconds_left else ""
        return f"Model {at} of {progress.epochs}{left}."
    left = ""
    if progress.seconds_left is not None:
        left = f", {duration(progress.seconds_left)} left at most" if progress.seconds_left else ", nearly there"
    best = f" Best so far: epoch {progress.best_epoch}." if progress.best_epoch else ""
    since = progress.epochs_since_best
    behind = f" {since} epoch{'s' * (since > 1)} without a better one." if since else ""
    return f"Epoch {at} of at most {progress.epochs}{left}.{best}{behind}"


def _draw_curves(run: Run, progress: RunProgress, curves: pd.DataFrame) -> None:
    logged = set(curves.loc[curves["value"] != 0, "metric"])  # Keras logs 0 for a loss that a model has not got
    shown = [metric for metric in CURVES if metric in logged and metric != "total_loss"]
    if not shown:
        return
    with st.grid(_MOST_PICTURES, min_column_width=165, gap="medium") as grid:
        for metric in shown[:_MOST_PICTURES]:
            heading, number_format = CURVES[metric]
            with grid.cell():
                st.markdown(f"**{heading}**")
                pictures.show(
                    "live_curve",
                    curves.loc[curves["metric"] == metric, ["epoch", "phase", "value"]],
                    progress.epochs,
                    progress.best_epoch,
                    heading,
                    number_format,
                    key=f"live_{run.id}_{metric}",
                    alt=f"{heading} by epoch so far, training and validation",
                    grows=True,
                )


def _draw_over(queue: Queue, run: Run, bundles: list[str]) -> None:
    state_now, may_change = run.state, training_is_on()
    icon, word = _OVER[state_now]
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{icon} **{escape(run.request.name)}** {_model_on_data(run)}. {word}.", width="stretch")
            here = run.request.name in bundles and run.store == queue.store.resolve()
            if state_now is State.DONE and here:
                st.button(
                    "Show it",
                    icon=":material/visibility:",
                    key=f"show_{run.id}",
                    on_click=_show,
                    args=(run.request.name,),
                    help="Chooses this model, on every page.",
                )
            elif state_now is not State.DONE and may_change:
                st.button(
                    "Run it again",
                    icon=":material/replay:",
                    key=f"again_{run.id}",
                    on_click=_run_again,
                    args=(queue, run),
                )
            if may_change:
                st.button(
                    "Remove",
                    icon=":material/close:",
                    type="tertiary",
                    key=f"forget_{run.id}",
                    on_click=queue.forget,
                    args=(run,),
                    help="Takes it off this list; a bundle stays.",
                )
        reason = run.reason
        if said := _verdict(run):
            st.markdown(said)
        st.caption(sentence(reason) if reason else _figures(run) or _settings(run))
        tail = run.log_tail if state_now is State.STOPPED or "did not expect" in reason else ""
        if tail:
            with st.expander("The end of its log"):
                st.code(tail, language=None, wrap_lines=True)


def _examined(run: Run) -> Mapping[str, Any] | None:
    """What its log ends with, if it was examined; None if it has not finished, or an earlier version examined it."""
    end = run.end
    return end if end is not None and TOLD in end.get("metrics", {}) else None


def _verdict(run: Run) -> str:
    """What it is worth, in words; "" of what was not examined."""
    end = _examined(run)
    return "" if end is None else escape(verdict(run.request.name, end["metrics"], end["references"]))


def _figures(run: Run) -> str:
    """What it reached on the test part, beside popularity; "" of what was not examined."""
    end = _examined(run)
    if end is None:
        return ""
    test, other = end["metrics"], end["references"].get("popularity", {})
    parts = []
    if test.get("rmse") is not None:
        parts.append(f"{NAMES['rmse'].inside} **{test['rmse']:.3f}**")
    longest = list(test["top_k_unseen"])[-1]
    found, theirs = (figures.get("top_k_unseen", {}).get(longest) for figures in (test, other))
    if found is not None:
        parts.append(f"in the first {longest} **{found:.0%}**" + _of_popularity(theirs, ".0%"))
    if test.get("ndcg_at_10") is not None:
        parts.append(
            f"{NAMES['ndcg_at_10'].inside} **{test['ndcg_at_10']:.3f}**"
            + _of_popularity(other.get("ndcg_at_10"), ".3f")
        )
    epochs = f"best of {end['epochs_run']} epochs is {end['best_epoch']}" if end["epochs_run"] else "in closed form"
    said = [f"On the test part: {', '.join(parts)}."] * bool(parts)
    said += [escape(remark) for remark in remarks(test, end["references"])]
    return " ".join([*said, f"Took {duration(end['seconds'])}, {epochs}."])


def _of_popularity(value: Any, number_format: str) -> str:
    return "" if value is None else f" ({reference_name('popularity')}: {value:{number_format}})"


def _model_on_data(run: Run) -> str:
    request = run.request
    if request.is_replay:
        return "is replayed, from the page Replay"
    name = "" if request.name == request.model else f"is {escape(request.model)}"
    return f"{name} on {escape(request.data_label)}".strip()


def _settings(run: Run) -> str:
    request = run.request
    if request.is_replay:
        return f"A step of {request.every}."
    preset = [] if request.preset == "default" else [f"preset {request.preset}"]
    index = [] if request.index in ("exact", "auto") else [f"index {request.index}"]
    changed = [f"{name.replace('_', ' ')} {value}" for name, value in request.settings.items()]
    return sentence(", ".join([*preset, *changed, *index, f"split {request.split}", f"seed {request.seed}"])) + "."


def _cancel_button(queue: Queue, run: Run) -> None:
    if training_is_on():
        cancel_button.draw(run.id, ending=run.state is State.CANCELLING, cancel=partial(queue.cancel, run))


def _show(name: str) -> None:
    current.choose_model(name)
    st.session_state[TAB] = LEARNED


def _run_again(queue: Queue, run: Run) -> None:
    try:
        queue.again(run)
        st.session_state.pop(REFUSED, None)
    except RecommenderError as error:
        st.session_state[REFUSED] = str(error)
