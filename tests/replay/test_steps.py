"""Where a replay cuts the time."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from recommender.errors import ConfigurationError
from recommender.replay.steps import in_words, steps_of


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_years_begin_with_january_and_the_first_holds_what_is_known_before() -> None:
    steps = steps_of(at("1995-01-09T11:00"), at("1998-03-01T00:00"), "1y")
    assert [step.start for step in steps] == [at(f"{year}-01-01") for year in (1996, 1997, 1998)]
    assert steps[-1].end == at("1999-01-01")
    assert all(one.end == other.start for one, other in pairwise(steps))


@pytest.mark.parametrize(
    ("every", "starts"),
    [
        ("2m", ["1997-11-01", "1998-01-01", "1998-03-01"]),
        ("9w", ["1997-11-22", "1998-01-24", "1998-03-28"]),
        ("100d", ["1997-12-29", "1998-04-08"]),
    ],
)
def test_months_begin_with_their_first_day_and_weeks_and_days_with_the_datas(every: str, starts: list[str]) -> None:
    steps = steps_of(at("1997-09-20T03:05"), at("1998-04-22T23:10"), every)
    assert [step.start for step in steps] == [at(start) for start in starts]


@pytest.mark.parametrize("every", ["", "1", "y", "0d", "1.5y", "1 h", "1y2m", "99999d"])
def test_what_is_no_length_of_time_is_refused(every: str) -> None:
    with pytest.raises(ConfigurationError, match="is no length of time"):
        steps_of(0, 10**9, every)


def test_too_few_and_too_many_steps_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="less than two steps"):
        steps_of(at("1998-01-20"), at("1998-04-22"), "1y")
    with pytest.raises(ConfigurationError, match="more than 1,000 steps"):
        steps_of(at("1995-01-01"), at("2016-01-01"), "1d")


@pytest.mark.parametrize(
    ("every", "steps", "said"),
    [("1y", 1, "1 year"), ("3m", 2, "6 months"), ("2w", 1, "2 weeks"), ("x", 2, "2 steps of x")],
)
def test_steps_are_said_in_words(every: str, steps: int, said: str) -> None:
    assert in_words(every, steps) == said
