from dataclasses import replace

import numpy as np
import pytest

from recommender.data.schema import Schema
from recommender.data.seen import RatingsByViewer
from recommender.evaluation import Means, Popularity, choosing, evaluate, metrics
from recommender.evaluation.choosing import RECENCY_GRIDS, SIGNED_GRIDS, Chooser, Grids, HeldOutLists
from recommender.evaluation.ease import EaseSettings
from recommender.evaluation.protocols import last_moments
from tests.checkerboard import SIZE, checkerboard, checkerboard_split


class ToldTheDay:
    """Ranks the titles of a table, and remembers what it was asked."""

    def __init__(self, scores):
        self.scores, self.asked = scores, {}

    def score(self, user_rows, timestamps):
        self.asked |= dict(zip(user_rows.tolist(), timestamps.tolist(), strict=True))
        return self.scores[user_rows]


@pytest.fixture
def split():
    return checkerboard_split()


def random_scores():
    return np.random.default_rng(5).normal(size=(SIZE, SIZE))


def test_viewers_are_asked_at_their_last_moment_in_the_training_part(split):
    scorer = ToldTheDay(random_scores())
    HeldOutLists(split.train, split.validation).figure(scorer)
    moments = last_moments(split.train)
    assert scorer.asked == {user: moments[user] for user in np.unique(split.validation.user_rows).tolist()}


@pytest.mark.parametrize("cells", [1, 100, 10**6])
def test_figure_is_ndcg_of_all_and_of_liked_titles(split, monkeypatch, cells):
    monkeypatch.setattr(choosing, "_CELLS", cells)
    train, held_out = split.train, split.validation
    scores, users = random_scores(), np.unique(held_out.user_rows)
    hidden = RatingsByViewer(train).seen_mask(users)
    relevant = RatingsByViewer(held_out).rated_mask(users) & ~hidden
    five = held_out.take(np.flatnonzero(held_out.stars == 5))  # on the board five stars are liked, and one is not
    liked = RatingsByViewer(five).rated_mask(users) & ~hidden
    shown = np.where(hidden, -np.inf, scores[users])
    expected = [np.nanmean(metrics.ndcg_at([10], shown, held)) for held in (relevant, liked)]
    assert 0 < expected[1] != expected[0]
    assert HeldOutLists(train, held_out).figure(ToldTheDay(scores)) == pytest.approx(sum(expected))


def test_first_part_of_the_figure_is_that_of_the_protocol(split):
    popularity = Popularity(split.train)
    nobody_likes = split.validation.interactions.assign(rating=1.0)
    validation = replace(split.validation, interactions=nobody_likes)
    figure = HeldOutLists(split.train, validation).figure(popularity)
    assert figure == pytest.approx(evaluate(popularity, split.train, validation).ndcg_at_10)


def test_liked_are_high_stars_that_reach_the_viewers_own_mean(split):
    train = split.train
    viewer = np.flatnonzero(train.user_rows == 0)
    stars = train.interactions["rating"].to_numpy().copy()
    stars[viewer] = 4.5
    train = replace(train, interactions=train.interactions.assign(rating=stars))
    held = train.take(np.r_[viewer[:2], np.flatnonzero(train.user_rows == 1)[:2]])
    held = replace(held, interactions=held.interactions.assign(rating=[4.0, 5.0, 4.0, 3.0]))
    assert choosing._is_liked(train, held).tolist() == [False, True, True, False]


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


def test_of_one_value_nothing_is_asked(split, monkeypatch):
    monkeypatch.setattr(HeldOutLists, "figure", None)
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
