"""A data set whose held-out part has a known answer.

Viewers and titles are numbered; a viewer meets the titles of their own parity, as the white squares of a checkerboard.
The diagonal is held out: for each viewer it is the one title of their colour that they have not met, so it must be the
first recommendation. Stars follow a coarser checkerboard, so the held-out ones are known too.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from recommender.data.ratings import Ratings
from recommender.data.schema import Feature, Kind, RatingScale, Schema
from recommender.data.splits import Split

SIZE = 24
_ORIGIN = 880_000_000


def checkerboard() -> Ratings:
    viewers, titles = np.meshgrid(np.arange(SIZE), np.arange(SIZE), indexing="ij")
    met = (viewers + titles) % 2 == 0
    viewers, titles = viewers[met], titles[met]
    interactions = pd.DataFrame(
        {
            "user_id": [f"u{viewer}" for viewer in viewers],
            "item_id": [f"t{title}" for title in titles],
            "rating": [stars_of(viewer, title) for viewer, title in zip(viewers, titles, strict=True)],
            "timestamp": _ORIGIN + 3600 * (np.arange(len(viewers), dtype=np.int64) * 7 % 1000),
        }
    )
    items = pd.DataFrame(
        {
            "item_id": [f"t{title}" for title in range(SIZE)],
            "title": [f"Title {title}" for title in range(SIZE)],
            "genres": [("Even",) if title % 2 == 0 else ("Odd",) for title in range(SIZE)],
        }
    )
    users = pd.DataFrame({"user_id": [f"u{viewer}" for viewer in range(SIZE)]})
    schema = Schema(item_features=(Feature("genres", Kind.MULTI_CATEGORY),))
    return Ratings("checkerboard", interactions, items, users, RatingScale(1, 5, 1), schema)


def stars_of(viewer: int, title: int) -> float:
    return 5.0 if (viewer // 2 + title // 2) % 2 == 0 else 1.0


def checkerboard_split() -> Split:
    ratings = checkerboard()
    diagonal = ratings.user_rows == ratings.item_rows
    held_out, rest = np.flatnonzero(diagonal), np.flatnonzero(~diagonal)
    validation = rest[::11]
    return Split(
        "diagonal", 0, ratings.take(np.setdiff1d(rest, validation)), ratings.take(validation), ratings.take(held_out)
    )


def write_checkerboard_as_ml100k(folder: Path) -> Path:
    """The same in the layout of MovieLens 100K, for commands that read files."""
    folder.mkdir(parents=True)
    ratings = checkerboard()
    rows = zip(ratings.user_rows, ratings.item_rows, ratings.stars, ratings.timestamps, strict=True)
    data = [f"{user + 1}\t{item + 1}\t{int(stars)}\t{at}\n" for user, item, stars, at in rows]
    (folder / "u.data").write_text("".join(data), "latin-1")
    even = [f"{item + 1}|{title_in_ml100k(item)}|01-Jan-1990||||0|1|0\n" for item in range(0, SIZE, 2)]
    odd = [f"{item + 1}|{title_in_ml100k(item)}|01-Jan-1990||||0|0|1\n" for item in range(1, SIZE, 2)]
    (folder / "u.item").write_text("".join(even + odd).replace("||||", "|||"), "latin-1")
    users = [f"{user + 1}|{20 + user}|{'MF'[user % 2]}|{'other'}|0\n" for user in range(SIZE)]
    (folder / "u.user").write_text("".join(users), "latin-1")
    (folder / "u.genre").write_text("unknown|0\nEven|1\nOdd|2\n\n", "latin-1")
    return folder


def title_in_ml100k(item: int) -> str:
    return f"Title {item} (1990)"
