"""Any model on any data: what cannot be shown is absent, and everything else works."""

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from recommender.charts import ranks_in_catalogue
from recommender.dashboard.bundles import loading
from recommender.dashboard.parts import details, follow
from recommender.data.ratings import Ratings
from tests.dashboard.doubles import (
    REFERENCE,
    TAKEN_ONLY,
    TIMELESS,
    DoubleRecommender,
    bare_ratings,
    taken_titles,
    timeless_ratings,
)
from tests.dashboard.drawn import list_proto, listed, table, words

Serve = Callable[..., None]
STARLESS = {"tasks": ("retrieval",), "inputs": ("user_id", "timestamp", "title_id")}


@pytest.fixture
def serve(recommender: DoubleRecommender, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Serves another double, joined with these ratings."""

    def replace(ratings: Ratings | None = None, **facts: object) -> None:
        double = DoubleRecommender(**facts)
        monkeypatch.setattr(loading, "load_recommender", lambda bundle: double)
        monkeypatch.setattr(loading, "read_own_ratings", lambda source: ratings)

    return replace


def charts(app: AppTest) -> list[str]:
    return [chart.proto.alt for chart in app.get("vega_lite_chart")]


def open_details(app: AppTest, title: str) -> AppTest:
    app.session_state[details._OPEN] = title
    return app.run()


class TestDataWithoutTimes:
    def test_there_is_no_clock_and_no_day(self, open_app, serve: Serve) -> None:
        serve(timeless_ratings(), **TIMELESS)
        app = open_app(user="4")
        assert not app.exception
        assert not app.slider
        assert not app.get("datetime_input")
        assert {button.key for button in app.button} == {
            *("random_viewer", "present"),
            *("mark_recommended", "marked_views"),
        }
        assert "UTC" not in words(app)
        assert "1970" not in words(app)
        assert len(listed(app)) == 8

    def test_history_has_the_order_of_the_file_and_no_days(self, open_app, serve: Serve) -> None:
        serve(timeless_ratings(), **TIMELESS)
        frame = table(open_app(user="4"), "this viewer has rated")
        assert list(frame.columns) == ["name", "given", "predicted", "year"]
        assert frame["name"].tolist() == ["Star Wars", "The Postman", "M*A*S*H", "Fargo"]

    def test_progress_columns_and_tracks_span_the_scale(self, open_app, serve: Serve) -> None:
        serve(timeless_ratings(), **TIMELESS)
        app = open_app(user="4", titles=["Fargo (1996)"])
        columns = list_proto(app).columns
        assert '"min_value": 1' in columns
        assert '"max_value": 10' in columns
        assert '"domain": [1.0, 10.0]' in app.get("vega_lite_chart")[0].proto.spec

    def test_chips_bear_the_name_of_their_feature(self, open_app, serve: Serve) -> None:
        serve(timeless_ratings(), **TIMELESS)
        app = open_app(user="4")
        assert '"label": "Audience"' in list_proto(app).columns
        assert ["Sci-Fi", "Horror"] in listed(app)["labels"].map(list).tolist()

    def test_details_name_the_other_categories_and_show_no_course_of_time(self, open_app, serve: Serve) -> None:
        serve(timeless_ratings(), **TIMELESS)
        app = open_details(open_app(user="4"), "Alien (1979)")
        assert not app.exception
        assert "Type: TV  ·  Studios: North, South" in words(app)
        assert not [alt for alt in charts(app) if "start of the data" in alt]

    @pytest.mark.parametrize("query", [{"at": "1998-01-01T00:00"}, {"pin": "1998-01-01T00:00"}])
    def test_a_moment_in_the_address_gives_one_line(self, open_app, serve: Serve, query: dict) -> None:
        serve(timeless_ratings(), **TIMELESS)
        app = open_app(user="4", **query)
        assert "From the address: this model's data have no times, so there is no moment to choose." in words(app)
        assert set(app.query_params) <= {"user"}
        assert "no moment to choose" not in words(app.selectbox(key="user").select("5").run())

    def test_training_page_names_no_days(self, open_app, serve: Serve) -> None:
        serve(timeless_ratings(), **TIMELESS)
        app = open_app("training")
        assert not app.exception
        assert "by 8 viewers, on a scale of 1-10." in words(app)

    def test_data_that_are_gone_are_one_line(self, open_app, serve: Serve) -> None:
        serve(None, **TIMELESS)
        app = open_app(user="4")
        lines = [caption.value for caption in app.caption if "cannot be read from somewhere" in caption.value]
        assert len(lines) == 1
        assert len(listed(app)) == 10


class TestModelWithoutStars:
    def test_no_stars_are_shown_and_places_are(self, open_app, serve: Serve) -> None:
        serve(**STARLESS)
        app = open_app(user="4", titles=["Fargo (1996)"])
        assert not app.exception
        assert list(listed(app).columns) == ["place", "name", "score", "year", "labels", "title"]
        assert charts(app) == ["Places of the followed titles at this moment"]
        assert list(table(app, "this viewer has rated").columns) == ["name", "given", "year", "when"]

    def test_details_show_no_stars(self, open_app, serve: Serve) -> None:
        serve(**STARLESS)
        app = open_details(open_app(user="4"), "Alien (1979)")
        assert [metric.label for metric in app.metric] == ["Place in the list", "Retrieval score"]
        assert "Titles like it" in words(app)
        assert not [alt for alt in charts(app) if "Predicted stars" in alt]

    def test_figures_of_stars_are_no_empty_rows(self, open_app, serve: Serve) -> None:
        serve(**STARLESS)
        app = open_app("training")
        figures = next(t.value for t in app.dataframe if "Final figures" in t.proto.alt).set_index("Figure")
        assert list(figures.columns) == ["Validation", "Test", "Best-sellers"]
        assert not [row for row in figures.index if "stars" in row]
        assert "predicted stars" not in words(app)

    def test_pin_moves_ranks(self, open_app, serve: Serve) -> None:
        serve(**STARLESS)
        app = open_app(user="1", at="1998-01-05T00:00", pin="1998-01-01T00:00")
        assert not app.exception
        assert any("▲" in move for move in listed(app)["move"])
        assert "tick: at the pinned moment" in words(app)


class TestDataWithoutRatings:
    @pytest.mark.parametrize("page", ["", "you", "movies", "time-travel", "models"])
    def test_no_page_shows_stars(self, open_app, serve: Serve, page: str) -> None:
        serve(taken_titles(), **TAKEN_ONLY)
        app = open_app(page, user="4")
        assert not app.exception
        shown = words(app).replace("models that predict no stars", "") + " ".join(charts(app))
        assert not re.search(r"\bstars?\b|\bmean \*\*|scale of", shown), shown
        assert not [frame.proto.alt for frame in app.dataframe if {"given", "stars"} & set(frame.value.columns)]

    def test_what_was_taken_is_said_as_such(self, open_app, serve: Serve) -> None:
        serve(taken_titles(), **TAKEN_ONLY)
        app = open_app(user="4")
        assert "took **4** titles" in words(app)
        assert list(table(app, "this viewer has taken").columns) == ["name", "year", "when"]
        assert "Taken by" in words(open_app("movies", user="4"))
        assert "51 rows of 400 titles by 8 viewers" in words(open_app("training"))

    def test_visitor_says_what_they_know(self, open_app, serve: Serve) -> None:
        serve(taken_titles(), **TAKEN_ONLY)
        app = open_app("you")
        known = next(control for control in app.segmented_control if control.options == ["I know it"])
        known.set_value("I know it").run()
        assert not app.exception
        assert "you know **1** title" in words(app)
        assert list(table(app, "What you know").columns) == ["name", "remove"]


def test_model_that_ranks_by_rating_says_so_and_shows_no_score(open_app, serve: Serve) -> None:
    serve(tasks=("rating",), inputs=("user_id", "title_id"))
    app = open_app(user="4")
    assert "Ordered by predicted rating" in words(app)
    assert "score" not in listed(app)
    assert "stars" in listed(app)


def test_clock_that_is_not_read_is_one_line_and_stays(open_app, serve: Serve) -> None:
    serve(inputs=("user_id", "title_id"))
    app = open_app(user="4", at="1998-01-01T00:00", pin="1998-02-01T00:00")
    lines = [caption.value for caption in app.caption if "does not read the clock" in caption.value]
    assert len(lines) == 1
    assert app.query_params["at"] == "1998-01-01T00:00"
    assert "move" not in listed(app)
    assert "What moved since the pin" not in words(app)


def test_clock_that_is_read_needs_no_line(open_app) -> None:
    assert "does not read the clock" not in words(open_app())


def test_model_without_a_space_shows_no_likeness(open_app, serve: Serve) -> None:
    serve(**REFERENCE)
    app = open_details(open_app(user="4"), "Alien (1979)")
    assert not app.exception
    assert "no likenesses to show" in words(app)
    assert "Titles like it" not in words(app)
    assert "Why, perhaps" not in words(app)


def test_reference_is_not_compared_with_itself(open_app, serve: Serve) -> None:
    serve(**REFERENCE)
    app = open_app("training")
    figures = next(t.value for t in app.dataframe if "Final figures" in t.proto.alt).set_index("Figure")
    assert list(figures.columns) == ["Validation", "Test"]
    assert "Beside best" not in words(app)
    assert "sellers: " not in words(app)


def test_data_without_features_show_neither_chips_nor_years(open_app, serve: Serve) -> None:
    ratings = bare_ratings()
    serve(ratings, titles=tuple(ratings.items["title"]), data_name="bare", source="somewhere")
    app = open_details(open_app(user="4"), "Title 7")
    assert not app.exception
    assert list(listed(app).columns) == ["place", "name", "stars", "found", "title"]
    assert list(table(app, "this viewer has rated, newest").columns) == ["name", "given", "predicted", "when"]
    assert list(table(app, "Titles nearest").columns) == ["name", "similarity"]


def test_model_in_closed_form_has_no_curves(open_app, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    double = DoubleRecommender(model="ease", tasks=("retrieval",), inputs=("history", "title_id"))
    solved = double.manifest.training.model_copy(update={"epochs_run": 0, "best_epoch": 0})
    more = {
        **double.manifest.references,
        "ease": double.manifest.metrics["test"],
        "als": double.manifest.metrics["test"],
    }
    double.manifest = double.manifest.model_copy(update={"training": solved, "references": more})
    double.learning_curves = double.learning_curves.head(0)
    monkeypatch.setattr(loading, "load_recommender", lambda bundle: double)
    app = open_app("training")
    assert not app.exception
    assert "Solved in closed form: nothing to draw." in words(app)
    figures = next(t.value for t in app.dataframe if "Final figures" in t.proto.alt).set_index("Figure")
    assert list(figures.columns) == ["Validation", "Test", "Best-sellers", "Als"]
    assert "in closed form, seed 7" in " ".join(t.value.to_string() for t in app.table)


def test_one_loss_is_drawn_once(open_app, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    double = DoubleRecommender(tasks=("retrieval",))
    curves = double.learning_curves
    double.learning_curves = curves.replace({"metric": {"something_else": "retrieval_loss"}})
    monkeypatch.setattr(loading, "load_recommender", lambda bundle: double)
    headings = [alt.split(" by epoch")[0] for alt in charts(open_app("training")) if "by epoch" in alt]
    assert headings == ["Errors of the list (retrieval loss)", "Stars off (RMSE)", "Found in the first 100 unseen"]


class TestManyTitles:
    def test_titles_are_searched_and_not_all_sent(self, open_app, serve: Serve, monkeypatch) -> None:
        monkeypatch.setattr(follow, "MOST_OPTIONS", 5)
        app = open_app(user="4", titles=["Fargo (1996)"])
        assert app.multiselect(key="titles").value == ["Fargo (1996)"]
        app.text_input(key="_title_search").set_value("HEAT 95").run()
        assert app.multiselect(key="titles").options == ["Heat (1995)", "Fargo (1996)"]
        app.multiselect(key="titles").select("Heat (1995)").run()
        app.text_input(key="_title_search").set_value("nothing is called so").run()
        assert app.multiselect(key="titles").value == ["Fargo (1996)", "Heat (1995)"]

    def test_viewers_are_typed(self, open_app, serve: Serve, monkeypatch) -> None:
        monkeypatch.setattr("recommender.dashboard.frame.bar.MOST_OPTIONS", 5)
        app = open_app(user="4")
        assert "Viewer 4" in words(app)
        app.text_input(key="user").set_value("nobody").run()
        assert "does not know this viewer; here is viewer 1" in words(app)
        assert not app.exception


def test_places_run_from_the_last_title_to_the_first() -> None:
    import pandas as pd

    frame = pd.DataFrame({"position": [0], "name": ["A"], "colour": ["#111111"], "place": [3], "note": ["#3"]})
    spec = ranks_in_catalogue(frame.assign(place_pinned=float("nan")), 1664).to_dict()
    scales = [layer["encoding"]["x"]["scale"] for layer in spec["layer"]]
    assert all((s["type"], s["domain"]) == ("log", [1664, 1]) for s in scales)
    assert spec["layer"][0]["encoding"]["x"]["axis"]["values"] == [1, 10, 100, 1664]
