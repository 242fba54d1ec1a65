"""Ratings that outlive the session: what the browser is asked to do, and what is made of what it held."""

import pytest

from recommender.dashboard.pages.you.memory import read_kept, take_in, write_kept
from recommender.dashboard.pages.you.visitor import Visitor
from recommender.data.schema import RatingScale
from recommender.errors import DataError
from tests.dashboard.doubles import TITLES
from tests.dashboard.pages.test_you import give, said, words

FIVE, HALVES = RatingScale(), RatingScale(0.5, 5, 0.5)
STARS = {"M*A*S*H (1970)": 4.0, "Postman, The (1997)": 1.0}


def kept(stars: dict[str, float], scale: RatingScale = FIVE) -> str:
    return write_kept(Visitor(stars=stars), scale)


def test_what_is_kept_reads_back_as_it_was_in_the_same_order():
    found = read_kept(kept(STARS), TITLES, FIVE)
    assert list(found.stars.items()) == list(STARS.items())
    assert found.unknown == {}


def test_titles_of_another_catalogue_are_told_apart_and_kept_again():
    visitor = Visitor()
    take_in(visitor, kept({**STARS, "Mishima (1985)": 5.0}), TITLES, FIVE)
    assert (visitor.stars, visitor.unknown, visitor.in_browser) == (STARS, {"Mishima (1985)": 5.0}, "keep")
    assert "Mishima" in write_kept(visitor, FIVE)


def test_stars_of_another_scale_are_brought_onto_this_one():
    assert read_kept(kept({"Emma (1996)": 0.5}, HALVES), TITLES, FIVE).stars == {"Emma (1996)": 1.0}


@pytest.mark.parametrize(
    "text",
    [
        kept(STARS).replace("4.0", "9.0"),
        kept(STARS).replace("4.0", "many"),
        kept(STARS).replace("stars", "points"),
        "nonsense",
        kept(STARS).splitlines()[0],
    ],
)
def test_what_somebody_changed_is_refused_and_nothing_of_it_taken_in(text):
    with pytest.raises(DataError):
        read_kept(text, TITLES, FIVE)
    visitor = Visitor(stars={"Emma (1996)": 3.0})
    take_in(visitor, text, TITLES, FIVE)
    assert (visitor.stars, visitor.in_browser) == ({"Emma (1996)": 3.0}, "rest")
    assert "What this browser has kept" in visitor.trouble


def test_what_was_rated_in_the_session_is_neither_lost_nor_changed():
    visitor = Visitor(stars={"Emma (1996)": 3.0, "M*A*S*H (1970)": 2.0})
    take_in(visitor, kept(STARS), TITLES, FIVE)
    assert visitor.stars == {"Postman, The (1997)": 1.0, "Emma (1996)": 3.0, "M*A*S*H (1970)": 2.0}


def test_tab_in_which_another_has_deleted_them_keeps_nothing_any_more():
    visitor = Visitor(stars=dict(STARS), in_browser="keep")
    take_in(visitor, "", TITLES, FIVE)
    assert (visitor.stars, visitor.in_browser) == (STARS, "read")


def test_browser_that_refuses_is_told_of():
    visitor = Visitor(stars=dict(STARS), in_browser="keep")
    take_in(visitor, None, TITLES, FIVE)
    assert visitor.in_browser == "rest"
    assert "This browser keeps nothing" in visitor.trouble


def test_nothing_rated_is_nothing_kept():
    assert kept({}) == ""


def test_switch_is_off_until_turned_on_and_turned_off_deletes(open_app):
    app = open_app("you")
    assert not app.toggle
    give(app, said(app).asked[0], 5)
    assert app.toggle(key="you_remember").value is False
    assert said(app).in_browser == "read"
    app.toggle(key="you_remember").set_value(True).run()
    assert said(app).in_browser == "keep"
    app.toggle(key="you_remember").set_value(False).run()
    assert said(app).in_browser == "forget"
    assert set(app.query_params) <= {"user"}


def test_what_was_cleared_can_be_brought_back(open_app):
    app = open_app("you")
    title = said(app).asked[0]
    give(app, title, 5)
    app.button(key="you_clear").click().run()
    assert said(app).stars == {}
    app.button(key="you_undo").click().run()
    assert said(app).stars == {title: 5.0}
    assert "**1** rating, mean **5.0**" in words(app)
