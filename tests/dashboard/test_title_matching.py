import pandas as pd
import pytest

from recommender.dashboard.pages.you.title_matching import TitleMatcher, match_rows

TITLES = (
    "Postman, The (1997)",
    "Postino, Il (1994)",
    "Seven (a.k.a. Se7en) (1995)",
    "City of Lost Children, The (Cité des enfants perdus, La) (1995)",
    "M*A*S*H (1970)",
    "Rocky II (1979)",
    "Rocky III (1982)",
    "Toy Story 2 (1999)",
    "Psycho (1960)",
    "Psycho (1998)",
    "Harold and Maude (1971)",
    "Ocean's Eleven (2001)",
    "Amelie (2001)",
    "unknown",
    "Emma [4107]",
)
MATCHER = TitleMatcher(TITLES, [f"i{n}" for n in range(len(TITLES))])


@pytest.mark.parametrize(
    ("name", "year", "expected"),
    [
        ("The Postman", 1997, "Postman, The (1997)"),
        ("postman", 1997, "Postman, The (1997)"),
        ("Il Postino", 1994, "Postino, Il (1994)"),
        ("Se7en", 1995, "Seven (a.k.a. Se7en) (1995)"),
        ("Seven", 1995, "Seven (a.k.a. Se7en) (1995)"),
        ("La cite des enfants perdus", 1995, "City of Lost Children, The (Cité des enfants perdus, La) (1995)"),
        ("MASH", 1970, "M*A*S*H (1970)"),
        ("OceansEleven", 2001, "Ocean's Eleven (2001)"),
        ("Psycho", 1998, "Psycho (1998)"),
        ("Psycho", 1960, "Psycho (1960)"),
        ("Harold & Maude", 1971, "Harold and Maude (1971)"),
        ("Ocean’s Eleven", 2001, "Ocean's Eleven (2001)"),
        ("Amélie", 2001, "Amelie (2001)"),
        ("Harold and Maude (1971)", None, "Harold and Maude (1971)"),
        ("Unknown", None, "unknown"),
        ("Emma", None, "Emma [4107]"),
        ("Amelie", 2002, "Amelie (2001)"),  # released a year later there
    ],
)
def test_articles_accents_punctuation_and_case_do_not_count(name, year, expected):
    found = MATCHER.find(name, year)
    assert found is not None
    assert found.title == expected
    assert found.sure


@pytest.mark.parametrize(
    ("name", "year", "expected"),
    [
        ("Harold and Maud", 1971, "Harold and Maude (1971)"),
        ("Oceans Elven", 2001, "Ocean's Eleven (2001)"),
        ("Amelie", None, "Amelie (2001)"),
        ("Psycho", None, "Psycho (1960)"),
        ("Harold: The Postman", 1997, "Postman, The (1997)"),
    ],
)
def test_what_is_likely_and_not_certain_is_for_the_visitor_to_accept(name, year, expected):
    found = MATCHER.find(name, year)
    assert found is not None
    assert found.title == expected
    assert not found.sure


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("Rocky IV", 1982),
        ("Toy Story 3", 1999),
        ("Psycho", 1983),
        ("Mishima", 1985),
        ("Psycho: The Bates House", 1983),
        ("???", 1995),
        ("Harold and Maude", 2011),
    ],
)
def test_other_film_of_like_name_is_not_taken_for_it(name, year):
    assert MATCHER.find(name, year) is None


def rows(*said: tuple[str, str, int | None, float]) -> pd.DataFrame:
    frame = pd.DataFrame(said, columns=["item_id", "title", "year", "stars"])
    return frame.astype({"year": "Int64"})


def test_rows_that_mean_one_title_leave_the_last_sure_one():
    table = rows(
        ("", "Amélie", 2001, 2.0), ("", "Amelie", 2001, 5.0), ("", "Ameliee", 2001, 1.0), ("", "Mishima", 1985, 4.0)
    )
    found = match_rows(MATCHER, table, ids_agree=False)
    assert found["stars"].tolist() == [5.0, 4.0]
    assert found["match"].tolist() == ["Amelie (2001)", None]


def test_ids_count_only_where_both_sides_use_the_same():
    table = rows(("i4", "", None, 2.0), ("nowhere", "", None, 3.0))
    assert match_rows(MATCHER, table, ids_agree=True)["match"].tolist() == ["M*A*S*H (1970)", None]
    assert match_rows(MATCHER, table, ids_agree=False)["match"].isna().all()
