"""What is read of viewers beside their ratings, and who stands in for whom."""

import pandas as pd
import pytest

from recommender.data.ratings import Ratings
from recommender.data.schema import Feature, Kind, RatingScale, Schema
from recommender.errors import RecommenderError
from recommender.serving.viewer_kinds import ViewerKinds
from tests.dashboard.doubles import manifest

USERS = pd.DataFrame(
    {
        "user_id": ["a", "b", "c", "d"],
        "age": [20.0, 20.0, 50.0, float("nan")],
        "work": ["writer", "nurse", "writer", ""],
    }
)


def kinds(*inputs: str, trained_on: tuple[str, ...] = ("a", "b", "c", "d")) -> ViewerKinds:
    rows = [(user, "1", 3.0, 0) for user in USERS["user_id"]]
    ratings = Ratings(
        name="own",
        interactions=pd.DataFrame(rows, columns=["user_id", "item_id", "rating", "timestamp"]),
        items=pd.DataFrame({"item_id": ["1"], "title": ["Alien (1979)"]}),
        users=USERS,
        scale=RatingScale(),
        schema=Schema((Feature("age", Kind.NUMBER), Feature("work", Kind.CATEGORY))),
    )
    return ViewerKinds(manifest(inputs=inputs), ratings, trained_on)


def test_only_what_the_model_reads_can_be_otherwise():
    assert kinds("history", "work").names == ("work",)
    assert kinds("history").read_of("a") == {}


def test_model_that_knows_its_viewers_by_their_ids_reads_nothing_that_could_be_otherwise():
    assert kinds("user_id", "age", "work").names == ()


def test_values_are_those_of_viewers_who_are_else_the_same():
    found = kinds("age", "work")
    assert found.read_of("a") == {"age": "20", "work": "writer"}
    assert found.read_of("d") == {"age": "unknown", "work": "unknown"}
    assert found.values("a", (), "age") == ["20", "50"]
    assert found.values("a", (), "work") == ["nurse", "writer"]
    assert found.values("a", (("age", "50"),), "work") == ["writer"]


def test_stand_in_is_so_in_all_that_is_read_and_nobody_stands_in_for_who_is_not_there():
    found = kinds("age", "work")
    assert found.stand_in("a", (("age", "50"),)) == "c"
    assert found.stand_in("a", ()) == "a"
    with pytest.raises(RecommenderError, match="nobody with age 50, work nurse"):
        found.stand_in("a", (("age", "50"), ("work", "nurse")))
    with pytest.raises(RecommenderError, match="does not read 'height'"):
        found.stand_in("a", (("height", "2"),))


def test_of_a_viewer_whom_another_edition_of_the_data_lacks_nothing_is_known():
    found = kinds("age", "work", trained_on=("a", "gone"))
    assert found.read_of("gone") == {"age": "unknown", "work": "unknown"}
    assert found.read_of("a") == {"age": "20", "work": "writer"}
