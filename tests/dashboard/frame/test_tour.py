"""The guided tour, presenting, and what viewers are called."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recommender.bundle import MODEL_STORE
from recommender.bundle.training_data import load_data_of
from recommender.dashboard import shell
from recommender.dashboard.answers import personas, viewers
from recommender.dashboard.bundles import loading
from recommender.dashboard.choices import current
from recommender.dashboard.frame import tour
from recommender.dashboard.frame.tour import STEPS, Step
from recommender.data.ratings import Ratings
from recommender.data.titles import spoken_name
from recommender.serving.recommender import Recommender
from tests.dashboard.doubles import USERS, DoubleRecommender, small_ratings
from tests.dashboard.drawn import words

PATHS = [page.path for page in shell.PAGES]


def links(app: AppTest) -> dict[str, str]:
    return {link.proto.label: link.proto.query_string for link in app.get("page_link")}


@pytest.fixture(autouse=True)
def about_the_doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tour, "DATA", "ml-100k")


@pytest.fixture
def short_tour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three steps that a double can play."""
    monkeypatch.setattr(
        tour,
        "STEPS",
        (
            Step("recommend", lambda model: "This is *one*.", user="4", at=datetime(1998, 1, 1)),
            Step("nowhere", lambda model: "Nobody sees this.", user="4"),
            Step(
                "recommend",
                lambda model: "This is two.",
                user="5",
                at=datetime(1998, 2, 1),
                pin=datetime(1997, 12, 1),
                titles=("Ran (1985)",),
            ),
            Step("training", lambda model: "This is three.", user="6", at=datetime(1998, 2, 1)),
        ),
    )


@pytest.fixture(scope="module")
def flagship() -> Recommender:
    """The committed model that the tour is about, with the ratings that come along."""
    recommender = Recommender.load(MODEL_STORE / "flagship")
    return recommender.with_ratings(load_data_of(recommender.manifest.data))


def test_tour_is_about_the_committed_flagship_and_each_step_says_something_true_of_it(flagship, monkeypatch) -> None:
    monkeypatch.setattr(tour, "DATA", "ml-latest-small")
    assert tour.is_about(flagship)
    said = [step.sentence(flagship) for step in STEPS]
    assert len(set(said)) == len(STEPS)
    person, then = STEPS[0].user, current.to_seconds(STEPS[0].at)
    listed = flagship.as_of(then).retrieve(person, then, 10)["title"]
    rated = flagship.rated(person)
    watched = int(listed.isin(rated["title"][rated["timestamp"] > then]).sum())
    assert watched >= 3
    assert f"{watched} they went on to watch" in said[0]
    assert f"had rated {(rated['timestamp'] <= then).sum()} films" in said[0]
    assert "of the ten titles are others, for by now they have rated" in said[1]
    assert f"{flagship.manifest.training.seconds:,.0f} seconds" in said[6]
    assert not any("nan" in sentence for sentence in said)


def test_who_the_tour_follows_is_whom_pages_open_on(flagship) -> None:
    regular = personas.find_regular(flagship)
    assert regular is not None
    assert regular.user_id == STEPS[0].user


def test_tour_has_six_to_eight_steps_of_one_sentence_each() -> None:
    assert 6 <= len(STEPS) <= 8
    assert STEPS[0].page == PATHS[0]


def test_steps_without_a_page_are_left_out() -> None:
    assert [step.page for step in tour.steps(["recommend", "training"])] == ["recommend"] * 3 + ["training"]


def test_every_step_has_its_page() -> None:
    assert {step.page for step in STEPS} <= set(PATHS)


def test_what_a_step_follows_is_out_at_its_moments() -> None:
    for step in STEPS:
        moment = step.pin or step.at
        years = [spoken_name(title).year for title in step.titles]
        assert all(moment is not None and year is not None and year <= moment.year for year in years), step.page
    assert all(step.titles for step in STEPS if step.at is not None and step.page == "recommend")


def test_tour_starts_from_every_page(open_app) -> None:
    for path in PATHS:
        app = open_app("" if path == PATHS[0] else path)
        assert [query for label, query in links(app).items() if label == "Take the tour"] == ["step=1"], path


@pytest.mark.usefixtures("short_tour")
def test_step_in_the_address_sets_the_scene(open_app) -> None:
    app = open_app(step="2")
    assert not app.exception
    assert "This is two" in words(app)
    assert "2 of 3" in words(app)
    assert app.selectbox(key="user").value == "5"
    assert app.query_params["user"] in ("5", ["5"])
    assert app.session_state["at"] == datetime(1998, 2, 1)
    assert app.query_params["pin"] in ("1997-12-01T00:00", ["1997-12-01T00:00"])
    assert app.multiselect(key="titles").value == ["Ran (1985)"]
    found = links(app)
    assert (found["Back"], found["Next"]) == ("step=1", "step=3")


@pytest.mark.usefixtures("short_tour")
def test_sentence_is_text(open_app) -> None:
    assert "This is \\*one\\*\\." in words(open_app(step="1"))


@pytest.mark.usefixtures("short_tour")
def test_address_of_a_step_holds_against_the_step(open_app) -> None:
    app = open_app(step="2", user="10", pin="1998-01-05T00:00")
    assert app.selectbox(key="user").value == "10"
    assert app.query_params["pin"] in ("1998-01-05T00:00", ["1998-01-05T00:00"])
    assert app.session_state["at"] == datetime(1998, 2, 1)


@pytest.mark.usefixtures("short_tour")
def test_viewer_chosen_within_a_step_stays(open_app) -> None:
    app = open_app(step="2")
    app.selectbox(key="user").select("10").run()
    assert app.selectbox(key="user").value == "10"
    assert "This is two" in words(app)


@pytest.mark.usefixtures("short_tour")
def test_next_step_moves_everything_and_takes_the_pin_away(open_app) -> None:
    app = open_app(step="2")
    app.query_params["step"] = "1"
    app.run()
    assert app.selectbox(key="user").value == "4"
    assert "pin" not in app.query_params
    assert app.multiselect(key="titles").value == []


@pytest.mark.usefixtures("short_tour")
def test_leaving_takes_the_strip_away_and_nothing_else(open_app) -> None:
    app = open_app(step="2")
    leave = app.button(key="leave_tour")
    assert leave.label == "Leave"
    leave.click().run()
    assert "This is two" not in words(app)
    assert "step" not in app.query_params
    assert app.selectbox(key="user").value == "5"


@pytest.mark.usefixtures("short_tour")
def test_last_step_is_finished(open_app) -> None:
    app = open_app("training", step="3")
    assert "Next" not in links(app)
    finish = app.button(key="leave_tour")
    assert finish.label == "Finish"
    assert "step" not in finish.click().run().query_params


@pytest.mark.usefixtures("short_tour")
@pytest.mark.parametrize("step", ["0", "4", "-1", "x", "", "٣", "9" * 5000])
def test_step_that_is_none_shows_nothing(open_app, step: str) -> None:
    app = open_app(step=step)
    assert not app.exception
    assert "leave_tour" not in {button.key for button in app.button}


@pytest.mark.usefixtures("short_tour")
@pytest.mark.parametrize(
    "double", [DoubleRecommender(model="multitask"), DoubleRecommender(users=("1", "4", "5"))], ids=["model", "viewers"]
)
def test_tour_about_another_model_says_so(open_app, monkeypatch: pytest.MonkeyPatch, double: DoubleRecommender) -> None:
    monkeypatch.setattr(loading, "load_recommender", lambda bundle: double)
    app = open_app(step="1")
    assert not app.exception
    assert "The tour is about the flagship on MovieLens" in words(app)
    assert app.selectbox(key="user").value == "1"


@pytest.mark.usefixtures("short_tour")
def test_tour_chooses_the_flagship_where_there_are_several(
    open_app, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubles = {"flagship": DoubleRecommender(model="multitask"), "real": DoubleRecommender()}
    for name, double in doubles.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(double.manifest.sealed_json())
    monkeypatch.setattr(loading, "load_recommender", lambda bundle: doubles[bundle.name])
    app = open_app()
    assert app.selectbox(key="model").value == "flagship"
    app.query_params["step"] = "1"
    app.run()
    assert not app.exception
    assert app.selectbox(key="model").value == "real"
    assert app.selectbox(key="user").value == "4"
    assert "one" in words(app)


def test_critic_of_the_tour_is_the_harshest_of_the_data(
    open_app, recommender: DoubleRecommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewers, "_ENOUGH_RATINGS", 1)
    monkeypatch.setattr(tour, "STEPS", (replace(tour._CRITIC, user="4"),))
    monkeypatch.setattr(tour, "_CRITIC", tour.STEPS[0])
    app = open_app(step="1")
    assert not app.exception
    found = viewers.find_personas(small_ratings(), USERS, lambda user: [])
    critic = next(persona.user_id for persona in found if persona.name == "Harsh critic")
    assert critic != "4"
    assert app.selectbox(key="user").value == critic
    assert f"A harsh critic\\: viewer {critic} gives " in words(app)


@pytest.mark.parametrize("ratings", [small_ratings, lambda: None], ids=["nobody is well known", "no ratings"])
def test_tour_without_a_critic_says_the_same_of_its_viewer(
    open_app, recommender: DoubleRecommender, monkeypatch: pytest.MonkeyPatch, ratings: Callable[[], Ratings | None]
) -> None:
    monkeypatch.setattr(loading, "read_cached_ratings", ratings)
    monkeypatch.setattr(tour, "STEPS", (replace(tour._CRITIC, user="4"),))
    monkeypatch.setattr(tour, "_CRITIC", tour.STEPS[0])
    app = open_app(step="1")
    assert not app.exception
    assert app.selectbox(key="user").value == "4"
    assert "harsh" not in words(app)
    assert "what one picks is not what one praises" in words(app)


class TestPresenting:
    def test_heading_says_who_when_and_by_which_model(self, open_app) -> None:
        app = open_app(user="4", present="true")
        assert not app.exception
        assert [title.value for title in app.title] == ["Viewer 4"]
        assert "by **flagship**, ml\\-100k  ·  23 Sep 1997, 03:09 UTC" in words(app)  # what they rated last

    # What a visitor says is what the page You shows.
    @pytest.mark.parametrize("page", ["", *(path for path in PATHS[1:] if path != "you")])
    def test_every_control_stands_in_the_menu(self, open_app, page: str) -> None:
        app = open_app(page, present="true")
        assert not app.exception
        menu = next(block for block in app.get("popover"))
        inside = {id(box.proto) for kind in ("selectbox", "slider", "toggle", "multiselect") for box in menu.get(kind)}
        everywhere = {id(b.proto) for kind in ("selectbox", "slider", "toggle", "multiselect") for b in app.get(kind)}
        assert inside == everywhere
        assert inside

    def test_ways_to_show_the_page_stand_in_the_open_until_it_is_shown(self, open_app) -> None:
        app = open_app(user="4")
        ways = {"present", "marked_views"}
        assert ways <= {button.key for button in app.button}
        assert not ways & {button.key for menu in app.expander for button in menu.button}
        presented = open_app(user="4", present="true")
        assert "marked_views" in {button.key for menu in presented.get("popover") for button in menu.get("button")}

    def test_page_you_names_no_viewer(self, open_app) -> None:
        app = open_app("you", user="4", present="true")
        assert not app.exception
        assert not app.title
        assert "by **flagship**" in words(app)

    def test_it_begins_and_ends_where_one_is(self, open_app) -> None:
        app = open_app(user="4")
        app.button(key="present").click().run()
        assert app.query_params["present"] in ("true", ["true"])
        assert app.title
        assert app.selectbox(key="user").value == "4"
        app.button(key="end_presenting").click().run()
        assert "present" not in app.query_params
        assert not app.title
        assert app.selectbox(key="user").value == "4"


class TestNames:
    def test_persona_is_called_by_name_once_found(self, open_app) -> None:
        app = open_app(user="1")
        assert any("Newcomer" in title.value for title in app.run().header)

    def test_viewers_without_a_name_keep_their_number(self, open_app) -> None:
        app = open_app(user="4").run()
        assert "Viewer 4" in [title.value for title in app.header]

    def test_address_keeps_the_number(self, open_app) -> None:
        app = open_app().run()
        app.selectbox(key="user").select("20").run()
        assert app.query_params["user"] in ("20", ["20"])
        assert "viewer 20" in app.selectbox(key="user").options[-1]

    def test_names_are_of_one_model(self, recommender: DoubleRecommender) -> None:
        assert personas.named(recommender) == {}
        assert personas.name_of(recommender, "1") == "Viewer 1"
        assert personas.name_of(recommender, "1", inside=True) == "viewer 1"
