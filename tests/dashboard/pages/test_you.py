"""The page You in all its states."""

from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from recommender.dashboard.answers import title_lists
from recommender.dashboard.bundles import loading
from recommender.dashboard.pages.you import visitor
from recommender.data.ratings import Ratings
from recommender.data.schema import RatingScale
from tests.dashboard.doubles import (
    FIRST,
    LAST,
    TITLES,
    DoubleRecommender,
    bare_ratings,
    manifest,
    small_ratings,
    timeless_ratings,
)
from tests.dashboard.drawn import table, words

Serve = Callable[..., DoubleRecommender]
TIMELESS = {
    "data_name": "anime",
    "source": "somewhere",
    "has_timestamps": False,
    "scale": RatingScale(1, 10, 1),
    "inputs": ("history", "title_id"),
}


@pytest.fixture
def serve(recommender: DoubleRecommender, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Serves another double, joined with these ratings; gives the double as the app sees it."""

    def replace(ratings: Ratings | None = None, **facts: object) -> DoubleRecommender:
        double = DoubleRecommender(**facts)
        monkeypatch.setattr(loading, "load_recommender", lambda bundle: double)
        monkeypatch.setattr(loading, "read_own_ratings", lambda facts: ratings)
        return double

    return replace


def listed(app: AppTest) -> pd.DataFrame:
    return table(app, "Recommended for you")


def rated(app: AppTest) -> dict[str, float]:
    frame = table(app, "What you have rated")
    return dict(zip(frame["name"], frame["stars"], strict=True))


def said(app: AppTest) -> visitor.Visitor:
    (found,) = app.session_state["_companies"].values()
    return found.asked


def give(app: AppTest, title: str, stars: int) -> AppTest:
    app.feedback(key=f"you_stars_{title}").set_value(stars - 1)
    return app.run()


class TestNothingSaidYet:
    def test_page_invites_and_shows_what_an_empty_history_gets(self, open_app, recommender):
        app = open_app("you")
        assert not app.exception
        assert "Rate three titles and the list is yours" in words(app)
        usual = recommender.retrieve(None, LAST, 10)
        assert listed(app)["name"].tolist() == title_lists.describe(usual)["name"].tolist()
        assert "move" not in listed(app)

    def test_heading_says_who_is_asked(self, open_app):
        app = open_app("you", user="4")
        assert [header.value for header in app.header] == ["You"]
        assert "Viewer 4" not in words(app)

    def test_handful_is_put_before_the_visitor_in_the_order_of_asking(self, open_app):
        app = open_app("you")
        assert len(app.feedback) == 6
        assert [widget.value for widget in app.feedback] == [None] * 6

    def test_nothing_can_be_cleared_or_downloaded(self, open_app):
        app = open_app("you")
        assert "you_clear" not in {button.key for button in app.button}
        assert len(app.dataframe) == 1


class TestRating:
    def test_each_click_is_folded_in_and_moves_the_list(self, open_app, recommender):
        app = open_app("you")
        title = said(app).asked[0]
        give(app, title, 5)
        assert recommender.asked_by_visitors[-1] == (LAST, {title: 5.0})
        assert title.split(" (")[0] not in listed(app)["name"].tolist()
        after = TITLES[(TITLES.index(title) + 1) % len(TITLES)]
        assert listed(app)["name"][0] == after.split(" (")[0].replace("Postman, The", "The Postman")
        assert listed(app)["move"][0].startswith("▲")
        assert f"**{title.split(' (')[0]}** at five stars" in words(app)

    def test_rating_is_shown_with_its_mean_and_listed(self, open_app):
        app = open_app("you")
        first, second = said(app).asked[:2]
        give(give(app, first, 5), second, 2)
        assert "**2** ratings, mean **3.5**" in words(app)
        assert list(rated(app).values()) == [2.0, 5.0]  # the newest first

    def test_star_clicked_again_takes_the_rating_back(self, open_app, recommender):
        app = open_app("you")
        title = said(app).asked[0]
        give(app, title, 4)
        app.feedback(key=f"you_stars_{title}").set_value(None)
        app.run()
        assert said(app).stars == {}
        assert "Rate three titles" in words(app)

    def test_moves_are_those_of_the_last_click_and_not_of_the_clock(self, open_app):
        app = open_app("you")
        give(app, said(app).asked[0], 5)
        before = said(app).history_before
        app.session_state["at"] = pd.Timestamp(FIRST, unit="s").to_pydatetime()
        app.run()
        assert said(app).history_before == before

    def test_page_has_no_bar_and_asks_as_of_the_end_of_the_data(self, open_app, recommender):
        app = open_app("you", user="4", at="1997-11-09T06:38")
        assert recommender.asked_by_visitors[-1][0] == LAST
        assert not {widget.key for widget in [*app.selectbox, *app.slider, *app.datetime_input, *app.pills]} & {
            *("user", "model", "at", "_clock", "_persona")
        }
        app._page_hash = calc_hash("")
        app.run()
        assert app.selectbox(key="user").value == "4"
        assert f"{app.datetime_input(key='at').value:%Y-%m-%dT%H:%M}" == "1997-11-09T06:38"

    def test_others_are_shown_and_what_is_rated_is_kept(self, open_app):
        app = open_app("you")
        first = list(said(app).asked)
        give(app, first[0], 5)
        app.button(key="you_others").click().run()
        second = list(said(app).asked)
        assert second
        assert not set(first) & set(second)
        assert said(app).stars == {first[0]: 5.0}

    def test_after_the_last_handful_the_unrated_come_again(self, open_app):
        app = open_app("you")
        first = list(said(app).asked)
        give(app, first[0], 5)
        for _ in range(2):
            app.button(key="you_others").click().run()
        assert said(app).asked[0] == first[1]
        assert first[0] not in said(app).asked

    def test_any_title_can_be_found_and_rated(self, open_app):
        app = open_app("you")
        app.text_input(key="you_search").set_value("unknown").run()
        app.button(key="you_found_0").click().run()
        assert said(app).asked[0] == "unknown"
        assert app.text_input(key="you_search").value == ""
        assert "you_found_0" not in {button.key for button in app.button}
        give(app, "unknown", 3)
        assert said(app).stars == {"unknown": 3.0}

    @pytest.mark.parametrize("typed", ["Star Wrs", "satr wars", "postmann", "postman the", "Casablanka 1942"])
    def test_typing_errors_are_forgiven_as_on_movies(self, open_app, typed):
        app = open_app("you")
        app.text_input(key="you_search").set_value(typed).run()
        on_movies = open_app("movies", find=typed)
        assert app.button(key="you_found_0").label == on_movies.button(key="found_0").label
        assert app.button(key="you_found_0").label in {
            "Star Wars \\(1977\\)",
            "The Postman \\(1997\\)",
            "Casablanca \\(1942\\)",
        }

    def test_words_that_are_like_no_title_give_one_line(self, open_app):
        app = open_app("you")
        app.text_input(key="you_search").set_value("zzzzqqq").run()
        assert "Nothing here is like 'zzzzqqq'." in [caption.value for caption in app.caption]

    def test_ratings_survive_a_visit_to_another_page(self, open_app):
        app = open_app("you")
        title = said(app).asked[0]
        give(app, title, 5)
        for page in ("training", "you"):
            app._page_hash = calc_hash(page)
            app.run()
        assert app.feedback(key=f"you_stars_{title}").value == 4

    def test_nothing_said_is_in_the_address(self, open_app):
        app = open_app("you")
        give(app, said(app).asked[0], 5)
        app.pills(key="you_likes_genres").set_value(["Drama"]).run()
        assert set(app.query_params) == {"user"}

    def test_click_on_a_rated_title_asks_for_it_again_and_remove_takes_it_away(self, open_app):
        app = open_app("you")
        title = said(app).asked[0]
        give(app, title, 5)
        someone = said(app)
        app.button(key="you_others").click().run()
        assert title not in someone.asked
        someone.ask_about(title)
        app.run()
        assert app.feedback(key=f"you_stars_{title}").value == 4

    def test_clear_forgets_everything(self, open_app):
        app = open_app("you")
        give(app, said(app).asked[0], 5)
        app.pills(key="you_likes_genres").set_value(["Drama"]).run()
        app.button(key="you_clear").click().run()
        assert (said(app).stars, said(app).picks) == ({}, {})
        assert "Rate three titles" in words(app)
        assert [widget.value for widget in app.feedback] == [None] * 6
        assert app.pills(key="you_likes_genres").value == []

    def test_whole_catalogue_rated_leaves_a_line_and_not_an_empty_table(self, open_app):
        app = open_app("you")
        said(app).bring(dict.fromkeys(TITLES, 4.0))
        app.run()
        assert not app.exception
        assert "No title is left" in words(app)


class TestPicking:
    def test_well_known_titles_stand_in_and_the_page_says_so(self, open_app, recommender):
        app = open_app("you")
        app.pills(key="you_likes_genres").set_value(["Horror"]).run()
        given = [stars for _, stars in recommender.asked_by_visitors if stars]
        assert set(given[-1]) == {"Psycho (1960)", "Alien (1979)"}
        assert "the model reads 2 well-known titles of these kinds" in words(app)
        assert "you like Horror" in words(app)

    def test_list_holds_only_what_matches_until_the_switch_is_turned_off(self, open_app):
        app = open_app("you")
        app.pills(key="you_likes_genres").set_value(["Horror"]).run()
        assert set(listed(app)["name"]) == {"Psycho", "Alien"}
        app.toggle(key="you_only").set_value(False).run()
        assert len(listed(app)) == 10

    def test_title_rated_takes_the_place_of_a_stand_in(self, open_app, recommender, monkeypatch):
        from recommender.dashboard.pages.you import preferences

        monkeypatch.setattr(preferences, "STAND_INS", 2)
        app = open_app("you")
        app.pills(key="you_likes_genres").set_value(["Horror"]).run()
        title = next(title for title in said(app).asked if title not in ("Psycho (1960)", "Alien (1979)"))
        give(app, title, 5)
        assert len(said(app).history) == 2
        assert (title, 5.0) in said(app).history

    def test_every_category_of_titles_can_be_picked(self, open_app, serve):
        serve(timeless_ratings(), **TIMELESS)
        app = open_app("you")
        assert [pills.label for pills in app.pills if (pills.key or "").startswith("you")] == [
            "Audience",
            "Studios",
            "Type",
        ]
        app.pills(key="you_likes_type").set_value(["Movie"]).run()
        app.pills(key="you_likes_audience").set_value(["Horror", "Romance"]).run()
        assert set(listed(app)["name"]) == {"Casablanca", "Emma"}

    def test_data_without_categories_say_so(self, open_app, serve):
        serve(bare_ratings(), data_name="bare", source="somewhere")
        assert "there are no kinds to pick from" in words(open_app("you"))


class TestOtherModelsAndData:
    def test_model_that_reads_no_history_says_so_and_names_one_that_does(self, open_app, serve, tmp_path):
        serve(model="popularity", tasks=("retrieval",), inputs=("title_id",), embedding_size=0)
        for name, inputs in (("able", ("history", "title_id")), ("flagship", ("title_id",)), ("torn", None)):
            (tmp_path / name).mkdir()
            text = "{" if inputs is None else manifest(inputs=inputs).sealed_json()
            (tmp_path / name / "manifest.json").write_text(text)
        app = open_app("you")
        assert not app.exception
        assert "popularity cannot take you in" in words(app)
        assert "It reads title id, and no history" in words(app)
        assert not app.feedback
        assert [button.key for button in app.button if button.key.startswith("you")] == ["you_choose_able"]
        app.button(key="you_choose_able").click().run()
        assert app.session_state["model"] == "able"

    def test_where_no_model_can_the_command_is_given(self, open_app, serve):
        serve(model="two-tower", inputs=("user_id", "title_id"))
        app = open_app("you")
        assert app.code[0].value == "python -m recommender train flagship"

    def test_without_the_ratings_titles_are_asked_and_kinds_are_not(self, open_app, monkeypatch):
        monkeypatch.setattr(loading, "read_cached_ratings", lambda: None)
        app = open_app("you")
        assert not app.exception
        assert "come with the ratings" in words(app)
        assert "likeliest to know" in words(app)
        assert said(app).asked[0] == listed(app)["name"][0] == "unknown"  # what an empty history gives first
        give(app, said(app).asked[0], 5)
        assert "Recommended for you" in words(app)

    def test_model_without_a_space_of_titles_asks_by_fame_and_division_alone(self, open_app, serve):
        serve(model="ease", tasks=("retrieval",), inputs=("history", "title_id"), embedding_size=0)
        app = open_app("you")
        assert not app.exception
        assert len(app.feedback) == 6
        assert list(listed(app).columns) == ["place", "name", "score", "labels", "year"]

    def test_data_without_times_have_no_moment(self, open_app, serve):
        serve(timeless_ratings(), **TIMELESS)
        app = open_app("you")
        assert not app.exception
        assert "UTC" not in words(app)

    def test_ten_points_are_ten_buttons(self, open_app, serve):
        double = serve(timeless_ratings(), **TIMELESS)
        app = open_app("you")
        assert not app.feedback
        title = said(app).asked[0]
        control = app.segmented_control(key=f"you_stars_{title}")
        assert control.options == [str(n) for n in range(1, 11)]
        control.set_value(9.0).run()
        assert double.asked_by_visitors[-1] == (0, {title: 9.0})

    def test_half_stars_are_ten_buttons_too(self, open_app, serve):
        serve(small_ratings(), scale=RatingScale(0.5, 5, 0.5))
        app = open_app("you")
        control = app.segmented_control(key=f"you_stars_{said(app).asked[0]}")
        assert control.options == ["½", "1", "1½", "2", "2½", "3", "3½", "4", "4½", "5"]

    def test_fine_scale_is_a_slider_that_begins_unrated(self, open_app, serve):
        serve(small_ratings(), scale=RatingScale(0, 100, 1))
        app = open_app("you")
        slider = app.select_slider(key=f"you_stars_{said(app).asked[0]}")
        assert slider.value is None
        slider.set_value(70.0).run()
        assert list(said(app).stars.values()) == [70.0]
