"""What is taken away from the page You: the visitor's list, and nothing of what they said."""

from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.answers.abilities import abilities_of
from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.download import Download, Table
from recommender.dashboard.downloads.tables import listed_table

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def download(recommender: "Recommender", options: Options, listed: pd.DataFrame) -> Download:
    """The list without its moves, which are those since the visitor's last click.

    Args:
      recommender: the model.
      options: what may be chosen.
      listed: the list as it is drawn.
    """
    shown = listed_table(listed.drop(columns="move", errors="ignore"), abilities_of(recommender))
    said = (
        "For a visitor whom the model has never seen: it reads what they say as a history, and nothing is trained.",
        "What the visitor rated and picked is neither here nor in the address; titles they rated are not listed.",
    )
    table = Table(f"The first {len(listed)} titles", shown)
    return download_menu.download_of("recommended", recommender, options, (table,), sentences=said, who="A visitor")
