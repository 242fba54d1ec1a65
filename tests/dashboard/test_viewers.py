from recommender.dashboard.viewers import find_personas, genre_shares, genres_by_title, profile
from tests.dashboard.doubles import FIRST, small_ratings


def test_profile_counts_what_the_viewer_gave() -> None:
    ratings = small_ratings()
    seen = ratings.interactions[ratings.interactions["user_id"] == "3"]
    genres = genres_by_title(ratings)
    found = profile(ratings, seen, "3", genres, genre_shares(ratings.interactions["item_id"], genres))
    assert found is not None
    assert (found.n_ratings, found.mean, found.about) == (3, 4.0, ("24", "writer"))
    assert found.first == FIRST + 180
    assert found.last == FIRST + 180 + 2 * 86_400


def test_viewer_without_ratings_has_no_profile() -> None:
    ratings = small_ratings()
    assert profile(ratings, ratings.interactions.head(0), "3", {}, {}) is None


def test_genre_shares_may_overlap() -> None:
    assert genre_shares(["1", "6"], genres_by_title(small_ratings())) == {"Sci-Fi": 1.0, "Action": 0.5, "Horror": 0.5}


def test_personas_are_known_viewers_and_each_another() -> None:
    personas = find_personas(small_ratings(), ["1", "2", "20"])
    assert [(p.name, p.user_id) for p in personas] == [("Seen it all", "20"), ("Newcomer", "1")]
    assert find_personas(small_ratings(), []) == ()
