"""The anime archive: ratings of myanimelist.net as reduced to 5,000 users, tab-separated with a header.

What is made of it, so that it equals the tutorial's table of 305,358 rows:

- The catalogue is the thousand most rated titles. Among titles rated equally often the lower id goes first (twelve
  share the last three places; the number of rows is the same whichever are taken). Users are those who rated one.
- `audience` is the size of the community, `members`, cut at the 33rd and 66th percentile of these thousand titles
  (a value on the cut belongs below it). Cut at those of the whole catalogue, all of them would be Spectacle.
- There are no times, so a user may rate a title once; a second row is refused.

The ratings as first published marked "watched, not rated" by -1. This archive keeps what was watched in
anime_history.dat, which is not read; its ratings are 1 to 10 and a -1 among them is refused like any value outside
the scale. So no row is dropped but those of the less rated titles.

Names hold HTML entities (`Gintama&#039;`), which are resolved. Ids and names are distinct in the archive; were a name
to occur under several ids, the lowest would stand for all of them, in `Ratings.aliases`, before titles are counted.
"""

import html
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data.publishers.catalogue import item_ids_of, one_row_per_title, users_by_number
from recommender.data.ratings import ITEM_ID, RATING, TITLE, USER_ID, Ratings, rows_among
from recommender.data.schema import Feature, Kind, RatingScale, Schema
from recommender.data.tables.archives import read_members
from recommender.data.tables.cells import split_values
from recommender.data.tables.delimited import read_table
from recommender.data.tables.file_table import FileTable

FILES = ("anime_ratings.dat", "anime_info.dat")
SCALE = RatingScale(low=1.0, high=10.0, step=1.0)
N_TITLES = 1_000
AUDIENCES = ("Niche", "Universal", "Spectacle")
_KINDS = {"genres": Kind.MULTI_CATEGORY, "type": Kind.CATEGORY, "audience": Kind.CATEGORY}
SCHEMA = Schema(item_features=tuple(Feature(*named) for named in _KINDS.items()), has_timestamps=False)

_CUTS = (0.33, 0.66)  # percentiles between the audiences
_ROW_COLUMNS = ("User_ID", "Anime_ID", "Feedback")
_INFO_COLUMNS = ("anime_ids", "name", "genre", "type", "members")


def read_anime(source: Path, *, n_titles: int = N_TITLES) -> Ratings:
    """Reads and checks the data set.

    Args:
      source: a folder with anime_info.dat and anime_ratings.dat, or the zip archive.
      n_titles: how many of the most rated titles to keep.

    Returns:
      Ratings from 1 to 10 without times, with item features `genres`, `type` and `audience`. Titles and users are
      in the order of their ids, interactions in the file's.

    Raises:
      DataError: if a file is missing, damaged or encoded differently, or a value is wrong; names file and row.
    """
    contents = read_members(source, FILES, "anime")
    info = read_table(contents["anime_info.dat"], "anime_info.dat", _INFO_COLUMNS, header=True)
    table = read_table(contents["anime_ratings.dat"], "anime_ratings.dat", _ROW_COLUMNS, header=True)
    stars = table.ratings("Feedback", SCALE)
    table.require_distinct(("User_ID", "Anime_ID"))
    items, aliases = _read_items(info)
    item_ids = item_ids_of(table, "Anime_ID", items, aliases, "anime_info.dat")
    users, user_ids = users_by_number(table, "User_ID")
    counts = np.bincount(rows_among(item_ids, items[ITEM_ID]), minlength=len(items))
    most_rated = np.sort(np.argsort(-counts, kind="stable")[:n_titles])
    items = items.iloc[most_rated].reset_index(drop=True)
    items = items.assign(audience=_audiences(items["members"].to_numpy())).drop(columns="members")
    kept = rows_among(item_ids, items[ITEM_ID]) >= 0
    interactions = pd.DataFrame({USER_ID: user_ids, ITEM_ID: item_ids, RATING: stars})[kept].reset_index(drop=True)
    active = np.bincount(rows_among(interactions[USER_ID], users[USER_ID]), minlength=len(users)) > 0
    users = users[active].reset_index(drop=True)
    kept_ids = set(items[ITEM_ID])
    aliases = {other: first for other, first in aliases.items() if first in kept_ids}
    return Ratings(Path(source).stem, interactions, items, users, SCALE, SCHEMA, aliases)


def _read_items(table: FileTable) -> tuple[pd.DataFrame, dict[str, str]]:
    order = np.argsort(table.integers("anime_ids"), kind="stable")
    table.require_distinct(("anime_ids",))
    titles = table.text("name").map(html.unescape)
    table.refuse((titles == "").to_numpy(), "name", "is no title; give it one or remove the row")
    members = table.integers("members")
    table.refuse(members < 0, "members", "is not a number of people; mend or remove the row")
    frame = pd.DataFrame(
        {
            ITEM_ID: table.text("anime_ids"),
            TITLE: titles,
            "genres": split_values(table.text("genre"), ","),
            "type": table.text("type"),
            "members": members,
        }
    )
    return one_row_per_title(frame.iloc[order])


def _audiences(members: npt.NDArray[np.int64]) -> pd.Series:
    """[n_titles] the audience of each title, by the size of its community."""
    places = np.searchsorted(np.quantile(members, _CUTS), members, side="left")
    return pd.Series(AUDIENCES, dtype="str").take(places).reset_index(drop=True)
