from dataclasses import replace

import numpy as np
import pytest

from recommender.data.schema import Schema
from recommender.data.splits import split_temporal
from recommender.evaluation import Means, Popularity, RecentPopularity, choosing
from recommender.evaluation.choosing import RECENCY_GRIDS, SIGNED_GRIDS, Chooser, Grids
from recommender.evaluation.ease import EaseSettings
from tests.checkerboard import SIZE, checkerboard, checkerboard_split


@pytest.fixture
def split():
    return checkerboard_split()


def test_of_very_many_viewers_some_are_asked(split, monkeypatch):
    viewers = np.unique(split.validation.user_rows)
    assert len(viewers) > 12
    monkeypatch.setattr(choosing, "MOST_VIEWERS", 6)
    asked = []

    class Noting(Popularity):
        def score(self, user_rows, timestamps):
            asked.extend(user_rows)
            return super().score(user_rows, timestamps)

    monkeypatch.setattr(choosing, "RecentPopularity", lambda part, days: Noting(part))
    Chooser(split.train, split.validation).best_seller_days([1.0, 2.0])
    some = sorted(set(asked))
    assert 3 <= len(some) <= 6
    assert len(asked) == 2 * len(some)
    assert set(some) < set(viewers)


def test_of_very_many_titles_fewer_viewers_are_asked(split, monkeypatch):
    validation = split.validation
    assert choosing.some_viewers_of(validation) is validation
    monkeypatch.setattr(choosing, "_MOST_SCORES", 6 * SIZE)
    assert 3 <= len(np.unique(choosing.some_viewers_of(validation).user_rows)) <= 6


@pytest.fixture
def noted(monkeypatch):
    """The parts that popularity was asked of, with the figures it had there, by half-life."""
    read, figures = [], {}

    class Noting(choosing.HeadOfLists):
        def __init__(self, part, held_out):
            super().__init__(part, held_out)
            self.part, self.held_out = part, held_out

        def figures(self, scorer):
            found = super().figures(scorer)
            read.append((self.part, self.held_out))
            figures[scorer.days] = figures.get(scorer.days, 0.0) + sum(found)
            return found

    class OfDays(RecentPopularity):
        def __init__(self, part, days):
            super().__init__(part, days)
            self.days = days

    monkeypatch.setattr(choosing, "HeadOfLists", Noting)
    monkeypatch.setattr(choosing, "RecentPopularity", OfDays)
    return read, figures


def test_half_life_is_asked_for_at_moments_of_all_that_is_known_where_validation_comes_last(split, noted):
    cut = split_temporal(split.training_part)
    chosen = Chooser(cut.training_part, cut.test).best_seller_days([0.1, 5.0])
    read, figures = noted
    assert chosen == max(figures, key=figures.get)
    n = len(split.training_part)
    sizes = {(len(before), len(after)) for before, after in read}
    assert len(sizes) == 5
    for size in sizes:
        assert size == pytest.approx((round(size[0] / n, 1) * n, min(0.25 * size[0], n - size[0])), abs=3)
    assert all(before.timestamps.max() < after.timestamps.min() for before, after in read)


def test_half_life_is_asked_for_on_validation_where_that_does_not_come_last(split, noted):
    chosen = Chooser(split.train, split.validation).best_seller_days([0.1, 5.0])
    read, figures = noted
    assert chosen == max(figures, key=figures.get)
    assert {(len(before), len(after)) for before, after in read} == {(len(split.train), len(split.validation))}


def test_the_lambda_that_tells_the_colours_is_chosen(split):
    chooser = Chooser(split.train, split.validation)
    grids = Grids(best_seller_days=(7.0,), ease_l2=(1e12, 1.0), half_lives=((),))  # 1e12 leaves weights of nothing
    assert chooser.ease(grids) == EaseSettings(1.0, best_seller_days=7.0)


def test_recency_is_chosen_where_viewers_change():
    """Each viewer met nearly all of one colour, then three of the other, and went on with that one."""
    board = checkerboard()

    def ratings_of(titles_of_viewers):
        pairs = [(viewer, title) for viewer, titles in enumerate(titles_of_viewers) for title in titles]
        table = board.interactions.iloc[np.zeros(len(pairs), int)].assign(
            user_id=[f"u{viewer}" for viewer, _ in pairs],
            item_id=[f"t{title}" for _, title in pairs],
            timestamp=range(len(pairs)),
        )
        return replace(board, interactions=table.reset_index(drop=True))

    first = [[title for title in range(viewer % 2, SIZE, 2) if title // 2 != viewer // 2] for viewer in range(SIZE)]
    then = [np.roll(range(1 - viewer % 2, SIZE, 2), viewer).tolist() for viewer in range(SIZE)]
    train = ratings_of([first[viewer] + then[viewer][:3] for viewer in range(SIZE)])
    validation = ratings_of([then[viewer][3:] for viewer in range(SIZE)])
    grids = replace(RECENCY_GRIDS, ease_l2=(5.0,), half_lives=((), (2.0,)))
    assert Chooser(train, validation).ease(grids).half_lives == (2.0,)


class GivenLists:
    """Stands for `HeadOfLists`: what lists are worth is what the settings give, with noise that is always the same."""

    def __init__(self, worth):
        self._worth, self.asked = worth, []

    def by_viewer(self, ease):
        self.asked.append(ease.settings)
        return self._worth(ease.settings) + np.tile([0.01, -0.01], 50), np.zeros(100)


@pytest.mark.parametrize("gain", [0.02, -0.02, 0.0])
def test_viewers_who_rated_much_count_for_less_where_lists_are_better_for_it(split, gain):
    chooser = Chooser(split.train, split.validation)
    chooser._lists = lists = GivenLists(lambda given: gain * (given.viewer_exponent + (given.star_weight == 1.2)))
    usual = EaseSettings(300.0, star_weight=0.8)
    found = chooser.viewers_weighed(usual)
    assert found == (EaseSettings(300.0, star_weight=1.2, viewer_exponent=0.5) if gain > 0 else usual)
    assert {given.ease_l2 for given in lists.asked} == set(choosing.LAMBDAS_OF_WEIGHED)


def test_viewers_count_alike_where_lists_may_be_better_by_chance(split):
    chooser = Chooser(split.train, split.validation)
    noise = np.random.default_rng(0).normal(size=100)
    noise += 0.08 - noise.mean()  # less than the error of a mean of a hundred
    chooser._lists = GivenLists(lambda given: noise if given.viewer_exponent else 0.0)
    assert chooser.viewers_weighed(EaseSettings()) == EaseSettings()


def test_of_one_value_nothing_is_asked(split, monkeypatch):
    monkeypatch.setattr(choosing.HeadOfLists, "figures", None)
    chooser = Chooser(split.train, split.validation)
    assert chooser.best_seller_days([9.0]) == 9.0
    given = Grids((9.0,), (2.0,), ((4.0,),), (0.9,), (0.2,))
    assert chooser.ease(given, ("genres",)) == EaseSettings(2.0, (4.0,), 0.9, 0.2, ("genres",), 9.0)
    assert chooser.shrinkages([2.0], [3.0]) == (2.0, 3.0)


def test_data_without_times_and_labels_leave_order_and_content_out(split):
    def bare(part):
        return replace(
            part, interactions=part.interactions.drop(columns="timestamp"), schema=Schema(has_timestamps=False)
        )

    settings = Chooser(bare(split.train), bare(split.validation)).ease(SIGNED_GRIDS)
    assert settings.half_lives == ()
    assert settings.content_weight == 0.0
    assert settings.star_weight in SIGNED_GRIDS.star_weight


def test_long_catalogues_try_one_lambda(split, monkeypatch):
    monkeypatch.setattr(choosing, "MOST_TITLES_SQUARED", SIZE - 1)
    grids = Grids(best_seller_days=(7.0,), ease_l2=(1e12, 1.0), half_lives=((),))
    assert Chooser(split.train, split.validation).ease(grids).ease_l2 == 1e12


def test_shrinkages_are_those_with_the_smallest_error_on_validation(split):
    held = split.validation

    def error(point):
        stars = Means(split.train, *point).rate(held.user_rows, held.item_rows, held.timestamps)
        return np.sqrt(np.mean((stars - held.stars) ** 2))

    points = [(of_users, of_items) for of_users in (0.1, 100.0) for of_items in (0.1, 100.0)]
    chosen = Chooser(split.train, held).shrinkages((0.1, 100.0), (0.1, 100.0))
    assert error(chosen) == min(map(error, points))
    assert len({round(error(point), 6) for point in points}) > 1
