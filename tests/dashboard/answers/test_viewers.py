from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recommender.dashboard.answers import personas, viewers
from recommender.dashboard.answers.viewers import (
    find_personas,
    find_regular,
    label_shares,
    labels_by_title,
    other_categories,
    profile,
)
from recommender.data.ratings import Ratings
from recommender.data.schema import Feature, Kind, RatingScale, Schema
from tests.dashboard.doubles import (
    FIRST,
    TITLES,
    DoubleRecommender,
    bare_ratings,
    small_ratings,
    timeless_ratings,
)


def test_profile_counts_what_the_viewer_gave() -> None:
    ratings = small_ratings()
    seen = ratings.interactions[ratings.interactions["user_id"] == "3"]
    labels = labels_by_title(ratings)
    found = profile(ratings, seen, "3", labels, label_shares(Counter(ratings.interactions["item_id"]), labels))
    assert found is not None
    assert (found.n_ratings, found.mean, found.about) == (3, 4.0, ("age 24", "writer"))
    assert found.span == (FIRST + 180, FIRST + 180 + 2 * 86_400)


def test_viewer_without_ratings_has_no_profile() -> None:
    ratings = small_ratings()
    assert profile(ratings, ratings.interactions.head(0), "3", {}, {}) is None


def test_shares_of_labels_may_overlap() -> None:
    assert label_shares({"1": 1, "6": 1}, labels_by_title(small_ratings())) == {
        "Sci-Fi": 1.0,
        "Action": 0.5,
        "Horror": 0.5,
    }


def nothing_listed(user: str) -> list[str]:
    return []


def test_personas_are_known_viewers_and_each_another() -> None:
    found = find_personas(small_ratings(), ["1", "2", "20"], nothing_listed)
    assert [(p.name, p.user_id) for p in found] == [("Seen it all", "20"), ("Newcomer", "1")]
    assert find_personas(small_ratings(), [], nothing_listed) == ()


def rated_on_days(days_of: dict[str, list[int]]) -> Ratings:
    """Viewers who rated a title on each of these days; with the same day several times, several on it."""
    rows = [
        (user, str(place), 3.0, day * 86_400 + 90 + place)
        for user, days in days_of.items()
        for place, day in enumerate(days)
    ]
    most = max(map(len, days_of.values()))
    return Ratings(
        "some",
        pd.DataFrame(rows, columns=["user_id", "item_id", "rating", "timestamp"]),
        pd.DataFrame({"item_id": [str(n) for n in range(most)], "title": [f"Title {n}" for n in range(most)]}),
        pd.DataFrame({"user_id": list(days_of)}),
        RatingScale(),
        Schema(),
    )


def test_regular_is_who_rated_on_most_days_of_those_not_done_with_the_catalogue() -> None:
    ratings = rated_on_days(
        {
            "an evening": [10] * 200,
            "few": list(range(40)),
            "regular": [*range(30), *[5] * 30],
            "all of it": list(range(400)),
            "now and then": [*range(25), *[7] * 60],
        }
    )
    found = find_regular(ratings, ratings.users["user_id"])
    assert found is not None
    assert (found.user_id, found.n_days) == ("regular", 30)
    own = ratings.interactions[ratings.interactions["user_id"] == "regular"]["timestamp"]
    assert found.span == (own.min(), own.max())
    assert found.middle % 60 == 0
    assert (own < found.middle).mean() <= 0.5 < (own < found.middle + 60).mean()
    assert (other := find_regular(ratings, ["an evening", "few", "now and then"])) is not None
    assert other.user_id == "now and then"
    assert find_regular(ratings, ["an evening", "few"]) is None
    assert find_personas(ratings, ["regular"], nothing_listed)[0].name == "Regular"


def test_nobody_is_regular_without_times() -> None:
    assert find_regular(timeless_ratings(), ["1", "20"]) is None
    assert find_regular(small_ratings(), ["1", "20"]) is None


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
    everybody = find_personas(ratings, ["v0", "v1", "v2", "v3"], nothing_listed)
    found = {persona.name: persona for persona in everybody}
    assert found["Harsh critic"].user_id == "v1"
    assert found["Harsh critic"].reason == "gives 7.0 on average, on a scale of 1-10"
    assert found["Easy to please"].user_id == "v0"


def test_nobody_is_harsh_where_all_give_the_same() -> None:
    found = find_personas(many_ratings([3.0, 3.0], RatingScale(), [()]), ["v0", "v1"], nothing_listed)
    names = [persona.name for persona in found]
    assert names == ["Seen it all", "Newcomer"]


def test_friends_of_unheard_of_labels_are_fans() -> None:
    ratings = many_ratings([3.0, 4.0, 5.0], RatingScale(), [("{Odd}",)])
    found = find_personas(ratings, ["v0", "v1", "v2"], lambda user: ["t1", "t2"])
    assert (found[0].name, found[0].reason) == ("{Odd} fan", "100% of what they liked is {odd}")


def ten_of(n_horror: int) -> list[str]:
    """Ten titles of `two_moods`, so many of which are horror."""
    return [f"t{2 * place}" for place in range(n_horror)] + [f"t{2 * place + 1}" for place in range(10 - n_horror)]


def two_moods() -> Ratings:
    """Ten viewers, of whom the first like all horror (the even titles) and ever later ones ever less of it."""
    ratings = many_ratings([3.0] * 10, RatingScale(), [("Horror",), ("Sad",)])
    rows = ratings.interactions
    viewer, title = rows["user_id"].str[1:].astype(int), rows["item_id"].str[1:].astype(int)
    liked = (title % 2 == 1) | (title >= 4 * viewer)
    return replace(ratings, interactions=rows.assign(rating=np.where(liked, 5.0, 1.0)))


def test_name_is_given_to_the_first_fan_six_of_whose_ten_titles_bear_it() -> None:
    horror = {"v0": 0, "v1": 5, "v2": 6, "v3": 10}
    found = find_personas(two_moods(), list(horror), lambda user: ten_of(horror[user]))
    assert [persona.user_id for persona in found if persona.name == "Horror fan"] == ["v2"]


def test_name_that_no_list_bears_is_not_offered_and_few_lists_are_looked_at() -> None:
    asked: list[str] = []

    def list_of(user: str) -> list[str]:
        asked.append(user)
        return ten_of(5)

    ratings = two_moods()
    names = [persona.name for persona in find_personas(ratings, ratings.users["user_id"], list_of)]
    assert "Horror fan" not in names
    assert "Seen it all" in names  # a way of rating speaks of no titles
    assert asked == [f"v{user}" for user in range(8)]


def test_where_nothing_is_listed_nobody_is_a_fan() -> None:
    found = find_personas(two_moods(), ["v0", "v1"], nothing_listed)
    assert not [persona for persona in found if persona.name == "Horror fan"]


def test_without_labels_no_list_is_looked_at() -> None:
    def refuse(user: str) -> list[str]:
        raise AssertionError(user)

    ratings = bare_ratings()
    names = [persona.name for persona in find_personas(ratings, ratings.users["user_id"], refuse)]
    assert names == ["Seen it all", "Newcomer"]


def test_lists_are_those_of_the_models_last_known_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewers, "_ENOUGH_RATINGS", 1)
    model = DoubleRecommender().with_ratings(small_ratings())
    asked: dict[str, tuple[int, int]] = {}

    def retrieve(user: str, at: int, k: int) -> pd.DataFrame:
        asked[user] = (at, k)
        return pd.DataFrame({"item_id": ["1", "6", "10"]})

    monkeypatch.setattr(model, "retrieve", retrieve)
    found = {persona.name: persona.user_id for persona in personas.find(model)}
    assert asked
    assert all(told == (model.last_known_moment(user), 10) for user, told in asked.items())
    assert {"Sci-fi devotee", "Horror fan", "Romance lover"} & set(found) == {"Sci-fi devotee"}
    assert personas.name_of(model, found["Sci-fi devotee"]).startswith("Sci-fi devotee")
