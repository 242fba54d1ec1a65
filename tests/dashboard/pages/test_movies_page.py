"""The page Movies in all its states, run by Streamlit's own AppTest; a click on the map is in the journey."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from recommender.dashboard.bundles import loading
from recommender.dashboard.pages.movies import opened_title
from recommender.dashboard.pages.movies import page as movies
from recommender.dashboard.parts import why
from tests.dashboard.doubles import LAST_AS_TYPED, TITLES, DoubleRecommender, bare_ratings, timeless_ratings
from tests.dashboard.drawn import chart_frame, words


def alts(app: AppTest) -> str:
    return " ".join(chart.proto.alt for chart in app.get("vega_lite_chart"))


def ringed(app: AppTest) -> list[str]:
    points = chart_frame(app, "Map of", "marks")
    return points.loc[points["mark"] == "opened", "name"].tolist()


def serve(monkeypatch: pytest.MonkeyPatch, double: DoubleRecommender, ratings=None) -> None:
    monkeypatch.setattr(loading, "load_recommender", lambda bundle: double)
    monkeypatch.setattr(loading, "read_cached_ratings", lambda: ratings)
    monkeypatch.setattr(loading, "read_own_ratings", lambda facts: ratings)


def test_first_recommendation_is_open_until_another_is(open_app, recommender: DoubleRecommender) -> None:
    app = open_app("movies", user="3", at=LAST_AS_TYPED)
    assert not app.exception
    first = recommender.with_ratings(loading.read_cached_ratings()).retrieve("3", recommender.last_moment, 1)
    assert first["title"][0].split(" (")[0].split(",")[0] in app.subheader[1].value.replace("\\", "")
    assert "until you open another" in words(app)


def test_title_of_the_address_is_open(open_app) -> None:
    app = open_app("movies", user="3", movie="Postman, The (1997)")
    assert "The Postman" in words(app)
    assert "until you open another" not in words(app)
    assert ringed(app) == ["The Postman"]


def test_unknown_title_of_the_address_is_one_line(open_app) -> None:
    app = open_app("movies", user="3", movie="Nothing (1900)")
    assert not app.exception
    assert "does not know 'Nothing (1900)'" in words(app)
    assert "until you open another" in words(app)


def test_search_forgives_typing_errors_and_opens(open_app) -> None:
    app = open_app("movies", user="3")
    app.text_input(key="find").set_value("csablanca").run()
    assert "Casablanca" in app.button(key="found_0").label
    app.button(key="found_0").click().run()
    assert app.query_params["movie"] == "Casablanca (1942)"
    assert ringed(app) == ["Casablanca"]


def test_search_that_finds_nothing_says_so(open_app) -> None:
    app = open_app("movies", user="3", find="qqqqqqq")
    assert "Nothing here is like 'qqqqqqq'" in words(app)


def test_reception_counts_the_ratings_and_says_what_the_viewer_gave(open_app) -> None:
    ratings = loading.read_cached_ratings().interactions
    times = ratings[ratings["item_id"] == "1"]["timestamp"]
    at = datetime.fromtimestamp(times.median(), UTC).replace(second=0, microsecond=0)
    app = open_app("movies", user="3", movie="Star Wars (1977)", at=f"{at:%Y-%m-%dT%H:%M}")
    of_title = ratings[ratings["item_id"] == "1"]["rating"]
    by_then = (times <= at.timestamp()).sum()
    assert 0 < by_then < len(of_title)
    first, last = (datetime.fromtimestamp(int(at), UTC).year for at in (times.min(), times.max()))
    years = f"in {first}" if first == last else f"from {first} to {last}"
    assert f"Rated by {len(of_title)}** {years}, {of_title.mean():.2f} stars on average" in words(app)
    of_them = f"{by_then} of them by {at:%-d %b %Y}"
    assert f"typically within {of_title.std():.2f} stars of that; {of_them}" in words(app)
    assert "Viewer 3 gave it 3" in words(app)
    app = open_app("movies", user="3", movie="Heat (1995)", at=f"{at:%Y-%m-%dT%H:%M}")
    assert f"Viewer 3 has not rated it by {at:%-d %b %Y}" in words(app)


def test_title_nobody_rated_is_said_to_be_so(open_app) -> None:
    assert "Nobody in the data has rated it" in words(open_app("movies", user="3", movie="unknown"))


def test_why_is_asked_only_if_it_is_opened(open_app, monkeypatch) -> None:
    monkeypatch.setattr(why, "explain", lambda *question: pytest.fail("asked"))
    app = open_app("movies", user="3", movie="Fargo (1996)")
    assert not app.exception


def test_why_shows_the_title_that_speaks_for_it_and_that_sums_agree(open_app) -> None:
    app = open_app("movies", user="3", movie="Fargo (1996)", why="true")
    given = float(
        loading.read_cached_ratings().interactions.query("user_id == '3' and item_id == '3'")["rating"].iloc[0]
    )
    bar = chart_frame(app, "how much the score falls without").iloc[0]
    assert bar["label"] == f"M*A*S*H, gave {given:g}"
    assert bar["note"].startswith(f"+{given / 10:.2f}")
    assert "the model was asked again without it" in words(app)
    assert "add up to that of the whole history" in words(app)
    app.segmented_control(key="why_unit_page").set_value("Stars").run()
    assert "by how much the stars fall without" in alts(app)
    assert not app.exception


def test_follow_is_kept_in_the_address(open_app) -> None:
    app = open_app("movies", user="3", movie="Fargo (1996)", titles=["Emma (1996)"])
    app.button(key="follow_movie").click().run()
    assert app.query_params["titles"] == ["Emma (1996)", "Fargo (1996)"]
    assert app.button(key="follow_movie").label == "Stop following"
    app.button(key="follow_movie").click().run()
    assert app.query_params["titles"] == "Emma (1996)"


def test_titles_like_it_are_named_by_cosine(open_app) -> None:
    app = open_app("movies", user="3", movie="Fargo (1996)")
    table = next(e for e in app.dataframe if "by cosine" in e.proto.alt).value
    assert table["name"].tolist()[0] == "Star Wars"
    assert "Cosine of the two titles" in words(app)


def test_map_is_coloured_by_what_the_data_have(open_app) -> None:
    app = open_app("movies", user="3")
    assert app.segmented_control(key="colour").options == ["Genres", "Year", "Times rated"]
    app = open_app("movies", user="3", colour="Year")
    assert app.segmented_control(key="colour").value == "Year"
    assert "the one that fewest titles have" not in words(app)
    app = open_app("movies", user="3", colour="Nonsense")
    assert app.segmented_control(key="colour").value == "Genres"
    assert "the one that fewest titles have" in words(app)


def test_titles_without_years_or_labels_are_coloured_by_how_often_they_were_rated(open_app, monkeypatch) -> None:
    ratings = bare_ratings()
    double = DoubleRecommender(titles=tuple(ratings.items["title"]), data_name="bare")
    serve(monkeypatch, double, ratings)
    app = open_app("movies", user="3")
    assert not app.exception
    assert not [control for control in app.segmented_control if control.key == "colour"]
    assert "Map of 12 titles" in alts(app)


def test_without_ratings_the_map_has_years_and_the_rest_is_said_to_come(open_app, monkeypatch) -> None:
    serve(monkeypatch, DoubleRecommender(data_name="other"), None)
    app = open_app("movies", user="3", movie="Fargo (1996)", why="true")
    assert not app.exception
    assert "How viewers rated it comes with the ratings" in words(app)
    assert "Which rated titles speak for this one comes with the ratings" in words(app)
    assert "Map of 12 titles" in alts(app)
    assert "Rings" not in words(app)


def test_model_without_a_space_has_no_map_and_says_why(open_app, monkeypatch) -> None:
    serve(monkeypatch, DoubleRecommender(embedding_size=0), loading.read_cached_ratings())
    app = open_app("movies", user="3")
    assert not app.exception
    assert "there is no map of its catalogue" in words(app)
    assert "Map of" not in alts(app)


def test_old_bundle_without_a_map_says_how_to_draw_one(open_app, recommender: DoubleRecommender) -> None:
    recommender.catalogue_map = None
    app = open_app("movies", user="3")
    assert not app.exception
    assert any("python -m recommender map" in code.value for code in app.code)


def test_data_without_times_and_a_model_that_reads_nothing(open_app, monkeypatch) -> None:
    double = DoubleRecommender(
        data_name="anime", has_timestamps=False, inputs=("user_id", "title_id"), scale=timeless_ratings().scale
    )
    serve(monkeypatch, double, timeless_ratings())
    app = open_app("movies", user="3", movie="Alien (1979)", why="true")
    assert not app.exception
    assert "reads no history" in words(app)
    assert "nothing here can be taken away" in words(app)
    assert "over the data's span" not in alts(app)


@pytest.mark.parametrize("tasks", [("retrieval",), ("rating",)])
def test_model_of_one_task_is_explained_in_what_it_says(open_app, monkeypatch, tasks) -> None:
    serve(monkeypatch, DoubleRecommender(tasks=tasks), loading.read_cached_ratings())
    app = open_app("movies", user="3", movie="Fargo (1996)")
    assert not app.exception
    assert not [control for control in app.segmented_control if control.key == "why_unit_page"]
    assert ("Predicted stars" in [metric.label for metric in app.metric]) == ("rating" in tasks)


def test_opened_title_is_kept_for_the_next_page(open_app) -> None:
    app = open_app("movies", user="3", movie="Fargo (1996)")
    assert app.session_state["_without_widget"]["movie"] == ["Fargo (1996)"]


def test_click_on_the_map_opens_what_lies_there(monkeypatch) -> None:
    found: list[str] = []
    held = {movies.MAP: {"selection": {"pick": [{"item_id": "4", "turn": 0}]}}, "_on_map": {"4": TITLES[3]}}
    monkeypatch.setattr(movies, "st", SimpleNamespace(session_state=held))
    monkeypatch.setattr(opened_title, "open_title", found.append)
    movies._open_picked()
    held[movies.MAP]["selection"]["pick"] = []
    movies._open_picked()
    held[movies.MAP]["selection"]["pick"] = [{"item_id": "<script>", "turn": 0}]
    movies._open_picked()
    assert found == [TITLES[3]]


def test_dialog_says_why_as_well(open_app) -> None:
    app = open_app(user="3")
    app.session_state["_open_title"] = "Fargo (1996)"
    app.run()
    assert "the model was asked again without it" in words(app)
    assert "A similarity in the model's space of titles, not a cause" in words(app)


def test_title_of_the_history_is_called_itself_when_it_is_explained() -> None:
    assert why._called("Postman, The (1997)", "Postman, The (1997)") == "This title itself"
    assert why._called("Postman, The (1997)", "Fargo (1996)") == "The Postman"


@pytest.mark.parametrize("known", [True, False])
def test_why_says_when_it_cannot_be_known_which_ratings_were_read(open_app, recommender, known: bool) -> None:
    recommender.knows_what_was_read = known
    app = open_app("movies", user="4", movie="Alien (1979)", why="true")
    assert not app.exception
    lines = [caption.value for caption in app.caption if "cannot be known" in caption.value]
    assert len(lines) == (not known)
    then = open_app("time-travel", user="4")
    assert ("Which ratings the model has read cannot be worked out" in words(then)) == (not known)
