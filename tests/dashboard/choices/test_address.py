"""What an address may say: a parameter that only one page has, and any of them at its worst."""

import pytest
from streamlit.testing.v1 import AppTest

from recommender.dashboard.bundles import loading
from recommender.dashboard.shell import PAGES
from tests.dashboard.doubles import DoubleRecommender, timeless_ratings

PATHS = ["", *(page.path for page in PAGES[1:])]
EVERY = [*(name for page in PAGES for name in page.parameters), "step", "present"]
GARBAGE = ["", "\x00\ud7ff\U0010ffff", "<b>[x](y)</b> :smile:", "9" * 400, "1e999"]


def lines(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption if "From the address" in caption.value]


@pytest.mark.parametrize(
    ("page", "query", "line"),
    [
        ("training", {"view": "Everything"}, "view cannot be 'Everything', so it is What it learned"),
        ("time-travel", {"span": "Century"}, "span cannot be 'Century', so it is All"),
        ("time-travel", {"all_known": "perhaps"}, "all_known is true or false, so the page stands as of then"),
        ("", {"future": "soon"}, "future is true or false, so what was not out is left out"),
        ("movies", {"why": "because"}, "why cannot be 'because', so it is false"),
        ("movies", {"colour": "pink"}, "colour cannot be 'pink', so it is Genres"),
        ("", {"step": "99"}, "step cannot be '99', so it is none"),
        ("you", {"step": ""}, "step cannot be '', so it is none"),
        ("models", {"present": "loudly"}, "present cannot be 'loudly', so it is false"),
        ("time-travel", {"span": ["Week", "Era"]}, "span cannot be 'Era', which was left out"),
        ("training", {"view": "x"}, "view cannot be 'x', so it is What it learned"),
    ],
)
def test_value_that_cannot_be_gives_the_default_and_one_line(open_app, page: str, query: dict, line: str) -> None:
    app = open_app(page, **query)
    assert not app.exception
    assert lines(app) == [f":material/info: From the address: {line}."]
    assert all(app.query_params.get(name) not in (value, [value]) for name, value in query.items())
    if page != "you":  # it has no bar to choose in
        app.selectbox(key="user").select("5").run()
        assert not lines(app)


@pytest.mark.parametrize(
    ("page", "query", "held"),
    [
        ("training", {"view": "Train a model"}, "Train a model"),
        ("time-travel", {"span": "Week"}, "week"),
        ("time-travel", {"all_known": "TRUE"}, True),
        ("movies", {"colour": "Year"}, "Year"),
        ("movies", {"why": "true"}, True),
    ],
)
def test_value_that_can_be_holds_and_needs_no_line(open_app, page: str, query: dict, held: object) -> None:
    app = open_app(page, **query)
    assert not app.exception
    assert app.session_state[next(iter(query))] == held
    assert not lines(app)


def test_all_that_is_wrong_stands_in_one_line(open_app) -> None:
    app = open_app("time-travel", user="nobody", span="x", all_known="y", step="z")
    assert len(lines(app)) == 1
    for name in ("viewer 'nobody'", "span cannot be 'x'", "all_known is true or false", "step cannot be 'z'"):
        assert name in lines(app)[0]


def test_parameter_that_a_page_has_no_use_for_is_no_complaint(open_app, monkeypatch: pytest.MonkeyPatch) -> None:
    double = DoubleRecommender(inputs=("title_id",), has_timestamps=False, data_name="anime", source="somewhere")
    monkeypatch.setattr(loading, "load_recommender", lambda bundle: double)
    monkeypatch.setattr(loading, "read_own_ratings", lambda source: timeless_ratings())
    app = open_app("time-travel", span="x")
    assert not app.exception
    assert not lines(app)


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("page", PATHS)
def test_garbage_in_every_parameter_of_every_page_at_once_is_one_line(open_app, page: str, garbage: str) -> None:
    shared = ("user", "at", "pin", "k", "hide_seen", "all_known", "future", "model", "movie", "find")
    app = open_app(page, titles=[garbage, garbage], **dict.fromkeys([*shared, *EVERY], garbage))
    assert not app.exception
    assert not app.error
    assert len(lines(app)) == 1
    assert "so this is viewer 1" in lines(app)[0]
    assert not {"at", "model"} & set(app.query_params)
    if page == "you":  # it has no bar to choose in
        return
    assert app.selectbox(key="user").value == "1"
    app.selectbox(key="user").select("5").run()
    assert not app.exception
    assert not lines(app)
