"""What the page Training shows of a model, worked out without a page."""

import pandas as pd
import pytest

from recommender.bundle import MODEL_STORE
from recommender.bundle.reader import read_manifest
from recommender.dashboard.choices.current import Choices
from recommender.dashboard.drawing.markdown import without_markup
from recommender.dashboard.pages.training.learned import column_widths
from recommender.dashboard.pages.training.view import LearnedView, learned_view
from tests.dashboard.doubles import FIRST, REFERENCE, TIMELESS, DoubleRecommender, small_ratings, timeless_ratings


def view_of(recommender: DoubleRecommender, at: int = FIRST + 3 * 86_400) -> LearnedView:
    return learned_view(recommender, Choices(user="1", at=at, pin=None, titles=(), k=10, hide_seen=True))


def test_verdict_names_the_share_the_reference_and_the_stars():
    assert without_markup(view_of(DoubleRecommender()).verdict) == (
        "Of 7 ratings it never saw, 65% are of a title among the first 100 of 400 that it would have listed at the "
        "viewer's last known moment (best-sellers: 41%); its predicted stars are off by 0.90 (RMSE)."
    )


def examined(**changes: object) -> DoubleRecommender:
    """A double with other figures on test; None takes one away."""
    recommender = DoubleRecommender()
    test = {**recommender.manifest.metrics["test"], **changes}
    metrics = {**recommender.manifest.metrics, "test": {name: value for name, value in test.items() if value != "gone"}}
    recommender.manifest = recommender.manifest.model_copy(update={"metrics": metrics})
    return recommender


def test_verdict_says_in_words_what_is_no_better_than_popularity_and_what_says_nothing():
    said = without_markup(view_of(examined(ndcg_at_10=0.2)).verdict)
    assert said.endswith("Its lists are no better than best-sellers (0.205): right of ten (NDCG@10) 0.200.")
    silent = examined(ndcg_at_10=None, says_nothing={"ndcg_at_10": "the data have one viewer"})
    said = without_markup(view_of(silent).verdict)
    assert "On these data right of ten (NDCG@10) says nothing" in said
    assert "the data have one viewer" in said


def test_bundle_of_an_earlier_version_is_not_measured_where_it_was_told_the_second():
    told = {"rmse": 0.9, "top_k_unseen": {"100": 0.66}}
    view = view_of(examined(rmse="gone", top_k_unseen="gone", liked_ndcg_at_10="gone", held_out=told))
    assert view.verdict.startswith("An earlier version examined this bundle")
    test = view.figures.set_index("Figure")["Test"]
    names = ["Stars off (RMSE)", "Found in the first 100 unseen", "Liked of ten (liked NDCG@10)"]
    assert test[names].tolist() == ["not measured"] * 3
    assert test["Right of ten (NDCG@10)"] == "0.325"
    assert test[["Held-out: Stars off (RMSE)", "Held-out: Found in the first 100 unseen"]].tolist() == [
        "0.900",
        "66.0%",
    ]


def test_lists_that_hold_more_than_a_quarter_of_the_catalogue_are_not_shown():
    recommender = DoubleRecommender()
    data = recommender.manifest.data.model_copy(update={"n_titles": 120})
    recommender.manifest = recommender.manifest.model_copy(update={"data": data})
    view = view_of(recommender)
    assert "among the first 10 of 120" in view.verdict
    bars = view.beside_reference.shares["metric"].tolist()
    assert bars[:4] == ["In the first 1", "In the first 5", "In the first 10", "Right of ten (NDCG@10)"]
    assert not view.figures["Figure"].str.contains("100").any()


def test_curves_are_those_with_a_heading_in_their_order():
    view = view_of(DoubleRecommender())
    assert [curve.heading for curve in view.curves] == [
        "Both errors together (loss)",
        "Stars off (RMSE)",
        "Found in the first 100 unseen",
    ]
    assert all(set(curve.frame["metric"]) == {curve.metric} for curve in view.curves)


def test_errors_larger_in_training_are_explained_by_how_it_was_measured():
    recommender = DoubleRecommender()
    assert view_of(recommender).curves_note == ""
    epoch = recommender.manifest.training.best_epoch
    rows = [(epoch, "train", "rmse", 0.9), (epoch, "validation", "rmse", 0.8)]
    recommender.learning_curves = pd.DataFrame(rows, columns=["epoch", "phase", "metric", "value"])
    said = view_of(recommender).curves_note
    assert "while the model still changes; on validation after the pass." in said
    hides = recommender.manifest.configuration | {"history_dropout": 0.4, "average_momentum": 0.98}
    recommender.manifest = recommender.manifest.model_copy(update={"configuration": hides})
    said = view_of(recommender).curves_note
    assert "parts of what it reads are hidden" in said
    assert "by the average of its latest weights, with nothing hidden" in said


def test_final_figures_of_the_flagship_fit_a_page_of_1280_pixels():
    recommender = DoubleRecommender()
    recommender.manifest = read_manifest(MODEL_STORE / "flagship")
    view = view_of(recommender)
    assert sum(column_widths(view.figures).values()) <= 1130
    assert view.references_help["EASE"].startswith("Counts what is watched together")
    assert set(view.references_help) == set(view.figures.columns[4:])


def test_figures_leave_out_what_nobody_measured():
    figures = view_of(DoubleRecommender()).figures.set_index("Figure")
    assert list(figures) == ["Train", "Validation", "Test", "Best-sellers"]
    assert figures.loc["Stars off (RMSE)"].tolist() == ["0.800", "0.910", "0.900", ""]
    assert figures.loc["How unusual the ten are (novelty@10, bits)"].tolist() == ["", "9.0", "9.0", "9.0"]


def test_shares_stand_beside_the_first_reference_only_where_both_are_measured():
    beside = view_of(DoubleRecommender()).beside_reference
    assert beside.reference == "popularity"
    shares = beside.shares.set_index("metric")
    assert shares.loc["In the first 100"].tolist() == [0.65, 0.41]
    recommender = DoubleRecommender()
    popularity = {"top_k_unseen": {"100": 0.41}}
    recommender.manifest = recommender.manifest.model_copy(update={"references": {"popularity": popularity}})
    assert view_of(recommender).beside_reference.shares["metric"].tolist() == ["In the first 100"]


def test_reference_has_nothing_beside_itself():
    view = view_of(DoubleRecommender(**REFERENCE))
    assert view.beside_reference is None
    assert view.figures_note.startswith("Each question is put at")


def test_ratings_are_counted_by_week_and_by_the_chosen_moment():
    recommender = DoubleRecommender().with_ratings(small_ratings())
    times = small_ratings().interactions["timestamp"]
    at = FIRST + 3 * 86_400
    ratings = view_of(recommender, at).ratings
    assert ratings.weeks["ratings"].sum() == ratings.n == len(times)
    assert ratings.weeks["week"].diff().dropna().eq(pd.Timedelta(weeks=1)).all()
    assert ratings.n_by_then == (times <= at).sum()


@pytest.mark.parametrize("ratings", [None, timeless_ratings()])
def test_without_ratings_or_times_nothing_is_counted(ratings):
    view = view_of(DoubleRecommender(**TIMELESS).with_ratings(ratings), at=0)
    assert view.ratings is None
    assert "to 22 Apr" not in view.data


def test_settings_and_provenance_are_written_as_text():
    view = view_of(DoubleRecommender())
    assert view.settings == {"embedding_size": "4", "learning_rate": "0.002", "user_features": "age"}
    assert view.provenance["Took"] == "12 s, epochs 4, best 3, seed 7"
    assert view.provenance["Finished"] == "21 Nov 2026, 20:41 UTC"
