"""What a click changed, in sentences."""

import pandas as pd
import pytest

from recommender.dashboard.drawing.words import gave_in_words
from recommender.dashboard.pages.you import changes
from recommender.data.schema import RatingScale

HALVES, FIVE, TEN = RatingScale(0.5, 5, 0.5), RatingScale(), RatingScale(1, 10, 1)
ALIEN = changes.Click("gave", "Alien (1979)", "**Alien** at five stars", ("Alien (1979)",))


def catalogue(*titles: str, stars: float = 3.0, rated: str = "") -> pd.DataFrame:
    """Titles, best first, with a place unless they are rated."""
    frame = pd.DataFrame({"title": titles, "stars": stars})
    listed = frame["title"] != rated
    return frame.assign(place=listed.cumsum().where(listed).astype("Int64"))


@pytest.mark.parametrize(
    ("stars", "scale", "text"),
    [
        (5.0, FIVE, "five stars"),
        (1.0, HALVES, "one star"),
        (0.5, HALVES, "half a star"),
        (1.5, HALVES, "one and a half stars"),
        (9.0, TEN, "9 of 10"),
        (3.3, RatingScale(0, 5, 0.1), "3.3 of 5"),
    ],
)
def test_stars_are_said_as_people_say_them(stars, scale, text):
    assert gave_in_words(stars, scale) == text


@pytest.mark.parametrize(
    ("before", "after", "picks", "kind", "said"),
    [
        ({}, {"Alien (1979)": 5.0}, {}, "gave", "**Alien** at five stars"),
        ({"Alien (1979)": 5.0}, {"Alien (1979)": 2.0}, {}, "changed", "**Alien** at two stars instead of five stars"),
        ({"Alien (1979)": 5.0}, {}, {}, "took", "Taking **Alien** back"),
        ({}, {"A": 5.0, "B": 1.0}, {}, "many", "Your 2 ratings"),
        ({"A": 5.0}, {"A": 5.0, "B": 1.0, "C": 2.0}, {}, "many", "Your 2 new ratings"),
        ({"A": 5.0, "B": 1.0}, {"C": 1.0}, {}, "many", "3 changes to your ratings"),
        ({}, {}, {"genres": ("Horror", "War"), "type": ("TV",)}, "picked", "Picking Horror, War and TV"),
        ({}, {}, {"genres": ()}, "picked", "Taking back what you picked"),
    ],
)
def test_click_is_told_from_what_was_said_before_and_after(before, after, picks, kind, said):
    click = changes.click_between(tuple(before.items()), tuple(after.items()), picks, FIVE)
    assert (click.kind, click.said) == (kind, said)


def test_sentence_names_what_came_in_and_what_fell_furthest_with_their_places():
    moves = changes.moves_between(catalogue(*"abcdefg"), catalogue(*"afgebcd"), 3)
    assert changes.sentence_of(ALIEN, moves, 3) == (
        "**Alien** at five stars brought in *f* (from place 6 to 2) and *g* (from 7 to 3), and pushed *c* from place 3 "
        "to 6, out of the first 3."
    )


def test_more_than_two_that_came_in_are_counted():
    moves = changes.moves_between(catalogue(*"abcdef"), catalogue(*"defabc"), 3)
    assert "*d* (from place 4 to 1), *e* (from 5 to 2) and 1 more, and pushed" in changes.sentence_of(ALIEN, moves, 3)


def test_where_nothing_came_in_what_rose_is_said():
    moves = changes.moves_between(catalogue(*"abcd"), catalogue(*"cabd"), 3)
    assert changes.sentence_of(ALIEN, moves, 3).endswith(
        "lifted *c* from place 3 to 1, and pushed *b* from place 2 to 3."
    )


def test_click_that_moves_nothing_says_so():
    moves = changes.moves_between(catalogue(*"abcd"), catalogue(*"abdc"), 2)
    assert changes.sentence_of(ALIEN, moves, 2) == "**Alien** at five stars changes no place among the first 2."
    assert changes.leading_move(moves) is None


def test_title_rated_is_said_to_leave_only_if_it_stood_in_the_list():
    before = catalogue(*"abcd", rated="b")
    assert changes.was_listed("b", before, 2)
    assert not changes.was_listed("b", before, 1)
    assert not changes.was_listed("nothing", before, 2)


def test_names_are_literal_text():
    moves = changes.moves_between(catalogue("M*A*S*H (1970)", "b"), catalogue("b", "M*A*S*H (1970)"), 2)
    assert r"M\*A\*S\*H" in changes.sentence_of(ALIEN, moves, 2)


def test_why_compares_places_where_something_else_changed_too():
    lead = pd.Series({"title": "Aliens (1986)", "place": 2, "stars": 4.5, "how": "came"})
    without = pd.Series({"place": 40, "stars": 3.51})
    assert changes.why_one("Alien (1979)", lead, without, alone=False) == (
        "Why: asked again without Alien, the model puts Aliens at place 40 and expects 3.5 stars from you; with it, "
        "place 2 and 4.5."
    )


def test_model_that_predicts_no_stars_names_none():
    lead = pd.Series({"title": "Aliens (1986)", "place": 2, "stars": float("nan"), "how": "came"})
    without = pd.Series({"place": 40, "stars": float("nan")})
    assert changes.why_one("Alien (1979)", lead, without, alone=True) == ""
    assert "nan" not in changes.why_one("Alien (1979)", lead, without, alone=False)


@pytest.mark.parametrize(
    ("how", "places", "said"),
    [
        ("came", {"a": 3, "b": 9}, "most of it is b. Asked again without it alone, the model puts Aliens at place 9"),
        ("left", {"a": 12, "b": 4}, "most of it is b"),
        ("came", {"a": 5, "b": 5}, "all of them together; without any single one, Aliens is no lower"),
        ("left", {"a": 5, "b": 6}, "all of them together; without any single one, Aliens is no higher"),
    ],
)
def test_of_many_ratings_the_strongest_is_named_or_none(how, places, said):
    lead = pd.Series({"title": "Aliens (1986)", "place": 5, "stars": 4.5, "how": how})
    assert said in changes.why_many(lead, places)
