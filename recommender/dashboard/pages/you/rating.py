"""Draws what a visitor can rate: titles put before them or found by name, and those they have rated."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from recommender.dashboard.answers import searching, title_lists
from recommender.dashboard.choices.current import Options
from recommender.dashboard.drawing import columns
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.pages.you import answers
from recommender.dashboard.pages.you.changes import Change
from recommender.dashboard.pages.you.visitor import Visitor
from recommender.dashboard.parts import found_titles, star_steps
from recommender.data.schema import TAKEN, RatingScale
from recommender.data.titles import spoken_name

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

ASKED_AT_ONCE = 6
SEARCH, AGAIN, REMOVED, RATED_TABLE = "you_search", "you_again", "you_removed", "you_rated"
_KNOWN = "I know it"
_FOUND = 6
_ROWS_SHOWN = 8


def draw_titles(recommender: "Recommender", options: Options, visitor: Visitor, change: Change | None) -> None:
    """Draws the titles that are put before the visitor, and the ways to others.

    What the last click changed is said below the title that was clicked: on a phone, the list is far from there.
    """
    scale = recommender.scale if recommender.manifest.data.has_ratings else None
    st.subheader("Say what you know" if scale is None else "Rate what you know", anchor=False)
    visitor.asked = [title for title in visitor.asked if title in options.titles]
    visitor.fill(answers.proposals(recommender, title_lists.version(recommender)), ASKED_AT_ONCE)
    for title in visitor.asked:
        _draw_title(title, scale, visitor)
        if change is not None and change.title == title:
            draw_change(change)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _draw_search(recommender, visitor)
        st.button(
            "Show me others",
            icon=":material/refresh:",
            key="you_others",
            on_click=visitor.ask_others,
            help="Another handful; what you have rated is kept.",
        )
    disagree = "" if scale is None else ", viewers disagree on them"
    st.caption(
        f"Put before you because many viewers know them{disagree}, and they are unlike each other."
        if recommender.ratings is not None
        else "The titles a stranger is likeliest to know, as far as the model can tell: the ratings are missing."
    )


def draw_change(change: Change) -> None:
    """Draws what the last click changed, and why."""
    with st.container(border=True, gap="xsmall", key="you_change"):
        st.markdown(change.sentence)
        if change.why:
            st.caption(change.why)


def _draw_title(title: str, scale: RatingScale | None, visitor: Visitor) -> None:
    name, year = spoken_name(title)
    text = f"**{escape(name)}**" + (f"  :gray[{year}]" if year else "")
    buttons = scale is not None and len(star_steps.steps_of(scale)) > 5
    with st.container(
        horizontal=not buttons, vertical_alignment="center", horizontal_alignment="distribute", gap="xsmall"
    ):
        st.markdown(text, width="content")
        if scale is None:
            _draw_taken(title, name, visitor)
        else:
            _draw_stars(title, name, scale, visitor)


def _draw_taken(title: str, name: str, visitor: Visitor) -> None:
    """Draws the button of data without ratings, in which a title is known or not."""
    key = f"you_stars_{title}"
    st.session_state[key] = _KNOWN if title in visitor.stars else None
    st.segmented_control(
        f"Whether you know {name}",
        [_KNOWN],
        label_visibility="collapsed",
        key=key,
        on_change=_rate,
        args=(visitor, title, key, lambda value: TAKEN if value == _KNOWN else None),
    )


def _draw_stars(title: str, name: str, scale: RatingScale, visitor: Visitor) -> None:
    """Draws the widget that fits the scale: stars, a row of buttons, or a slider.

    Its label is hidden, and screen readers read it out without reading Markdown, so the name in it is not escaped.
    """
    key, given = f"you_stars_{title}", visitor.stars.get(title)
    steps = star_steps.steps_of(scale)
    nearest = None if given is None else min(steps, key=lambda step: (abs(step - given), -step))

    def on_change(value_of: Callable[[Any], float | None]) -> dict[str, Any]:
        return {"key": key, "on_change": _rate, "args": (visitor, title, key, value_of)}

    # The visitor keeps the stars, for a widget forgets them when another page is shown.
    if steps == [1.0, 2.0, 3.0, 4.0, 5.0]:
        st.session_state[key] = None if nearest is None else int(nearest) - 1
        st.feedback("stars", **on_change(lambda value: None if value is None else value + 1.0))
    elif len(steps) <= star_steps.MOST_BUTTONS:
        st.session_state[key] = nearest
        st.segmented_control(
            f"Stars for {name}",
            steps,
            format_func=star_steps.written,
            label_visibility="collapsed",
            wrap=True,
            **on_change(lambda value: value),
        )
    else:
        st.session_state[key] = nearest
        st.select_slider(
            f"Stars for {name}",
            [None, *steps],
            format_func=star_steps.written_or_not,
            label_visibility="collapsed",
            **on_change(lambda value: value),
        )


def _rate(visitor: Visitor, title: str, key: str, value_of: Callable[[Any], float | None]) -> None:
    visitor.rate(title, value_of(st.session_state[key]))


def _draw_search(recommender: "Recommender", visitor: Visitor) -> None:
    words = st.text_input(
        "Find a title to rate",
        key=SEARCH,
        placeholder="Find any title to rate",
        icon=":material/search:",
        label_visibility="collapsed",
        width=230,
        max_chars=100,
    )
    if words.strip():
        found_titles.draw(
            words, searching.find(recommender, words, _FOUND), "you_found", lambda title: _ask_about(visitor, title)
        )


def _ask_about(visitor: Visitor, title: str) -> None:
    visitor.ask_about(title)
    st.session_state[SEARCH] = ""  # the title that was looked for is asked now


def draw_rated(visitor: Visitor, scale: RatingScale | None, options: Options) -> None:
    """Draws what the visitor has rated, the newest first; a click removes a rating or asks for it again.

    Args:
      visitor: who rated.
      scale: of the ratings; None where the data have none.
      options: titles of the catalogue.
    """
    rated = [title for title in reversed(visitor.stars) if title in options.titles]
    spoken = [spoken_name(title) for title in rated]
    names = [f"{name} ({year})" if year else name for name, year in spoken]

    def rate_again(title: str) -> None:
        visitor.ask_about(title)

    def remove(title: str) -> None:
        visitor.rate(title, None)

    gave = {} if scale is None else {"stars": [visitor.stars[title] for title in rated]}
    st.dataframe(
        {"name": names, **gave, "remove": ["Remove"] * len(rated)},
        hide_index=True,
        height=columns.height(len(rated), _ROWS_SHOWN),
        key=RATED_TABLE,
        alt="What you know, newest first" if scale is None else "What you have rated, newest first, with your stars",
        column_config={
            "name": columns.title_button(
                210, AGAIN, _on_row, args=(AGAIN, rated, rate_again), help="Click a title to change what you said."
            ),
            "stars": columns.gave(f"Your stars, {scale}."),
            "remove": st.column_config.ButtonColumn(
                "", type="tertiary", width=80, key=REMOVED, on_click=_on_row, args=(REMOVED, rated, remove)
            ),
        },
    )


def _on_row(key: str, rated: list[str], act: Callable[[str], None]) -> None:
    click = st.session_state[key]
    if click is not None and 0 <= click["row"] < len(rated):
        act(rated[click["row"]])
