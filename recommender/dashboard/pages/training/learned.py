"""Draws what a model learned: how, what it reached, on what, and where it comes from."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from recommender import charts
from recommender.bundle.figures import reference_help, reference_name
from recommender.dashboard.answers.title_lists import version_of_model
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.drawing import pictures
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import sentence_case
from recommender.dashboard.pages.training.download import download_of
from recommender.dashboard.pages.training.view import FIGURE, BesideReference, LearnedView, RatingsByWeek, learned_view

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_FIGURE_PIXELS = 290  # of the longest name of a figure
_MOST_NARROW_REFERENCES = 2  # with more, the table of figures takes the whole width


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the half of the page that is shown first."""
    view, version = learned_view(recommender, current.choices(options)), version_of_model(recommender)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(f"How {escape(view.manifest.model)} was trained", anchor=False, width="stretch")
        with st.container(width="content"):
            download_menu.draw(download_of(view, recommender, options))
    st.markdown(view.verdict)
    _draw_curves(view)
    narrow = len(view.manifest.references) <= _MOST_NARROW_REFERENCES
    figures, picture = st.columns([3, 4], gap="large") if narrow else (st.container(), st.container())
    with figures:
        _draw_figures(view)
    with picture:
        if view.beside_reference is not None:
            _draw_beside_reference(view.beside_reference, view.manifest.model, version)
    st.subheader("What it was trained on", anchor=False)
    st.markdown(view.data)
    if view.ratings is not None:
        _draw_ratings(view.ratings, view.chosen, version)
    _draw_provenance(view)


def _draw_curves(view: LearnedView) -> None:
    st.subheader("Learning curves", anchor=False)
    training = view.manifest.training
    if not view.curves:
        closed = not training.epochs_run
        st.caption("Solved in closed form: nothing to draw." if closed else "This bundle holds no learning curves.")
        return
    st.caption(
        "After each pass over the ratings (epoch): on those it learned from (train), and on some kept from it to see "
        f"when to stop (validation). The amber rule is epoch {training.best_epoch}, the best of {training.epochs_run} "
        f"and the one that was kept. {view.curves_note}"
    )
    with st.grid(4, min_column_width=165, gap="medium") as grid:
        for curve in view.curves:
            with grid.cell():
                st.markdown(f"**{curve.heading}**")
                pictures.show(
                    "learning_curve",
                    curve.frame,
                    training.best_epoch,
                    curve.heading,
                    curve.number_format,
                    key=f"curve_{curve.metric}",
                    alt=f"{curve.heading} by epoch, training and validation; best epoch {training.best_epoch}",
                    built_for=tuple(curve.frame["phase"].unique()),
                )


def _draw_figures(view: LearnedView) -> None:
    st.subheader("Final figures", anchor=False)
    # Not a table of Markdown: on a phone one that is too wide scrolls, and no key would reach it.
    st.dataframe(
        view.figures,
        hide_index=True,
        height="content",
        placeholder="",
        key="figures",
        alt="Final figures of the model on each part, and of the references",
        column_config={
            name: st.column_config.TextColumn(
                width=width, alignment="left" if name == FIGURE else "right", help=view.references_help.get(name)
            )
            for name, width in column_widths(view.figures).items()
        },
    )
    st.caption(view.figures_note)


def column_widths(figures: pd.DataFrame) -> dict[str, int]:
    """How wide each column of the final figures is, in pixels: as its heading or its figures need."""
    numbers = {str(name): max(75, round(16 + 6.5 * len(name))) for name in figures.columns.drop(FIGURE)}
    return {FIGURE: _FIGURE_PIXELS, **numbers}


def _draw_beside_reference(beside: BesideReference, model: str, version: str) -> None:
    name, says = reference_name(beside.reference), reference_help(beside.reference)
    st.subheader(f"Beside {escape(name)}", anchor=False, help=sentence_case(says) or None)
    if beside.shares.empty:
        return
    pictures.draw_once(
        lambda: charts.shares_beside_reference(beside.shares, model, name),
        version,
        key="shares",
        alt=f"Shares of the test part that {model} and {name} find, by length of the list",
    )
    st.caption(
        "In the first 1 and more: the share of held-out ratings whose title is that high in the list at the viewer's "
        "last known moment, titles rated before left out. Of ten: a mark, best at 100%, for which the first of the "
        "list count most. Catalogue: the share of all titles that comes into anybody's ten. Further right is better."
    )


def _draw_ratings(ratings: RatingsByWeek, chosen: current.Choices, version: str) -> None:
    pictures.draw_once(
        lambda: charts.ratings_over_time(
            ratings.weeks,
            pd.Timestamp(chosen.at, unit="s", tz="UTC"),
            None if chosen.pin is None else pd.Timestamp(chosen.pin, unit="s", tz="UTC"),
        ),
        (version, chosen.at, chosen.pin),
        key="ratings_over_time",
        alt="Ratings a week over the span of the data, with the chosen moment",
    )
    st.caption(
        f"The amber rule is the moment in the bar: {ratings.n_by_then:,} of the ratings "
        f"({ratings.n_by_then / ratings.n:.0%}) were given by then."
    )


def _draw_provenance(view: LearnedView) -> None:
    st.subheader("Provenance", anchor=False)
    facts, settings = st.columns([3, 4], gap="large")
    with facts:
        st.table(dict(view.provenance), border="horizontal", alt="What was trained, when, and with which versions")
    rows = [(escape(name), escape(value)) for name, value in view.settings.items()]
    half = (len(rows) + 1) // 2
    # Narrower, a table would scroll, and no key would reach it.
    with settings, st.grid(2, min_column_width=235, gap="large") as grid:
        for part in filter(None, (rows[:half], rows[half:])):
            with grid.cell():
                st.table(dict(part), border="horizontal", alt="Settings the model was trained with")
