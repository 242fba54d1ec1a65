"""The bars that say why a title stands where it stands, worked out without a page."""

import pytest

from recommender.dashboard.choices.current import Choices
from recommender.dashboard.parts.why import effects_of
from tests.dashboard.doubles import LAST, DoubleRecommender, small_ratings

CHOSEN = Choices("4", LAST, None, (), 5, True)
FARGO = "Fargo (1996)"  # the viewer has rated it, and the title before it


@pytest.fixture
def joined() -> DoubleRecommender:
    return DoubleRecommender().with_ratings(small_ratings())


def test_bars_name_titles_and_keep_the_stars_given_apart(joined) -> None:
    effects = effects_of(joined, CHOSEN, FARGO, "score")
    assert effects.n_titles == 4
    assert effects.titles["label"].tolist() == ["M*A*S*H"]
    assert "without" in effects.titles["note"].iloc[0]
    assert list(effects.titles) == ["label", "value", "note", "position"]
    seen = joined.seen("4").set_index("title")["rating"]
    assert effects.given == (seen["M*A*S*H (1970)"],)


def test_bars_in_all_add_up_to_what_the_single_ones_leave_out(joined) -> None:
    effects = effects_of(joined, CHOSEN, FARGO, "score")
    totals = effects.totals.set_index("label")["value"]
    others = totals["The other 3 titles, added up"]
    assert totals["All 4 titles, added up"] == pytest.approx(effects.titles["value"].sum() + others)
    assert "This moment, against the average one" in totals
    assert "score on 22 Apr 1998, 23:10 UTC less the mean" in effects.about_totals


def test_without_ratings_the_clock_alone_has_a_bar() -> None:
    effects = effects_of(DoubleRecommender(), CHOSEN, FARGO, "score")
    assert (effects.titles, effects.given, effects.n_titles) == (None, (), 0)
    assert effects.totals["label"].tolist() == ["This moment, against the average one"]
