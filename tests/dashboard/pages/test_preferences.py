from recommender.dashboard.pages.you.preferences import categories, matching, stand_ins
from tests.dashboard.doubles import TITLES, bare_ratings, small_ratings, timeless_ratings


def test_labels_come_first_and_each_value_by_how_many_titles_have_it():
    found = categories(timeless_ratings())
    assert [category.feature for category in found] == ["audience", "studios", "type"]
    assert found[2].values == ("Movie", "TV")


def test_unknown_is_nothing_to_prefer():
    ratings = small_ratings()
    ratings.items["genres"] = [("unknown",), *ratings.items["genres"][1:]]
    assert "unknown" not in categories(ratings)[0].values


def test_data_without_categories_have_nothing_to_pick():
    assert categories(bare_ratings()) == ()


def test_values_of_one_category_are_alternatives_and_categories_add_up():
    ratings = timeless_ratings()
    assert matching(ratings, {"audience": ("Horror",)}) == {"6", "8"}
    assert matching(ratings, {"audience": ("Horror", "Romance")}) == {"5", "6", "7", "8"}
    assert matching(ratings, {"audience": ("Horror", "Romance"), "type": ("Movie",)}) == {"5", "7"}
    assert matching(ratings, {"audience": (), "type": ()}) == set(ratings.items["item_id"])


def test_stand_ins_are_popular_titles_that_are_little_else_with_their_mean_stars():
    ratings = small_ratings()
    found = stand_ins(ratings, {"genres": ("Horror",)}, TITLES, 2)
    assert list(found) == ["Psycho (1960)", "Alien (1979)"]  # Alien is rated by more, and is also science fiction
    stars = ratings.interactions.groupby("item_id")["rating"].mean()
    assert found == {"Psycho (1960)": stars["8"], "Alien (1979)": stars["6"]}


def test_each_picked_value_has_its_turn():
    found = list(stand_ins(small_ratings(), {"genres": ("Sci-Fi", "Comedy")}, TITLES, 3))
    assert found[:2] == ["Star Wars (1977)", "M*A*S*H (1970)"] or "Babe (1995)" in found[:2]
    assert len(found) == 3


def test_nothing_picked_and_no_room_stand_for_nothing():
    assert stand_ins(small_ratings(), {"genres": ()}, TITLES, 5) == {}
    assert stand_ins(small_ratings(), {"genres": ("Horror",)}, TITLES, 0) == {}


def test_title_outside_the_catalogue_stands_for_nothing():
    assert list(stand_ins(small_ratings(), {"genres": ("Horror",)}, ["Alien (1979)"], 5)) == ["Alien (1979)"]
