"""Marked views, marked on a page, shown one after another and taken along."""

import io
from datetime import datetime

from pptx import Presentation
from streamlit.testing.v1 import AppTest

from recommender.dashboard import shell
from recommender.dashboard.choices.address import choices_of
from recommender.dashboard.choices.current import options_of, to_seconds
from recommender.dashboard.choices.marked_views import MarkedView, as_text
from recommender.dashboard.downloads import marked_menu
from recommender.dashboard.downloads.slides_pptx import slides_pptx
from recommender.dashboard.frame import tour
from recommender.dashboard.frame.tour import Step
from recommender.errors import RecommenderError
from tests.dashboard.doubles import DoubleRecommender
from tests.dashboard.drawn import listed

LIST = MarkedView(name="A list", sentence="Five films.", address="?user=4&at=1998-01-01T00:00&k=5&pin=1998-02-01T00:00")
CLOCK = MarkedView(name="The clock", address="time-travel?user=5&titles=Ran+(1985)&span=Month&at=1998-01-01T00:00")
FILM = MarkedView(name="A film", sentence="Ran.", address="movies?user=5&movie=Ran+(1985)")


def strip(app: AppTest) -> str:
    return next(text.value for text in app.markdown if text.value.startswith("#### "))


def test_link_shows_its_views_one_after_another(open_app) -> None:
    app = open_app(views=as_text((LIST, CLOCK)))
    assert not app.exception
    assert strip(app) == "#### Five films\\."
    assert len(listed(app)) == 5
    assert app.query_params["marked"] == "1"
    assert app.query_params["pin"] == "1998-02-01T00:00"
    assert "views" not in app.query_params
    app.button(key="show_next").click().run()
    assert not app.exception
    assert strip(app) == "#### The clock"
    assert "pin" not in app.query_params
    assert app.segmented_control(key="span").value == "month"
    assert app.multiselect(key="titles").value == ["Ran (1985)"]
    assert app.button(key="show_next").disabled
    app.button(key="leave_show").click().run()
    assert "marked" not in app.query_params
    assert "present" not in app.query_params


def test_what_is_turned_meanwhile_stays_until_the_next_view(open_app) -> None:
    app = open_app(views=as_text((LIST, FILM)))
    app.selectbox(key="user").set_value("6").run()
    assert app.selectbox(key="user").value == "6"
    app.button(key="show_next").click().run()
    assert app.selectbox(key="user").value == "5"
    assert app.query_params["movie"] == "Ran (1985)"


def test_link_that_is_not_whole_is_said_and_the_page_opens(open_app) -> None:
    app = open_app(views=as_text((LIST, CLOCK))[:-6])
    assert not app.exception
    assert "copy it again" in app.toast[0].value
    assert len(listed(app))
    assert "marked" not in app.query_params


def test_view_is_marked_renamed_moved_and_removed(open_app) -> None:
    app = open_app(user="4", k="5")
    app.text_input(key=next(box.key for box in app.text_input if box.key.startswith("mark_name"))).set_value(
        "Mine"
    ).run()
    app.button(key="mark_recommended").click().run()
    app.button(key="mark_recommended").click().run()
    views = app.session_state["_marked_views"]
    assert [view.name for view in views] == ["Mine", "Mine"]
    assert views[0].page == ""
    assert views[0].parameters["user"] == ["4"]
    assert views[0].parameters["k"] == ["5"]

    def opened() -> AppTest:  # the test's browser closes the dialog with every run
        return app.button(key="marked_views").click().run()

    opened().text_input(key="name_1_Mine").set_value("Yours").run()
    opened().button(key="Up_1_Yours").click().run()
    assert [view.name for view in app.session_state["_marked_views"]] == ["Yours", "Mine"]
    opened().text_input(key="name_0_Yours").set_value("  ").run()
    opened().button(key="Remove_1_Mine").click().run()
    assert [view.name for view in app.session_state["_marked_views"]] == ["Yours"]


def test_steps_of_the_tour_are_views_that_choose_what_the_steps_choose(open_app, monkeypatch) -> None:
    step = Step("time-travel", lambda model: "Two.", user="5", at=datetime(1998, 2, 1), pin=datetime(1997, 12, 1))
    monkeypatch.setattr(tour, "DATA", "ml-100k")
    monkeypatch.setattr(tour, "STEPS", (step, Step("you", lambda model: "You.", user="5")))
    app = open_app()
    app.button(key="marked_views").click().run()
    app.button(key="mark_tour").click().run()
    assert not app.exception
    shown, you = app.session_state["_marked_views"]
    assert (shown.name, shown.sentence, shown.page) == ("Time travel", "Two.", "time-travel")
    chosen = choices_of(shown.parameters, options_of(DoubleRecommender()))
    assert (chosen.user, chosen.at, chosen.pin) == ("5", to_seconds(step.at), to_seconds(step.pin))
    assert you.page == "you"


def test_every_page_is_worked_out_for_slides_without_being_drawn(recommender: DoubleRecommender) -> None:
    gone = MarkedView(name="Gone", address="?model=gone")
    slides = marked_menu._slides((LIST, CLOCK, FILM, gone), shell.work_out, "http://x/", {})
    assert [slide.download is not None for slide in slides] == [True, True, True, False]
    listed, clock, film, _ = slides
    assert len(listed.download.tables[0].frame) == 5
    assert listed.address == listed.download.address == f"http://x/{LIST.address}"
    assert "Ran" in clock.download.pictures[0].alt
    assert "Ran" in film.download.title
    assert "no model 'gone'" in slides[3].missing
    pages = Presentation(io.BytesIO(slides_pptx([listed, slides[3]]))).slides
    assert [page.shapes.title.text for page in pages] == ["Five films.", "Gone"]


def test_what_was_marked_is_on_its_slide_as_it_was(recommender: DoubleRecommender) -> None:
    def refuse(view: MarkedView) -> None:
        raise RecommenderError("it was not to be asked for.")

    (worked_out,) = marked_menu._slides((LIST,), shell.work_out, "http://x/", {})
    (slide,) = marked_menu._slides((LIST,), refuse, "http://x/", {LIST.address: worked_out.download})
    assert slide.download == worked_out.download
    (missing,) = marked_menu._slides((LIST,), refuse, "http://x/", {})
    assert "was not to be asked for" in missing.missing
