import pytest

from recommender.dashboard.choices.filters import NO_FILTERS, Filters, read, write, wrong_in

ALL = Filters(("Drama", "Sci-Fi"), (1990, 1999), 3.5, ("Alien (1979)", "Fargo (1996)"))


@pytest.mark.parametrize("filters", [NO_FILTERS, ALL, Filters(least=4.0), Filters(years=(1997, 1997))])
def test_address_brings_back_what_it_was_given(filters):
    assert read(write(filters)) == filters


def test_list_that_is_not_narrowed_leaves_nothing_in_the_address():
    assert not NO_FILTERS
    assert not any(write(NO_FILTERS).values())


@pytest.mark.parametrize("years", ["1999-1990", "90-99", "soon", "1990", ""])
def test_years_that_make_no_sense_are_left_out_and_named(years):
    assert read({"years": [years]}) == NO_FILTERS
    assert wrong_in({"years": [years]}) == ["years"]


@pytest.mark.parametrize("least", ["many", "-1", "1e9", "nan", "3.14159"])
def test_stars_that_make_no_sense_are_left_out_and_named(least):
    assert read({"least": [least]}) == NO_FILTERS
    assert wrong_in({"least": [least]}) == ["least"]


def test_what_is_well_said_is_not_named():
    assert wrong_in(write(ALL)) == []
    assert wrong_in({}) == []


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (ALL, "Only Drama or Sci-Fi, 1990 to 1999, 3.5 stars or more. 2 titles put aside."),
        (Filters(years=(1997, 1997)), "Only 1997."),
        (Filters(aside=("Alien (1979)",)), "1 title put aside."),
        (NO_FILTERS, ""),
    ],
)
def test_filters_are_said_in_words(filters, said):
    assert filters.in_words() == said
