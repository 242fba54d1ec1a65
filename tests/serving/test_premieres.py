"""From when on titles are out."""

from datetime import UTC, datetime

import pandas as pd

from recommender.data.ratings import Ratings
from recommender.data.schema import RatingScale, Schema
from recommender.serving.premieres import premieres
from tests.dashboard.doubles import rows_of


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_a_title_is_out_once_it_is_rated_and_its_year_has_begun() -> None:
    titles = ("Old (1950)", "Early (1999)", "Nameless", "Unrated (1998)")
    rows = [
        ("1", "a", 4.0, seconds("1998-03-01T10:00:30")),
        ("2", "a", 4.0, seconds("1997-03-01T10:00:30")),
        ("1", "b", 3.0, seconds("1998-12-24T00:00:00")),
        ("2", "c", 3.0, seconds("1998-05-01T00:00:00")),
    ]
    ratings = Ratings(
        name="few",
        interactions=pd.DataFrame(rows, columns=["user_id", "item_id", "rating", "timestamp"]),
        items=pd.DataFrame({"item_id": list("abcd"), "title": titles}),
        users=pd.DataFrame({"user_id": ["1", "2"]}),
        scale=RatingScale(),
        schema=Schema(),
    )
    found = premieres(ratings, rows_of(("1", "2"), ("a", "b", "c", "d"), titles), titles)
    assert found.tolist() == [
        seconds("1997-03-01T10:00:00"),
        seconds("1999-01-01T00:00:00"),
        seconds("1998-05-01T00:00:00"),
        seconds("1998-01-01T00:00:00"),
    ]
