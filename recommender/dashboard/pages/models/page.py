"""The page Models: two bundles side by side for one viewer and moment, all of them in one plane, and what each is."""

import math
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from recommender.bundle import MANIFEST
from recommender.charts.both_tasks import both_tasks
from recommender.dashboard.answers import personas
from recommender.dashboard.answers.abilities import abilities_of
from recommender.dashboard.bundles import files
from recommender.dashboard.bundles.loading import Loading, try_again
from recommender.dashboard.bundles.manifests import all_bundles
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.drawing import columns, links, pictures, svg
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import moment
from recommender.dashboard.frame import present
from recommender.dashboard.pages.models import refused
from recommender.dashboard.pages.models.all_models import AllModels, Plane
from recommender.dashboard.pages.models.comparison import Agreement
from recommender.dashboard.pages.models.download import HEADINGS, download_of
from recommender.dashboard.pages.models.facts import differing
from recommender.dashboard.pages.models.two_tasks import TwoTasks
from recommender.dashboard.pages.models.view import VERSUS, Bundles, ModelsView, NoPair, Pair, bundles_of, models_view
from recommender.dashboard.parts import list_controls, what_if
from recommender.runs.switch import training_is_on

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_LOOK_AGAIN_SECONDS = 0.5
_MOST_SETTINGS = 12  # without scrolling
_CURVES = "history.csv"


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the page below the bar."""
    what_if.draw_real_viewer(recommender, current.choices(options))
    bundles = _bundles(recommender)
    verdicts = st.container(gap="xsmall")
    st.header("Two models, one question", anchor=False)
    beside = menu = None
    if bundles.others:
        with present.fold(st.container(horizontal=True, vertical_alignment="bottom", gap="medium")):
            beside = _draw_picker(bundles)
            list_controls.draw_controls(abilities_of(recommender))
            menu = st.container(width="content")
    view = models_view(recommender, bundles, beside, current.choices(options))
    with verdicts:
        for said in view.verdicts:
            st.markdown(said)
    if isinstance(view.pair, Pair):
        _draw_pair(view.pair)
    elif view.pair is None:
        _draw_no_other(bundles)
    else:
        _draw_no_pair(view.pair)
    if menu is not None and isinstance(view.pair, Pair):
        with menu:
            download_menu.draw(download_of(view.pair, view.all_models, options))
    _draw_all_models(view.all_models)
    if view.two_tasks is not None:
        _draw_two_tasks(view.two_tasks)
    _draw_facts(view, bundles)
    refused.draw(bundles.refused)


def others(recommender: "Recommender", options: Options) -> list[str]:
    """What the address may say of the model beside; see `page_parameters`."""
    bundles = _bundles(recommender)
    return [*bundles.others, bundles.shown] if bundles.others else []


def _bundles(recommender: "Recommender") -> Bundles:
    folders = all_bundles()
    return bundles_of(recommender, folders, current.model(list(folders)))


def _draw_picker(bundles: Bundles) -> str:
    """Draws the choice of the other model; one in the address that is not there gives the first."""
    if st.session_state.get(VERSUS, bundles.others[0]) not in bundles.others:
        st.session_state[VERSUS] = bundles.others[0]
    beside: str = st.selectbox(
        "Beside",
        bundles.others,
        key=VERSUS,
        bind="query-params",
        persist_state="session",
        width=230,
        help=f"The other model; {escape(bundles.shown)} is chosen in the bar.",
    )
    return beside


def _draw_no_other(bundles: Bundles) -> None:
    """Says why nothing stands beside the shown model, and shows the way to two that do, and to another training."""
    if len(bundles.folders) == 1:
        st.caption(
            ":material/compare: There is one bundle only. A second one beside it appears here and in the bar: "
            "`python -m recommender train multitask`"
        )
        return
    data = escape(bundles.manifests[bundles.shown].data.name)
    st.markdown(
        f"**{escape(bundles.shown)}** is the only model here of {data}. The others know other viewers and titles, so "
        "nothing can answer the same question beside it."
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if bundles.elsewhere is not None:
            first, second = bundles.elsewhere
            st.button(
                f"Show {escape(first)} beside {escape(second)}",
                icon=":material/compare:",
                key="pair_elsewhere",
                on_click=current.choose_model,
                args=(first,),
                help=f"Two models of {escape(bundles.manifests[first].data.name)}; the bar then shows {escape(first)}.",
            )
        if training_is_on():
            links.draw("training", f"Train another on {data}", ":material/model_training:")
    if bundles.elsewhere is not None:
        st.caption(
            "Those two know other viewers and other titles, so every page then speaks of those. Back to "
            f"{escape(bundles.shown)}: the line on top of the page."
        )


def _draw_no_pair(missing: NoPair) -> None:
    if missing.loading is not None:
        _watch(missing.loading, missing.reason)
    elif missing.failed is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(missing.reason, width="content")
            st.button(
                "Try again",
                icon=":material/refresh:",
                type="tertiary",
                key="versus_again",
                on_click=try_again,
                args=(missing.failed,),
            )
    else:
        st.caption(missing.reason)


@st.fragment(run_every=_LOOK_AGAIN_SECONDS)
def _watch(stage: Loading, line: str) -> None:
    if stage.finished:
        st.rerun()
    st.caption(line)
    for column in st.columns([5, 2, 5], gap="small"):
        with column:
            st.skeleton(height=360)


def _draw_pair(pair: Pair) -> None:
    recommender, found = pair.models[0], pair.found
    who = escape(personas.name_of(recommender, pair.chosen.user, inside=True))
    when = f", {moment(pair.chosen.at)}" if recommender.manifest.has_clock else ""
    st.caption(f"For {who}{when}; titles rated before are {'left out' if pair.hide_seen else 'in'}.")
    _draw_agreement(found.agreement)
    left, between, right = st.columns([10, 3, 10], gap=None)
    with left:
        _draw_list(found.ours, recommender, pair.names, "list_shown")
    with between:
        st.subheader(" ", anchor=False)
        st.space(38)
        if len(found.links):
            pictures.show(
                "places_joined",
                found.links,
                max(len(found.ours), len(found.theirs)),
                key="places_joined",
                grows=True,
                alt="Lines from each title's place in the left list to its place in the right one",
            )
    with right:
        _draw_list(found.theirs, pair.models[1], pair.names[::-1], "list_beside")
    if not found.apart.empty:
        _draw_stars_apart(pair)


def _draw_agreement(agreement: Agreement) -> None:
    figures = (
        ("Same order", agreement.ranks, "1 is the same order of the whole catalogue, 0 is none (Spearman's)."),
        (
            "Same stars",
            agreement.stars,
            "1: where one predicts more stars, so does the other (Pearson's correlation).",
        ),
        ("Stars apart", agreement.step, "Mean difference of the predicted stars, over the whole catalogue."),
    )
    with st.container(horizontal=True, gap="large"):
        st.metric(
            "In both lists",
            f"{agreement.overlap} of {agreement.k}",
            help=f"Titles that both models put among their first {agreement.k} (overlap@{agreement.k}).",
            width="content",
        )
        for label, value, help_text in figures:
            if math.isfinite(value):
                st.metric(label, f"{value:.2f}", help=help_text, width="content")


def _draw_list(listed: pd.DataFrame, recommender: "Recommender", names: tuple[str, str], key: str) -> None:
    name, other = names
    st.subheader(escape(name), anchor=False)
    if listed.empty:
        st.caption("This viewer has seen the whole catalogue.")
        return
    stars, year = abilities_of(recommender).rates, bool(listed["year"].notna().any())
    st.dataframe(
        listed[["place", "name", *["stars"] * stars, "move", *["year"] * year]],
        hide_index=True,
        height="content",
        placeholder="",
        key=key,
        alt=f"The first {len(listed)} titles of {name}, best first, each with its place in the list of {other}",
        column_config={
            "place": columns.place(),
            "name": columns.title(188),
            "stars": columns.predicted_stars(),
            "move": columns.move(f"Places higher here than in the list of {other}."),
            "year": columns.year(),
        },
    )


def _draw_stars_apart(pair: Pair) -> None:
    scale, names = pair.models[0].scale, pair.names
    st.subheader("Where their stars differ most", anchor=False)
    pictures.show(
        "stars_apart",
        pair.found.apart,
        (scale.low, scale.high),
        *names,
        key="stars_apart",
        alt=f"Stars predicted by {names[0]} and by {names[1]}, for the titles on which they differ most",
    )
    st.caption(
        f"Amber: {escape(names[0])}, the model in the bar; blue: {escape(names[1])}. "
        "Among titles that one of the two puts among its first hundred."
    )


def _draw_all_models(models: AllModels) -> None:
    st.header("All models", anchor=False)
    st.caption(
        f"Measured on {escape(str(models.exam))}; every figure is of that test part, which no training saw. Each "
        "question is put at the viewer's last known moment; in the column *held-out* it is told the second of the "
        "held-out rating, as many tutorials ask, and with it the session."
    )
    for remark in models.remarks:
        st.caption(f":material/info: {remark}")
    if models.plane is not None:
        _draw_plane(models.plane)
    _draw_figures(models.figures, models.exam.longest, f"All models examined on {models.exam}", "all_models")
    for position, (exam, table) in enumerate(models.elsewhere.items()):
        st.markdown(f"**Not comparable with these: {escape(exam.unlike(models.exam))}.** {escape(str(exam))}.")
        _draw_figures(table, exam.longest, f"Models examined on {exam}", f"other_models_{position}")


def _draw_plane(plane: Plane) -> None:
    models = plane.marks[plane.marks["kind"] != "reference"]
    against = "How far stars are off against the share" if "model" in plane.kinds else "Share"
    pictures.show(
        "quality_of_models",
        plane.marks,
        plane.stars_axis,
        "predict no stars",
        plane.longest,
        key="quality_of_models",
        alt=f"{against} of held-out titles in the first {plane.longest}: "
        + ", ".join(f"{name} {share:.0%}" for name, share in zip(models["name"], models["share"], strict=True)),
        built_for=plane.kinds,
    )
    starless = " Ticks at the right edge: models that predict no stars." if "starless" in plane.kinds else ""
    st.caption(
        f"Amber: the model in the bar; blue: the one beside it. Up and left is better.{starless} Dashed lines: simpler "
        f"methods. {escape(plane.about_references)}"
    )


def _draw_figures(figures: pd.DataFrame, longest: int, alt: str, key: str) -> None:
    shares = ["recall", "in_longest", "told", "below_mean", "coverage"]
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    st.dataframe(
        figures.assign(**{share: 100 * figures[share] for share in shares}),
        hide_index=True,
        height="content",
        placeholder="",
        key=key,
        alt=alt,
        column_order=list(HEADINGS),
        column_config={
            "name": text("Bundle", width=130),
            "recall": number(
                HEADINGS["recall"],
                format="%.1f%%",
                width=88,
                help="Of a viewer's titles that were held back, the share in the first ten, a mean over viewers: the "
                "figure of the sentences on top of the page (recall@10).",
            ),
            "rmse": number(
                HEADINGS["rmse"], format="%.2f", width=70, help="By how much predicted stars are off (RMSE)."
            ),
            "in_longest": number(
                f"In {longest}",
                format="%.1f%%",
                width=60,
                help=f"Share of held-out ratings whose title is in the first {longest} unseen.",
            ),
            "ndcg": number(
                HEADINGS["ndcg"],
                format="%.3f",
                width=88,
                help="1 if all that a viewer watched leads the list; the higher in the list, the more it counts "
                "(NDCG@10).",
            ),
            "liked_ndcg": number(
                HEADINGS["liked_ndcg"],
                format="%.3f",
                width=88,
                help="The same of titles the viewer liked (liked NDCG@10).",
            ),
            "below_mean": number(
                "Below",
                format="%.0f%%",
                width=56,
                help="Share of the ten listed with stars below the viewer's own mean.",
            ),
            "told": number(
                "held-out",
                format="%.1f%%",
                width=70,
                help=f"In the first {longest}, told the second of the held-out rating.",
            ),
            "coverage": number(
                "Covers", format="%.1f%%", width=60, help="Share of the catalogue in anybody's first 10."
            ),
            "megabytes": number("MB", format="%.1f", width=46),
            "seconds": number("Took, s", format="%.0f", width=58),
        },
    )


def _draw_two_tasks(found: TwoTasks) -> None:
    st.header("What training both tasks together gives", anchor=False)
    picture, words = st.columns([2, 3], gap="large", vertical_alignment="center")
    with picture:
        svg.draw(both_tasks(found.words, " ".join(found.sentences)), "both_tasks")
    with words:
        st.markdown("A *multitask* model answers two questions: what somebody will watch, and how they will rate it.")
        for sentence in found.sentences:
            st.markdown(f"- {sentence}")
        st.caption(found.source)


def _draw_facts(view: ModelsView, bundles: Bundles) -> None:
    st.header("What they are" if len(view.described) > 1 else "What it is", anchor=False)
    facts, settings = st.columns([1, 1], gap="large")
    with facts:
        table = view.facts.map(escape).rename(columns=escape)
        st.table(table, border="horizontal", alt="Facts of each bundle")
        for name in view.described:
            _draw_files(name, bundles.folders[name])
        st.caption(
            "A bundle holds a program, and the names of viewers and titles. Programs that do more than compute are "
            "refused here; still, take bundles from people you trust, and compare the digest above with theirs."
        )
    with settings:
        _draw_settings(view.settings)


def _draw_settings(settings: pd.DataFrame) -> None:
    if settings.empty:
        st.caption("Nothing can be set of it.")
        return
    st.dataframe(
        settings.rename_axis("setting").reset_index(),
        hide_index=True,
        height=columns.height(len(settings), _MOST_SETTINGS),
        placeholder="",
        key="settings",
        alt="Settings each model was trained with, those that differ first",
        column_config={
            "setting": st.column_config.TextColumn("Setting", width=160),
            **{name: st.column_config.TextColumn(name, width=170) for name in settings.columns},
        },
    )
    if settings.shape[1] > 1:
        st.caption(f"{int(differing(settings).sum())} of {len(settings)} settings differ and stand first.")


def _draw_files(name: str, bundle: Path) -> None:
    """Draws the files of a bundle to download, or what is wrong with them.

    A click does not run the page again: a rerun would throw away the file that is being prepared. So where a file goes
    away between drawing and click, the button says that the download failed, and the page says why when it is drawn
    next.
    """
    complaint = ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{escape(name)}**", width="content")
        for label, file, data, mime, needed in (
            ("Manifest", f"{name}-{MANIFEST}", partial(files.read, bundle, MANIFEST), "application/json", (MANIFEST,)),
            ("Learning curves", f"{name}-{_CURVES}", partial(files.read, bundle, _CURVES), "text/csv", (_CURVES,)),
            ("Whole bundle", f"{name}.zip", partial(files.zip_bundle, bundle), "application/zip", ()),
        ):
            flaw = files.flaw(bundle, *needed)
            st.download_button(
                label,
                data,  # called when it is clicked, and not before
                file_name=file,
                mime=mime,
                icon=":material/download:",
                type="tertiary",
                key=f"download_{label}_{name}",
                on_click="ignore",
                disabled=bool(flaw),
            )
            complaint = complaint or flaw
    if complaint:
        st.caption(f":material/report: Not to be downloaded: {escape(complaint)}")
