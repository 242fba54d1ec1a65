"""What the page You shows, worked out from what the visitor said and what is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.answers import reasons, title_lists
from recommender.dashboard.answers.abilities import Abilities, abilities_of
from recommender.dashboard.choices.current import Choices, Options
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.pages.you import answers, changes, preferences
from recommender.dashboard.pages.you.changes import Change
from recommender.dashboard.pages.you.visitor import Stars, Visitor
from recommender.data.seen import counts_as_seen

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_ENOUGH = 3
_MOST_ASKED = 60  # of many new ratings, so many of the newest are left out one by one


@dataclass(frozen=True)
class YouView:
    """All that the page shows beside what it asks.

    Attributes:
      can: what the model can show.
      chosen: what is chosen in the bar.
      said: the visitor in a line of Markdown; empty if they said nothing.
      is_own: whether the list is the visitor's, and not what anybody new would be given.
      listed: the list as `title_lists.recommended` gives it, with `move` since the visitor's last click, and as cards
        `reasons.with_reasons`.
      change: what the last click changed, and why; None before the first.
      notes: what is to be said below the list, in sentences.
    """

    can: Abilities
    chosen: Choices
    said: str
    is_own: bool
    listed: pd.DataFrame
    change: Change | None
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
    lists = Lists(recommender, visitor, chosen, rated)
    is_own = bool(rated) or visitor.has_picked
    return YouView(
        can=can,
        chosen=chosen,
        said=_said(visitor, can),
        is_own=is_own,
        listed=_listed(lists, can),
        change=_change(lists, visitor, can) if is_own else None,
        notes=" ".join(
            [
                *[f"A click{' on the stars' * can.has_stars} moves it at once."] * (not is_own),
                *_about_history(len(_stand_ins(recommender, options, visitor)), len(rated)),
                *["Ordered by predicted rating, the only thing this model learned."] * (not can.retrieves),
            ]
        ),
    )


class Lists:
    """The whole catalogue as the model ranks it for the visitor, now and with what was read before.

    In all of them the same titles have a `place`: those that are not rated now, match what is picked now and pass the
    filters now. So what a place gained or lost, the model did.

    Attributes:
      now: for what is read now.
      before: for what was read before the last click; None until there is one.
    """

    def __init__(
        self, recommender: "Recommender", visitor: Visitor, chosen: Choices, rated: Mapping[str, float]
    ) -> None:
        self.recommender, self.chosen = recommender.with_dials(chosen.dials), chosen
        self.version = title_lists.version(self.recommender)
        self.history = visitor.history or ()
        self._rated = rated
        self._matching = None
        if visitor.has_picked and visitor.only_matching and recommender.ratings is not None:
            self._matching = answers.matching(recommender, self.version, tuple(visitor.picks.items()))
        if chosen.filters:
            found = answers.catalogue(self.recommender, self.version, chosen.at, self.history)
            passes = frozenset(found["item_id"][title_lists.wanted(recommender, found, **vars(chosen.filters))])
            self._matching = passes if self._matching is None else self._matching & passes
        self.now = self.with_history(self.history)
        self.before = None if visitor.history_before is None else self.with_history(visitor.history_before)

    def with_history(self, history: Stars) -> pd.DataFrame:
        """The catalogue when this is read."""
        asked = answers.catalogue(self.recommender, self.version, self.chosen.at, history)
        return _placed(asked, self._rated, self._matching)

    def places_without(self, title: str, left_out: Sequence[str]) -> dict[str, int]:
        """The place of a title when one rating is not read: rating left out -> place."""
        competing = title_lists.competing(self.recommender, self.now)
        asked = answers.Without(self.chosen.at, self.history, title, tuple(left_out))
        return answers.places_without(self.recommender, self.version, asked, competing)


def _rated(visitor: Visitor, options: Options) -> dict[str, float]:
    return {title: stars for title, stars in visitor.stars.items() if title in options.titles}


def _stand_ins(recommender: "Recommender", options: Options, visitor: Visitor) -> Mapping[str, float]:
    if recommender.ratings is None or not visitor.has_picked:
        return {}
    n = max(0, preferences.STAND_INS - len(_rated(visitor, options)))
    return answers.stand_ins(recommender, title_lists.version(recommender), tuple(visitor.picks.items()), n)


def _listed(lists: Lists, can: Abilities) -> pd.DataFrame:
    listed = title_lists.recommended(lists.now, lists.before, lists.chosen.k)
    if can.labels is not None:
        listed = listed.assign(labels=pd.Series(title_lists.labels_of(lists.recommender, listed["item_id"].tolist())))
    if not lists.chosen.as_cards:
        return listed
    asker = reasons.Asker(None, lists.chosen.at, lists.history)
    return reasons.with_reasons(lists.recommender, lists.version, listed, lists.now, asker)


def _change(lists: Lists, visitor: Visitor, can: Abilities) -> Change | None:
    if lists.before is None:
        return None
    k = lists.chosen.k
    scale = lists.recommender.scale if can.has_stars else None
    click = changes.click_between(visitor.rated_before, visitor.rated, visitor.picks, scale)
    moves = changes.moves_between(lists.before, lists.now, k)
    sentence = changes.sentence_of(click, moves, k)
    if click.kind == "gave" and click.title is not None and changes.was_listed(click.title, lists.before, k):
        sentence += f" {changes.name_of(click.title)} itself leaves the list, as you have seen it."
    lead = changes.leading_move(moves)
    return Change(click.title, sentence, "" if lead is None else _why(click, lead, lists, visitor))


def _why(click: changes.Click, lead: pd.Series, lists: Lists, visitor: Visitor) -> str:
    """What the model says when it is asked without what was clicked; empty where `Lists.before` is that answer."""
    if click.kind == "many" and click.given:
        newest = [title for title in click.given if title in dict(lists.history)][-_MOST_ASKED:]
        return changes.why_many(lead, lists.places_without(lead["title"], newest)) if newest else ""
    if click.title is None or not click.given:
        return ""
    without = tuple(pair for pair in lists.history if pair[0] != click.title)
    catalogue = lists.with_history(without)
    found = catalogue[catalogue["title"] == lead["title"]].iloc[0]
    return changes.why_one(click.title, lead, found, alone=without == visitor.history_before)


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


def _about_history(n_stand_ins: int, n_rated: int) -> list[str]:
    if n_stand_ins:
        return [
            f"For what you picked, the model reads {n_stand_ins} well-known titles of these kinds as if you had rated "
            "each with its mean stars; every title you rate takes the place of one."
        ]
    return [f"{_ENOUGH - n_rated} more and it knows you better."] if 0 < n_rated < _ENOUGH else []
