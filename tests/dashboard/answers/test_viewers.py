import pandas as pd

from recommender.dashboard.answers.viewers import (
    find_personas,
    label_shares,
    labels_by_title,
    other_categories,
    profile,
)
from recommender.data.ratings import Ratings
from recommender.data.schema import Feature, Kind, RatingScale, Schema
from tests.dashboard.doubles import FIRST, TITLES, bare_ratings, small_ratings, timeless_ratings


def test_profile_counts_what_the_viewer_gave() -> None:
    ratings = small_ratings()
    seen = ratings.interactions[ratings.interactions["user_id"] == "3"]
    labels = labels_by_title(ratings)
    found = profile(ratings, seen, "3", labels, label_shares(ratings.interactions["item_id"], labels))
    assert found is not None
    assert (found.n_ratings, found.mean, found.about) == (3, 4.0, ("age 24", "writer"))
    assert found.span == (FIRST + 180, FIRST + 180 + 2 * 86_400)


def test_viewer_without_ratings_has_no_profile() -> None:
    ratings = small_ratings()
    assert profile(ratings, ratings.interactions.head(0), "3", {}, {}) is None


def test_shares_of_labels_may_overlap() -> None:
    assert label_shares(["1", "6"], labels_by_title(small_ratings())) == {"Sci-Fi": 1.0, "Action": 0.5, "Horror": 0.5}


def test_personas_are_known_viewers_and_each_another() -> None:
    personas = find_personas(small_ratings(), ["1", "2", "20"])
    assert [(p.name, p.user_id) for p in personas] == [("Seen it all", "20"), ("Newcomer", "1")]
    assert find_personas(small_ratings(), []) == ()


def test_labels_are_the_first_feature_with_several_values_whatever_its_name() -> None:
    assert labels_by_title(timeless_ratings())["1"] == ("Sci-Fi", "Action")
    assert labels_by_title(bare_ratings()) == {}


def test_other_categories_are_named_and_blanks_are_not() -> None:
    assert other_categories(timeless_ratings(), "1") == {"type": "Movie", "studios": "North, South"}
    assert other_categories(timeless_ratings(), str(len(TITLES))) == {"type": "TV"}
    assert other_categories(bare_ratings(), "1") == {}


def many_ratings(means: list[float], scale: RatingScale, labels: list[tuple[str, ...]]) -> Ratings:
    """Viewer n gave each of 60 titles the n-th mean."""
    rows = [(f"v{user}", f"t{item}", mean) for user, mean in enumerate(means) for item in range(60)]
    items = pd.DataFrame({"item_id": [f"t{item}" for item in range(60)], "title": [f"T{item}" for item in range(60)]})
    return Ratings(
        "many",
        pd.DataFrame(rows, columns=["user_id", "item_id", "rating"]),
        items.assign(mood=[labels[item % len(labels)] for item in range(60)]),
        pd.DataFrame({"user_id": [f"v{user}" for user in range(len(means))]}),
        scale,
        Schema(item_features=(Feature("mood", Kind.MULTI_CATEGORY),), has_timestamps=False),
    )


def test_critic_is_the_harshest_of_the_data_on_whatever_scale() -> None:
    ratings = many_ratings([9.0, 7.0, 8.0, 8.5], RatingScale(1, 10, 1), [()])
    found = {persona.name: persona for persona in find_personas(ratings, ["v0", "v1", "v2", "v3"])}
    assert found["Harsh critic"].user_id == "v1"
    assert found["Harsh critic"].reason == "gives 7.0 on average, on a scale of 1-10"
    assert found["Easy to please"].user_id == "v0"


def test_nobody_is_harsh_where_all_give_the_same() -> None:
    names = [p.name for p in find_personas(many_ratings([3.0, 3.0], RatingScale(), [()]), ["v0", "v1"])]
    assert names == ["Seen it all", "Newcomer"]


def test_friends_of_unheard_of_labels_are_fans() -> None:
    found = find_personas(many_ratings([3.0, 4.0, 5.0], RatingScale(), [("{Odd}",)]), ["v0", "v1", "v2"])
    assert (found[0].name, found[0].reason) == ("{Odd} fan", "100% of what they liked is {odd}")
