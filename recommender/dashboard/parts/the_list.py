"""The list as it is chosen, of which every page counts places in the same way."""

from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.answers import title_lists
from recommender.dashboard.choices.current import Choices

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def asked_for_list(recommender: "Recommender", chosen: Choices, at: int | None = None) -> "Recommender":
    """The model as it is asked for the list: as of then, and turned.

    Args:
      recommender: the model.
      chosen: what is chosen.
      at: UTC seconds; the chosen moment if None.
    """
    return chosen.asked(recommender, at).with_dials(chosen.dials)


def catalogue_of_list(recommender: "Recommender", chosen: Choices, at: int | None = None) -> pd.DataFrame:
    """Every title, and of those that the list can hold the place they have in it; arguments as above.

    Returns:
      `title_lists.whole_catalogue` with the `place` of what is chosen: of titles that are seen, not out, or left out by
      the filters there is none.
    """
    asked = asked_for_list(recommender, chosen, at)
    found = title_lists.catalogue_at(asked, chosen.user, chosen.at if at is None else at)
    return title_lists.placed(
        found,
        hide_seen=chosen.hide_seen and recommender.has_ratings,
        show_future=chosen.show_future,
        wanted=title_lists.wanted(recommender, found, **vars(chosen.filters)) if chosen.filters else None,
    )
