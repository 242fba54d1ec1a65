import pytest

from recommender.errors import ConfigurationError
from recommender.serving.written import read_moment, read_rated


def test_moments_are_seconds_or_date_times():
    assert read_moment("892839492") == 892_839_492
    assert read_moment("1998-04-17T18:58:12") == 892_839_492
    assert read_moment(None) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("892839492000", "looks like milliseconds; give seconds since 1970: --at 892839492"),
        ("892839492000000", "looks like microseconds"),
        ("-5", "outside the years 1970 to 9999"),
        ("1" * 40, "outside the years"),
        ("yesterday", "is no moment"),
        ("1950-01-01", "outside the years"),
    ],
)
def test_what_is_no_moment_is_said(text, said):
    with pytest.raises(ConfigurationError, match=said):
        read_moment(text)


def test_a_moment_is_called_what_its_writer_calls_it():
    with pytest.raises(ConfigurationError, match=r"^at 'yesterday' is no moment"):
        read_moment("yesterday", "at")


def test_ratings_are_read_in_order_and_of_a_title_given_twice_the_last_counts():
    said = []
    read = read_rated(["Alien: the cut:5", "Babe:1", "Alien: the cut:2.5"], "rated", ":", said.append)
    assert read.ratings == (("Babe", 1.0), ("Alien: the cut", 2.5))
    assert said == ["note: 'Alien: the cut' is rated twice, 5 and 2.5; the last counts."]
    assert read_rated(None) is None


def test_a_rating_without_stars_is_refused_with_an_example():
    with pytest.raises(
        ConfigurationError, match=r"^rated 'Babe': expected TITLE:STARS, for instance 'Fargo \(1996\):5'"
    ):
        read_rated(["Babe"], "rated", ":")
