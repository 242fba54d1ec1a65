"""A link that holds ratings, made when one asks for it, and what is done with one that somebody opens."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import streamlit as st

from recommender.dashboard.choices import current
from recommender.dashboard.drawing.markdown import escape, plain
from recommender.dashboard.drawing.words import gave_in_words
from recommender.dashboard.pages.you.changes import name_of

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

RATED, OF = "rated", "rated_of"  # in the address: id~stars, once for each rating; and the data set that the ids are of
_BETWEEN = "~"
MOST = 400  # ratings of a link: servers refuse addresses that are much longer
_NAMED = 3


@dataclass(frozen=True)
class Linked:
    """What a link holds.

    Attributes:
      of: the data set it says its ids are of.
      stars: title -> stars of what this catalogue has.
      n_unknown: how many ratings are of titles that it does not have.
      n_wrong: how many have no stars, or stars outside the scale.
    """

    of: str
    stars: dict[str, float] = field(default_factory=dict)
    n_unknown: int = 0
    n_wrong: int = 0


def query_of(stars: Mapping[str, float], recommender: "Recommender") -> str:
    """The query of a link to ratings: the newest, at most `MOST`.

    Args:
      stars: title of the catalogue -> stars, the newest last.
      recommender: the model; its data set and ids are those of the link.
    """
    rows = recommender.rows.rows_of_titles(list(stars)[-MOST:])
    ids = [recommender.item_ids[row] for row in rows]
    rated = [f"{item}{_BETWEEN}{value:g}" for item, value in zip(ids, list(stars.values())[-MOST:], strict=True)]
    return urlencode({OF: recommender.manifest.data.name, RATED: rated}, doseq=True)


def read_query(of: str, rated: Sequence[str], recommender: "Recommender") -> Linked:
    """What a link holds, which anybody may have written.

    Args:
      of: the value of `OF`.
      rated: the values of `RATED`.
      recommender: the model whose catalogue it is looked up in.
    """
    if of != recommender.manifest.data.name:
        return Linked(of)
    titles, scale = dict(zip(recommender.item_ids, recommender.titles, strict=True)), recommender.scale
    stars: dict[str, float] = {}
    n_unknown = n_wrong = 0
    for text in rated[:MOST]:
        item, _, written = text.rpartition(_BETWEEN)
        value = _number(written)
        if value is None or not scale.low <= value <= scale.high:
            n_wrong += 1
        elif item not in titles:
            n_unknown += 1
        else:
            stars[titles[item]] = value
    return Linked(of, stars, n_unknown, n_wrong)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def draw_maker(stars: Mapping[str, float], recommender: "Recommender") -> None:
    """Draws what gives the link, in a menu: the address of the page itself holds no rating."""
    with st.popover("Link to my ratings", icon=":material/link:", type="tertiary", key="you_link"):
        model = st.session_state.get(current.MODEL)
        reached = (st.context.url or "").split("?")[0]
        root = "/" if reached and not urlsplit(reached).path else ""
        query = query_of(stars, recommender) + (f"&{urlencode({current.MODEL: model})}" if model else "")
        n = min(len(stars), MOST)
        st.caption(
            f"Whoever opens it sees {'the newest ' * (len(stars) > MOST)}{n:,} rating{'s' * (n != 1)} of yours. Keep "
            "it to have them again, or send it to somebody to find what suits you both."
        )
        st.code(f"{reached}{root}?{query}", language=None, wrap_lines=True)


def draw_arrival(recommender: "Recommender", mine: Callable[..., None], friends: Callable[..., None]) -> None:
    """Draws what the link that was opened holds, and asks whose ratings these are; nothing without such a link.

    Args:
      recommender: the model.
      mine: called with title -> stars if they are the visitor's own.
      friends: called with them if they are somebody else's.
    """
    rated = st.query_params.get_all(RATED)
    if not rated:
        return
    linked = read_query(st.query_params.get(OF, ""), rated, recommender)
    with st.container(border=True, key="you_arrival"):
        st.markdown(_said(linked, recommender))
        with st.container(horizontal=True, gap="small"):
            if linked.stars:
                st.button("They are mine", type="primary", key="you_mine", on_click=_decide, args=(mine, linked.stars))
                st.button("They are a friend's", key="you_friends", on_click=_decide, args=(friends, linked.stars))
            st.button("Leave them", type="tertiary", key="you_leave", on_click=_decide, args=(_nobody, linked.stars))


def _decide(act: Callable[..., None], stars: Mapping[str, float]) -> None:
    act(stars)
    for name in (RATED, OF):
        st.query_params.pop(name, None)


def _nobody(stars: Mapping[str, float]) -> None:
    """Nobody is given them."""


def _said(linked: Linked, recommender: "Recommender") -> str:
    own = recommender.manifest.data.name
    if linked.of != own:
        return (
            f"The link you opened holds ratings of titles of {plain(linked.of) or 'an unnamed data set'}, and the "
            f"model shown knows those of {escape(own)}. Choose a model of that data set, or leave them."
        )
    n = len(linked.stars)
    named = [f"{name_of(t)} at {gave_in_words(s, recommender.scale)}" for t, s in linked.stars.items()][-_NAMED:]
    parts = [f"The link you opened holds **{n:,} rating{'s' * (n != 1)}**"]
    parts += [f": {', '.join(named)}{' and others' * (n > _NAMED)}."] if named else ["."]
    for count, wrong in (
        (linked.n_unknown, "of a title that is not in this catalogue"),
        (linked.n_wrong, f"without stars from {recommender.scale}"),
    ):
        if count:
            parts.append(f" {count:,} more {'is' if count == 1 else 'are'} {wrong}, and left out.")
    return "".join(parts) + (" Whose are they?" if n else "")
