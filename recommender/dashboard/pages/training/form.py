"""The form that asks for a training: which model, on which data, with which settings; `runs` trains it."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from recommender.dashboard.bundles.manifests import all_bundles
from recommender.dashboard.choices.current import Options
from recommender.dashboard.choices.page_parameters import one_of
from recommender.dashboard.drawing.markdown import escape, sentence
from recommender.dashboard.pages.training import data_choice, trainings
from recommender.dashboard.pages.training.data_choice import ChosenData
from recommender.dashboard.pages.training.offered import SPLITS
from recommender.dashboard.pages.training.tabs import MODEL, SPLIT
from recommender.errors import RecommenderError
from recommender.runs import Queue, Run, RunRequest, Uploads, default_queue, propose_name
from recommender.runs.switch import training_is_on

if TYPE_CHECKING:
    from recommender.dashboard.pages.training.settings import Setting
    from recommender.serving.recommender import Recommender

_MOST_SEED = 2**32 - 1


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the half of the page that trains: what is under way or came of the last, the form, earlier trainings.

    What is chosen in the form stands in the address, so that it is still there when the page is loaded anew.
    """
    queue = default_queue()
    bundles = all_bundles()
    st.header("Train another model", anchor=False)
    active, over = trainings.active_and_over(queue)
    trainings.draw_active(queue, active)
    latest, earlier = ([], over) if active else (over[:1], over[1:])
    trainings.draw_over(queue, latest, list(bundles), "The last training")
    if training_is_on():
        with st.container(border=True):
            _draw_form(recommender, queue, bundles, active)
            refused = st.session_state.get(trainings.REFUSED)
            if refused:  # below the button that was pressed, and beside the trainings that can be run again
                st.error(sentence(refused), icon=":material/report:")
    else:
        st.caption(":material/lock: Training is switched off on this server; what was trained here can be looked at.")
    trainings.draw_over(queue, earlier, list(bundles), "Earlier trainings")
    trainings.draw_unreadable(queue)


def _draw_form(recommender: "Recommender", queue: Queue, bundles: dict[str, Path], active: list[Run]) -> None:
    with st.spinner("The models are being looked up."):  # half a second, once
        from recommender.dashboard.pages.training import settings

        zoo = {choice.name: choice for choice in settings.models()}
    left, right = st.columns(2, gap="large")
    with left:
        names, shown = list(zoo), recommender.manifest.model
        usual = names.index(shown) if shown in zoo else 0
        model = st.selectbox("Model to train", names, usual, key=MODEL, bind="query-params")
        model = one_of(names, model)
        st.caption(escape(zoo[model].description))
        preset = _draw_preset(model, zoo[model].presets)
    with right:
        data = data_choice.draw_choice(recommender, bundles)
    if data is None:
        data = data_choice.draw_upload(Uploads(queue.folder))
    if zoo[model].in_closed_form:
        st.caption("Solved in closed form: there are no epochs, and it takes a moment.")
    with st.grid(4, min_column_width=140, gap="small") as grid:
        given = _draw_settings(grid, settings.settings_of(model, preset), model, preset)
        with grid.cell():
            splits = [name for name in SPLITS if name == "random" or data is None or data.has_timestamps]
            split = st.selectbox(
                "Split",
                splits,
                key=SPLIT,
                bind="query-params",
                help="\n".join(f"- **{name}**: {SPLITS[name]}" for name in splits),
            )
        with grid.cell():
            seed = st.number_input(
                "Seed",
                0,
                _MOST_SEED,
                42,
                key="train_seed",
                bind="query-params",
                help="Of the split and the training.",
            )
        indexes = settings.installed_indexes()
        index = indexes[0]
        if len(indexes) > 1:
            with grid.cell():
                index = st.selectbox(
                    "Index",
                    indexes,
                    key="train_index",
                    bind="query-params",
                    help="What short lists are found with; auto is exact, and beyond 50,000 titles it is faiss.",
                )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name, replace = _draw_name(queue, model, [run.request.name for run in active])
        button = st.container(width="content")
    request = RunRequest(
        name=name,
        model=model,
        preset=preset,
        data="" if data is None else data.data,
        data_label="" if data is None else data.label,
        columns=None if data is None else data.columns,
        settings=given,
        split=one_of(splits, split),
        seed=min(max(seed, 0), _MOST_SEED),
        index=one_of(indexes, index),
        replace=replace,
    )
    with button:
        st.button(
            "Train",
            icon=":material/model_training:",
            key="train_now",
            disabled=data is None,
            on_click=_submit,
            args=(queue, request, data),
        )
    st.caption(_what_happens(len(active)) if data is not None else "First choose data that can be trained on.")


def _what_happens(ahead: int) -> str:
    if ahead:
        return f"{'One is' if ahead == 1 else f'{ahead} are'} under way: a new one begins when they are over."
    return "In a process of its own, at a low priority: it goes on when the tab is closed, or the server restarted."


def _draw_preset(model: str, presets: tuple[str, ...]) -> str:
    if len(presets) == 1:
        return presets[0]
    chosen = st.segmented_control(
        "Settings to start from",
        presets,
        default=presets[0],
        required=True,
        key=f"train_preset_{model}",
        bind="query-params",
        help="Ours, tuned on validation; or those of the public tutorial that the model comes from.",
    )
    return one_of(presets, chosen)


def _draw_settings(grid: Any, settings: "tuple[Setting, ...]", model: str, preset: str) -> dict[str, Any]:
    """The settings that differ from the preset's."""
    given: dict[str, Any] = {}
    for setting in settings:
        kind = int if setting.whole else float
        with grid.cell():
            value = st.number_input(
                setting.label,
                kind(setting.low),
                kind(setting.high),
                kind(setting.default),
                step=1 if setting.whole else 10.0 ** math.floor(math.log10(setting.default or 1.0) - 0.5),
                format=None if setting.whole else "%g",
                key=f"train_{model}_{preset}_{setting.name}",
                bind="query-params",
                help=setting.help,
            )
        if value != setting.default:
            given[setting.name] = value
    return given


def _draw_name(queue: Queue, model: str, waiting: list[str]) -> tuple[str, bool]:
    """The bundle's name, and whether one of that name is replaced."""
    bundles = queue.bundles()
    proposed = propose_name(model, [*bundles, *queue.kept, *waiting])
    name = st.text_input(
        "Name of the bundle",
        proposed,
        key=f"train_name_{proposed}",
        bind="query-params",
        max_chars=40,
        help="As the picker of models shows it.",
        width=300,
    ).strip()
    if name in bundles and name not in queue.kept:
        return name, st.checkbox(f"Replace {name}", key=f"train_replace_{name}")
    return name, False


def _submit(queue: Queue, request: RunRequest, data: ChosenData) -> None:
    from recommender.dashboard.pages.training.settings import check_settings

    st.session_state.pop(trainings.REFUSED, None)
    try:
        check_settings(request.model, request.preset, request.settings, data.ratings)
        queue.add(request, held=Path(data.data) if data.uploaded else None)
    except RecommenderError as error:
        st.session_state[trainings.REFUSED] = str(error)
