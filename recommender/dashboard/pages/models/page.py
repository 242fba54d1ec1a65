"""The page Models: two bundles side by side for one viewer and moment, all of them in one plane, and what each is."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recommender.dashboard.answers import personas, title_lists
from recommender.dashboard.answers.abilities import abilities_of
from recommender.dashboard.bundles import exams
from recommender.dashboard.bundles.loading import Loading, load, try_again
from recommender.dashboard.bundles.manifests import all_bundles, readable_manifests
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices, Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.drawing import pictures
from recommender.dashboard.drawing.words import escape, moment
from recommender.dashboard.frame import present
from recommender.dashboard.frame.tour import VERSUS
from recommender.dashboard.pages.models import all_models, comparison, download, facts
from recommender.dashboard.pages.models.comparison import Agreement
from recommender.dashboard.parts import listing
from recommender.errors import RecommenderError

if TYPE_CHECKING:
    from recommender.bundle.manifest import Manifest
    from recommender.serving.recommender import Recommender

MOST_ROWS = 25  # of the two lists; beyond it the lines between them tell nothing
_LOOK_AGAIN_SECONDS = 0.5


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the page below the bar."""
    bundles = all_bundles()
    shown, manifests = _shown(recommender, bundles)
    st.header("Two models, one question", anchor=False)
    versus = None
    if len(bundles) > 1:
        with present.fold(st.container(horizontal=True, vertical_alignment="bottom", gap="medium")):
            versus = _draw_picker(shown, _others(shown, bundles, manifests))
            listing.draw_controls(abilities_of(recommender))
            menu = st.container(width="content")
        chosen = current.choices(options)
        other = _other(recommender, chosen, versus, bundles[versus], manifests.get(versus))
        if other is not None:
            exam = exams.exam_of(recommender.manifest)
            figures = exams.table(manifests, exams.by_exam(manifests, exam)[exam])
            _draw_side_by_side(recommender, other, options, (shown, versus), figures, menu)
    else:
        st.caption(
            ":material/compare: There is one bundle only. A second one beside it appears here and in the bar: "
            "`python -m recommender train multitask`"
        )
    all_models.draw(manifests, shown, versus)
    facts.draw(bundles, manifests, [shown] if versus is None or versus not in manifests else [shown, versus])


def _shown(recommender: "Recommender", bundles: Mapping[str, Path]) -> tuple[str, dict[str, "Manifest"]]:
    """The name of the model in the bar, and all manifests that can be read, its own first."""
    shown = current.model(list(bundles))
    return shown, {shown: recommender.manifest, **readable_manifests({n: b for n, b in bundles.items() if n != shown})}


def others(recommender: "Recommender", options: Options) -> list[str]:
    """What the address may say of the model beside; see `own_parameters`."""
    bundles = all_bundles()
    shown, manifests = _shown(recommender, bundles)
    found = _others(shown, bundles, manifests)
    return [*found, shown] if found else []


def _others(shown: str, bundles: Mapping[str, Path], manifests: Mapping[str, "Manifest"]) -> list[str]:
    """The other bundles, the best of those examined on the same first: it is the most telling one."""
    exam = exams.exam_of(manifests[shown])
    alike = [name for name, manifest in manifests.items() if name != shown and exams.exam_of(manifest) == exam]
    best = exams.table(manifests, alike)["name"].tolist() if alike else []
    return best + [name for name in bundles if name != shown and name not in best]


def _draw_picker(shown: str, others: Sequence[str]) -> str:
    """The other model; one in the address that is not there gives the first."""
    if st.session_state.get(VERSUS, others[0]) not in others:
        st.session_state[VERSUS] = others[0]
    versus: str = st.selectbox(
        "Beside",
        others,
        key=VERSUS,
        bind="query-params",
        persist_state="session",
        width=230,
        help=f"The other model; {escape(shown)} is chosen in the bar.",
    )
    return versus


def _other(
    recommender: "Recommender", chosen: Choices, versus: str, bundle: Path, manifest: "Manifest | None"
) -> "Recommender | None":
    """The model beside the one in the bar; None and one line, if there is nothing to put side by side (yet)."""
    if manifest is not None and manifest.data.checksum != recommender.manifest.data.checksum:
        st.caption(
            f":material/compare: {escape(versus)} was trained on other data, {escape(manifest.data.name)}: it knows "
            "none of these viewers and titles, so there is nothing to put side by side."
        )
        return None
    stage = load(bundle)
    if not stage.finished:
        _watch(stage, versus)
        return None
    try:
        other = stage.recommender()
    except RecommenderError as error:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f":material/report: {escape(versus)} cannot be loaded: {escape(str(error))}", width="content")
            st.button(
                "Try again",
                icon=":material/refresh:",
                type="tertiary",
                key="versus_again",
                on_click=try_again,
                args=(bundle,),
            )
        return None
    if chosen.user not in other.user_ids:
        st.caption(f":material/person_off: {escape(versus)} does not know viewer {escape(chosen.user)}.")
        return None
    return other


@st.fragment(run_every=_LOOK_AGAIN_SECONDS)
def _watch(stage: Loading, versus: str) -> None:
    if stage.finished:
        st.rerun()
    st.caption(f":material/hourglass_top: {escape(versus)} is being loaded; the rest of the page works meanwhile.")
    left, between, right = st.columns([5, 2, 5], gap="small")
    for column in (left, between, right):
        with column:
            st.skeleton(height=360)


def _draw_side_by_side(
    recommender: "Recommender",
    other: "Recommender",
    options: Options,
    names: tuple[str, str],
    figures: pd.DataFrame,
    menu: DeltaGenerator,
) -> None:
    chosen = current.choices(options)
    hide_seen = chosen.hide_seen and recommender.ratings is not None and other.ratings is not None
    versions = title_lists.version(recommender), title_lists.version(other)
    first = title_lists.whole_catalogue(recommender, versions[0], chosen.user, chosen.at)
    second = title_lists.whole_catalogue(other, versions[1], chosen.user, chosen.at)
    k = min(chosen.k, MOST_ROWS)
    found = comparison.compare(first, second, (*versions, chosen.user, chosen.at), k, hide_seen)
    ours, theirs = found.ours, found.theirs
    when = f", {moment(chosen.at)}" if recommender.manifest.data.has_timestamps else ""
    who = escape(personas.name_of(recommender, chosen.user, inside=True))
    st.caption(f"For {who}{when}; titles rated before are " + ("left out." if hide_seen else "in."))
    _draw_agreement(found.agreed)
    left, between, right = st.columns([10, 3, 10], gap=None)
    with left:
        _draw_list(recommender, ours, names[0], names[1], "list_shown")
    with between:
        st.subheader(" ", anchor=False)
        st.space(38)
        if len(ours) or len(theirs):
            pictures.show(
                "places_joined",
                comparison.links(ours, theirs),
                max(len(ours), len(theirs)),
                key="places_joined",
                grows=True,
                alt="Lines from each title's place in the left list to its place in the right one",
            )
    with right:
        _draw_list(other, theirs, names[1], names[0], "list_beside")
    if not found.apart.empty:
        _draw_stars(recommender, found.apart, names)
    with menu:
        download_menu.draw(download.download(recommender, other, options, names, (ours, theirs), found.apart, figures))


def _draw_agreement(agreed: Agreement) -> None:
    with st.container(horizontal=True, gap="large"):
        st.metric(
            f"Overlap@{agreed.k}",
            f"{agreed.overlap} of {agreed.k}",
            help="Titles that are in both lists.",
            width="content",
        )
        for label, value, text, help_text in (
            ("Rank correlation", agreed.ranks, "{:.2f}", "Spearman's, over the whole catalogue: 1 is the same order."),
            (
                "Star correlation",
                agreed.stars,
                "{:.2f}",
                "Pearson's, over the whole catalogue: 1 is the same up to a scale.",
            ),
            ("Stars apart", agreed.step, "{:.2f}", "Mean difference of the predicted stars, over the whole catalogue."),
        ):
            if math.isfinite(value):
                st.metric(label, text.format(value), help=help_text, width="content")


def _draw_list(recommender: "Recommender", listed: pd.DataFrame, name: str, other: str, key: str) -> None:
    can = abilities_of(recommender)
    st.subheader(escape(name), anchor=False)
    if listed.empty:
        st.caption("This viewer has seen the whole catalogue.")
        return
    columns = ["place", "name"] + ["stars"] * can.rates + ["move"] + ["year"] * bool(listed["year"].notna().any())
    st.dataframe(
        listed[columns],
        hide_index=True,
        height="content",
        placeholder="",
        key=key,
        alt=f"The first {len(listed)} titles of {name}, best first, each with its place in the list of {other}",
        column_config={
            "place": st.column_config.NumberColumn("#", width=36),
            "name": st.column_config.TextColumn("Title", width=188),
            "stars": st.column_config.NumberColumn("Stars", format="%.1f", width=52),
            "move": st.column_config.TextColumn(
                "Move", width=78, help=f"Places higher here than in the list of {other}."
            ),
            "year": st.column_config.NumberColumn("Year", format="%d", width=55),
        },
    )


def _draw_stars(recommender: "Recommender", apart: pd.DataFrame, names: tuple[str, str]) -> None:
    st.subheader("Where their stars differ most", anchor=False)
    scale = (recommender.scale.low, recommender.scale.high)
    pictures.show(
        "stars_apart",
        apart,
        scale,
        *names,
        key="stars_apart",
        alt=f"Stars predicted by {names[0]} and by {names[1]}, for the titles on which they differ most",
    )
    st.caption(
        f"Amber: {escape(names[0])}, the model in the bar; blue: {escape(names[1])}. "
        "Among titles that one of the two puts among its first hundred."
    )
