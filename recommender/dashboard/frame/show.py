"""Marked views shown one after another: by hand, with the arrow keys, or by themselves."""

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from recommender.dashboard.choices import address, current, marked_views
from recommender.dashboard.choices.current import Options
from recommender.dashboard.choices.marked_views import MarkedView, MarkedViewsError
from recommender.dashboard.choices.what_if import WhatIf
from recommender.dashboard.drawing import links
from recommender.dashboard.drawing.markdown import escape, sentence

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_TURN_TO = "_show_turn_to"
_APPLIED = "_show_applied"
_DUE = "_show_due"
_EVERY = "show_every"
_WITHOUT_WIDGET = (current.PIN, current.MOVIE)
_SECONDS = (0, 5, 10, 20, 60)
_EARLY = 0.1  # seconds that a beat may come too soon


def take_over() -> None:
    """Takes over the marked views that the address holds, and shows the first of them."""
    text = st.query_params.get(current.VIEWS)
    if text is None:
        return
    st.query_params.pop(current.VIEWS, None)
    try:
        marked_views.hold(marked_views.read_text(text))
    except MarkedViewsError as error:
        st.toast(sentence(error), icon=":material/report:", duration="long")
    else:
        turn_to(1)


def turn_to(number: int) -> None:
    """Shows a marked view with the next run, from 1; for callbacks."""
    st.session_state[_TURN_TO] = number


def turn() -> None:
    """Goes to the page of the view that is to be shown, where `apply` does the rest; call it before any page runs.

    Only what no widget holds can go along in the address: Streamlit lets nobody else write what a widget is bound to.
    """
    number = st.session_state.pop(_TURN_TO, None)
    views = marked_views.held()
    if number is None or not 1 <= number <= len(views):
        return
    asked = views[number - 1].parameters
    st.session_state.pop(_APPLIED, None)
    alone = {key: asked[key][-1] for key in _WITHOUT_WIDGET if key in asked}
    st.switch_page(
        _page_of(views[number - 1]), query_params={**alone, current.MARKED: str(number), current.PRESENT: "true"}
    )


def choose_model(bundles: Mapping[str, Path]) -> None:
    """Chooses the model of the view, where it begins."""
    number = _beginning()
    asked = [] if number is None else marked_views.held()[number - 1].parameters.get(current.MODEL, ())
    if len(bundles) > 1 and asked and asked[-1] in bundles:
        st.session_state[current.MODEL] = asked[-1]


def apply(options: Options, own: Mapping[str, Callable[[str], Any]]) -> None:
    """Makes the choices of the view, where it begins.

    Args:
      options: what may be chosen.
      own: the parameters that only the page has, and what its widget holds for a value of the address.
    """
    number = _beginning()
    if number is None:
        return
    st.session_state[_APPLIED] = number
    asked = marked_views.held()[number - 1].parameters
    chosen = address.choices_of(asked, options)
    if options.has_clock:
        st.session_state[current.AT] = current.to_clock(chosen.at)
    choices = {
        current.USER: chosen.user,
        current.TITLES: list(chosen.titles),
        current.K: chosen.k,
        current.HIDE_SEEN: chosen.hide_seen,
        current.ALL_KNOWN: options.has_clock and not chosen.as_of_then,
        current.FUTURE: chosen.show_future,
        current.TABLE: not chosen.as_cards,
        current.FILTERS: chosen.filters,
        current.DIALS: chosen.dials,
        current.WHAT_IF: WhatIf(chosen.user, chosen.changes),
    }
    choices |= {key: held(asked[key][-1]) for key, held in own.items() if key in asked}
    for key, value in choices.items():
        st.session_state[key] = value
    for key in own.keys() - asked.keys():
        st.session_state.pop(key, None)
    for key in _WITHOUT_WIDGET:  # what the view before it had has come along
        if key not in asked:
            st.query_params.pop(key, None)


def draw(place: DeltaGenerator, page: str) -> None:
    """Draws the strip on top, while marked views are shown.

    Args:
      place: where to.
      page: the path of the page that is shown.
    """
    number = _asked()
    if number is None:
        return
    views = marked_views.held()
    view, n = views[number - 1], len(views)
    with place, st.container(border=True):
        words, ways = st.columns([5, 4], gap="medium", vertical_alignment="center")
    with words:
        if view.sentence:
            st.caption(escape(view.name))
        st.markdown(f"#### {escape(view.sentence or view.name)}")
    with ways, st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right", gap="small"):
        st.caption(f"{number} of {n}", width="content")
        every: int = st.selectbox(
            "Turn by itself",
            _SECONDS,
            format_func=lambda seconds: f"every {seconds} s" if seconds else "by hand",
            key=_EVERY,
            persist_state="session",
            label_visibility="collapsed",
            width=130,
        )
        if _page_of(view) is not links.pages().get(page):
            st.button(
                "To this view",
                icon=":material/arrow_outward:",
                type="tertiary",
                key="show_this",
                on_click=turn_to,
                args=(number,),
            )
        for label, to, icon in (("Back", number - 1, "arrow_back"), ("Next", number + 1, "arrow_forward")):
            st.button(
                label,
                icon=f":material/{icon}:",
                type="tertiary",
                key=f"show_{label.lower()}",
                shortcut="Left" if label == "Back" else "Right",
                disabled=not 1 <= to <= n,
                on_click=turn_to,
                args=(to,),
            )
        st.button("Leave", icon=":material/close:", type="tertiary", key="leave_show", on_click=leave)
        if every:
            st.session_state[_DUE] = (number % n + 1, time.monotonic() + every)
            st.fragment(_turn_if_due, run_every=every)()


def numbers(recommender: "Recommender", options: Options) -> list[str]:
    """What the address may say of the view that is shown; see `page_parameters`."""
    return ["none", *(str(number + 1) for number in range(len(marked_views.held())))]


def leave() -> None:
    """Ends the show; for callbacks."""
    for key in (current.MARKED, current.PRESENT):
        st.query_params.pop(key, None)
    st.session_state.pop(_APPLIED, None)


def _page_of(view: MarkedView) -> StreamlitPage:
    """The page of a view; the first where this app has not got it."""
    pages = links.pages()
    return pages.get(view.page, next(iter(pages.values())))


def _turn_if_due() -> None:
    """Turns to the view that is next; it also runs whenever the page is drawn, and is not due then."""
    to, due = st.session_state.get(_DUE, (0, math.inf))
    if time.monotonic() >= due - _EARLY:
        del st.session_state[_DUE]
        turn_to(to)
        st.rerun()


def _asked() -> int | None:
    """The number of the view in the address, if there is such a view."""
    known = {str(number): number for number in range(1, len(marked_views.held()) + 1)}
    return known.get(st.query_params.get(current.MARKED, ""))


def _beginning() -> int | None:
    """The number of a view that is asked for and not applied yet."""
    number = _asked()
    return None if number == st.session_state.get(_APPLIED) else number
