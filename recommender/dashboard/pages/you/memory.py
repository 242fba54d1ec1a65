"""Ratings that outlive the session: kept in the visitor's own browser, once they have said so."""

from collections.abc import Container
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from recommender.dashboard.choices.current import Options
from recommender.dashboard.drawing.markdown import sentence
from recommender.dashboard.pages.you import browser
from recommender.dashboard.pages.you.visitor import Visitor
from recommender.data.exchange.rating_exports import convert_stars, read_exported_ratings, write_own_ratings
from recommender.data.schema import RatingScale
from recommender.errors import RecommenderError

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_SWITCH = "you_remember"
_FILE = "what this browser has kept"


class Kept(NamedTuple):
    """What was kept: the stars of titles of this catalogue, and those of titles that are not in it."""

    stars: dict[str, float]
    unknown: dict[str, float]


def write_kept(visitor: Visitor, scale: RatingScale) -> str:
    """The text that is kept: the visitor's ratings, those of titles this catalogue does not have among them."""
    stars = {**visitor.unknown, **visitor.stars}
    return write_own_ratings(stars, scale).decode() if stars else ""


def read_kept(text: str, titles: Container[str], scale: RatingScale) -> Kept:
    """Reads such a text, which anybody may have changed.

    Args:
      text: by `write_kept`.
      titles: of the catalogue.
      scale: that stars are brought onto.

    Raises:
      DataError: if it cannot be read or stars lie outside their scale; says the row and the column.
    """
    exported = read_exported_ratings({_FILE: text.encode()})
    stars = convert_stars(exported.rows["stars"].to_numpy(float), exported.scale, scale)
    kept = Kept({}, {})
    for title, value in zip(exported.rows["title"], stars.tolist(), strict=True):
        (kept.stars if title in titles else kept.unknown)[title] = value
    return kept


def draw_switch(visitor: Visitor) -> None:
    """Draws the switch that allows it, off until it is turned on; turned off, it deletes what was kept."""
    st.session_state[_SWITCH] = visitor.in_browser == "keep"
    st.toggle(
        "Remember my ratings in this browser",
        key=_SWITCH,
        on_change=_turn,
        args=(visitor,),
        help="Keeps them on this device alone, so that a reload or another day does not lose them. Turned off again, "
        "they are deleted there.",
    )
    if visitor.unknown and visitor.in_browser == "keep":
        n = len(visitor.unknown)
        st.caption(
            f"{n:,} rating{'s' * (n != 1)} kept in this browser {'is' if n == 1 else 'are'} of titles that are not in "
            "this catalogue. They stay kept and play no part here."
        )


def _turn(visitor: Visitor) -> None:
    visitor.in_browser = "keep" if st.session_state[_SWITCH] else "forget"
    visitor.trouble = ""


def draw_store(recommender: "Recommender", options: Options, visitor: Visitor) -> None:
    """Draws what went wrong, if anything did, and the part that nobody sees: it reads, keeps or deletes."""

    def answered(text: str | None) -> None:
        take_in(visitor, text, options.titles, recommender.scale)

    browser.store(
        f"Matinee: ratings of {recommender.manifest.data.name}",
        visitor.in_browser,
        write_kept(visitor, recommender.scale) if visitor.in_browser == "keep" else "",
        answered,
    )
    if visitor.trouble:
        st.warning(visitor.trouble, icon=":material/report:")


def take_in(visitor: Visitor, text: str | None, titles: Container[str], scale: RatingScale) -> None:
    """Takes in what the browser holds: nothing that was rated in this session is lost or changed by it.

    Args:
      visitor: who is given the ratings.
      text: what is held; empty where another tab has deleted it, and then nothing is kept any more; None if the
        browser refuses to keep anything.
      titles: of the catalogue.
      scale: of the model.
    """
    if text is None:
        visitor.in_browser = "rest"
        visitor.trouble = (
            "This browser keeps nothing for this page. Allow it to, or download your ratings or take a link to them."
        )
        return
    if not text:
        visitor.in_browser = "read"
        return
    try:
        kept = read_kept(text, titles, scale)
    except RecommenderError as error:
        visitor.in_browser = "rest"
        visitor.trouble = (
            f"{sentence(error)} Nothing of it was taken in. Turn on remembering to keep in its place what you rate now."
        )
        return
    visitor.in_browser = "keep"
    visitor.unknown = {**kept.unknown, **visitor.unknown}
    visitor.stars = {**kept.stars, **visitor.stars}
