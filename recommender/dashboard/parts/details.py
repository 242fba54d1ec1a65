"""The dialog that a title of a list opens: why it is there, titles near it, its stars over time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from recommender import charts
from recommender.dashboard.answers import personas, title_lists
from recommender.dashboard.answers.abilities import Abilities, abilities_of
from recommender.dashboard.answers.viewers import other_categories
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices, Options
from recommender.dashboard.drawing import cards, columns, pictures
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import moment, sentence_case
from recommender.dashboard.parts import list_edge, what_moved, why
from recommender.data.titles import spoken_name
from recommender.serving.changes import NO_CHANGES

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

CARDS = "recommended_cards"
CLICKED = "clicked_title"
_LISTED = "_listed_titles"
_OPEN = "_open_title"
_PICKED = "_picked_title"
_CLOSE = "_close_dialog"
_NEAR = 5


def note_rows(titles: Sequence[str]) -> None:
    """Remembers the titles of the list as it is drawn, by which a clicked row is found again."""
    st.session_state[_LISTED] = titles


def note_click() -> None:
    """Remembers the row whose title was clicked; a callback of the button column."""
    click = st.session_state[CLICKED]
    if click is not None:
        _open(click["row"])


def note_card() -> None:
    """Remembers the card that was clicked; a callback of the cards."""
    row = st.session_state[CARDS].get(cards.OPENED)
    if row is not None:
        _open(int(row))


def put_card_aside(key: str = CARDS) -> None:
    """Puts the title of a card aside; a callback of the cards of this key."""
    row, titles = st.session_state[key].get(cards.ASIDE), st.session_state.get(_LISTED, [])
    if row is not None and 0 <= int(row) < len(titles):
        current.put_aside(titles[int(row)])


def _open(row: int) -> None:
    titles = st.session_state.get(_LISTED, [])
    if 0 <= row < len(titles):
        st.session_state[_OPEN] = titles[row]


def draw_picker(titles: Sequence[str]) -> None:
    """Draws the way to the dialog for who has no pointer: in a table, keys move the focus and press nothing.

    Args:
      titles: those of the list.
    """
    st.session_state[_PICKED] = None
    st.selectbox(
        "Open a title",
        titles,
        format_func=lambda title: spoken_name(title).name,
        key=_PICKED,
        placeholder="Open a title of the list",
        label_visibility="collapsed",
        width=300,
        on_change=_open_picked,
    )


def _open_picked() -> None:
    st.session_state[_OPEN] = st.session_state[_PICKED]


def open_if_asked(recommender: "Recommender", options: Options, now: pd.DataFrame, listed: pd.DataFrame) -> None:
    """Opens the dialog for the row that was clicked, if one was.

    Args:
      recommender: the model.
      options: what may be chosen.
      now: `catalogue_of_list`.
      listed: its head, with what cards say where there are cards.
    """
    title = st.session_state.pop(_OPEN, None)
    if title is None or title not in options.titles:
        return
    name, year = spoken_name(title)

    @st.dialog(escape(f"{name} ({year})" if year else name), width="large")
    def show() -> None:
        supposed = NO_CHANGES if recommender.supposed is None else recommender.supposed.changes
        _draw(recommender, replace(current.choices(options), changes=supposed), title, now, listed)

    show()


def _draw(recommender: "Recommender", chosen: Choices, title: str, now: pd.DataFrame, listed: pd.DataFrame) -> None:
    can, stands = abilities_of(recommender), title_lists.standing(now, title)
    row = now.loc[now["title"] == title].iloc[0]
    draw_features(recommender, can, row["item_id"])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        if can.rates:
            st.metric("Predicted stars", f"{row['stars']:.1f}")
        draw_place(stands)
        if can.retrieves:
            st.metric("Retrieval score", f"{row['score']:.2f}")
        if stands.found is not None and title_lists.ranked_by_praise(now):
            st.metric(
                "Place by score alone",
                f"{stands.found:,}",
                help="Where retrieval found it. The head of the list is then ranked by the score plus a weight times "
                "what the predicted stars lie above this viewer's mean.",
            )
        following = title in chosen.titles
        st.button(
            "Stop following" if following else "Follow this title",
            icon=":material/visibility_off:" if following else ":material/visibility:",
            key="follow_title",
            on_click=_follow_and_close,
            args=(title, not following),
        )
        st.button(
            "Not interested",
            icon=":material/do_not_disturb_on:",
            key="not_interested",
            on_click=_put_aside_and_close,
            args=(title,),
            disabled=title in chosen.filters.aside,
            help="Takes it out of the list; it can be taken back there under `Filter`.",
        )
    if st.session_state.pop(_CLOSE, False):
        st.rerun()
    st.caption(
        f"For {escape(personas.name_of(recommender, chosen.user, inside=True))}"
        + (f" on {moment(chosen.at)}" if can.reads_clock else "")
        + (", as supposed." if chosen.changes else ".")
    )
    st.markdown("**Why**")
    because: tuple[str, ...] = ()
    if "because" in listed:
        card = listed.loc[listed["title"] == title].iloc[0]
        because = card["named"]
        st.markdown(escape(card["because"]))
        if because:
            st.caption("One reason of several: the bars below are of all that was rated.")
    why.draw(recommender, can, chosen, title, place="dialog", because=because)
    if list_edge.draw(recommender, chosen, title, None if pd.isna(row["place"]) else int(row["place"])):
        st.rerun()
    if chosen.pin is not None and can.reads_clock and chosen.pin != chosen.at:
        st.markdown("**What moved it since the pin**")
        what_moved.draw(recommender, can, chosen, title, (chosen.pin, chosen.at), place="dialog")
    if can.has_space:
        near, alike = st.columns(2, gap="medium")
        with near:
            st.markdown("**The nearest titles this viewer rated**")
            draw_nearest(recommender, chosen, title)
        with alike:
            _draw_similar(recommender, title)
    else:
        st.caption("To this model no title is more like one than another, so there are no likenesses to show.")
    if can.rates and can.reads_clock:
        _draw_stars_over_time(recommender, chosen, title)


def draw_place(stands: title_lists.Standing) -> None:
    """Draws the place of a title in the list; of one that the list leaves out, why."""
    if stands.place is None:
        st.metric("Place in the list", "none", help=f"The list leaves it out: it is {stands.left_out}.")
    else:
        st.metric(
            "Place in the list", f"{stands.place:,}", help=f"Of the {stands.total:,} titles that can stand in it."
        )


def draw_features(recommender: "Recommender", can: Abilities, item_id: str) -> None:
    """What the data say of the title: its labels as chips, its other categories as text."""
    if can.labels is not None:
        chips = title_lists.labels_of(recommender, [item_id])[0]
        if chips:
            st.markdown(" ".join(f":gray-badge[{escape(chip)}]" for chip in chips))
    if recommender.ratings is not None:
        others = other_categories(recommender.ratings, item_id)
        if others:
            st.caption(
                "  ·  ".join(f"{escape(sentence_case(name))}: {escape(value)}" for name, value in others.items())
            )


def _put_aside_and_close(title: str) -> None:
    current.put_aside(title)
    st.session_state[_CLOSE] = True


def _follow_and_close(title: str, following: bool) -> None:
    current.follow(title, following)
    st.session_state[_CLOSE] = True


def draw_nearest(recommender: "Recommender", chosen: Choices, title: str, width: int = 170) -> None:
    """Draws the titles a viewer rated that lie nearest to one: a similarity, not a cause.

    Args:
      recommender: the model.
      chosen: the viewer.
      title: the title to which they lie near.
      width: of the column of titles, in pixels.
    """
    if not recommender.has_ratings:
        st.caption("Comes with the ratings.")
        return
    frame = chosen.asked(recommender).nearest_rated(chosen.user, title, _NEAR)
    if frame.empty:
        st.caption("This viewer has rated nothing else.")
        return
    gave = {"stars": columns.gave()} if recommender.manifest.data.has_ratings else {}
    drawn = {"name": columns.title(width), **gave, "similarity": columns.likeness()}
    st.dataframe(
        title_lists.describe(frame)[list(drawn)],
        hide_index=True,
        height="content",
        key="nearest_rated",
        alt="The titles this viewer rated that lie nearest to this one" + ", with the stars given" * bool(gave),
        column_config=drawn,
    )
    st.caption("A similarity in the model's space of titles, not a cause: nothing says that the model looked at these.")


def _draw_similar(recommender: "Recommender", title: str) -> None:
    st.markdown("**Titles like it**")
    frame = title_lists.describe(recommender.similar(title, _NEAR))
    year = {"year": columns.year()} if frame["year"].notna().any() else {}
    drawn = {"name": columns.title(170), **year, "similarity": columns.likeness()}
    st.dataframe(
        frame[list(drawn)],
        hide_index=True,
        height="content",
        placeholder="",
        key="similar",
        alt="Titles nearest to this one in the model's space of titles",
        column_config=drawn,
    )
    st.caption("How alike the model holds two titles: 1 is as alike as can be (cosine of their embeddings).")


def _draw_stars_over_time(recommender: "Recommender", chosen: Choices, title: str) -> None:
    st.markdown("**Its predicted stars over time**")
    frame = title_lists.stars_through_time(recommender, chosen.user, [title], as_of_then=chosen.as_of_then)
    colour = st.session_state.get("_colours", {}).get(title, charts.TITLE_COLOURS[0])
    pictures.draw(
        charts.stars_over_time(
            frame,
            (recommender.scale.low, recommender.scale.high),
            {title: colour},
            pd.Timestamp(chosen.at, unit="s", tz="UTC"),
            None if chosen.pin is None else pd.Timestamp(chosen.pin, unit="s", tz="UTC"),
        ),
        key="stars_over_time",
        alt=f"Predicted stars from {frame['stars'].iloc[0]:.1f} at the start of the data "
        f"to {frame['stars'].iloc[-1]:.1f} at its end",
    )
