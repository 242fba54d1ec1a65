"""How the columns of a list are named on a picture and in a report."""

import pandas as pd

from recommender.dashboard.answers.abilities import Abilities

_HEADINGS = {
    "place": "#",
    "name": "Title",
    "year": "Year",
    "labels": "Labels",
    "stars": "Stars",
    "score": "Score",
    "move": "Move",
}


def listed_table(listed: pd.DataFrame, can: Abilities) -> pd.DataFrame:
    """The columns of a list that say something, under the headings they are read by.

    Args:
      listed: a list as `title_lists.recommended` gives it, or some of its columns.
      can: what the model can show.
    """
    silent = {"stars": not can.rates, "score": not can.retrieves, "year": not listed["year"].notna().any()}
    shown = [column for column in _HEADINGS if column in listed and not silent.get(column, False)]
    return listed[shown].rename(columns=_HEADINGS)
