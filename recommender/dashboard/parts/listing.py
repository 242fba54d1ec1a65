"""The list that a page shows before it is cut to its length: all settings of the list in one place."""

from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.abilities import abilities_of
from recommender.dashboard.choices.current import Choices

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def catalogue_of(recommender: "Recommender", chosen: Choices, at: int | None = None) -> pd.DataFrame:
    """Every title for the viewer, with its place in the list.

    Args:
      recommender: the model; as if something were changed, where that is to be shown.
      chosen: viewer, filters, dials and switches.
      at: the moment, UTC seconds; that of the clock if None.

    Returns:
      `title_lists.whole_catalogue`, whose places are those of the list as it is narrowed and turned.
    """
    at = chosen.at if at is None else at
    found = title_lists.catalogue_at(chosen.asked(recommender, at).with_dials(chosen.dials), chosen.user, at)
    return title_lists.placed(
        found,
        hide_seen=chosen.hide_seen and abilities_of(recommender).has_ratings,
        show_future=chosen.show_future,
        wanted=title_lists.wanted(recommender, found, **vars(chosen.filters)) if chosen.filters else None,
    )
