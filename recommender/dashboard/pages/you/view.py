"""What the page You shows, worked out from what the visitor said and what is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.answers import reasons, title_lists
from recommender.dashboard.answers.abilities import Abilities, abilities_of
from recommender.dashboard.choices.current import Choices, Options
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.pages.you import answers, preferences
from recommender.dashboard.pages.you.visitor import Stars, Visitor
from recommender.data.seen import counts_as_seen

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_ENOUGH = 3


@dataclass(frozen=True)
class YouView:
    """All that the page shows beside what it asks.

    Attributes:
      can: what the model can show.
      chosen: what is chosen in the bar.
      said: the visitor in a line of Markdown; empty if they said nothing.
      is_own: whether the list is the visitor's, and not what anybody new would be given.
      listed: the list as `title_lists.recommended` gives it, with `move` since the visitor's last click,
        and as cards `reasons.with_reasons`.
      notes: what is to be said below the list, in sentences.
    """

    can: Abilities
    chosen: Choices
    said: str
    is_own: bool
    listed: pd.DataFrame
    notes: str


def history_of(recommender: "Recommender", options: Options, visitor: Visitor) -> Stars:
    """What the model reads of the visitor: titles that stand in for what they picked, then what they rated."""
    return tuple({**_stand_ins(recommender, options, visitor), **_rated(visitor, options)}.items())


def you_view(recommender: "Recommender", options: Options, visitor: Visitor, chosen: Choices) -> YouView:
    """Works out what the page shows.

    Args:
      recommender: the model, which reads histories.
      options: what may be chosen.
      visitor: with `Visitor.history` as `history_of` gives it now.
      chosen: what is chosen in the bar.
    """
    can = abilities_of(recommender)
    rated = _rated(visitor, options)
    listed = _listed(recommender, visitor, chosen, rated)
    return YouView(
        can=can,
        chosen=chosen,
        said=_said(visitor, can),
        is_own=bool(rated) or visitor.has_picked,
        listed=listed,
        notes=" ".join(
            [
                *_about_moves(listed, can, is_new=not rated and not visitor.has_picked),
                *_about_history(len(_stand_ins(recommender, options, visitor)), len(rated)),
                *["Ordered by predicted rating, the only thing this model learned."] * (not can.retrieves),
            ]
        ),
    )


def _rated(visitor: Visitor, options: Options) -> dict[str, float]:
    return {title: stars for title, stars in visitor.stars.items() if title in options.titles}


def _stand_ins(recommender: "Recommender", options: Options, visitor: Visitor) -> Mapping[str, float]:
    if recommender.ratings is None or not visitor.has_picked:
        return {}
    n = max(0, preferences.STAND_INS - len(_rated(visitor, options)))
    return answers.stand_ins(recommender, title_lists.version(recommender), tuple(visitor.picks.items()), n)


def _listed(recommender: "Recommender", visitor: Visitor, chosen: Choices, rated: Mapping[str, float]) -> pd.DataFrame:
    recommender = recommender.with_dials(chosen.dials)
    version = title_lists.version(recommender)
    matching = None
    if visitor.has_picked and visitor.only_matching and recommender.ratings is not None:
        matching = answers.matching(recommender, version, tuple(visitor.picks.items()))

    def placed(history: Stars) -> pd.DataFrame:
        return _placed(answers.catalogue(recommender, version, chosen.at, history), rated, matching)

    before = None if visitor.history_before is None else placed(visitor.history_before)
    now = placed(visitor.history or ())
    listed = title_lists.recommended(now, before, chosen.k)
    if abilities_of(recommender).labels is not None:
        listed = listed.assign(labels=pd.Series(title_lists.labels_of(recommender, listed["item_id"].tolist())))
    if not chosen.as_cards:
        return listed
    asker = reasons.Asker(None, chosen.at, visitor.history or ())
    return reasons.with_reasons(recommender, version, listed, now, asker)


def _placed(catalogue: pd.DataFrame, rated: Mapping[str, float], matching: frozenset[str] | None) -> pd.DataFrame:
    """With `place`, the rank among titles that are not seen and match; missing for the others."""
    seen = {title for title, stars in rated.items() if counts_as_seen(stars)}
    listed = ~catalogue["title"].isin(seen)
    if matching is not None:
        listed &= catalogue["item_id"].isin(matching)
    return catalogue.assign(place=listed.cumsum().where(listed).astype("Int64"))


def _said(visitor: Visitor, can: Abilities) -> str:
    facts = []
    if visitor.stars:
        n, mean = len(visitor.stars), sum(visitor.stars.values()) / len(visitor.stars)
        rated = f"**{n:,}** rating{'s' * (n != 1)}, mean **{mean:.1f}**"
        facts.append(rated if can.has_stars else f"you know **{n:,}** title{'s' * (n != 1)}")
    picked = [escape(value) for values in visitor.picks.values() for value in values]
    if picked:
        facts.append("you like " + ", ".join(picked))
    return "  ·  ".join(facts)


def _about_moves(listed: pd.DataFrame, can: Abilities, *, is_new: bool) -> list[str]:
    if "move" in listed and len(listed):
        new = int(listed["move"].str.endswith("new").sum())
        moved = int((listed["move"] != "=").sum()) - new
        if not new and not moved:
            return ["Your last click moved nothing here."]
        return [f"Your last click: {new} new here, {moved} moved, {len(listed) - new - moved} in their place."]
    return [f"A click{' on the stars' * can.has_stars} moves it at once."] if is_new else []


def _about_history(n_stand_ins: int, n_rated: int) -> list[str]:
    if n_stand_ins:
        return [
            f"For what you picked, the model reads {n_stand_ins} well-known titles of these kinds as if you had rated "
            "each with its mean stars; every title you rate takes the place of one."
        ]
    return [f"{_ENOUGH - n_rated} more and it knows you better."] if 0 < n_rated < _ENOUGH else []
