"""What the page Recommend shows, worked out from what is chosen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.answers import reasons, supposing, title_lists
from recommender.dashboard.answers.abilities import Abilities, abilities_of
from recommender.dashboard.answers.list_change import ListChange
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices
from recommender.dashboard.parts import what_if
from recommender.dashboard.parts.the_list import asked_for_list, catalogue_of_list
from recommender.serving.changes import Changes

if TYPE_CHECKING:
    from recommender.data.schema import RatingScale
    from recommender.serving.recommender import Recommender

_FOLLOWED_UNASKED = 4


@dataclass(frozen=True)
class RecommendView:
    """All that the page shows.

    Attributes:
      model: the model's name.
      can: what it can show.
      scale: that of the predicted stars.
      chosen: what is chosen.
      changes: what is supposed of the viewer, and fits the model.
      supposed: the same in a sentence of Markdown; "" if nothing is.
      pin: the pinned moment, UTC seconds; None without one, where the model does not read the clock, and while
        something is supposed: moves are counted from the real list then.
      catalogue: every title at the moment: `catalogue_of_list`.
      listed: the list: `title_lists.recommended`, `labels` where the data have them, and of cards
        `reasons.with_reasons`.
      followed: `title_lists.followed` of the chosen titles, else of the first of the list, with `colour`; None where
        there is no title.
      rated: what the viewer rated, as of then by the moment: `title_lists.rated_by`; None if nothing, or without the
        ratings.
      n_rated_later: how many ratings of this viewer came after the moment, and are not read; 0 with all that is known.
      moved: the biggest risers, then fallers since the pin, or from the real list: `title_lists.moved_most` with `step`
        as text; None without either.
      since_pin: what became of the list since the pin, and what the viewer rated in between, in a sentence or two; ""
        without a pin.
    """

    model: str
    can: Abilities
    scale: "RatingScale"
    chosen: Choices
    changes: Changes
    supposed: str
    pin: int | None
    catalogue: pd.DataFrame
    listed: pd.DataFrame
    followed: pd.DataFrame | None
    rated: pd.DataFrame | None
    n_rated_later: int
    moved: pd.DataFrame | None
    since_pin: str

    @property
    def could_be_explained(self) -> list[str]:
        """Titles with a place in the list, so that it can be said what moved them: the biggest movers first."""
        moved = [] if self.moved is None else self.moved["title"].tolist()
        asked = dict.fromkeys([*moved, *self.listed["title"]])
        of_these = self.catalogue[self.catalogue["title"].isin(list(asked))]
        placed = set(of_these["title"][of_these["place"].notna()])
        return [title for title in asked if title in placed]

    @property
    def as_of_then(self) -> bool:
        """Whether the page stands as of the moment: without ratings there is nothing to leave out."""
        return self.chosen.as_of_then and self.can.has_ratings and self.can.has_clock


def recommend_view(recommender: "Recommender", chosen: Choices) -> RecommendView:
    """Works the page out; one call of the model for each of the two moments, or for what is and what is supposed."""
    can = abilities_of(recommender)
    changes = supposing.fitting(recommender, chosen.user, chosen.changes)
    supposed = supposing.as_if(recommender, chosen.user, chosen.at, changes)
    pin = chosen.pin if can.reads_clock and not changes else None
    now, then = catalogue_of_list(supposed, chosen), None
    if changes:
        then = catalogue_of_list(recommender, chosen)
    elif pin is not None:
        then = catalogue_of_list(recommender, chosen, pin)
    rated = chosen.asked(supposed).rated(chosen.user)

    listed = title_lists.recommended(now, then, chosen.k)
    if can.labels is not None:
        listed = listed.assign(labels=pd.Series(title_lists.labels_of(recommender, listed["item_id"].tolist())))
    if chosen.as_cards:
        asked = asked_for_list(supposed, chosen)
        asker = reasons.Asker(chosen.user, chosen.at)
        listed = reasons.with_reasons(asked, title_lists.version(asked), listed, now, asker)
    followed, titles = None, chosen.titles
    if not titles:
        rests = chosen.follows_from
        first = now if rests == chosen.at else catalogue_of_list(supposed, chosen, rests)
        titles = tuple(first["title"][first["place"].notna()].head(_FOLLOWED_UNASKED))
    if titles:
        colours = current.colours(titles)
        followed = title_lists.followed(now, then, titles, rated if can.has_stars else rated.head(0))
        followed = followed.assign(colour=[colours[title] for title in titles])
    moved = None
    if then is not None:
        moved = pd.concat(title_lists.moved_most(now, then), ignore_index=True)
        moved["step"] = [f"▲ {step}" if step > 0 else f"▼ {-step}" for step in moved["step"]]
    n_rated = len(rated) if pin is None else len(chosen.asked(recommender, pin).rated(chosen.user)), len(rated)
    return RecommendView(
        model=recommender.manifest.model,
        can=can,
        scale=recommender.scale,
        chosen=chosen,
        changes=changes,
        supposed=what_if.sentence(recommender, chosen, changes),
        pin=pin,
        catalogue=now,
        listed=listed,
        followed=followed,
        rated=title_lists.rated_by(rated, now) if len(rated) else None,
        n_rated_later=len(supposed.rated(chosen.user)) - len(rated),
        moved=moved,
        since_pin="" if pin is None or then is None else _since_pin(listed, (now, then), chosen.k, n_rated).since(pin),
    )


def _since_pin(
    listed: pd.DataFrame, catalogues: tuple[pd.DataFrame, pd.DataFrame], k: int, n_rated: tuple[int, int]
) -> ListChange:
    """What became of the list since the pin.

    Args:
      listed: the list now, with its moves.
      catalogues: the whole catalogue with its places, at the moment and at the pin.
      k: how many titles the list at the pin had.
      n_rated: how many ratings of the viewer are known at the pin, and at the moment.
    """
    now, then = catalogues
    before = then.set_index("item_id").loc[listed["item_id"][listed["move"] == "new"]]
    seen = before["seen"].fillna(False).astype(bool) & before["place"].isna() & ~before["future"].astype(bool)
    not_out, n_seen = int(before["future"].sum()), int(seen.sum())
    once = now.set_index("item_id").loc[then["item_id"][then["place"] <= k]]
    gone = once["seen"].fillna(False).astype(bool) & once["place"].isna()
    n_back = len(before) - not_out - n_seen
    return ListChange(len(listed), not_out, n_seen, n_back, int(gone.sum()), n_rated)
