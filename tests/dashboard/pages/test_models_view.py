"""What the page Models shows, worked out without a page."""

import math
from pathlib import Path

import pytest

from recommender.dashboard.choices.current import Choices, options_of
from recommender.dashboard.drawing.markdown import without_markup
from recommender.dashboard.pages.models.all_models import all_models
from recommender.dashboard.pages.models.download import download_of
from recommender.dashboard.pages.models.view import MOST_ROWS, Bundles, Pair, bundles_of, models_view, pair_of
from tests.dashboard.doubles import LAST, DoubleRecommender, figures, manifest, small_ratings

CHOSEN = Choices(user="4", at=LAST, pin=None, titles=(), k=10, hide_seen=True)
STARLESS = {"tasks": ("retrieval",), "inputs": ("user_id", "title_id")}


def with_share(share: float):
    return manifest().model_copy(update={"metrics": {"test": figures(0.9, share)}})


@pytest.fixture
def bundles(tmp_path: Path) -> Bundles:
    """The shown model, two examined as it was, one of other data, and one that cannot be read."""
    folders = {}
    for name, said in {
        "flagship": manifest(),
        "anime": manifest(data_name="anime"),
        "good": with_share(0.6),
        "best": with_share(0.7),
        "torn": None,
    }.items():
        folders[name] = tmp_path / name
        folders[name].mkdir()
        (folders[name] / "manifest.json").write_text("{" if said is None else said.sealed_json())
    return bundles_of(DoubleRecommender(), folders, "flagship")


def test_best_bundle_of_the_same_exam_is_proposed_first(bundles):
    assert bundles.others == ("best", "good", "torn")
    assert bundles.elsewhere is None
    assert list(bundles.manifests) == ["flagship", "anime", "good", "best"]


def test_bundle_that_cannot_be_read_is_named_with_the_reason(bundles):
    assert list(bundles.refused) == ["torn"]
    assert "torn/manifest.json: cannot be read" in bundles.refused["torn"]


def test_digest_of_each_bundle_is_among_its_facts(bundles):
    view = models_view(DoubleRecommender(), bundles, "good", CHOSEN)
    assert view.facts.loc["Digest of the bundle", "good"].replace(" ", "") == bundles.manifests["good"].seal
    assert len(bundles.manifests["good"].seal) == 64


def test_one_bundle_alone_is_described_alone(tmp_path):
    alone = bundles_of(DoubleRecommender(), {"flagship": tmp_path}, "flagship")
    view = models_view(DoubleRecommender(), alone, None, CHOSEN)
    assert alone.others == ()
    assert view.pair is None
    assert view.described == ("flagship",)


def test_where_no_other_knows_the_data_the_two_best_of_others_are_named(tmp_path):
    data = {"one": "anime", "two": "books", "better": "books", "best": "books"}
    shares = {"two": 0.3, "better": 0.5, "best": 0.6}
    folders = {name: tmp_path / name for name in ("flagship", *data)}
    for name, folder in folders.items():
        folder.mkdir()
        said = manifest() if name == "flagship" else manifest(data_name=data[name])
        said = said.model_copy(update={"metrics": {"test": figures(0.9, shares.get(name, 0.5))}})
        (folder / "manifest.json").write_text(said.sealed_json())
    bundles = bundles_of(DoubleRecommender(), folders, "flagship")
    assert bundles.others == ()
    assert bundles.elsewhere == ("best", "better")
    view = models_view(DoubleRecommender(), bundles, None, CHOSEN)
    assert view.pair is None
    assert view.facts.loc["Finished", "flagship"] == "2026-11-21 20:41 UTC"
    del folders["best"], folders["two"]
    assert bundles_of(DoubleRecommender(), folders, "flagship").elsewhere is None


def test_bundles_are_measured_by_exam_and_the_shown_one_has_its_role(bundles):
    models = all_models(bundles.manifests, "flagship", "good")
    assert models.figures["name"].tolist() == ["best", "flagship", "good"]
    assert [table["name"].tolist() for table in models.elsewhere.values()] == [["anime"]]
    marks = models.plane.marks.set_index("name")
    assert marks["role"].to_dict() == {"best": "other", "flagship": "shown", "good": "beside", "best-sellers": "other"}
    assert marks.loc["best-sellers", ["kind", "note"]].tolist() == ["reference", "best-sellers, 41%"]
    assert models.plane.kinds == ("model",)
    assert models.plane.stars_axis == pytest.approx((0.9 - 0.0075, 0.9 + 0.0075))


def test_names_in_the_picture_stand_clear_of_lines_and_of_each_other():
    beaten = {"popularity": figures(0.9, 0.41), "ease": figures(0.9, 0.59), "signed-ease": figures(0.9, 0.6)}
    near = {
        name: with_share(share).model_copy(update={"references": beaten}) for name, share in (("a", 0.61), ("b", 0.5))
    }
    marks = all_models(near, "a", "b").plane.marks.set_index("name")
    notes = marks[marks["kind"] == "reference"]["note_at"].sort_values()
    assert (notes.diff().dropna() >= 0.06 * 0.61 - 1e-9).all()
    lines = marks[marks["kind"] == "reference"]["share"]
    assert ((marks.loc["a", "note_at"] - lines).abs() > 0.018).all()
    assert marks.loc["b", "note_at"] == 0.5


def test_one_model_alone_is_no_picture():
    assert all_models({"a": manifest()}, "a", None).plane is None


def test_models_without_stars_alone_have_no_axis_of_stars():
    models = all_models({"a": manifest(**STARLESS), "b": manifest(**STARLESS)}, "a", None)
    assert models.plane.kinds == ("starless",)
    assert models.plane.stars_axis is None
    unmeasured = manifest().model_copy(update={"metrics": {}})
    assert all_models({"a": unmeasured}, "a", None).plane is None


def test_model_whose_stars_were_not_measured_is_no_model_without_stars():
    earlier = manifest().model_copy(update={"metrics": {"test": {"n_test": 20, "ndcg_at_10": 0.3}}})
    models = all_models({"a": manifest(), "b": manifest(), "old": earlier}, "a", None)
    assert set(models.plane.marks["name"]) == {"a", "b", "best-sellers"}
    assert models.remarks == (
        "Not measured of old, which an earlier version examined: what is empty, but for stars of a model that predicts "
        "none.",
    )


def test_model_no_better_than_popularity_is_said_to_be_so():
    models = all_models({"good": with_share(0.6), "bad": with_share(0.4)}, "good", "bad")
    (said,) = models.remarks
    assert (
        without_markup(said) == "bad: Its lists are no better than best-sellers (0.205): right of ten (NDCG@10) 0.200."
    )
    assert all_models({"good": with_share(0.6), "bad": with_share(0.4)}, "good", None).remarks == ()


def pair(*models: DoubleRecommender, **chosen: object) -> Pair:
    return pair_of(models, ("one", "two"), Choices(**{**vars(CHOSEN), **chosen}))


def test_seen_titles_are_left_out_only_where_both_models_have_the_ratings():
    here = DoubleRecommender().with_ratings(small_ratings())
    assert pair(here, here).hide_seen
    assert len(pair(here, here).found.ours) == 8  # of twelve titles viewer 4 has seen four
    assert not pair(here, DoubleRecommender()).hide_seen
    assert not pair(here, here, hide_seen=False).hide_seen


def test_lists_end_where_lines_between_them_say_nothing():
    titles = tuple(f"Title {n}" for n in range(40))
    model = DoubleRecommender(titles=titles)
    found = pair(model, model, k=100).found
    assert len(found.ours) == len(found.theirs) == found.agreement.overlap == MOST_ROWS
    assert math.isclose(found.agreement.ranks, 1.0)
    assert (found.links["left"] == found.links["right"]).all()


def test_download_holds_what_is_compared():
    recommender, starless = DoubleRecommender(), DoubleRecommender(model="starless", **STARLESS)
    compared = pair(recommender, starless)
    download = download_of(compared, all_models({"one": recommender.manifest}, "one", "two"), options_of(recommender))
    assert [table.name for table in download.tables] == [
        "The first titles of one",
        "The first titles of two",
        "All models",
    ]
    assert "Stars" in download.tables[0].frame
    assert "Stars" not in download.tables[1].frame
    assert download.pictures == ()  # one of them predicts no stars
    common = set(compared.found.ours["title"]) & set(compared.found.theirs["title"])
    assert download.sentences == (f"one and two have {len(common)} of 10 titles in common.",)
