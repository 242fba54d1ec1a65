"""What training both tasks together gives each of them, in words, from figures that were measured."""

from datetime import date

import pytest

from recommender.charts.both_tasks import both_tasks
from recommender.dashboard.answers.both_tasks import BOTH, RATING, RETRIEVAL, Measured, read
from recommender.dashboard.pages.models.two_tasks import two_tasks

MEASURED = Measured(
    command="python -m benchmarks.both_tasks --write",
    day=date(2026, 1, 2),
    data="MovieLens 100K",
    trained={
        BOTH: [
            {"rmse": 0.9, "ndcg_at_10": 0.30, "liked_ndcg_at_10": 0.2},
            {"rmse": 0.98, "ndcg_at_10": 0.21, "liked_ndcg_at_10": 0.2},
        ],
        RETRIEVAL: [{"ndcg_at_10": 0.32, "liked_ndcg_at_10": 0.1}, {"ndcg_at_10": 0.20, "liked_ndcg_at_10": 0.2}],
        RATING: [{"rmse": 1.0}, {"rmse": 1.0}],
    },
)


def test_gain_and_loss_are_said_as_what_they_are_with_the_trainings_that_agree():
    found = two_tasks({"multitask": MEASURED}, "multitask")
    assert found.sentences[1] == (
        "The list finds 1.9% less (in 1 of 2 trainings) of what viewers went on to watch than with the list trained "
        "alone: right of ten (NDCG@10) 0.255 beside 0.260."
    )
    assert found.sentences[2] == (
        "Of what they watched and liked it finds 33.3% more (in 1 of 2 trainings): liked of ten (liked NDCG@10) 0.200 "
        "beside 0.150."
    )
    assert found.sentences[3] == (
        "The stars are 6.0% nearer (in 2 of 2 trainings) than with the stars trained alone: stars off (RMSE) 0.940 "
        "beside 1.000."
    )
    assert (found.words.list_gain, found.words.star_gain) == ("finds\n1.9% less", "6.0% nearer")
    assert "2 trainings of each kind, 2 Jan 2026" in found.source
    assert MEASURED.command in found.source


def test_gain_below_all_digits_is_none():
    alike = MEASURED.model_copy(update={"trained": {**MEASURED.trained, RATING: [{"rmse": 0.94}, {"rmse": 0.9401}]}})
    found = two_tasks({"multitask": alike}, "multitask")
    assert found.sentences[3].startswith("The stars are no nearer than with the stars trained alone:")
    assert found.words.star_gain == "no nearer"


def test_another_model_is_told_what_was_measured_of_the_one_that_was():
    assert two_tasks({"multitask": MEASURED}, "ease").words.model == "multitask"
    assert two_tasks({"multitask": MEASURED, "flagship": MEASURED}, "flagship").words.model == "flagship"
    assert two_tasks({}, "flagship") is None


def test_drawing_says_both_gains_and_escapes_what_it_is_told():
    words = two_tasks({"multitask": MEASURED}, "multitask").words
    drawn = both_tasks(words._replace(model="<b>"), 'a "quoted" sentence')
    assert all(said in drawn for said in ("finds", "1.9% less", "6.0% nearer", "&lt;b&gt;"))
    assert "<b>" not in drawn
    assert 'aria-label="a &quot;quoted&quot; sentence"' in drawn


@pytest.mark.parametrize("model", sorted(read()))
def test_figures_that_are_kept_have_every_kind_of_training_and_their_command(model):
    measured = read()[model]
    assert {len(rows) for rows in measured.trained.values()} == {measured.n_trainings}
    assert set(measured.trained) == {BOTH, RETRIEVAL, RATING}
    assert f"--models {model} " in measured.command
