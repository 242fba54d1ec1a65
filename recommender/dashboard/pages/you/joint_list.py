"""One list for two people, in an order that is fair to both; pure pandas."""

from collections.abc import Collection

import pandas as pd

RULE = "A title stands as high as the one of you who wants it less would put it, so neither gives way to the other."


def joint_list(first: pd.DataFrame, second: pd.DataFrame, rated: Collection[str], k: int) -> pd.DataFrame:
    """The first k titles for two people.

    A title's place in the list of each is counted among what neither has rated. The worse of the two decides
    (least misery; Masthoff, Group modeling, 2004), between equals the better one, then the name.

    Args:
      first: the whole catalogue as one of them would have it, best first: `item_id`, `title`, `stars`.
      second: as the other would.
      rated: titles that either has rated, which are left out.
      k: length of the list.

    Returns:
      `place` (from 1), `item_id`, `title`, `stars_first`, `stars_second`, `place_first`, `place_second`.
    """
    own, others = (_placed(catalogue, rated) for catalogue in (first, second))
    both = own.merge(others[["item_id", "stars", "place"]], on="item_id", suffixes=("_first", "_second"))
    places = both[["place_first", "place_second"]]
    ordered = both.assign(worse=places.max(axis=1), better=places.min(axis=1)).sort_values(["worse", "better", "title"])
    head = ordered.head(k).drop(columns=["worse", "better"]).reset_index(drop=True)
    head.insert(0, "place", head.index + 1)
    return head


def _placed(catalogue: pd.DataFrame, rated: Collection[str]) -> pd.DataFrame:
    left = catalogue.loc[~catalogue["title"].isin(rated), ["item_id", "title", "stars"]]
    return left.assign(place=range(1, len(left) + 1))
