import pytest

from recommender.dashboard.choices import current
from recommender.serving.changes import NO_CHANGES
from tests.dashboard.doubles import TITLES


@pytest.mark.parametrize("page", ["time-travel", "movies", "models"])
def test_page_that_does_not_follow_what_is_supposed_says_so_and_takes_it_back(open_app, page):
    app = open_app(page, user="4", if_gave=f"1 {TITLES[7]}")
    assert not app.exception
    (said,) = [part.value for part in app.markdown if "What if" in part.value]
    assert "this page shows what they really did" in said
    app.button(key="suppose_nothing").click().run()
    assert app.session_state[current.WHAT_IF].changes == NO_CHANGES
    assert not [part.value for part in app.markdown if "What if" in part.value]
