import numpy as np
import pytest

from benchmarks import replication
from benchmarks.replication import centred, mean_change, replicate
from benchmarks.systems import System
from recommender.errors import ConfigurationError
from tests.checkerboard import SIZE, checkerboard, write_checkerboard_as_ml100k

BOARD = checkerboard()
SPAN = BOARD.timestamps.min(), BOARD.timestamps.max()


class Turning:
    """Scores of titles that rise or fall with the clock, each at a pace of its own, and stars that do the same."""

    def __init__(self, paces, rates=False):
        self.paces, self.rates = np.asarray(paces), rates

    def _passed(self, timestamps):
        return (timestamps - SPAN[0]) / (SPAN[1] - SPAN[0])

    def score(self, user_rows, timestamps):
        levels = np.arange(SIZE, 0, -1)  # at the start title 0 is best
        return levels + self._passed(timestamps)[:, None] * self.paces

    def rate(self, user_rows, item_rows, timestamps):
        return 3 + 0.1 * self._passed(timestamps) if self.rates else None


def system(scorer, rows=slice(None)):
    return System("turning", {}, scorer, BOARD, BOARD.take(np.arange(len(BOARD))[rows]))


PACES = np.random.default_rng(2).normal(size=SIZE)


@pytest.mark.parametrize(("factor", "correlation"), [(1.0, 1.0), (3.0, 1.0), (-1.0, -1.0)])
def test_replication_is_the_correlation_of_the_curves_whatever_their_level_and_scale(factor, correlation):
    found = replicate(system(Turning(PACES)), system(Turning(factor * PACES)))
    assert found.correlation == pytest.approx(correlation)
    assert found.by_title == pytest.approx(correlation)
    assert found.stars is None


def test_what_all_titles_do_together_replicates_no_title():
    found = replicate(system(Turning(PACES + 50)), system(Turning(50 - PACES)))
    assert found.correlation > 0.9
    assert found.by_title == pytest.approx(-1.0)


def test_every_curve_counts_as_much_as_one_that_moves_more():
    waves = np.array([[1.0, 100.0, 0.0], [-1.0, -100.0, 0.0]])
    assert replication.mean_correlation(waves, waves * [-1.0, 1.0, 1.0]) == 0.0  # the third does not move


def test_replication_compares_the_titles_that_are_best_to_the_first_and_rated_in_neither_part(monkeypatch):
    monkeypatch.setattr(replication, "_BEST", 3)
    asked = []

    class Listening(Turning):
        def rate(self, user_rows, item_rows, timestamps):
            asked.append((user_rows[0], np.unique(item_rows).tolist()))
            return super().rate(user_rows, item_rows, timestamps)

    replicate(
        system(Listening(np.zeros(SIZE), rates=True), slice(0, None, 2)), system(Turning(PACES), slice(1, None, 2))
    )
    assert (0, [1, 3, 5]) in asked  # viewer 0 rated all even titles
    assert (1, [0, 2, 4]) in asked


def test_scores_that_do_not_move_replicate_nothing():
    found = replicate(system(Turning(np.zeros(SIZE))), system(Turning(PACES)))
    assert np.isnan(found.correlation)
    assert np.isnan(found.by_title)


def test_stars_are_measured_around_their_means():
    found = replicate(system(Turning(PACES, rates=True)), system(Turning(PACES, rates=True)))
    moments = np.linspace(*SPAN, 60).astype(np.int64)
    assert found.stars == pytest.approx((0.1 * (moments - SPAN[0]) / (SPAN[1] - SPAN[0])).std(), rel=1e-4)
    assert found.days == pytest.approx((SPAN[1] - SPAN[0]) / 59 / 86_400, rel=1e-3)


def test_change_counts_titles_that_give_way_and_not_those_that_move():
    assert mean_change(np.array([[1, 2, 3], [3, 2, 1], [1, 4, 5]])) == (0 + 2) / 2
    assert centred(np.array([[1.0, 5.0], [3.0, 5.0]])).tolist() == [[-1.0, 0.0], [1.0, 0.0]]


def test_change_leaves_out_what_the_viewer_has_rated():
    steady, paces = Turning(np.zeros(SIZE)), np.zeros(SIZE)
    paces[::2] = 100 * np.arange(12) * (-1) ** np.arange(12)  # only even titles move
    even = system(Turning(paces), BOARD.user_rows % 2 == 0)  # its viewers have rated them all
    assert replicate(even, even).change == 0.0
    odd = system(Turning(paces), BOARD.user_rows % 2 == 1)
    assert replicate(odd, odd).change > 0
    assert replicate(system(steady), system(steady)).change == 0.0


def test_trainings_that_cannot_be_compared_are_refused():
    other = System("other", {}, Turning(PACES), BOARD.take(np.arange(9)), BOARD.take(np.arange(9)))
    with pytest.raises(ConfigurationError, match="different data"):
        replicate(system(Turning(PACES)), other)
    with pytest.raises(ConfigurationError, match="share viewers"):
        replicate(system(Turning(PACES), BOARD.user_rows == 0), system(Turning(PACES), BOARD.user_rows == 1))


def test_a_model_is_trained_twice_and_its_figures_are_printed(tmp_path, capsys):
    data = write_checkerboard_as_ml100k(tmp_path / "data")
    replication.main(["--model", "recent-popularity", "--data", str(data), "--json", str(tmp_path / "found.json")])
    printed = capsys.readouterr().out
    assert "replication of the titles' curves: r 0." in printed
    assert "titles of the ten that change per 0.7 days" in printed
    assert "stars" not in printed
