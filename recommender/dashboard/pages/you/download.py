"""What is taken away from the page You: the visitor's list, and nothing of what they said."""

from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.choices.state import Known
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.saved_view import Exhibit, Table
from recommender.dashboard.downloads.tables import listed_table

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def exhibit(recommender: "Recommender", known: Known, listed: pd.DataFrame) -> Exhibit:
    """The list without its moves, which are those since the visitor's last click.

    Args:
      recommender: the model.
      known: what may be chosen.
      listed: the list as it is drawn.
    """
    shown = listed_table(listed.drop(columns="move", errors="ignore"), Abilities.of(recommender))
    said = (
        "For a visitor whom the model has never seen: it reads what they say as a history, and nothing is trained.",
        "What the visitor rated and picked is neither here nor in the address; titles they rated are not listed.",
    )
    table = Table(f"The first {len(listed)} titles", shown)
    return download_menu.exhibit_of("recommended", recommender, known, (table,), sentences=said, who="A visitor")
