"""The page Models in all its states."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from recommender.dashboard.bundles import loading
from recommender.errors import BundleError
from tests.dashboard.doubles import DoubleRecommender, small_ratings
from tests.dashboard.drawn import chart_frame, table, words

Store = Callable[..., dict[str, object]]
STARLESS = {"model": "two-tower", "tasks": ("retrieval",), "inputs": ("user_id", "timestamp", "title_id")}


class Shuffled(DoubleRecommender):
    """Another opinion of the same titles."""

    def _scores(self, user: str | None, at: int, history: Any = None):
        return super()._scores(user, at, history)[::-1].copy()


@pytest.fixture
def store(recommender: DoubleRecommender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Fills a folder of bundles: doubles to be served, or the error that loading one gives."""

    def fill(**others: object) -> dict[str, object]:
        bundles = {"flagship": DoubleRecommender(), **{name.replace("_", "-"): b for name, b in others.items()}}

        def load(bundle: Path) -> object:
            found = bundles[bundle.name]
            if isinstance(found, Exception):
                raise found
            return found() if isinstance(found, type(lambda: 0)) else found

        for name, bundle in bundles.items():
            (tmp_path / name).mkdir(exist_ok=True)
            text = bundle.manifest.sealed_json() if isinstance(bundle, DoubleRecommender) else "{half"
            (tmp_path / name / "manifest.json").write_text(text)
        monkeypatch.setattr(loading, "load_recommender", load)
        monkeypatch.setattr(loading, "read_own_ratings", lambda source: None)
        return bundles

    return fill


def pictures(app: AppTest) -> list[str]:
    return [chart.proto.alt for chart in app.get("vega_lite_chart")]


def arrived(app: AppTest, tmp_path: Path, name: str) -> AppTest:
    """The page once the other bundle is there."""
    stage = loading.load(tmp_path / name)
    stage._arrived.wait(10)
    return app.run()


def test_one_bundle_alone_says_how_to_get_another(open_app, store: Store) -> None:
    store()
    app = open_app("models")
    assert not app.exception
    assert "There is one bundle only" in words(app)
    assert "versus" not in {box.key for box in app.selectbox}
    assert table(app, "All models examined")["name"].tolist() == ["flagship"]


def test_two_models_answer_the_same_question(open_app, store: Store, tmp_path: Path) -> None:
    store(multitask=Shuffled(model="multitask"))
    app = arrived(open_app("models", user="4"), tmp_path, "multitask")
    assert not app.exception
    ours, theirs = table(app, "titles of flagship, best"), table(app, "in the list of flagship")
    assert len(ours) == len(theirs) == 8  # of twelve titles viewer 4 has seen four
    assert set(ours["name"]) == set(theirs["name"])
    assert ours["name"].tolist() != theirs["name"].tolist()
    for name, move in zip(ours["name"], ours["move"], strict=True):
        step = theirs["name"].tolist().index(name) - ours["name"].tolist().index(name)
        assert move == ("=" if step == 0 else f"▲ {step}" if step > 0 else f"▼ {-step}")
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures["In both lists"] == "8 of 10"
    assert set(figures) == {"In both lists", "Same order", "Same stars", "Stars apart"}
    joined = chart_frame(app, "place in the left list")
    assert joined[["left", "right"]].notna().all(axis=None)
    assert len(joined) == 8
    apart = chart_frame(app, "on which they differ most")
    assert apart["step"].abs().is_monotonic_decreasing
    assert "viewer 4, 23 Sep 1997, 03:09 UTC" in words(app)


def test_model_without_stars_has_lists_and_no_star_figures(open_app, store: Store, tmp_path: Path) -> None:
    store(two_tower=Shuffled(**STARLESS))
    app = arrived(open_app("models"), tmp_path, "two-tower")
    assert not app.exception
    assert {metric.label for metric in app.metric} == {"In both lists", "Same order"}
    assert "stars" not in table(app, "in the list of flagship")
    assert "stars" in table(app, "titles of flagship, best")
    assert "Ticks at the right edge" in words(app)


def test_page_works_while_the_other_model_is_loaded(open_app, store: Store, tmp_path: Path) -> None:
    bundles = store(multitask=DoubleRecommender(model="multitask"))
    other, gate = bundles["multitask"], threading.Event()

    def slowly() -> object:
        gate.wait(30)
        return other

    bundles["multitask"] = slowly
    app = open_app("models")
    assert not app.exception
    assert "multitask is being loaded" in words(app)
    assert app.get("skeleton")
    assert table(app, "All models examined")["name"].tolist() == ["flagship", "multitask"]
    app.selectbox(key="user").select("4").run()
    assert "multitask is being loaded" in words(app)
    gate.set()
    app = arrived(app, tmp_path, "multitask")
    assert "is being loaded" not in words(app)
    assert len(table(app, "in the list of flagship")) == 8


def test_model_that_cannot_be_loaded_says_so_in_one_line_and_can_be_tried_again(
    open_app, store: Store, tmp_path: Path
) -> None:
    bundles = store(torn=BundleError("torn/identifiers.json: its checksum is 00; train it again."))
    app = arrived(open_app("models"), tmp_path, "torn")
    assert not app.exception
    assert "torn cannot be loaded: torn/identifiers" in words(app).replace("\\", "")
    bundles["torn"] = DoubleRecommender()
    app.button(key="versus_again").click().run()
    app = arrived(app, tmp_path, "torn")
    assert len(table(app, "in the list of flagship"))


def test_page_opens_on_two_models_that_can_be_compared(open_app, store: Store, tmp_path: Path) -> None:
    store(anime=DoubleRecommender(data_name="anime", source="x"), multitask=Shuffled(model="multitask"))
    app = arrived(open_app("models", user="4"), tmp_path, "multitask")
    assert app.selectbox(key="versus").options == ["multitask"]
    assert len(table(app, "in the list of flagship"))


def test_where_none_can_be_compared_a_click_shows_two_that_can(open_app, store: Store, tmp_path: Path) -> None:
    store(
        anime=DoubleRecommender(data_name="anime", source="x"),
        manga=DoubleRecommender(model="manga", data_name="anime", source="x"),
    )
    app = open_app("models")
    assert not app.exception
    assert "flagship** is the only model here of ml\\-100k" in words(app)
    assert "versus" not in {box.key for box in app.selectbox}
    app.button(key="pair_elsewhere").click().run()
    app = arrived(app, tmp_path, "manga")
    assert not app.exception
    assert app.selectbox(key="model").value == "anime"
    assert app.selectbox(key="versus").value == "manga"
    assert len(table(app, "in the list of anime"))


def test_model_of_other_data_is_not_offered_and_not_loaded(open_app, store: Store, tmp_path: Path) -> None:
    store(anime=DoubleRecommender(data_name="anime", source="x"))
    app = open_app("models")
    assert not app.exception
    assert "flagship** is the only model here of ml\\-100k" in words(app)
    assert "pair_elsewhere" not in {button.key for button in app.button}
    assert "Not comparable with these: other data, anime" in words(app)
    assert table(app, "All models examined")["name"].tolist() == ["flagship"]
    assert table(app, "Models examined on anime")["name"].tolist() == ["anime"]


def test_viewer_whom_the_other_model_lacks_is_one_line(open_app, store: Store, tmp_path: Path) -> None:
    store(multitask=DoubleRecommender(users=("1", "2")))
    app = arrived(open_app("models", user="20"), tmp_path, "multitask")
    assert not app.exception
    assert "multitask does not know viewer 20" in words(app)


def test_address_chooses_the_model_beside(open_app, store: Store, tmp_path: Path) -> None:
    store(alpha=DoubleRecommender(model="alpha"), omega=DoubleRecommender(model="omega"))
    app = open_app("models", versus="omega")
    assert app.selectbox(key="versus").value == "omega"
    app.selectbox(key="versus").select("alpha").run()
    assert not app.exception


def test_unknown_model_in_the_address_gives_the_first_and_one_line(open_app, store: Store) -> None:
    store(alpha=DoubleRecommender())
    app = open_app("models", versus="<b>nobody")
    assert app.selectbox(key="versus").value == "alpha"
    assert "versus cannot be '\\<b\\>nobody', so it is alpha" in words(app)


def test_choosing_the_other_model_in_the_bar_swaps_them(open_app, store: Store, tmp_path: Path) -> None:
    store(multitask=Shuffled(model="multitask"))
    app = arrived(open_app("models"), tmp_path, "multitask")
    app.selectbox(key="model").select("multitask").run()
    assert not app.exception
    assert app.selectbox(key="versus").value == "flagship"
    assert app.selectbox(key="versus").options == ["flagship"]


def test_facts_of_both_stand_side_by_side(open_app, store: Store, tmp_path: Path) -> None:
    store(multitask=DoubleRecommender(model="multitask"))
    app = arrived(open_app("models"), tmp_path, "multitask")
    facts = next(t.value for t in app.table if "Facts" in t.proto.alt)
    assert list(facts.columns) == ["flagship", "multitask"]
    text = facts.to_string().replace("\\", "")
    for fact in ("random, seed 42: 40 train", "abababababababab", "tensorflow 2.21.0", "1,234 parameters"):
        assert fact in text
    assert table(app, "Settings each")["setting"].tolist() == [
        "embedding_size",
        "learning_rate",
        "user_features",
    ]
    labels = [button.label for button in app.get("download_button")]
    assert labels.count("Manifest") == labels.count("Whole bundle") == labels.count("Learning curves") == 2


def test_seen_titles_stay_hidden_as_chosen_on_the_other_page(open_app, store: Store, tmp_path: Path) -> None:
    store(multitask=DoubleRecommender(model="multitask"))
    app = arrived(open_app("models", user="4"), tmp_path, "multitask")
    seen = set(small_ratings().items["title"].head(4))
    assert not seen & {
        f"{name} ({year})" for name, year in table(app, "titles of flagship, best")[["name", "year"]].to_numpy()
    }
    assert "titles rated before are left out" in words(app)
