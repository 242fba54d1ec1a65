"""What the page You shows, worked out without a page."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.bundle.signatures import History
from recommender.dashboard.choices.current import Choices, options_of
from recommender.dashboard.choices.filters import NO_FILTERS, Filters
from recommender.dashboard.pages.you import answers
from recommender.dashboard.pages.you.download import csv_of
from recommender.dashboard.pages.you.view import YouView, history_of, you_view
from recommender.dashboard.pages.you.visitor import Visitor
from tests.dashboard.doubles import LAST, DoubleRecommender, small_ratings

CHOSEN = Choices(user="1", at=LAST, pin=None, titles=(), k=4, hide_seen=True)


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are kept for a session of the browser, and there is none."""
    for name in ("matching", "stand_ins", "catalogue", "places_without"):
        monkeypatch.setattr(answers, name, getattr(answers, name).__wrapped__)


def view_of(recommender: DoubleRecommender, visitor: Visitor, filters: Filters = NO_FILTERS) -> YouView:
    options = options_of(recommender)
    visitor.note(history_of(recommender, options, visitor))
    return you_view(recommender, options, visitor, replace(CHOSEN, filters=filters))


def test_list_of_a_visitor_who_said_nothing_is_that_of_an_empty_history():
    recommender = DoubleRecommender().with_ratings(small_ratings())
    view = view_of(recommender, Visitor())
    assert (view.said, view.is_own) == ("", False)
    assert view.listed["title"].tolist() == recommender.retrieve(None, LAST, 4)["title"].tolist()
    assert "move" not in view.listed
    assert view.notes == "A click on the stars moves it at once."


def test_list_holds_what_passes_the_filters_and_counts_places_among_it():
    recommender, visitor = DoubleRecommender().with_ratings(small_ratings()), Visitor()
    whole = view_of(recommender, visitor).listed["title"].tolist()
    narrowed = view_of(recommender, visitor, Filters(aside=(whole[0], whole[2])))
    assert narrowed.listed["title"].tolist()[:2] == [whole[1], whole[3]]
    assert narrowed.listed["place"].tolist()[:2] == [1, 2]
    assert view_of(recommender, visitor, Filters(years=(1800, 1801))).listed.empty


def test_rating_is_read_as_history_and_moves_the_list():
    recommender, visitor = DoubleRecommender().with_ratings(small_ratings()), Visitor()
    before = view_of(recommender, visitor)
    visitor.rate("Emma (1996)", 5.0)
    after = view_of(recommender, visitor)
    assert recommender.asked_by_visitors[-3:] == [(LAST, {"Emma (1996)": 5.0}), (LAST, {}), (LAST, {})]
    assert after.said == "**1** rating, mean **5.0**"
    assert after.listed["title"][0] == "Psycho (1960)"  # the title after it
    assert "Emma (1996)" not in after.listed["title"].tolist()
    assert after.listed["place"].tolist() == [1, 2, 3, 4]
    assert len(after.listed["move"]) == len(before.listed)
    assert after.notes == "2 more and it knows you better."
    assert before.change is None


def test_click_is_answered_with_what_moved_and_with_the_model_asked_again_without_it():
    recommender, visitor = DoubleRecommender().with_ratings(small_ratings()), Visitor()
    view_of(recommender, visitor)
    visitor.rate("Emma (1996)", 5.0)
    change = view_of(recommender, visitor).change
    without, now = (
        recommender.retrieve(None, LAST, 12, history=read) for read in (None, History({"Emma (1996)": 5.0}))
    )
    names = without["title"][without["title"] != "Emma (1996)"].tolist()
    before, stars = names.index("Psycho (1960)") + 1, without.set_index("title")["stars"]["Psycho (1960)"]
    assert change.title == "Emma (1996)"
    assert change.sentence.startswith(
        f"**Emma** at five stars brought in *Psycho* (from place {before} to 1), and pushed *"
    )
    assert change.why == (
        f"Why: asked again without Emma, the model expects you to give Psycho {stars:.1f} stars; with it, "
        f"{now['stars'][0]:.1f}."
    )


class Listener(DoubleRecommender):
    """Its scores are those its lists are ordered by."""

    def _says(self, user, moments, history, kept):
        read = [[pair for pair, is_read in zip(history.stars.items(), row, strict=True) if is_read] for row in kept]
        return np.stack([self._scores(user, LAST, History(dict(pairs))) for pairs in read])


def test_of_many_new_ratings_the_one_that_did_most_is_found_by_leaving_each_out():
    recommender, visitor = Listener().with_ratings(small_ratings()), Visitor()
    view_of(recommender, visitor)
    visitor.bring({"Casablanca (1942)": 1.0, "Emma (1996)": 5.0})
    view = view_of(recommender, visitor)
    first = view.listed["title"][0]
    assert first == "Psycho (1960)"
    assert view.change.sentence.startswith("Your 2 ratings brought in *Psycho*")
    alone = recommender.retrieve(None, LAST, 12, history=History({"Casablanca (1942)": 1.0}))["title"]
    without = alone[~alone.isin(visitor.stars)].tolist().index(first) + 1
    assert view.change.why == (
        f"Why: most of it is Emma. Asked again without it alone, the model puts Psycho at place {without} instead of 1."
    )


def test_rating_in_the_place_of_a_stand_in_is_told_apart_from_it():
    recommender, visitor = DoubleRecommender().with_ratings(small_ratings()), Visitor(picks={"genres": ("Horror",)})
    visitor.only_matching = False
    view_of(recommender, visitor)
    visitor.rate("Alien (1979)", 1.0)  # it was read with its mean stars
    view_of(recommender, visitor)
    visitor.rate("Fargo (1996)", 5.0)
    change = view_of(recommender, visitor).change
    assert change.why.startswith("Why: asked again without Fargo, the model ")


def test_click_that_takes_all_back_leaves_no_sentence():
    recommender, visitor = DoubleRecommender().with_ratings(small_ratings()), Visitor()
    view_of(recommender, visitor)
    visitor.rate("Emma (1996)", 5.0)
    view_of(recommender, visitor)
    visitor.rate("Emma (1996)", None)
    view = view_of(recommender, visitor)
    assert (view.change, view.is_own) == (None, False)


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
