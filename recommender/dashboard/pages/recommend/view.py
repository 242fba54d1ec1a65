"""What the page Recommend shows, worked out from what is chosen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.abilities import Abilities, abilities_of
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices

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
      pin: the pinned moment, UTC seconds; None without one, or where the model does not read the clock.
      catalogue: every title at the moment: `title_lists.whole_catalogue`.
      listed: the list: `title_lists.recommended`, and `labels` where the data have them.
      followed: `title_lists.followed` of the chosen titles, else of the first of the list, with `colour`; None where
        there is no title.
      rated: what the viewer rated: `title_lists.rated_by`; None if nothing, or without the ratings.
      moved: the biggest risers, then fallers since the pin: `title_lists.moved_most` with `step` as text; None without.
    """

    model: str
    can: Abilities
    scale: "RatingScale"
    chosen: Choices
    pin: int | None
    catalogue: pd.DataFrame
    listed: pd.DataFrame
    followed: pd.DataFrame | None
    rated: pd.DataFrame | None
    moved: pd.DataFrame | None


def recommend_view(recommender: "Recommender", chosen: Choices) -> RecommendView:
    """Works the page out; one call of the model for each of the two moments."""
    can, version = abilities_of(recommender), title_lists.version(recommender)
    now = title_lists.whole_catalogue(recommender, version, chosen.user, chosen.at)
    pin = chosen.pin if can.reads_clock else None
    then = None if pin is None else title_lists.whole_catalogue(recommender, version, chosen.user, pin)
    rated = recommender.rated(chosen.user)

    listed = title_lists.recommended(now, then, chosen.k, chosen.hide_seen and can.has_ratings)
    if can.labels is not None:
        listed = listed.assign(labels=pd.Series(title_lists.labels_of(recommender, listed["item_id"].tolist())))
    followed, titles = None, chosen.titles or tuple(listed["title"].head(_FOLLOWED_UNASKED))
    if titles:
        colours = current.colours(titles)
        followed = title_lists.followed(now, then, titles, rated)
        followed = followed.assign(colour=[colours[title] for title in titles])
    moved = None
    if then is not None:
        moved = pd.concat(title_lists.moved_most(now, then), ignore_index=True)
        moved["step"] = [f"▲ {step}" if step > 0 else f"▼ {-step}" for step in moved["step"]]
    return RecommendView(
        model=recommender.manifest.model,
        can=can,
        scale=recommender.scale,
        chosen=chosen,
        pin=pin,
        catalogue=now,
        listed=listed,
        followed=followed,
        rated=title_lists.rated_by(rated, now) if len(rated) else None,
        moved=moved,
    )
