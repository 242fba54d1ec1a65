"""The choices come along to every page, and stand in its address."""

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from recommender.dashboard import shell
from recommender.dashboard.pages.training import learned
from recommender.errors import RecommenderError
from tests.dashboard.drawn import listed

PATHS = [page.path for page in shell.PAGES]
TITLES = ["Fargo (1996)", "Casablanca (1942)"]
VIEW = {"user": "4", "titles": TITLES, "k": "5", "hide_seen": "false", "pin": "1998-01-01T00:00"}


def go(app: AppTest, page: str) -> AppTest:
    """Follows a link of the navigation: a browser leaves in the address what a widget of the page is bound to."""
    widgets = {widget.key for kind in ("selectbox", "multiselect", "toggle") for widget in app.get(kind)} - {"user"}
    for key in set(app.query_params) - widgets:
        del app.query_params[key]
    app._page_hash = calc_hash("" if page == PATHS[0] else page)
    return app.run()


def address(app: AppTest) -> dict[str, list[str]]:
    return {key: [value] if isinstance(value, str) else list(value) for key, value in app.query_params.items()}


WANTED = {key: [value] if isinstance(value, str) else value for key, value in VIEW.items()}


@pytest.mark.parametrize("first", ["", "training"])
def test_every_page_has_the_whole_view_in_its_address(open_app, first: str) -> None:
    app = open_app(first, **VIEW)
    for page in [*PATHS[1:], PATHS[0]]:
        go(app, page)
        assert not app.exception, page
        assert address(app) == WANTED, page
    assert len(listed(app)) == 5
    assert app.toggle(key="hide_seen").value is False
    assert app.multiselect(key="titles").value == TITLES


def test_what_is_changed_on_one_page_holds_on_the_others(open_app) -> None:
    app = open_app(**VIEW)
    app.selectbox(key="k").select(3).run()
    app.multiselect(key="titles").unselect(TITLES[0]).run()
    app.button(key="unpin").click().run()
    go(go(app, "training"), "time-travel")
    assert app.selectbox(key="k").value == 3
    assert app.multiselect(key="titles").value == TITLES[1:]
    assert "pin" not in app.query_params


def test_presenting_and_the_open_title_come_along(open_app) -> None:
    app = open_app("movies", movie="Emma (1996)", present="true")
    go(app, "training")
    assert (address(app)["movie"], address(app)["present"]) == (["Emma (1996)"], ["true"])
    app.button(key="end_presenting").click().run()
    assert "present" not in go(app, "movies").query_params


def test_page_that_fails_loses_nothing(open_app, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RecommenderError("this page has nothing to show.")

    monkeypatch.setattr(learned, "draw", fail)
    app = open_app(**VIEW)
    go(app, "training")
    assert len(app.error) == 1
    app.button(key="pin_moment").click().run()
    assert address(go(app, PATHS[0])) == {**WANTED, "pin": ["1997-09-23T03:09"]}


def test_title_that_nobody_has_leaves_the_address_of_a_page_without_a_picker_too(open_app) -> None:
    app = open_app("training", titles=["Nope", "Fargo (1996)"], k="x")
    assert address(app) == {"titles": ["Fargo (1996)"], "user": ["1"]}
