"""The page Replay: was it right, and how fast does a model age?"""

from typing import TYPE_CHECKING

import streamlit as st

from recommender import charts
from recommender.dashboard.bundles.manifests import all_bundles
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices, Options
from recommender.dashboard.choices.page_parameters import one_of
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.drawing import columns, pictures
from recommender.dashboard.drawing.markdown import escape, sentence
from recommender.dashboard.drawing.words import day
from recommender.dashboard.frame import present
from recommender.dashboard.pages.replay import under_way
from recommender.dashboard.pages.replay.download import MEASURE, download_of
from recommender.dashboard.pages.replay.findings import found_beside
from recommender.dashboard.pages.replay.view import COLOURS_OFF, MEASURES, OneStep, ReplayView, replay_view
from recommender.errors import RecommenderError
from recommender.replay.steps import in_words

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_STEP = "replayed_step"
_MOST_ROWS = 10


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the page below the bar."""
    st.header("Was it right?", anchor=False)
    bundles = all_bundles()
    bundle = bundles[current.model(list(bundles))]
    try:
        replayed = found_beside(bundle)
    except RecommenderError as error:
        st.error(sentence(error), icon=":material/report:")
        return
    under_way.draw(bundle.name)
    if replayed is None or not replayed.is_of(recommender.manifest):
        under_way.draw_offer(recommender, bundle, replaces=replayed is not None)
        return
    with present.fold(st.container(horizontal=True, vertical_alignment="bottom", gap="medium")):
        measure = _draw_measure()
        menu = st.container(width="content")
    view = replay_view(replayed, recommender, current.choices(options), measure)
    st.markdown("\n".join(f"- {escape(said)}" for said in view.verdict))
    if not replayed.over:
        st.caption(":material/hourglass_top: The replay is not over: this is what it has found so far.")
        under_way.draw_going_on(bundle, replayed.request)
    _draw_curve(view)
    left, right = st.columns([1, 1], gap="large")
    with left:
        _draw_ageing(view)
    with right:
        _draw_cells(view)
    _draw_strip(view, current.choices(options))
    _draw_stars(view)
    with menu:
        download_menu.draw(download_of(view, recommender, options))


def measures(recommender: "Recommender", options: Options) -> list[str]:
    """What the address may say of the measure; see `page_parameters`."""
    return [name for name, _ in MEASURES.values()]


def _draw_measure() -> str:
    names = {name: measure for measure, (name, _) in MEASURES.items()}
    asked = st.segmented_control(
        "What counts",
        list(names),
        default=next(iter(names)),
        required=True,
        key=MEASURE,
        bind="query-params",
        persist_state="session",
        help="\n".join(f"- **{name}**: {says}" for name, says in MEASURES.values()),
        width="content",
    )
    return names[one_of(list(names), asked)]


def _draw_curve(view: ReplayView) -> None:
    request = view.replayed.request
    st.subheader(f"Step by step, each of {in_words(request['every'])}", anchor=False)
    pictures.draw(
        charts.found_over_time(view.curve, view.colours, MEASURES[view.measure][0]),
        key="found_over_time",
        alt=f"{MEASURES[view.measure][0]}, over time, by the lists of {', '.join(view.colours)}",
    )
    st.caption(
        f"Each point: {escape(MEASURES[view.measure][1])}, a mean over the viewers who watched something new within "
        "the step. Every list knows only what had been rated by the step's start; what came out later counts as "
        f"missed. Shaded: how sure the mean is, with as many viewers (95%). {escape(view.about_references)}"
    )


def _draw_ageing(view: ReplayView) -> None:
    st.subheader("How fast it ages", anchor=False)
    old = view.aged[view.aged["age"] <= 10]
    pictures.draw(
        charts.kept_by_age(old),
        key="kept_by_age",
        alt="What an old model finds of what a new one finds, by its age in steps",
    )
    st.caption(
        "An old model, asked with the viewer's newest ratings, beside one trained anew: a server whose model has "
        "not been trained again. 100% is as good as new."
    )


def _draw_cells(view: ReplayView) -> None:
    st.subheader("Every model, every step", anchor=False)
    pictures.draw(
        charts.snapshots_by_step(view.cells, MEASURES[view.measure][0], view.labels),
        key="snapshots_by_step",
        alt="How much each model found at each step after it was trained; bluer is more",
    )
    st.caption(
        "Each row is one model, each column one step it was asked about. On the edge of the stair a model is new; to "
        "the right it gets older. A faint column was hard for all of them."
    )


def _draw_strip(view: ReplayView, chosen: Choices) -> None:
    st.subheader("One viewer, step by step", anchor=False)
    if not view.strip:
        st.caption(
            f"Viewer {escape(chosen.user)} watched nothing new in a step that was replayed; choose another viewer."
        )
        return
    n_hits, n_listed = (
        sum(each) for each in zip(*((step.n_hits, len(step.listed)) for step in view.strip), strict=True)
    )
    st.caption(
        f"In all {len(view.strip)} steps, {n_hits} of the {n_listed} titles listed for this viewer were watched before "
        "the next step. Above stands what is usual."
    )
    steps = {f"{day(step.start)}: {step.n_hits} of {len(step.listed)}": step for step in view.strip}
    label = one_of(
        list(steps),
        st.selectbox(
            "Step, and how many of the titles listed they went on to watch",
            list(steps),
            index=view.at_clock,
            key=f"{_STEP}_{chosen.user}_{chosen.at}",  # so that it follows the clock
            help="The newest first; turn the clock to go to another. Each list was made by a model that knew nothing "
            "from the step's start on.",
        ),
    )
    step = steps[label]
    listed, others = st.columns([1, 1], gap="large")
    with listed:
        _draw_listed(step)
    with others:
        _draw_others(step)


def _draw_listed(step: OneStep) -> None:
    st.markdown(f"**Listed on {day(step.start)}**")
    predicted = st.column_config.NumberColumn("Predicted", format="%.1f", width=75)
    gave = columns.gave("Stars this viewer gave within the step; empty for a miss.")
    st.dataframe(
        step.listed,
        hide_index=True,
        height=columns.height(len(step.listed), _MOST_ROWS),
        placeholder="",
        key="replayed_list",
        alt="The titles listed, and what the viewer went on to watch" + ", with stars" * step.has_stars,
        column_config={
            "place": columns.place(),
            "name": columns.title(220),
            "predicted": predicted if step.has_stars else None,
            "gave": gave if step.has_stars else st.column_config.NumberColumn("Watched", format="✓", width=75),
        },
    )
    st.caption(
        f"{step.n_hits} of these {len(step.listed)} were watched before the next step. The model of the day knew "
        "nothing of what came later, so this is not the list of Recommend, whose model has learned from all years."
    )


def _draw_others(step: OneStep) -> None:
    st.markdown("**What else they watched before the next step**")
    if step.others.empty:
        st.caption("Nothing else.")
        return
    predicted = st.column_config.NumberColumn(
        "Predicted", format="%.1f", width=75, help="Empty for a title that came out later."
    )
    st.dataframe(
        step.others,
        hide_index=True,
        height=columns.height(len(step.others), _MOST_ROWS),
        placeholder="",
        key="replayed_others",
        alt="Titles watched within the step that were not listed" + ", with stars" * step.has_stars,
        column_config={
            "name": columns.title(220),
            "gave": columns.gave("Stars this viewer gave.") if step.has_stars else None,
            "predicted": predicted if step.has_stars else None,
        },
    )
    if step.has_stars and step.others["predicted"].isna().any():
        st.caption(
            "Without a prediction: what was not out yet, of a later year or rated by nobody; no list could hold it."
        )


def _draw_stars(view: ReplayView) -> None:
    stars = view.stars.dropna(subset=["rmse"])
    if stars.empty:
        return
    st.subheader("Stars predicted, stars given", anchor=False)
    pictures.draw(
        charts.stars_off(view.stars_off, COLOURS_OFF),
        key="stars_off",
        alt="How far predicted stars were off at each step, and to which side",
    )
    st.caption(
        "Stars predicted by each new model, beside those that viewers then gave: by how many they are off (root mean "
        "square), and how much too high they are on average; below zero they are too low."
    )
    st.dataframe(
        stars[["from", "n", "rmse", "bias", "unknown"]],
        hide_index=True,
        height=columns.height(len(stars), _MOST_ROWS),
        key="replayed_stars",
        alt="By step, how far predicted stars were off",
        column_config={
            "from": st.column_config.TextColumn("Step from", width=100),
            "n": st.column_config.NumberColumn("Ratings", width=75),
            "rmse": st.column_config.NumberColumn("Off by", format="%.2f", width=75, help="RMSE, in stars."),
            "bias": st.column_config.NumberColumn(
                "Too high by", format="%.2f", width=95, help="Mean of predicted less given; below zero: too low."
            ),
            "unknown": st.column_config.NumberColumn(
                "Came out later", format="percent", width=115, help="Of what was watched: no list could hold it."
            ),
        },
    )
