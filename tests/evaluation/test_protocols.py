from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
import tensorflow_recommenders as tfrs

from recommender.data.ranking import titles_ahead
from recommender.data.ratings import Ratings
from recommender.data.schema import RatingScale, Schema
from recommender.evaluation import Ease, Means, Popularity, evaluate, evaluate_own_last, metrics, protocols
from recommender.evaluation.protocols import HEAD, HeadOfLists, last_moments
from tests.checkerboard import SIZE, checkerboard, checkerboard_split


class Factors:
    """A scorer with random factors, whose queries also depend on the moment."""

    def __init__(self, n_users, n_items, size=8):
        generator = np.random.default_rng(0)
        self.users = generator.normal(size=(n_users, size)).astype(np.float32)
        self.items = generator.normal(size=(n_items, size)).astype(np.float32)
        self.drift = generator.normal(size=size).astype(np.float32)

    def queries(self, user_rows, timestamps):
        return self.users[user_rows] + 0.3 * (timestamps % 7)[:, None].astype(np.float32) * self.drift

    def score(self, user_rows, timestamps):
        # Rounded, as a product of matrices comes out a little different in chunks of another size.
        return np.round(self.queries(user_rows, timestamps) @ self.items.T, 3)

    def rate(self, user_rows, item_rows, timestamps):
        return np.full(len(user_rows), 3.0, np.float32)


class Exact(Factors):
    """The same with factors whose products come out alike on every processor, in chunks of every size."""

    def __init__(self, n_users, n_items):
        super().__init__(n_users, n_items)
        self.users, self.items = (np.round(8 * factors) / 8 for factors in (self.users, self.items))

    def queries(self, user_rows, timestamps):
        return np.round(8 * super().queries(user_rows, timestamps)) / 8


class Opinionated(Factors):
    """The same with stars of its own for each pair and moment."""

    def rate(self, user_rows, item_rows, timestamps):
        inner = (self.queries(user_rows, timestamps) * self.items[item_rows]).sum(axis=1)
        return np.clip(3 - 0.3 * inner, 1, 5)

    def probabilities(self, user_rows, item_rows, timestamps):
        spread = np.exp(-((self.rate(user_rows, item_rows, timestamps)[:, None] - np.arange(1, 6)) ** 2))
        return spread / spread.sum(axis=1, keepdims=True)


def random_table(generator, n, n_users=40, n_items=60):
    """Some interactions, a few of them repeated, none of the last viewers."""
    interactions = pd.DataFrame(
        {
            "user_id": [f"u{row}" for row in generator.integers(n_users - 3, size=n)],
            "item_id": [f"t{row}" for row in generator.integers(n_items, size=n)],
            "rating": generator.integers(1, 6, size=n).astype(float),
            "timestamp": generator.integers(10**9, size=n),
        }
    )
    items = pd.DataFrame({"item_id": [f"t{row}" for row in range(n_items)]})
    items["title"] = "Title " + items["item_id"]
    users = pd.DataFrame({"user_id": [f"u{row}" for row in range(n_users)]})
    return Ratings("random table", interactions, items, users, RatingScale(1, 5, 1), Schema())


def table_of(ratings):
    """[n_users, n_titles] whether each has seen each."""
    table = np.zeros((len(ratings.users), len(ratings.items)), bool)
    table[ratings.user_rows, ratings.item_rows] = True
    return table


@pytest.fixture
def parts():
    split = checkerboard_split()
    return split.training_part, split.test


def test_top_k_over_all_titles_equals_factorized_top_k_of_tfrs(parts):
    training_part, test = parts
    scorer = Exact(SIZE, SIZE)
    metric = tfrs.metrics.FactorizedTopK(
        candidates=tf.data.Dataset.from_tensor_slices(scorer.items).batch(5), ks=(1, 5)
    )
    queries = scorer.queries(test.user_rows, test.timestamps)
    metric.update_state(tf.constant(queries), tf.constant(scorer.items[test.item_rows]))
    theirs = [float(value) for value in metric.result()]
    ours = evaluate(scorer, training_part, test).held_out.top_k_all
    assert list(ours.values()) == pytest.approx(theirs)
    assert 0 < ours["5"] < 1


def test_unseen_protocol_removes_what_the_viewer_rated_before(parts):
    training_part, test = parts

    class SeenFirst:
        def score(self, user_rows, timestamps):
            scores = table_of(training_part)[user_rows] * 10.0
            scores[np.arange(len(user_rows)), user_rows] = 5.0  # the held-out title comes right after them
            return scores

        def rate(self, user_rows, item_rows, timestamps):
            return None

    figures = evaluate(SeenFirst(), training_part, test)
    for asked in (figures, figures.held_out):
        assert asked.top_k_all["5"] == 0.0
        assert asked.top_k_unseen["1"] == 1.0
        assert asked.ndcg_at_10 == 1.0
        assert asked.recall_at_10 == 1.0
        assert asked.rmse is None
        assert asked.below_own_mean_at_10 is None


def test_ratings_are_compared_with_the_held_out_stars(parts):
    training_part, test = parts
    figures = evaluate(Factors(SIZE, SIZE), training_part, test)
    assert figures.rmse == pytest.approx(2.0)  # always 3, where the truth is 1 or 5
    assert figures.mae == pytest.approx(2.0)
    assert figures.n_test == SIZE


def figures_by_hand(scorer, training_part, held_out, moments, asked_at):
    """The figures by whole tables and plain loops.

    Args:
      moments: [n_held_out] when each held-out interaction is asked for.
      asked_at: [n_users] when each viewer's list is asked for.
    """
    seen, users, targets = table_of(training_part), held_out.user_rows, held_out.item_rows
    scores = scorer.score(users, moments)
    fresh = ~seen[users, targets]
    stars = scorer.rate(users, targets, moments)
    chances = scorer.probabilities(users, targets, moments)
    given = held_out.stars.astype(int) - 1
    viewers = np.unique(users)
    lists = np.where(seen[viewers], -np.inf, scorer.score(viewers, asked_at[viewers]))
    relevant = table_of(held_out)[viewers] & ~seen[viewers]
    known = training_part.interactions.groupby("user_id")["rating"].mean().reindex(training_part.users["user_id"])
    liked = np.zeros_like(seen)
    for user, title, rating in zip(users, targets, held_out.stars, strict=True):
        liked[user, title] |= rating >= 4 and not rating < known.iloc[user]
    shown = np.argsort(-lists, axis=1, kind="stable")[:, :HEAD]
    below = []
    for place, viewer in enumerate(viewers):
        predicted = scorer.rate(np.full(HEAD, viewer), shown[place], np.full(HEAD, asked_at[viewer]))
        below.append(np.nan if np.isnan(known.iloc[viewer]) else np.mean(predicted < known.iloc[viewer]))
    counts = np.bincount(training_part.item_rows, minlength=len(training_part.items)) + 1.0
    return {
        "n_test": len(held_out),
        "n_repeated": (~fresh).sum(),
        "rmse": np.sqrt(np.mean((stars - held_out.stars) ** 2)),
        "mae": np.mean(np.abs(stars - held_out.stars)),
        "nll": -np.mean(np.log(chances[np.arange(len(given)), given])),
        "top_k_all": list(metrics.top_k_accuracy([1, 5, 10], titles_ahead(scores, targets))),
        "top_k_unseen": list(metrics.top_k_accuracy([1, 5, 10], titles_ahead(scores, targets, seen[users])[fresh])),
        "ndcg_at_10": np.nanmean(metrics.ndcg_at([HEAD], lists, relevant)),
        "recall_at_10": np.nanmean(metrics.recall_at([HEAD], lists, relevant)),
        "liked_ndcg_at_10": np.nanmean(metrics.ndcg_at([HEAD], lists, liked[viewers] & relevant)),
        "below_own_mean_at_10": np.nanmean(below),
        "coverage_at_10": len(np.unique(shown)) / len(training_part.items),
        "novelty_at_10": -np.log2(counts / counts.sum())[shown].mean(),
    }


@pytest.mark.parametrize("cells", [1, 500, 10**6])
def test_chunks_give_the_figures_of_whole_tables(monkeypatch, cells):
    monkeypatch.setattr(protocols, "_CELLS", cells)
    training_part, held_out = random_table(np.random.default_rng(3), 400), random_table(np.random.default_rng(4), 150)
    scorer = Opinionated(len(training_part.users), len(training_part.items))
    scorer.items[5:9] = scorer.items[5]  # ties
    figures = evaluate(scorer, training_part, held_out)

    own_last = last_moments(training_part)
    first = held_out.interactions.groupby("user_id")["timestamp"].min().reindex(held_out.users["user_id"])
    for asked, moments, of_lists in (
        (figures, own_last[held_out.user_rows], own_last),
        (figures.held_out, held_out.timestamps, first.fillna(0).to_numpy(np.int64)),
    ):
        expected = figures_by_hand(scorer, training_part, held_out, moments, of_lists)
        assert expected["n_repeated"] > 0
        for name, value in expected.items():
            found = getattr(asked, name)
            found = list(found.values()) if isinstance(found, dict) else found
            assert found == pytest.approx(value, abs=1e-6), name
    assert figures.rmse != figures.held_out.rmse
    assert figures.ndcg_at_10 != figures.held_out.ndcg_at_10


def test_own_last_alone_is_that_part_of_the_whole(parts):
    scorer = Opinionated(SIZE, SIZE)
    whole = evaluate(scorer, *parts)
    assert asdict(evaluate_own_last(scorer, *parts)) == {**asdict(whole), "held_out": None}


def test_head_of_lists_gives_two_of_these_figures_for_one_scorer_after_another():
    split = checkerboard_split()
    training_part, held_out = split.train, split.validation
    lists = HeadOfLists(training_part, held_out)
    for scorer in (Factors(SIZE, SIZE), Opinionated(SIZE, SIZE, size=2)):
        found = evaluate_own_last(scorer, training_part, held_out)
        assert 0 < found.ndcg_at_10 != found.liked_ndcg_at_10 > 0
        assert lists.figures(scorer) == pytest.approx((found.ndcg_at_10, found.liked_ndcg_at_10))


def test_head_of_lists_gives_zeros_where_nothing_is_liked_and_where_nothing_says_anything(parts):
    training_part, held_out = parts
    disliked = replace(held_out, interactions=held_out.interactions.assign(rating=1.0))
    scorer = Factors(SIZE, SIZE)
    found = evaluate_own_last(scorer, training_part, disliked)
    assert HeadOfLists(training_part, disliked).figures(scorer) == pytest.approx((found.ndcg_at_10, 0.0))
    alone = [part.take(np.flatnonzero(part.user_rows == 3)) for part in parts]
    assert HeadOfLists(*alone).figures(scorer) == (0.0, 0.0)


def test_own_last_asks_for_one_ranking_a_viewer_and_the_second_for_one_an_interaction_more():
    training_part, held_out = random_table(np.random.default_rng(3), 400), random_table(np.random.default_rng(4), 150)

    class Counting(Opinionated):
        asked = 0

        def score(self, user_rows, timestamps):
            self.asked += len(user_rows)
            return super().score(user_rows, timestamps)

    scorer = Counting(len(training_part.users), len(training_part.items))
    n_viewers = len(np.unique(held_out.user_rows))
    evaluate_own_last(scorer, training_part, held_out)
    assert scorer.asked == n_viewers
    scorer.asked = 0
    evaluate(scorer, training_part, held_out)
    assert scorer.asked == n_viewers + n_viewers + len(held_out)


class Forgetful:
    """A scorer that does not say that it is the same at every moment."""

    def __init__(self, scorer):
        self.score, self.rate = scorer.score, scorer.rate


@pytest.mark.parametrize("reference", [Popularity, Ease, Means])
def test_who_says_not_to_read_the_moment_is_not_asked_again_and_has_the_figures_of_who_is(reference):
    training_part, held_out = random_table(np.random.default_rng(3), 400), random_table(np.random.default_rng(4), 150)
    scorer = reference(training_part)
    found, asked = evaluate(scorer, training_part, held_out), evaluate(Forgetful(scorer), training_part, held_out)
    assert found == asked
    assert found.held_out == evaluate(scorer, training_part, held_out).held_out is not None


def test_of_very_many_interactions_those_of_some_viewers_are_asked_about_and_counted(monkeypatch):
    training_part, held_out = random_table(np.random.default_rng(3), 400), random_table(np.random.default_rng(4), 150)
    scorer = Opinionated(len(training_part.users), len(training_part.items))
    whole = evaluate(scorer, training_part, held_out)
    monkeypatch.setattr(protocols, "_MOST_TOLD", 60)
    monkeypatch.setattr(protocols, "_MOST_ASKED", 80)
    found = evaluate(scorer, training_part, held_out)
    third, half = (held_out.take(np.flatnonzero(np.isin(held_out.user_rows, viewers))) for viewers in some(held_out))
    assert found.held_out.n_test == len(third) < found.n_test == len(half) < whole.n_test == whole.held_out.n_test
    popularity = Popularity(training_part)
    assert evaluate(popularity, training_part, held_out) == evaluate(Forgetful(popularity), training_part, held_out)
    monkeypatch.undo()
    assert found.held_out == evaluate(scorer, training_part, third).held_out
    assert replace(found, held_out=None) == evaluate_own_last(scorer, training_part, half)


def test_what_others_rated_is_not_looked_up_and_changes_no_figure(parts, monkeypatch):
    training_part, held_out = parts
    held_out = held_out.take(np.flatnonzero(held_out.user_rows < 5))
    looked_up = []
    by_viewer = protocols.RatingsByViewer
    monkeypatch.setattr(
        protocols, "RatingsByViewer", lambda ratings: looked_up.append(len(ratings)) or by_viewer(ratings)
    )
    found = asdict(evaluate(Popularity(training_part), training_part, held_out))
    assert looked_up[0] == (training_part.user_rows < 5).sum() < len(training_part)
    monkeypatch.setattr(protocols, "rated_by_viewers_of", lambda held_out, training_part: training_part)
    np.testing.assert_equal(asdict(evaluate(Popularity(training_part), training_part, held_out)), found)
    assert len(training_part) in looked_up


def test_of_very_many_titles_fewer_rankings_are_made(monkeypatch):
    training_part, held_out = random_table(np.random.default_rng(3), 400), random_table(np.random.default_rng(4), 150)
    scorer = Opinionated(len(training_part.users), len(training_part.items))
    n_viewers = len(np.unique(held_out.user_rows))
    monkeypatch.setattr(protocols, "_MOST_SCORES", len(training_part.items) * (n_viewers // 2 + 1))
    found = evaluate(scorer, training_part, held_out)
    third, half = (held_out.take(np.flatnonzero(np.isin(held_out.user_rows, viewers))) for viewers in some(held_out))
    assert found.n_test == len(half)
    assert found.held_out.n_test < len(third)


def some(held_out):
    """Every third viewer, and every second."""
    viewers = np.unique(held_out.user_rows)
    return viewers[::3], viewers[::2]


def few(rows, n_titles, times=None):
    """Interactions (viewer, title, stars) of a small catalogue, at these times or one after another."""
    users = sorted({user for user, *_ in rows})
    interactions = pd.DataFrame(
        {
            "user_id": [f"u{user}" for user, *_ in rows],
            "item_id": [f"t{title}" for _, title, _ in rows],
            "rating": [float(stars) for *_, stars in rows],
            "timestamp": np.array(range(len(rows)) if times is None else times, np.int64),
        }
    )
    items = pd.DataFrame({"item_id": [f"t{row}" for row in range(n_titles)]})
    items["title"] = "Title " + items["item_id"]
    everybody = pd.DataFrame({"user_id": [f"u{user}" for user in users]})
    return Ratings("few", interactions, items, everybody, RatingScale(1, 5, 1), Schema())


def part_of(ratings, *rows):
    return ratings.take(np.array(rows))


class Fixed:
    """The same scores and stars of titles for everybody, and perhaps the same chances."""

    def __init__(self, scores, stars, chances=None):
        self.scores, self.stars, self.chances = np.array(scores, float), np.array(stars, float), chances

    def score(self, user_rows, timestamps):
        return np.tile(self.scores, (len(user_rows), 1))

    def rate(self, user_rows, item_rows, timestamps):
        return self.stars[item_rows]

    def probabilities(self, user_rows, item_rows, timestamps):
        return None if self.chances is None else np.tile(self.chances, (len(user_rows), 1))


def test_pair_rated_before_is_counted_and_does_not_count_among_unseen_titles():
    # Viewer 0 rates title 0 again; title 3 is new to them, and second among what they have not seen.
    ratings = few([(0, 0, 4), (1, 1, 4), (0, 0, 5), (0, 3, 5)], n_titles=20)
    scorer = Fixed([9.0, 8.0, 7.0, 7.5, *np.zeros(16)], np.full(20, 3.0))
    figures = evaluate(scorer, part_of(ratings, 0, 1), part_of(ratings, 2, 3))
    assert figures.n_repeated == 1
    assert figures.top_k_unseen == figures.held_out.top_k_unseen == {"1": 0.0, "5": 1.0}
    assert figures.top_k_all["1"] == 0.5  # where the repeated pair counts as any other


def test_liked_is_what_reaches_both_the_viewers_mean_and_three_quarters_of_the_scale():
    # Viewer 0 gives 4.5 on average, viewer 1 gives 1: four stars are liked by viewer 1 alone. Both found at place 2.
    ratings = few([(0, 5, 4), (0, 6, 5), (1, 5, 1), (0, 1, 4), (0, 2, 5), (1, 1, 4), (1, 2, 3)], n_titles=20)
    scorer = Fixed([9.0, 8.0, *np.zeros(18)], np.full(20, 3.0))
    figures = evaluate_own_last(scorer, part_of(ratings, 0, 1, 2), part_of(ratings, 3, 4, 5, 6))
    second, third = 1 / np.log2(3), 1 / np.log2(4)
    assert figures.liked_ndcg_at_10 == pytest.approx((third + second) / 2)
    assert figures.ndcg_at_10 == pytest.approx((second + third) / (1 + second))


def test_share_below_the_viewers_own_mean_is_of_the_titles_listed_and_of_viewers_with_a_mean():
    # Of 14 titles viewer 0 (mean 3.5) has seen two, the best ones; of the ten listed next, four are predicted 3 stars.
    ratings = few([(0, 0, 3), (0, 1, 4), (0, 13, 4), (1, 13, 4)], n_titles=14)
    stars = [1, 1, 3, 3, 3, 3, *np.full(6, 4.0), 1, 1]
    figures = evaluate_own_last(Fixed(np.arange(14)[::-1], stars), part_of(ratings, 0, 1), part_of(ratings, 2, 3))
    assert figures.below_own_mean_at_10 == pytest.approx(0.4)


def test_held_out_interactions_of_a_known_second_of_the_same_viewer_are_counted():
    ratings = few([(0, 0, 3), (1, 1, 3), (0, 2, 3), (0, 3, 3), (1, 4, 3)], n_titles=9, times=[7, 8, 7, 8, 7])
    training_part, held_out = part_of(ratings, 0, 1), part_of(ratings, 2, 3, 4)
    assert evaluate_own_last(Fixed(np.zeros(9), np.zeros(9)), training_part, held_out).n_ties == 1
    timeless = replace(
        ratings, interactions=ratings.interactions.drop(columns="timestamp"), schema=Schema(has_timestamps=False)
    )
    training_part, held_out = part_of(timeless, 0, 1), part_of(timeless, 2, 3, 4)
    figures = evaluate(Fixed(np.zeros(9), np.zeros(9)), training_part, held_out)
    assert figures.n_ties == 0
    assert asdict(figures) == asdict(figures.held_out) | {"held_out": asdict(figures.held_out)}


def test_chances_of_stars_are_judged_by_their_likelihood_and_by_the_interval():
    ratings = few([(0, 0, 3), (1, 1, 3), (0, 2, 5), (0, 3, 1)], n_titles=9)
    chances = np.array([0.05, 0.15, 0.3, 0.3, 0.2])
    figures = evaluate(Fixed(np.zeros(9), np.full(9, 3.0), chances), part_of(ratings, 0, 1), part_of(ratings, 2, 3))
    assert figures.nll == pytest.approx(-(np.log(0.2) + np.log(0.05)) / 2)
    # Five stars occupy [.8, 1], of which half lies inside [.1, .9]; one star [0, .05], of which nothing does.
    assert figures.interval_80_covers == pytest.approx((0.5 + 0) / 2)
    without = evaluate(Fixed(np.zeros(9), np.full(9, 3.0)), part_of(ratings, 0, 1), part_of(ratings, 2, 3))
    assert (without.nll, without.interval_80_covers) == (None, None)
    assert without.rmse == pytest.approx(2.0)


def test_one_title_or_one_viewer_gives_no_figure_of_a_ranking_and_the_reason():
    scorer = Fixed(np.zeros(9), np.full(9, 3.0))
    one_title = few([(0, 0, 3), (1, 0, 4), (2, 0, 5)], n_titles=1)
    one_viewer = few([(0, 0, 3), (0, 1, 4), (0, 2, 5)], n_titles=9)
    for ratings, reason in ((one_title, "one title"), (one_viewer, "one viewer")):
        scorer.scores = np.zeros(len(ratings.items))
        whole = evaluate(scorer, part_of(ratings, 0, 1), part_of(ratings, 2))
        for figures in (whole, whole.held_out):
            assert figures.top_k_all == figures.top_k_unseen == dict.fromkeys(figures.top_k_all)
            silent = ("ndcg_at_10", "recall_at_10", "liked_ndcg_at_10", "below_own_mean_at_10", "coverage_at_10")
            for name in silent:
                assert getattr(figures, name) is None
                assert reason in figures.says_nothing[name]
            assert figures.rmse == pytest.approx(2.0)


def test_viewer_with_nothing_unseen_but_what_is_to_be_found_proves_nothing():
    # Two viewers who rated all of twelve titles but the held-out ones, which any list then holds.
    rows = [(user, title, 4) for user in range(2) for title in range(12)]
    ratings = few(rows, n_titles=12)
    held_out = [10, 11, 22, 23]
    training_part = ratings.take(np.setdiff1d(np.arange(24), held_out))
    figures = evaluate(Fixed(np.zeros(12), np.full(12, 3.0)), training_part, part_of(ratings, *held_out))
    assert figures.ndcg_at_10 is figures.liked_ndcg_at_10 is figures.recall_at_10 is None
    assert set(figures.top_k_unseen.values()) == {None}
    assert {"ndcg_at_10", "top_k_unseen"} <= set(figures.says_nothing)
    assert figures.coverage_at_10 == pytest.approx(2 / 12)  # of the lists, which hold nothing seen


def test_list_as_long_as_what_is_unseen_gives_no_recall_and_no_coverage():
    ratings = few([(0, 0, 4), (1, 1, 4), (0, 2, 4)], n_titles=10)
    figures = evaluate_own_last(Fixed(np.arange(10), np.full(10, 3.0)), part_of(ratings, 0, 1), part_of(ratings, 2))
    assert figures.recall_at_10 is figures.coverage_at_10 is None
    assert "leaves none out" in figures.says_nothing["recall_at_10"]
    assert figures.ndcg_at_10 == pytest.approx(1 / np.log2(9))


@pytest.mark.parametrize(
    ("n_titles", "kept"),
    [(1, [1]), (19, [1]), (20, [1, 5]), (120, [1, 5, 10]), (399, [1, 5, 10, 50]), (400, [1, 5, 10, 50, 100])],
)
def test_cutoffs_are_at_most_a_quarter_of_the_catalogue(n_titles, kept):
    ratings = few([(0, 0, 4), (1, 0, 4), (0, 0, 4)], n_titles=n_titles)
    scorer = Fixed(np.arange(n_titles), np.full(n_titles, 3.0))
    figures = evaluate_own_last(scorer, part_of(ratings, 0, 1), part_of(ratings, 2))
    assert list(figures.top_k_all) == list(figures.top_k_unseen) == list(map(str, kept))


def test_viewers_are_asked_at_their_last_known_moment(parts):
    training_part, _ = parts
    expected = training_part.interactions.groupby("user_id")["timestamp"].max().reindex(training_part.users["user_id"])
    assert last_moments(training_part).tolist() == expected.tolist()


def test_popularity_ranks_by_the_number_of_ratings():
    ratings = checkerboard()
    rows = np.flatnonzero((ratings.item_rows == 3) | (ratings.user_rows == 0))
    popularity = Popularity(ratings.take(rows))
    scores = popularity.score(np.array([0, 5]), np.zeros(2, np.int64))
    assert scores.argmax(axis=1).tolist() == [3, 3]
    assert scores[0, 3] == SIZE / 2
    assert popularity.rate(np.array([0]), np.array([0]), np.zeros(1, np.int64)) is None


def test_figures_over_viewers_are_none_where_nobody_has_anything_to_find():
    split = checkerboard_split()
    again = evaluate(Factors(SIZE, SIZE), split.train, split.train.take(np.arange(5)))
    assert (again.n_repeated, again.ndcg_at_10, again.recall_at_10) == (5, None, None)
    assert "had not rated before" in again.says_nothing["ndcg_at_10"]
