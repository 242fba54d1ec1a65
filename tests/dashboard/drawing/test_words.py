"""How moments are written."""

from recommender.dashboard.drawing.words import moment


def test_moment_is_utc_to_the_minute() -> None:
    assert moment(893_286_638) == "22 Apr 1998, 23:10 UTC"
