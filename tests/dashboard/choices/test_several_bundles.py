"""Several bundles in one store: the picker, what stays on the way from one to another, and one that is damaged."""

from datetime import datetime
from pathlib import Path

import pytest

from recommender.dashboard.bundles import loading, manifests
from recommender.errors import BundleError
from tests.dashboard.doubles import LAST_AS_TYPED, REFERENCE, TIMELESS, TITLES, DoubleRecommender, small_ratings
from tests.dashboard.drawn import listed, words


@pytest.fixture
def store(recommender: DoubleRecommender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A folder of bundles, by name: a double to be served, or the error that loading it gives."""
    bundles: dict[str, object] = {
        "flagship": DoubleRecommender(),
        "popular": DoubleRecommender(**REFERENCE),
        "timeless": DoubleRecommender(
            titles=(*TITLES[:3], *(f"Other {n}" for n in range(9))), users=("4", "5"), **TIMELESS
        ),
        "torn": BundleError("torn/identifiers.json: its checksum is 00, the manifest says 11; train it again."),
    }

    def load(bundle: Path) -> object:
        found = bundles[bundle.name]
        if isinstance(found, Exception):
            raise found
        return found

    for name, bundle in bundles.items():
        (tmp_path / name).mkdir()
        text = bundle.manifest.sealed_json() if isinstance(bundle, DoubleRecommender) else "{half a manif"
        (tmp_path / name / "manifest.json").write_text(text)
    monkeypatch.setattr(loading, "load_recommender", load)
    monkeypatch.setattr(loading, "read_own_ratings", lambda source: None)
    return bundles


def test_one_bundle_needs_no_picker(open_app) -> None:
    assert "model" not in {box.key for box in open_app().selectbox}


@pytest.mark.parametrize("page", ["", "training"])
def test_picker_tells_bundles_apart(open_app, store, page: str) -> None:
    picker = open_app(page).selectbox(key="model")
    assert picker.options == ["flagship", "popular", "timeless", "torn"]
    assert "**popular**: popularity on ml\\-100k, trained 2026\\-11\\-21" in picker.help
    assert "**torn**: cannot be read; choose it to see why" in picker.help


def test_choices_stay_where_the_other_model_knows_them(open_app, store) -> None:
    app = open_app(user="4", at="1998-01-01T00:00", pin="1997-12-01T00:00", titles=["Fargo (1996)"], k="5")
    app.selectbox(key="model").select("popular").run()
    assert not app.exception
    assert app.selectbox(key="model").value == "popular"
    assert app.query_params["user"] == "4"
    assert app.query_params["at"] == "1998-01-01T00:00"
    assert app.query_params["pin"] == "1997-12-01T00:00"
    assert app.multiselect(key="titles").value == ["Fargo (1996)"]
    assert len(listed(app)) == 5
    assert "This model knows" not in words(app)


def test_what_the_other_model_does_not_know_is_one_line(open_app, store) -> None:
    app = open_app(user="2", titles=["Fargo (1996)", "M*A*S*H (1970)"])
    app.selectbox(key="model").select("timeless").run()
    assert not app.exception
    line = "This model knows no viewer '2', so this is viewer 4; no title 'Fargo (1996)', which is no longer followed."
    assert line in words(app)
    assert app.selectbox(key="user").value == "4"
    assert app.multiselect(key="titles").value == ["M*A*S*H (1970)"]
    assert line not in words(app.selectbox(key="user").select("5").run())


def test_moment_outlives_a_model_without_times(open_app, store) -> None:
    app = open_app(user="4", at="1998-01-01T00:00", pin="1997-12-01T00:00")
    app.selectbox(key="model").select("timeless").run()
    assert not {"at", "pin"} & set(app.query_params)
    app.selectbox(key="user").select("5").run()
    app.selectbox(key="model").select("flagship").run()
    assert f"{app.datetime_input(key='at').value:%Y-%m-%dT%H:%M}" == "1998-01-01T00:00"
    assert app.query_params["pin"] == "1997-12-01T00:00"
    assert app.query_params["user"] == "5"


def test_moment_outside_the_other_data_is_chosen_no_longer(open_app, store) -> None:
    later = DoubleRecommender(data_name="later", source="x")
    training = later.manifest.training.model_copy(update={"first_moment": 10**9, "last_moment": 10**9 + 10**7})
    later.manifest = later.manifest.model_copy(update={"training": training})
    later.first_moment, later.last_moment = 10**9, 10**9 + 10**7
    store["popular"] = later
    app = open_app(user="4", at="1998-01-01T00:00", pin="1997-12-01T00:00")
    app.selectbox(key="model").select("popular").run()
    assert not app.exception
    assert "This model knows nothing of 1 Jan 1998, so no moment is chosen" in words(app)
    assert "nothing of the pinned moment" in words(app)
    assert app.datetime_input(key="at").value == datetime(2002, 1, 2, 19, 33)
    assert "pin" not in app.query_params


def test_damaged_bundle_shows_its_error_and_can_be_left(open_app, store) -> None:
    app = open_app(user="4", titles=["Fargo (1996)"], k="5")
    app.selectbox(key="model").select("torn").run()
    assert not app.exception
    assert "This model cannot be shown" in words(app)
    assert "torn/identifiers.json: its checksum" in app.error[0].value.replace("\\", "")
    app.selectbox(key="model").select("popular").run()
    assert app.selectbox(key="user").value == "4"
    assert app.multiselect(key="titles").value == ["Fargo (1996)"]
    assert len(listed(app)) == 5


def test_damaged_default_leaves_the_others(open_app, store) -> None:
    store["flagship"] = store["torn"]
    app = open_app()
    assert "This model cannot be shown" in words(app)
    assert len(listed(app.selectbox(key="model").select("popular").run())) == 10


def test_models_of_one_name_and_second_do_not_share_answers(open_app, store) -> None:
    other = DoubleRecommender(inputs=("user_id", "title_id"))
    other.manifest = other.manifest.model_copy(update={"files": {"saved_model/saved_model.pb": "ff"}})
    store["popular"] = other
    app = open_app(user="1", at=LAST_AS_TYPED)
    before = listed(app)["title"].tolist()
    app.selectbox(key="model").select("popular").run()
    joined = other.with_ratings(small_ratings())
    assert listed(app)["title"].tolist() == joined.retrieve("1", 0, 10)["title"].tolist() != before


def test_half_written_bundle_is_not_listed(open_app, store, tmp_path: Path) -> None:
    (tmp_path / ".new-x1").mkdir()
    (tmp_path / ".new-x1" / "manifest.json").write_text("{}")
    assert ".new-x1" not in manifests.all_bundles()
