"""One list for two: the rule, and the page around it."""

from dataclasses import replace
from itertools import permutations

import pandas as pd

from recommender.bundle.dials import Dials
from recommender.dashboard.choices.current import Choices, options_of
from recommender.dashboard.pages.you import answers
from recommender.dashboard.pages.you.joint_list import RULE, joint_list
from recommender.dashboard.pages.you.together import joint_view, said_of_first
from recommender.dashboard.pages.you.visitor import Company, Visitor
from tests.dashboard.doubles import LAST, TITLES, DoubleRecommender, small_ratings
from tests.dashboard.drawn import table
from tests.dashboard.pages.test_ratings_link import LINK
from tests.dashboard.pages.test_you import give, said, words


def catalogue(titles: str) -> pd.DataFrame:
    """Best first; the stars fall with the place."""
    return pd.DataFrame(
        {"item_id": list(titles), "title": list(titles), "stars": [5 - n / 10 for n in range(len(titles))]}
    )


def order(first: str, second: str, rated: str = "", k: int = 9) -> str:
    return "".join(joint_list(catalogue(first), catalogue(second), set(rated), k)["title"])


def test_the_lower_of_the_two_places_decides():
    assert order("abcd", "dbca") == "bcad"  # b: 2 and 2, c: 3 and 3, a: 1 and 4, d: 4 and 1


def test_between_equals_the_better_place_decides():
    assert order("abcd", "cbda") == "bcad"  # b: 2, 2; c: 3, 1; then a: 1, 4 before d: 4, 3


def test_rule_treats_both_alike():
    for other in permutations("abcd"):
        assert order("abcd", "".join(other)) == order("".join(other), "abcd")


def test_what_both_prefer_stands_before():
    for other in map("".join, permutations("abcd")):
        joint = order("abcd", other)
        for a in "abcd":
            for b in "abcd":
                if "abcd".index(a) < "abcd".index(b) and other.index(a) < other.index(b):
                    assert joint.index(a) < joint.index(b)


def test_nobody_gets_something_worse_than_the_best_that_could_be_agreed_on():
    for other in map("".join, permutations("abcd")):
        first = order("abcd", other)[0]
        worst = {title: max("abcd".index(title), other.index(title)) for title in "abcd"}
        assert worst[first] == min(worst.values())


def test_titles_that_either_rated_are_left_out_and_places_counted_without_them():
    found = joint_list(catalogue("abcd"), catalogue("dcba"), {"a"}, 2)
    assert found["title"].tolist() == ["c", "b"]
    assert found[["place", "place_first", "place_second"]].to_numpy().tolist() == [[1, 2, 2], [2, 1, 3]]
    assert found["stars_first"].round(1).tolist() == [4.8, 4.9]


def test_list_for_two_is_turned_as_that_of_each(monkeypatch):
    monkeypatch.setattr(answers, "catalogue", answers.catalogue.__wrapped__)  # kept for a session, which is none here

    class Turned(DoubleRecommender):
        def retrieve(self, *asked, **more):
            found = super().retrieve(*asked, **more)
            return found if self.dials.at_rest else found[::-1].reset_index(drop=True)

    recommender = Turned().with_ratings(small_ratings())
    company = Company(Visitor(stars={TITLES[0]: 5.0}), Visitor(stars={TITLES[3]: 5.0}))
    chosen = Choices("1", LAST, None, (), len(TITLES), True)
    at_rest, turned = (
        joint_view(recommender, options_of(recommender), company, replace(chosen, dials=dials)).listed
        for dials in (Dials(), Dials(personal=-1.0))
    )
    places = at_rest.set_index("title")["place_first"]
    assert (turned.set_index("title")["place_first"].reindex(places.index) == len(places) + 1 - places).all()


def test_friends_link_gives_a_list_for_both_with_the_stars_of_each(open_app, recommender):
    app = open_app("you")
    title = said(app).asked[0]
    give(app, title, 5)
    for name, value in LINK.items():
        app.query_params[name] = value
    app.run()
    app.button(key="you_friends").click().run()
    assert not app.exception
    assert set(app.query_params) <= {"user"}
    listed = table(app, "Recommended for you and your friend")
    assert list(listed.columns)[2:6] == ["stars_first", "stars_second", "place_first", "place_second"]
    assert RULE in words(app)
    histories = [history for _, history in recommender.asked_by_visitors]
    assert {title: 5.0} in histories
    assert {"M*A*S*H (1970)": 4.0, "Emma (1996)": 1.0} in histories
    first = listed.iloc[0]
    assert f"number {first['place_first']} of your own list and number {first['place_second']}" in words(app)
    assert not {"M\\*A\\*S\\*H", "Emma"} & set(listed["name"])


def test_somebody_rates_here_under_a_name_of_their_own(open_app):
    app = open_app("you")
    own = said(app)
    title = own.asked[0]
    give(app, title, 5)
    app.button(key="you_invite").click().run()
    assert app.header[0].value == "Your friend"
    app.text_input(key="you_friend_name").set_value("Ana *").run()
    assert app.header[0].value == r"Ana \*"
    assert app.feedback(key=f"you_stars_{title}").value is None
    give(app, title, 1)
    assert (own.stars, said(app).stars) == ({title: 5.0}, {title: 1.0})
    assert not app.toggle  # what a friend rates is not kept in this browser
    app.segmented_control(key="you_shown").set_value("both").run()
    assert r"For you and Ana \*" in words(app)
    app.segmented_control(key="you_shown").set_value("you").run()
    assert app.feedback(key=f"you_stars_{title}").value == 4
    app.button(key="you_part").click().run()
    assert said(app) is own
    assert "you_shown" not in {control.key for control in app.segmented_control}


def test_who_has_rated_nothing_is_said_to_count_as_anybody(open_app):
    app = open_app("you", **LINK)
    app.button(key="you_friends").click().run()
    assert "You have rated nothing yet and count as anybody new." in words(app)


def test_tastes_that_lie_far_apart_are_called_so():
    row = pd.Series(
        {"title": "Emma (1996)", "place_first": 3, "place_second": 101, "stars_first": 4.0, "stars_second": 3.0}
    )
    assert "no title is among the first 100 of both" in said_of_first(row, "Ana", rates=True)
    assert "far apart" not in said_of_first(row.replace(101, 100), "Ana", rates=True)
    assert "stars" not in said_of_first(row, "Ana", rates=False)
