"""The page Recommend in all its states, run by Streamlit's own AppTest."""

import re
from datetime import datetime
from html import escape

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from recommender.dashboard.answers import viewers
from recommender.dashboard.bundles import loading
from recommender.dashboard.bundles.loading import RatingsState
from recommender.dashboard.choices.current import to_clock, to_seconds
from recommender.dashboard.parts import details
from recommender.errors import BundleError
from tests.dashboard.doubles import FIRST, LAST, LAST_AS_TYPED, OWN_LAST, TITLES, DoubleRecommender
from tests.dashboard.drawn import cards, chart_frame, listed, table, words


def test_fresh_page_lists_recommendations_for_the_first_viewer(open_app, recommender: DoubleRecommender) -> None:
    app = open_app()
    assert not app.exception
    want = recommender.with_ratings(loading.read_cached_ratings()).retrieve("1", OWN_LAST["1"], 10)
    assert listed(app)["title"].tolist() == want["title"].tolist()
    assert listed(app)["place"].tolist() == list(range(1, 11))
    assert "Recommended on 20 Sep 1997" in words(app)


def clock(app) -> int:
    return to_seconds(app.datetime_input(key="at").value)


@pytest.fixture
def with_a_regular(monkeypatch: pytest.MonkeyPatch) -> None:
    """Viewer 10, who rated on ten days, is one already."""
    monkeypatch.setattr(viewers, "_ENOUGH_RATINGS", 10)
    monkeypatch.setattr(viewers, "_MOST_OF_A_REGULAR", 10)
    monkeypatch.setattr(viewers, "_DAYS_OF_A_REGULAR", 10)


@pytest.mark.usefixtures("with_a_regular")
def test_page_opens_on_who_came_back_most_often_in_the_middle_of_it(open_app) -> None:
    app = open_app()
    assert app.selectbox(key="user").value == "10"
    assert app.query_params["user"] == "10"
    assert clock(app) == FIRST + 5 * 86_400 + 600 - (FIRST + 600) % 60
    assert "Regular \\(viewer 10\\)" in [title.value for title in app.header]
    assert "**Turn the clock**" in words(app)
    app.selectbox(key="user").select("4").run()
    assert clock(app) == OWN_LAST["4"]
    assert "**Turn the clock**" not in words(app)
    app.selectbox(key="user").select("10").run()
    assert clock(app) == FIRST + 5 * 86_400 + 600 - (FIRST + 600) % 60


@pytest.mark.usefixtures("with_a_regular")
def test_address_that_names_somebody_opens_on_them(open_app) -> None:
    app = open_app(user="4")
    assert app.selectbox(key="user").value == "4"
    assert clock(app) == OWN_LAST["4"]
    assert "**Turn the clock**" not in words(app)


def test_clock_that_nobody_set_stands_at_the_viewers_last_known_moment_and_follows_the_viewer(open_app) -> None:
    app = open_app(user="4")
    assert clock(app) == OWN_LAST["4"]
    app.selectbox(key="user").select("6").run()
    assert clock(app) == OWN_LAST["6"]
    app.slider(key="_clock").set_value(to_clock(LAST)).run()
    app.selectbox(key="user").select("4").run()
    assert clock(app) == LAST  # somebody set it
    assert app.query_params["at"] == LAST_AS_TYPED


def test_moment_in_the_address_is_chosen_whoever_watches(open_app) -> None:
    app = open_app(user="4", at="1998-01-01T00:00")
    app.selectbox(key="user").select("6").run()
    assert f"{app.datetime_input(key='at').value:%Y-%m-%dT%H:%M}" == "1998-01-01T00:00"


def test_without_ratings_the_clock_stands_at_the_datas_last_moment(open_app, monkeypatch) -> None:
    monkeypatch.setattr(loading, "read_cached_ratings", lambda: None)
    assert clock(open_app(user="4")) == LAST


def test_menu_of_the_bar_says_who_and_when_and_follows_both(open_app) -> None:
    def label(app) -> str:
        return app.expander[0].label

    app = open_app(user="4", at="1998-01-01T00:00")
    assert label(app) == "Viewer 4 · 1 Jan 1998"
    assert label(app.selectbox(key="user").select("5").run()) == "Viewer 5 · 1 Jan 1998"


def test_titles_are_written_as_people_say_them(open_app) -> None:
    rows = listed(open_app(user="1")).set_index("title")
    assert rows.loc["Postman, The (1997)", "name"] == "The Postman"
    assert rows.loc["Postman, The (1997)", "year"] == 1997


def test_list_never_holds_a_seen_title_unless_asked(open_app) -> None:
    app = open_app(user="5")
    assert not set(listed(app)["title"]) & set(TITLES[:5])
    app.toggle(key="hide_seen").set_value(False).run()
    assert set(listed(app)["title"]) & set(TITLES[:5])


class TestCards:
    """The list as cards, which is how it opens but for these tests."""

    def test_cards_show_the_titles_of_the_table_in_its_order(self, open_app) -> None:
        as_table = listed(open_app(user="4"))
        app = open_app(user="4", table="false")
        assert not app.exception
        assert "recommended" not in [frame.key for frame in app.dataframe]
        shown = cards(app)
        assert len(shown) == len(as_table)
        for card, name in zip(shown, as_table["name"], strict=True):
            assert f">{escape(name)}</button>" in card
        assert any('class="because' in card for card in shown)

    def test_choice_is_in_the_address_and_goes_from_page_to_page(self, open_app) -> None:
        app = open_app(user="4")
        app.segmented_control(key="_layout").select("Cards").run()
        assert app.query_params["table"] == "false"
        app._page_hash = calc_hash("you")
        app.run()
        assert app.segmented_control(key="_layout").value == "Cards"
        assert app.query_params["table"] == "false"
        assert cards(app, "you_cards")
        app.segmented_control(key="_layout").select("Table").run()
        app._page_hash = calc_hash("")
        app.run()
        assert len(listed(app))
        assert "table" not in app.query_params

    def test_moves_since_the_pin_stand_on_the_cards(self, open_app) -> None:
        app = open_app(user="1", at="1998-01-05T00:00", pin="1998-01-01T00:00", table="false")
        assert any("▲" in card for card in cards(app))

    def test_model_without_stars_shows_cards_without_them(self, open_app, monkeypatch) -> None:
        double = DoubleRecommender(tasks=("retrieval",))
        monkeypatch.setattr(loading, "load_recommender", lambda bundle: double)
        shown = cards(open_app(user="1", table="false"))
        assert len(shown) == 10
        assert not any("most likely" in card for card in shown)


def opened(app: AppTest) -> AppTest:
    """With the menu of filters open: what is in it is not drawn before."""
    assert not [control.key for control in app.multiselect if control.key in ("_kinds", "_aside")]
    app.session_state["filter"] = True
    return app.run()


class TestFilters:
    def test_title_is_put_aside_in_the_address_and_taken_back(self, open_app) -> None:
        app = open_app(user="1")
        first, second = listed(app)["title"].tolist()[:2]
        app = open_app(user="1", aside=first)
        assert listed(app)["title"].tolist()[0] == second
        assert "1 title put aside." in words(app).replace("\\", "")
        opened(app).multiselect(key="_aside").set_value([]).run()
        assert listed(app)["title"].tolist()[0] == first
        assert "aside" not in app.query_params

    def test_filters_go_from_page_to_page_and_are_taken_back_at_once(self, open_app) -> None:
        app = open_app(user="1")
        n = len(listed(app))
        opened(app).multiselect(key="_kinds").set_value(["Drama"]).run()
        app.selectbox(key="_least").select(2.5).run()
        assert app.query_params["kinds"] == "Drama"
        assert app.query_params["least"] == "2.5"
        assert all("Drama" in labels for labels in listed(app)["labels"])
        app._page_hash = calc_hash("models")
        app.run()
        assert app.query_params["least"] == "2.5"
        app._page_hash = calc_hash("")
        app.run()
        assert opened(app).selectbox(key="_least").value == 2.5
        app.button(key="show_all_again").click().run()
        assert len(listed(app)) == n
        assert not {"kinds", "least"} & set(app.query_params)

    def test_filters_that_make_no_sense_are_one_quiet_line(self, open_app) -> None:
        app = open_app(user="1", years="1999-1990", least="many")
        assert not app.exception
        assert "years cannot be '1999-1990', so it is not asked for" in words(app)
        assert not {"years", "least"} & set(app.query_params)

    def test_filters_that_nothing_passes_say_so(self, open_app) -> None:
        assert "No title passes the filters." in words(open_app(user="1", kinds="Nonsense"))


def test_k_sets_the_length_of_the_list(open_app) -> None:
    app = open_app(user="1")
    app.selectbox(key="k").select(3).run()
    assert len(listed(app)) == 3


def test_another_viewer_gets_another_list(open_app) -> None:
    app = open_app()
    before = listed(app)["title"].tolist()
    app.selectbox(key="user").select("4").run()
    assert listed(app)["title"].tolist() != before
    assert "Viewer 4" in words(app)


def test_viewers_are_listed_in_the_order_of_their_numbers(open_app) -> None:
    options = open_app().run().selectbox(key="user").options
    assert [re.search(r"\d+", option)[0] for option in options] == ["1", "2", "3", "4", "5", "6", "10", "20"]


def test_exact_moment_moves_the_slider_and_the_list(open_app, recommender: DoubleRecommender) -> None:
    app = open_app(user="2", at="1997-10-03T12:34")
    assert app.slider(key="_clock").value.strftime("%Y-%m-%dT%H:%M") == "1997-10-03T12:34"
    assert "3 Oct 1997" in words(app)


def test_slider_moves_the_exact_moment(open_app) -> None:
    app = open_app(user="2")
    moved = app.slider(key="_clock").value.replace(year=1997, month=11, day=9, hour=6, minute=38)
    app.slider(key="_clock").set_value(moved).run()
    assert app.query_params["at"] == "1997-11-09T06:38"
    assert "9 Nov 1997" in words(app)


def test_pin_shows_moves_and_what_moved_most(open_app) -> None:
    app = open_app(user="1", at="1998-01-01T00:00")
    assert "move" not in listed(app)
    app.button(key="pin_moment").click().run()
    assert app.query_params["pin"] == "1998-01-01T00:00"
    assert set(listed(app)["move"]) == {"="}
    app.session_state["at"] = datetime(1998, 1, 5)
    app.run()
    moves = listed(app)["move"].tolist()
    assert any("▲" in move for move in moves)
    assert any("▼" in move for move in moves)
    assert {"step", "name", "place_before", "place"} == set(table(app, "risers"))
    app.button(key="unpin").click().run()
    assert "pin" not in app.query_params
    assert "move" not in listed(app)


def test_pinned_ranks_are_those_of_the_pinned_moment(open_app, recommender: DoubleRecommender) -> None:
    app = open_app(user="1", at="1998-01-05T00:00", pin="1998-01-01T00:00")
    joined = recommender.with_ratings(loading.read_cached_ratings())
    then = joined.retrieve("1", 883_612_800, 12).set_index("title")["rank"]
    for row in listed(app).itertuples():
        step = int(then[row.title]) - row.place
        assert row.move.startswith("=" if step == 0 else f"▲ {step}" if step > 0 else f"▼ {-step}")


def test_followed_titles_are_in_the_url_and_on_the_chart(open_app) -> None:
    app = open_app(user="3", titles=["Casablanca (1942)", "M*A*S*H (1970)"])
    assert app.multiselect(key="titles").value == ["Casablanca (1942)", "M*A*S*H (1970)"]
    assert chart_frame(app, "followed titles")["name"].tolist() == ["Casablanca", "M*A*S*H"]


def test_nothing_followed_shows_the_first_of_the_list(open_app) -> None:
    app = open_app(user="1")
    assert "The first of the list, until you choose." in words(app)
    assert chart_frame(app, "followed titles")["name"].iloc[0] == listed(app)["name"].iloc[0]


def test_places_say_among_how_many_titles_they_are_counted_and_what_is_left_out(open_app) -> None:
    app = open_app(user="4")
    seen = len(table(app, "this viewer has rated"))
    n = len(TITLES)
    assert f"place among the {n - seen} of {n} titles that could be listed now; {seen} are seen." in words(app)
    assert f"place among all {n} titles." in words(open_app(user="4", hide_seen="false"))


def test_list_says_why_fewer_stars_stand_above_more_where_they_do(open_app, recommender, monkeypatch) -> None:
    said = "so fewer may stand above more"
    app = open_app(user="4")
    assert listed(app)["stars"].is_monotonic_decreasing
    assert said not in words(app)
    retrieve = recommender.retrieve
    monkeypatch.setattr(
        type(recommender),
        "retrieve",
        lambda self, *asked, **kw: (found := retrieve(*asked, **kw)).assign(stars=found["stars"].to_numpy()[::-1]),
    )
    assert said in words(open_app(user="5"))


def test_personas_come_from_the_ratings_and_choose_a_viewer(open_app) -> None:
    app = open_app()
    assert app.pills(key="_persona").options == ["Seen it all", "Newcomer"]
    app.pills(key="_persona").select("Seen it all").run()
    assert app.query_params["user"] in ("10", "20")
    assert app.pills(key="_persona").value == "Seen it all"


def test_someone_else_is_a_viewer_the_model_knows(open_app, recommender: DoubleRecommender) -> None:
    app = open_app()
    app.button(key="random_viewer").click().run()
    assert not app.exception
    assert app.selectbox(key="user").value in recommender.user_ids


def test_history_is_newest_first_with_given_and_predicted_stars(open_app) -> None:
    frame = table(open_app(user="4"), "newest first")
    assert frame["when"].is_monotonic_decreasing
    assert frame["given"].between(1, 5).all()
    assert frame["predicted"].notna().all()


def test_dates_of_a_viewer_turn_the_clock(open_app) -> None:
    app = open_app(user="4")
    app.button(key="jump_first").click().run()
    assert "Recommended on 20 Sep 1997" in words(app)


def test_title_is_opened_without_a_pointer(open_app) -> None:
    app = open_app(user="4")
    title = listed(app)["title"].tolist()[1]
    app.selectbox(key=details._PICKED).select(title).run()
    assert not app.exception
    assert "not a cause" in words(app)
    assert app.selectbox(key=details._PICKED).value is None


def test_dialog_says_similarity_and_not_cause(open_app) -> None:
    app = open_app(user="4")
    app.session_state[details._OPEN] = "Emma (1996)"
    app.run()
    assert not app.exception
    assert "not a cause" in words(app)
    assert len(table(app, "this viewer rated that lie nearest")) == 4
    assert len(table(app, "space of titles")) == 5
    assert any("start of the data" in chart.proto.alt for chart in app.get("vega_lite_chart"))


def test_dialog_follows_a_title(open_app) -> None:
    app = open_app(user="4")
    app.session_state[details._OPEN] = "Emma (1996)"
    app.run()
    app.button(key="follow_title").click().run()
    assert app.multiselect(key="titles").value == ["Emma (1996)"]
    assert app.query_params["titles"] == "Emma (1996)"


def test_every_table_and_chart_has_an_accessible_name(open_app) -> None:
    app = open_app(user="4", pin="1998-01-01T00:00")
    named = [*app.dataframe, *app.get("vega_lite_chart")]
    assert len(named) == 5
    assert all(element.proto.alt for element in named)


def test_the_whole_page_asks_the_model_once_for_each_moment(open_app, recommender: DoubleRecommender) -> None:
    open_app(user="4", at="1998-01-01T00:00", pin="1998-02-01T00:00")
    # and about the one whose first titles are followed; for what moved one title between the two, twice about places
    # and stars
    assert recommender.calls == ["retrieve", "retrieve", "retrieve", "scores", "sweep", "scores", "sweep"]


def test_titles_that_are_followed_unasked_stay_the_same_when_the_clock_turns(open_app) -> None:
    app = open_app(user="4")
    before = chart_frame(app, "Predicted stars and places")["title"].tolist()
    assert before == listed(app)["title"].head(4).tolist()
    app.datetime_input(key="at").set_value(datetime(1998, 2, 1)).run()
    assert listed(app)["title"].head(4).tolist() != before
    assert chart_frame(app, "Predicted stars and places")["title"].tolist() == before
    app.selectbox(key="user").select("6").run()
    assert chart_frame(app, "Predicted stars and places")["title"].tolist() != before


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"user": "9999"}, "viewer '9999' is not one the model knows"),
        ({"at": "yesterday"}, "'yesterday' is not a time like 1998-04-22T23:10"),
        ({"at": "2030-01-01T00:00"}, "lies outside the data"),
        ({"at": "0001-01-01T00:00+23:59"}, "'0001-01-01T00\\:00+23\\:59' is not a time"),
        ({"titles": ["Nope", "Fargo (1996)"]}, "'Nope' is not in the catalogue"),
        ({"titles": list(TITLES[:8])}, "6 titles can be followed"),
        ({"k": "0"}, "1 to 100 titles"),
        ({"k": "٣x"}, "1 to 100 titles"),
        ({"k": "9" * 5000}, "1 to 100 titles"),
        ({"k": "1e999"}, "1 to 100 titles"),
        ({"hide_seen": "maybe"}, "hide_seen is true or false"),
        ({"pin": "xx"}, "nothing is pinned"),
        ({"model": "<b>[x](http://evil)"}, "there is no model '\\<b\\>\\[x\\](http:\u2060//evil)'"),
    ],
)
def test_bad_url_value_gives_the_default_and_one_line(open_app, query: dict, says: str) -> None:
    app = open_app(**query)
    assert not app.exception
    lines = [caption.value for caption in app.caption if "From the address" in caption.value]
    assert len(lines) == 1
    assert says in lines[0]
    assert app.selectbox(key="user").value == "1"
    assert app.selectbox(key="k").value == 10
    assert app.toggle(key="hide_seen").value is True
    assert clock(app) == OWN_LAST["1"]
    assert "pin" not in app.query_params
    assert len(listed(app)) == 10


def test_good_url_says_nothing(open_app) -> None:
    app = open_app(
        user="4", at="1998-01-01T00:00", pin="1997-12-01T00:00", titles="Fargo (1996)", k="5", hide_seen="false"
    )
    assert "From the address" not in words(app)
    assert len(listed(app)) == 5


def test_complaint_goes_away_when_something_is_chosen(open_app) -> None:
    app = open_app(user="9999")
    assert "From the address" in words(app.run())
    app.selectbox(key="user").select("4").run()
    assert "From the address" not in words(app)


def test_without_ratings_the_page_works_and_says_what_is_missing(open_app, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "read_cached_ratings", lambda: None)
    app = open_app(user="4")
    stage = loading.load(loading.default_bundle())
    while stage.ratings.state is RatingsState.FETCHING:
        pass
    app.run()
    assert not app.exception
    assert len(listed(app)) == 10
    assert set(listed(app)["title"]) & set(TITLES[:4])
    assert "labels" not in listed(app)
    assert app.toggle(key="hide_seen").disabled
    lines = [caption.value for caption in app.caption if "ratings are not on this machine" in caption.value]
    assert len(lines) == 1
    assert "No source could be reached; connect this machine" in lines[0]
    assert "Comes with the ratings." in words(app)


def test_ratings_that_arrive_later_are_used(open_app, monkeypatch: pytest.MonkeyPatch) -> None:
    ratings = loading.read_cached_ratings()
    monkeypatch.setattr(loading, "read_cached_ratings", lambda: None)
    app = open_app(user="4")
    stage = loading.load(loading.default_bundle())
    while stage.ratings.state is RatingsState.FETCHING:
        pass
    monkeypatch.setattr(loading, "fetch_ratings", lambda progress: ratings)
    app.run().button(key="fetch").click().run()
    while stage.ratings.state is RatingsState.FETCHING:
        pass
    app.run()
    assert not set(listed(app)["title"]) & set(TITLES[:4])
    assert len(table(app, "newest first")) == 4


def test_missing_bundle_says_what_to_do_and_looks_again(open_app, recommender, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(bundle: object) -> None:
        raise BundleError("model_store/flagship: there is no bundle here; train it.")

    monkeypatch.setattr(loading, "load_recommender", fail)
    app = open_app()
    assert not app.exception
    assert "There is no model to show" in words(app)
    assert "model_store/flagship: there is no bundle here" in app.error[0].value.replace("\\", "")
    assert "python -m recommender train flagship" in app.code[0].value
    monkeypatch.setattr(loading, "load_recommender", lambda bundle: recommender)
    app.button(key="look_again").click().run()
    assert len(listed(app)) == 10


def test_link_with_a_what_if_shows_it_and_a_button_leads_back(open_app, recommender: DoubleRecommender) -> None:
    app = open_app(user="4", if_gave="5 Psycho (1960)")
    assert [found for found in app.markdown if "given five stars to Psycho" in found.value]
    assert "Psycho" not in set(listed(app)["name"])
    app.selectbox(key="user").set_value("5").run()
    assert not [found for found in app.markdown if "What if" in found.value]
    assert "if_gave" not in app.query_params
    app.selectbox(key="user").set_value("4").run()
    app.button(key="suppose_nothing").click().run()
    assert not [found for found in app.markdown if "What if" in found.value]
    assert "if_gave" not in app.query_params
    assert "Psycho" in set(listed(app)["name"])
