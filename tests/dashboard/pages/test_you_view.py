"""What the page You shows, worked out without a page."""

import pytest

from recommender.dashboard.choices.current import Choices, options_of
from recommender.dashboard.pages.you import answers
from recommender.dashboard.pages.you.download import csv_of
from recommender.dashboard.pages.you.view import YouView, history_of, you_view
from recommender.dashboard.pages.you.visitor import Visitor
from tests.dashboard.doubles import LAST, DoubleRecommender, small_ratings

CHOSEN = Choices(user="1", at=LAST, pin=None, titles=(), k=4, hide_seen=True)


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are kept for a session of the browser, and there is none."""
    for name in ("matching", "stand_ins", "catalogue"):
        monkeypatch.setattr(answers, name, getattr(answers, name).__wrapped__)


def view_of(recommender: DoubleRecommender, visitor: Visitor) -> YouView:
    options = options_of(recommender)
    visitor.note(history_of(recommender, options, visitor))
    return you_view(recommender, options, visitor, CHOSEN)


def test_list_of_a_visitor_who_said_nothing_is_that_of_an_empty_history():
    recommender = DoubleRecommender().with_ratings(small_ratings())
    view = view_of(recommender, Visitor())
    assert (view.said, view.is_own) == ("", False)
    assert view.listed["title"].tolist() == recommender.retrieve(None, LAST, 4)["title"].tolist()
    assert "move" not in view.listed
    assert view.notes == "A click on the stars moves it at once."


def test_rating_is_read_as_history_and_moves_the_list():
    recommender, visitor = DoubleRecommender().with_ratings(small_ratings()), Visitor()
    before = view_of(recommender, visitor)
    visitor.rate("Emma (1996)", 5.0)
    after = view_of(recommender, visitor)
    assert recommender.asked_by_visitors[-2:] == [(LAST, {}), (LAST, {"Emma (1996)": 5.0})]
    assert after.said == "**1** rating, mean **5.0**"
    assert after.listed["title"][0] == "Psycho (1960)"  # the title after it
    assert "Emma (1996)" not in after.listed["title"].tolist()
    assert after.listed["place"].tolist() == [1, 2, 3, 4]
    assert len(after.listed["move"]) == len(before.listed)
    assert after.notes.startswith("Your last click: ")
    assert after.notes.endswith("2 more and it knows you better.")


def test_picked_kinds_are_read_by_their_stand_ins_and_filter_the_list():
    recommender, visitor = DoubleRecommender().with_ratings(small_ratings()), Visitor(picks={"genres": ("Horror",)})
    view = view_of(recommender, visitor)
    assert dict(visitor.history).keys() == {"Psycho (1960)", "Alien (1979)"}
    assert set(view.listed["title"]) == {"Psycho (1960)", "Alien (1979)"}
    assert view.said == "you like Horror"
    assert "the model reads 2 well-known titles" in view.notes
    visitor.only_matching = False
    assert len(view_of(recommender, visitor).listed) == 4


def test_without_ratings_a_pick_is_not_read():
    visitor = Visitor(picks={"genres": ("Horror",)})
    view = view_of(DoubleRecommender(), visitor)
    assert visitor.history == ()
    assert len(view.listed) == 4
    assert "labels" not in view.listed


def test_csv_names_the_model_and_the_moment_of_the_list():
    recommender = DoubleRecommender().with_ratings(small_ratings())
    header, first, *_ = csv_of(view_of(recommender, Visitor()), recommender).decode().splitlines()
    assert header.split(",")[-3:] == ["Model", "Viewer", "Moment (UTC)"]
    assert first.endswith(",flagship,you,1998-04-22 23:10")
