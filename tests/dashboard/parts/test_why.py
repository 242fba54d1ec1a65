"""The bars that say why a title stands where it stands, worked out without a page."""

from dataclasses import replace

import pandas as pd
import pytest

from recommender.dashboard.answers.title_lists import standing
from recommender.dashboard.choices.current import Choices
from recommender.dashboard.parts import why
from recommender.dashboard.parts.the_list import catalogue_of_list
from recommender.dashboard.parts.why import effects_of, leading, written
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
    seen = joined.rated("4").set_index("title")["rating"]
    assert effects.given == (seen["M*A*S*H (1970)"],)


@pytest.mark.parametrize("away", [0, 3])
def test_place_is_named_only_where_a_rating_changes_it(joined, monkeypatch: pytest.MonkeyPatch, away: int) -> None:
    chosen = replace(CHOSEN, hide_seen=False)
    stands = standing(catalogue_of_list(joined, chosen), FARGO).place
    monkeypatch.setattr(why, "_places", lambda *asked: {"M*A*S*H (1970)": stands + away})
    effects = effects_of(joined, chosen, FARGO, "score")
    (note,) = effects.titles["note"]
    assert note.endswith(f"place {stands + 3} without") == bool(away)
    assert effects.about_places == ("" if away else f"Without any one of these it stays at place {stands}.")


def test_ratings_that_the_model_does_not_read_are_accounted_for(joined) -> None:
    effects = effects_of(joined, CHOSEN, FARGO, "score")
    assert effects.n_rated == effects.n_titles
    assert why._not_read(effects) == ""
    assert "(of 6 rated by then; the others were kept from it" in why._not_read(replace(effects, n_rated=6))


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


def test_five_strongest_for_and_three_against_lead():
    values = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.0, -0.1, -0.2, -0.3, -0.4]
    titles = pd.DataFrame({"title": list("abcdefghijk"), "given": 3.0, "score": values, "stars": values[::-1]})
    assert leading(titles, "score")["title"].tolist() == ["a", "b", "c", "d", "e", "i", "j", "k"]
    assert leading(titles, "stars")["title"].tolist() == ["k", "j", "i", "h", "g", "c", "b", "a"]


def test_what_the_card_names_has_a_bar_whatever_else_does():
    titles = pd.DataFrame({"title": list("abcdefg"), "given": 3.0, "score": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    assert leading(titles, "score", ("g", "a"))["title"].tolist() == ["a", "b", "c", "d", "e", "g"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.25, "+0.25"), (-1.5, "−1.50"), (0.0421, "+0.042"), (0.0001, "0"), (-0.0001, "0")]
)
def test_effects_are_written_with_their_sign(value, text):
    assert written(value) == text
