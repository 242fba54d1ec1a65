import pytest

from recommender.serving.title_search import TitleSearch, compared_words

TITLES = (
    "Shawshank Redemption, The (1994)",
    "Shall We Dance? (1996)",
    "Redemption Road (2010)",
    "Postman, The (1997)",
    "Postino, Il (1994)",
    "Alien: Resurrection (1997)",
    "Alien (1979)",
    "Aliens (1986)",
    "Godfather, The (1972)",
    "Godfather: Part II, The (1974)",
    "Schindler's List (1993)",
    "Fabuleux destin d'Amélie Poulain, Le (2001)",
    "Star Wars (1977)",
    "2001: A Space Odyssey (1968)",
    "Emma (1996)",
    "Emma (2020)",
    "???",
    "七人の侍 (1954)",
)


@pytest.fixture(scope="module")
def search() -> TitleSearch:
    return TitleSearch(TITLES)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("shawshenk redemption", "Shawshank Redemption, The (1994)"),
        ("SHAWSHANK", "Shawshank Redemption, The (1994)"),
        ("redemption shaw", "Shawshank Redemption, The (1994)"),
        ("the postman", "Postman, The (1997)"),
        ("il postino", "Postino, Il (1994)"),
        ("amelie", "Fabuleux destin d'Amélie Poulain, Le (2001)"),
        ("Amélie", "Fabuleux destin d'Amélie Poulain, Le (2001)"),
        ("schindlers lsit", "Schindler's List (1993)"),
        ("star wras", "Star Wars (1977)"),
        ("starwars", "Star Wars (1977)"),
        ("godfather part 2", "Godfather: Part II, The (1974)"),
        ("godfather ii", "Godfather: Part II, The (1974)"),
        ("postm 97", "Postman, The (1997)"),
        ("demption", "Redemption Road (2010)"),
        ("odyss", "2001: A Space Odyssey (1968)"),
        ("emma 2020", "Emma (2020)"),
        ("七人の侍", "七人の侍 (1954)"),
    ],
)
def test_title_that_was_meant_comes_first(search, typed, meant):
    assert search.find(typed)[0] == meant


def test_exact_short_title_comes_before_longer_ones_that_begin_with_it(search):
    assert search.find("alien") == ["Alien (1979)", "Alien: Resurrection (1997)", "Aliens (1986)"]


def test_year_alone_finds_the_titles_of_that_year_and_not_of_the_next(search):
    assert search.find("1994") == ["Postino, Il (1994)", "Shawshank Redemption, The (1994)"]


def test_among_equals_the_order_given_decides():
    assert TitleSearch(["Emma (2020)", "Emma (1996)"]).find("emma") == ["Emma (2020)", "Emma (1996)"]
    assert TitleSearch(["Emma (1996)", "Emma (2020)"]).find("emma") == ["Emma (1996)", "Emma (2020)"]


def test_limit_is_kept(search):
    assert len(search.find("the", limit=2)) == 2


@pytest.mark.parametrize("typed", ["", "   ", "?!", "xyzzyqq"])
def test_nothing_like_it_finds_nothing(search, typed):
    assert search.find(typed) == []


def test_no_titles_find_nothing():
    assert TitleSearch([]).find("emma") == []


def test_words_are_compared_without_accents_case_signs_and_apostrophes():
    assert compared_words("L'Été à Paris: Part III") == ["lete", "a", "paris", "part", "3"]
