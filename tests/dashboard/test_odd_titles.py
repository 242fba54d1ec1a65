"""A title, genre or viewer whose name looks like Markdown reads as it is written, on every page and in the browser."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from recommender.dashboard.bundles import loading
from recommender.dashboard.drawing.markdown import escape, plain
from recommender.dashboard.parts import details
from recommender.dashboard.shell import PAGES
from recommender.data.ratings import Ratings
from recommender.data.schema import Feature, Kind, RatingScale, Schema
from tests.dashboard import journeys
from tests.dashboard.doubles import DoubleRecommender, small_ratings
from tests.dashboard.odd_titles import ODD_TITLES

TITLES = ODD_TITLES[:12]
SHOWN = {label for label in ODD_TITLES if escape(label) != label}


def odd_ratings() -> Ratings:
    """The small ratings, of titles with odd names, labels and features, by viewers with odd occupations."""
    ratings = small_ratings()
    labels = [(ODD_TITLES[n], ODD_TITLES[n + 1]) for n in range(12)]
    items = ratings.items.assign(title=TITLES, **{"*kinds*": labels, "$by$": ODD_TITLES[-12:]}).drop(columns="genres")
    features = (Feature("*kinds*", Kind.MULTI_CATEGORY), Feature("$by$", Kind.CATEGORY))
    users = ratings.users.assign(occupation=":smile: The Movie")
    schema = Schema((Feature("age", Kind.NUMBER), Feature("occupation", Kind.CATEGORY)), features)
    return replace(ratings, items=items, users=users, schema=schema, scale=RatingScale(1, 5, 0.5))


@pytest.fixture
def odd(recommender: DoubleRecommender, monkeypatch: pytest.MonkeyPatch) -> None:
    double = DoubleRecommender(titles=TITLES, source="somewhere", scale=RatingScale(1, 5, 0.5))
    monkeypatch.setattr(loading, "load_recommender", lambda bundle: double)
    monkeypatch.setattr(loading, "read_own_ratings", lambda source: odd_ratings())
    monkeypatch.setattr(loading, "read_cached_ratings", odd_ratings)


def read_as_markdown(app: AppTest) -> list[str]:
    """Every text of a page that Streamlit reads as Markdown; labels that are only read aloud are none of them."""
    texts = [
        element.value
        for kind in ("markdown", "caption", "title", "header", "subheader", "error")
        for element in app.get(kind)
    ]
    texts += [button.label for button in app.button]
    for kind in ("pills", "segmented_control", "button_group"):
        for group in app.get(kind):
            texts += [option.content for option in group.proto.options]
            texts += [group.proto.label] * (group.proto.label_visibility.value == 0)
    return texts


@pytest.mark.usefixtures("odd")
@pytest.mark.parametrize("path", ["", *(page.path for page in PAGES[1:])])
def test_every_page_shows_odd_names_as_they_are(open_app, path: str) -> None:
    app = open_app(path, user="20", movie=TITLES[2], find="x")
    assert not app.exception
    if not path:
        app.session_state[details._OPEN] = TITLES[1]
        app.run()
    app.run()  # personas have their names by now
    texts = read_as_markdown(app)
    escaped = re.compile("|".join(re.escape(write(name)) for name in SHOWN for write in (escape, plain)))
    assert not [(name, text) for text in texts for name in SHOWN if name in escaped.sub("", text)]
    assert path in ("training", "models", "time-travel", "replay") or any(
        escape(name) in text for text in texts for name in SHOWN
    )


@pytest.mark.usefixtures("odd")
def test_odd_address_is_said_as_it_is(open_app) -> None:
    app = open_app(user=":smile:", titles=["$x$"], pin=":red[x]")
    line = next(caption.value for caption in app.caption if "From the address" in caption.value)
    assert "viewer '\\:smile\\:'" in line
    assert "'\\$x\\$'" in line
    assert "'\\:red\\[x\\]'" in line


SCRIPT = """
import streamlit as st
from recommender.dashboard.drawing.markdown import escape, plain
from tests.dashboard.odd_titles import ODD_TITLES
for place, title in enumerate(ODD_TITLES):
    with st.container(key=f"title_{place}"):
        st.markdown(escape(title))
        st.subheader(escape(title), anchor=False)
        st.caption(f"Nothing is like '{plain(title)}'")
        st.button(escape(title), key=f"button_{place}")
        st.pills("Pills", [title], format_func=escape, key=f"pills_{place}", label_visibility="collapsed")
st.caption("drawn")
"""


@pytest.fixture
def odd_address(tmp_path: Path) -> Iterator[str]:
    script = tmp_path / "odd.py"
    script.write_text(SCRIPT)
    with journeys.served({}, tmp_path, script) as found:
        yield found


@pytest.mark.slow
@pytest.mark.browser
def test_browser_shows_them_as_they_are(open_tab: Callable[..., Any], odd_address: str) -> None:
    page = open_tab()
    page.goto(odd_address)
    page.get_by_text("drawn").wait_for()
    journeys.rest(page)
    for place, title in enumerate(ODD_TITLES):
        drawn = page.locator(f".st-key-title_{place}")
        lines = [line.strip() for line in drawn.inner_text().replace("\u2060", "").splitlines() if line.strip()]
        assert lines == [title, title, f"Nothing is like '{title}'", title, title]
        assert drawn.locator("a, em, strong, code, .katex, [role=img], .stMarkdownBadge").count() == 0
    page.close()
