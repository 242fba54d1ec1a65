"""What each page gives away, opened and looked into: nothing that a viewer gave, nothing from elsewhere."""

import io
import zipfile
from collections.abc import Callable

import pandas as pd
import pytest

from recommender.dashboard.bundles import loading
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.download import Download, Picture
from recommender.dashboard.downloads.report import report_html
from recommender.dashboard.downloads.sheet import sheet_png
from recommender.dashboard.pages.movies.reception import reception
from recommender.data.ratings import Ratings
from recommender.data.schema import RatingScale
from tests.dashboard.doubles import LAST, TITLES, DoubleRecommender, small_ratings, timeless_ratings
from tests.dashboard.reports import read

pytest.importorskip("vl_convert", reason="NO DRAWING: pip install vl-convert-python; nothing was drawn")

AT, PIN = "1998-04-22T23:10", "1997-11-09T06:38"
STARLESS = {"model": "ease", "tasks": ("retrieval",)}
TIMELESS = {"data_name": "anime", "source": "x", "has_timestamps": False, "scale": RatingScale(1, 10, 1)}
Serve = Callable[..., None]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[Download]:
    found: list[Download] = []
    real = download_menu.draw
    monkeypatch.setattr(download_menu, "draw", lambda download: (found.append(download), real(download)))
    return found


@pytest.fixture
def serve(recommender: DoubleRecommender, monkeypatch: pytest.MonkeyPatch) -> Serve:
    def replace(ratings: Ratings | None = None, **facts: object) -> None:
        double = DoubleRecommender(**facts)
        monkeypatch.setattr(loading, "load_recommender", lambda bundle: double)
        monkeypatch.setattr(loading, "read_cached_ratings", lambda: ratings)
        monkeypatch.setattr(loading, "read_own_ratings", lambda facts: ratings)

    return replace


def csvs(view: Download) -> dict[str, pd.DataFrame]:
    if len(view.tables) == 1:
        return {view.tables[0].name: pd.read_csv(io.BytesIO(view.csv()))}
    with zipfile.ZipFile(io.BytesIO(view.csv())) as archive:
        names = archive.namelist()
        return {table.name: pd.read_csv(archive.open(name)) for table, name in zip(view.tables, names, strict=True)}


def opens(view: Download) -> str:
    """Draws the view in every way and returns its report, which needs nothing but itself."""
    assert sheet_png(view)[:8] == b"\x89PNG\r\n\x1a\n"
    page = report_html(view)
    reader = read(page)
    assert not [load for load in reader.loads if not load.startswith(("data:", "#"))]
    assert len(reader.ids) == len(set(reader.ids))
    assert page.count(b"<figure") == len(view.pictures)
    assert csvs(view)
    return " ".join(reader.text)


class TestTimeTravel:
    def test_list_curves_and_movers_are_those_of_the_page(self, open_app, taken: list[Download]) -> None:
        app = open_app(
            "time-travel", user="3", at=AT, pin=PIN, titles=["Ran (1985)", "Emma (1996)"], k="5", all_known="true"
        )
        assert not app.exception
        view = taken[-1]
        tables = csvs(view)
        listed = DoubleRecommender().with_ratings(small_ratings()).retrieve("3", LAST, 5)
        first, moves, movers, curves = tables.values()
        assert first["Title"].tolist()[0] in listed["title"][0]
        assert first["Predicted stars (1 to 5)"].tolist() == listed["stars"].round(1).tolist()
        assert first["Score (higher is better; no unit)"].tolist() == listed["score"].round(4).tolist()
        assert view.tables[0].frame.columns.tolist() == ["#", "Title", "Year", "Stars"]  # a slide shows no scores
        assert moves.columns.tolist() == ["Title", "Low", "High", "Moves", "All", "Best", "Worst"]
        assert movers.columns.tolist() == ["Title", "Best", "Best on", "Worst", "Worst on"]
        assert curves.columns.tolist() == ["Moment (UTC)", "Title", "Stars", "All", "80% from", "80% to"]
        assert list(tables)[-1] == "Stars over time"
        assert set(curves["Title"]) == {"Ran", "Emma"}
        assert len(curves) % 2 == 0
        chart = view.pictures[0].specification()
        assert [layer["mark"]["type"] for layer in chart["layer"]] == ["area", "line", "rule", "rule"]
        assert "pin=1997-11-09T06:38" in view.address
        assert "Stars over time" not in opens(view).replace("Predicted stars over time", "")

    def test_curve_at_the_clock_is_what_the_model_says(self, open_app, taken: list[Download]) -> None:
        open_app("time-travel", user="3", at=AT, titles=["Ran (1985)"])
        swept = DoubleRecommender().with_ratings(small_ratings())
        curves = taken[-1].tables[-1].frame
        at = curves.loc[curves["Moment (UTC)"] == pd.Timestamp(LAST, unit="s", tz="UTC"), "Stars"]
        expected = swept.sweep("3", [LAST], ["Ran (1985)"])["stars"]
        assert at.tolist() == pytest.approx(expected.tolist())

    def test_what_the_viewer_gave_stays_here(self, open_app, taken: list[Download]) -> None:
        open_app("time-travel", user="4", at=AT, titles=["Star Wars (1977)"])  # viewer 4 has rated it
        view = taken[-1]
        assert view.pictures[0].frame.columns.tolist() == ["moment", "title", "name", "stars", "low", "high"]
        frames = view.pictures[0].responding.frames()
        assert frames["life"].num_rows == frames["given"].num_rows == 0
        assert set(frames["moments"]["seen"].to_pylist()) == {""}
        assert "gave" not in opens(view)

    def test_switches_of_the_page_are_in_its_address_and_its_words(self, open_app, taken: list[Download]) -> None:
        open_app("time-travel", user="3", at=AT, hide_seen="true")
        said = " ".join(taken[-1].sentences)
        assert "had rated by then" in said
        assert "were not out" in said
        assert "are left out of the list" in said
        open_app("time-travel", user="3", at=AT, all_known="true", future="true")
        assert "all_known=true" in taken[-1].address
        assert "future=true" in taken[-1].address
        assert "by then" not in " ".join(taken[-1].sentences)

    def test_zoom_of_the_page_is_in_its_address(self, open_app, taken: list[Download]) -> None:
        app = open_app("time-travel", user="3", at=AT)
        app.segmented_control(key="span").set_value("week").run()
        whole, week = taken[0].pictures[0].frame["moment"], taken[-1].pictures[0].frame["moment"]
        assert week.max() - week.min() < pd.Timedelta("8D") < whole.max() - whole.min()
        ticks = taken[-1].pictures[0].specification()["layer"][0]["encoding"]["x"]["axis"]["format"]
        assert ticks == "%-d %b, %H:%M"
        assert taken[-1].address.endswith("&span=Week")
        assert "span=" not in taken[0].address
        again = open_app("time-travel", user="3", at=AT, span="Week")
        assert again.segmented_control(key="span").value == "week"
        pd.testing.assert_frame_equal(taken[-1].pictures[0].frame, taken[-2].pictures[0].frame)

    def test_pin_outside_the_time_shown_is_no_rule(self, open_app, taken: list[Download]) -> None:
        app = open_app("time-travel", user="3", at=AT, pin=PIN)
        app.segmented_control(key="span").set_value("week").run()
        chart = taken[-1].pictures[0].specification()
        assert [layer["mark"]["type"] for layer in chart["layer"]] == ["area", "line", "rule"]

    def test_model_without_stars_shows_scores(self, open_app, serve: Serve, taken: list[Download]) -> None:
        serve(small_ratings(), **STARLESS)
        assert not open_app("time-travel", user="3", at=AT).exception
        view = taken[-1]
        assert "Stars" not in csvs(view)["The first 9 titles"]
        assert view.pictures[0].name == "Scores over time"
        assert "stars" not in opens(view).lower()

    def test_missing_ratings_leave_the_list(self, open_app, serve: Serve, taken: list[Download]) -> None:
        serve(None)
        assert not open_app("time-travel", user="3", at=AT, k="4").exception
        assert "are left out" not in opens(taken[-1])

    def test_data_without_times_have_nothing_to_take_away(self, open_app, serve: Serve, taken: list[Download]) -> None:
        serve(timeless_ratings(), **TIMELESS, inputs=("user_id", "title_id"))
        assert not open_app("time-travel", user="3").exception
        assert not taken


class TestMovies:
    def test_title_its_effects_its_like_and_the_map(self, open_app, taken: list[Download]) -> None:
        app = open_app("movies", user="5", movie="Postman, The (1997)", why="true")
        assert not app.exception
        view = taken[-1]
        tables = csvs(view)
        assert list(tables) == ["This title", "Change of score, by title", "Change of score, in all", "Titles like it"]
        assert tables["This title"]["Title"].tolist() == ["The Postman"]
        assert tables["Titles like it"].columns.tolist() == ["Title", "Year", "Alike"]
        assert tables["Change of score, in all"].columns.tolist() == ["Of", "Change of score"]
        assert [picture.chart for picture in view.pictures] == ["effect_bars", "effect_bars", "catalogue_map"]
        assert "movie=Postman%2C+The+%281997%29" in view.address
        assert "why=true" in view.address
        said = opens(view)
        assert "The Postman (1997)" in said
        assert "Genres: Drama." in said

    def test_no_viewers_stars_are_in_it(self, open_app, taken: list[Download]) -> None:
        open_app("movies", user="5", movie="Star Wars (1977)", why="true")  # viewer 5 has rated it, and four others
        view = taken[-1]
        assert view.pictures[-1].settings[0]["given"].isna().all()
        assert "given" not in view.pictures[-1].frame
        assert "gave" not in opens(view)
        assert not any("gave" in picture.frame.to_csv(index=False, header=False) for picture in view.pictures)

    def test_why_is_left_out_while_it_is_closed(self, open_app, taken: list[Download]) -> None:
        open_app("movies", user="5", movie="Postman, The (1997)")
        assert [picture.chart for picture in taken[-1].pictures] == ["catalogue_map"]
        assert "why=" not in taken[-1].address

    def test_mean_of_few_is_not_told(self, open_app, taken: list[Download]) -> None:
        counts = {title: reception(small_ratings(), str(row + 1)).n_ratings for row, title in enumerate(TITLES)}
        assert (counts["Fargo (1996)"], counts["Casablanca (1942)"]) == (5, 4)
        open_app("movies", user="5", movie="Fargo (1996)")
        assert "Rated by 5 of the viewers, " in " ".join(taken[-1].sentences)
        open_app("movies", user="5", movie="Casablanca (1942)")
        assert "Rated by 4 of the viewers." in " ".join(taken[-1].sentences)

    def test_title_that_is_open_unasked_is_in_the_address(self, open_app, taken: list[Download]) -> None:
        open_app("movies", user="5")
        assert "movie=" in taken[-1].address

    def test_model_without_stars_or_a_space(self, open_app, serve: Serve, taken: list[Download]) -> None:
        serve(small_ratings(), **STARLESS, embedding_size=0)
        assert not open_app("movies", user="5", movie="Heat (1995)", why="true").exception
        view = taken[-1]
        assert "Titles like it" not in csvs(view)
        assert "Predicted stars" not in csvs(view)["This title"]
        assert [picture.chart for picture in view.pictures] == ["effect_bars", "effect_bars"]
        assert "stars predicted" not in opens(view)

    def test_data_without_times_and_a_model_that_reads_nothing(self, open_app, serve: Serve, taken) -> None:
        serve(timeless_ratings(), **TIMELESS, inputs=("user_id", "title_id"))
        assert not open_app("movies", user="5", movie="Ran (1985)", why="true").exception
        view = taken[-1]
        assert list(csvs(view)) == ["This title", "Titles like it"]
        assert "at=" not in view.address
        assert "Type: Movie" in opens(view)

    def test_missing_ratings_leave_what_the_model_says(self, open_app, serve: Serve, taken: list[Download]) -> None:
        serve(None)
        assert not open_app("movies", user="5", movie="Ran (1985)").exception
        assert "Rated by" not in csvs(taken[-1])["This title"]
        assert "Rated by" not in " ".join(taken[-1].sentences)
        opens(taken[-1])


class TestTraining:
    def test_curves_figures_and_provenance_of_the_model(self, open_app, taken: list[Download]) -> None:
        app = open_app("training", user="4")
        assert not app.exception
        view = taken[-1]
        tables = csvs(view)
        assert tables["Final figures"].columns.tolist()[:4] == ["Figure", "Train", "Validation", "Test"]
        curves = tables["Learning curves"]
        assert set(curves["Figure"]) == {picture.name for picture in view.pictures}
        assert len(curves[curves["Figure"] == "Stars off (RMSE)"]) == 8  # four epochs of two parts
        assert dict(tables["Settings"].to_numpy())["user_features"] == "age"
        assert {picture.chart for picture in view.pictures} == {"learning_curve"}
        said = opens(view)
        for told in ("65% are of a title", "51 ratings of 400 titles", "epochs 4, best 3, seed 7", "tensorflow 2.21.0"):
            assert told in said
        assert "**" not in said
        assert "\\" not in said

    def test_page_about_a_model_names_no_viewer_and_no_moment(self, open_app, taken: list[Download]) -> None:
        open_app("training", user="4", at=PIN)
        assert taken[-1].title == "flagship: training"
        assert taken[-1].file_stem == "training-flagship"

    def test_model_without_stars_has_no_errors_of_stars(self, open_app, serve: Serve, taken: list[Download]) -> None:
        serve(small_ratings(), **STARLESS)
        open_app("training")
        assert not csvs(taken[-1])["Final figures"]["Figure"].str.contains("stars").any()
        opens(taken[-1])

    @pytest.mark.parametrize("ratings", [None, timeless_ratings()])
    def test_neither_times_nor_ratings_are_needed(self, open_app, serve: Serve, taken, ratings) -> None:
        serve(ratings, **TIMELESS)
        assert not open_app("training").exception
        assert "on a scale of 1-10" in opens(taken[-1])

    def test_training_another_one_has_nothing_to_take_away(self, open_app, taken: list[Download]) -> None:
        assert not open_app("training", view="Train a model").exception
        assert not taken


class TestYou:
    def test_list_is_taken_away_and_what_was_said_is_not(self, open_app, taken: list[Download]) -> None:
        app = open_app("you", user="4")
        (company,) = app.session_state["_companies"].values()
        visitor = company.asked
        title = visitor.asked[0]
        app.feedback(key=f"you_stars_{title}").set_value(1).run()
        assert not app.exception
        assert visitor.stars == {title: 2.0}
        view = taken[-1]
        (listed,) = csvs(view).values()
        assert view.tables[0].frame.columns.tolist() == ["#", "Title", "Year", "Genres", "Stars"]
        assert listed.columns.tolist()[:5] == [
            "Place in the list",
            "Title",
            "Year",
            "Genres",
            "Predicted stars (1 to 5)",
        ]
        said = opens(view)
        name = title.split(" (")[0].split(",")[0]
        assert name not in said
        assert name not in view.address
        assert "neither here nor in the address" in said

    def test_cards_are_taken_away_without_their_reasons(self, open_app, taken: list[Download]) -> None:
        open_app("you", user="4", table="false")
        said = opens(taken[-1])
        assert b"matinee-cards" in report_html(taken[-1])
        assert "Because" not in said
        assert "Everybody watches" not in said

    def test_page_about_a_visitor_names_no_viewer(self, open_app, taken: list[Download]) -> None:
        open_app("you", user="4", at=AT)
        assert taken[-1].title == "A visitor, 22 Apr 1998, 23:10 UTC: recommended"
        assert taken[-1].file_stem == "recommended-a-visitor-19980422T2310"

    def test_model_without_stars(self, open_app, serve: Serve, taken: list[Download]) -> None:
        serve(small_ratings(), **STARLESS)
        open_app("you")
        (listed,) = csvs(taken[-1]).values()
        assert not [column for column in listed if "stars" in column]
        assert "Score (higher is better; no unit)" in listed

    @pytest.mark.parametrize("ratings", [None, timeless_ratings()])
    def test_neither_times_nor_ratings_are_needed(self, open_app, serve: Serve, taken, ratings) -> None:
        serve(ratings, **TIMELESS)
        assert not open_app("you").exception
        assert taken[-1].file_stem == "recommended-a-visitor"
        opens(taken[-1])


@pytest.mark.parametrize("page", ["time-travel", "movies", "training", "you"])
def test_nothing_is_drawn_before_somebody_asks(open_app, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    def refuse(self: Picture) -> None:
        raise AssertionError("a chart was built")

    monkeypatch.setattr(Picture, "specification", refuse)
    for presenting in ("false", "true"):
        app = open_app(page, user="5", present=presenting)
        assert not app.exception
        labels = {button.label for button in app.get("download_button")}
        assert {"Picture, png", "Page that responds, html"} <= labels
