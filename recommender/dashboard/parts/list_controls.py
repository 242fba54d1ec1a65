"""How long a list is, whether it holds seen titles and how it looks: controls that several pages share."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices
from recommender.dashboard.choices.filters import NO_FILTERS
from recommender.dashboard.drawing import poster_files
from recommender.dashboard.drawing.markdown import escape
from recommender.data.titles import short_name

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_CARDS, _TABLE = "Cards", "Table"
_LAYOUT, _KINDS, _YEARS, _LEAST, _ASIDE = "_layout", "_kinds", "_years", "_least", "_aside"
_FROM_WEB = "posters_from_the_web"


def draw_layout(chosen: Choices) -> None:
    """Draws the choice between cards and a table, the same on all pages and in the address."""
    st.session_state[_LAYOUT] = _CARDS if chosen.as_cards else _TABLE
    st.segmented_control(
        "The list as",
        [_CARDS, _TABLE],
        required=True,
        key=_LAYOUT,
        on_change=lambda: current.choose_layout(table=st.session_state[_LAYOUT] == _TABLE),
        label_visibility="collapsed",
        width="content",
    )


def draw_pictures(recommender: "Recommender", item_ids: Sequence[str]) -> dict[str, str]:
    """Draws a switch where pictures come from the web; item_id -> address of the picture, of the titles with one."""
    named = title_lists.posters_of(recommender, item_ids)
    found = poster_files.addresses_of(recommender.manifest.data.name, named)
    sites = poster_files.sites_asked(found.values())
    if not sites:
        return found
    others = f" and {len(sites) - 1} more" * (len(sites) > 1)
    asks = st.toggle(
        f"Posters from {escape(sites[0])}{others}",
        value=True,
        key=_FROM_WEB,
        persist_state="session",
        help="The data link to them, and your browser asks there for each. Switch off, and posters are drawn here.",
    )
    return found if asks else {item: at for item, at in found.items() if not poster_files.sites_asked([at])}


def draw_filters(recommender: "Recommender", chosen: Choices) -> None:
    """Draws what the list may hold, folded into a button; all of it is in the address."""
    menu = st.popover("Filter", icon=":material/filter_alt:", key="filter", width="content", on_change="rerun")
    if not menu.open:  # as for the dials: every change of the page would draw it anew
        return
    filters, scale = chosen.filters, recommender.scale
    with menu:
        kinds = title_lists.kinds_of(recommender)
        if kinds:
            st.session_state[_KINDS] = [kind for kind in filters.kinds if kind in kinds]
            st.multiselect("Only these kinds", kinds, placeholder="All", key=_KINDS, on_change=_narrow_kinds)
        span = title_lists.span_of_years(recommender)
        if span is not None:
            first, last = filters.years or span
            st.session_state[_YEARS] = (max(first, span[0]), min(max(last, span[0]), span[1]))
            st.slider("Years", *span, key=_YEARS, on_change=_narrow_years, args=(span,))
        if recommender.manifest.rates:
            n_steps = round((scale.high - scale.low) * 2)
            steps = [scale.low + step / 2 for step in range(1, n_steps)]
            st.session_state[_LEAST] = filters.least if filters.least in steps else None
            st.selectbox(
                "At least so many stars",
                steps,
                index=None,
                placeholder="Any",
                format_func=lambda stars: f"{stars:g} stars",
                key=_LEAST,
                on_change=lambda: current.narrow(least=st.session_state[_LEAST]),
                help="Stars that the model predicts.",
            )
        if filters.aside:
            st.session_state[_ASIDE] = list(filters.aside)
            st.multiselect(
                "Put aside",
                filters.aside,
                format_func=lambda title: short_name(title),
                key=_ASIDE,
                on_change=lambda: current.narrow(aside=tuple(st.session_state[_ASIDE])),
                help="Titles that are not wanted. Take one out of here, and it comes back.",
            )


def _narrow_kinds() -> None:
    current.narrow(kinds=tuple(st.session_state[_KINDS]))


def _narrow_years(span: tuple[int, int]) -> None:
    years = tuple(st.session_state[_YEARS])
    current.narrow(years=None if years == span else years)


def draw_what_is_left(chosen: Choices) -> None:
    """Says what the filters leave of the list, and takes them back; nothing without filters."""
    if not chosen.filters:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f":material/filter_alt: {escape(chosen.filters.in_words())}", width="content")
        st.button(
            "Show all again",
            type="tertiary",
            icon=":material/filter_alt_off:",
            key="show_all_again",
            on_click=current.narrow,
            kwargs=vars(NO_FILTERS),
        )


def draw_order(listed: pd.DataFrame, chosen: Choices, who: str = "they") -> None:
    """Says why a title stands above one with more stars; nothing where none does, or the list was tuned.

    Args:
      listed: `title_lists.recommended`.
      chosen: how the list is turned.
      who: whose list it is, as a pronoun.
    """
    if chosen.dials.at_rest and bool((listed["stars"].round(1).diff() > 0).any()):
        st.caption(
            f"Most likely picked first; the stars are what {who} would then give, so fewer may stand above more."
        )


def draw_controls(can: Abilities) -> None:
    """Draws them; what is chosen is left in the session."""
    # Not a number input: Streamlit 1.67 fails on ?k=1e999 before anybody can check it.
    lengths = range(1, current.MAX_K + 1)
    st.selectbox(
        "Titles",
        lengths,
        index=lengths.index(current.DEFAULT_K),
        key=current.K,
        bind="query-params",
        filter_mode="prefix",
        width=100,
    )
    st.toggle(
        "Hide seen",
        value=True,
        key=current.HIDE_SEEN,
        bind="query-params",
        disabled=not can.has_ratings,
        help="Leaves out what this viewer has rated; needs the ratings.",
    )
    if not can.has_clock:
        return
    known = st.toggle(
        "With all that is known",
        key=current.ALL_KNOWN,
        bind="query-params",
        disabled=not can.has_ratings,
        help="Off: the model reads only what this viewer had rated by the moment of the clock, only that counts as "
        "seen, and what was not out is left out. On: all that this viewer ever rated. Needs the ratings. Nothing is "
        "trained again either way: what the model learned from everybody, it keeps.",
    )
    st.toggle(
        "Also what was not out",
        key=current.FUTURE,
        bind="query-params",
        disabled=known or not can.has_ratings,
        help="Lists also titles that nobody had rated by the moment, or whose year had not begun; they are marked.",
    )
