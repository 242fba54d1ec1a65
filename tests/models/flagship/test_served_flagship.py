"""The flagship through the conformance suite, and what it answers beyond it: a ranking, dials and probabilities."""

import numpy as np
import pytest
import tensorflow as tf

from recommender.bundle.signatures import AT_REST, POPULARITY, PRAISE, TASTE
from recommender.models.head_ranking import rank_head
from recommender.serving.scorer import bundle_scorer
from tests.checkerboard import SIZE, checkerboard
from tests.conformance import MOMENT, Conformance

SMALL = {
    "steps": 30,
    "epochs": 1,
    "head_size": 4,
    "n_heads": 2,
    "batch_size": 16,
    "rating_batch_size": 32,
    "neighbour_size": 8,
    "implicit_size": 4,
    "neighbour_weight": 4.0,
    "implicit_weight": 0.5,
    "content_weight": 0.8,
    "prior_weight": 0.7,
    "praise_weight": 0.5,
    "n_ranked": 4,
}
VIEWERS = np.arange(SIZE + 1, dtype=np.int32)  # the stranger first


class TestFlagship(Conformance):
    model = "flagship"
    settings = SMALL

    def ask(self, recommender, signature, dials=None, **inputs):
        """What a signature answers all viewers at one moment, as arrays."""
        given = {**AT_REST, "viewer": VIEWERS, "at": np.full(len(VIEWERS), MOMENT, np.int64), **inputs}
        for place, value in (dials or {}).items():
            given["dials"] = np.where(np.arange(3) == place, np.float32(value), given["dials"])
        answer = recommender.signatures[signature](**{name: tf.constant(value) for name, value in given.items()})
        return {name: value.numpy() for name, value in answer.items()}

    def ranked_by_hand(self, trained, recommender, dial):
        """[n_viewers, n_titles] what lists are to be ordered by, from scores, stars and what each viewer rated."""
        pairs = np.repeat(VIEWERS, SIZE), np.tile(np.arange(SIZE, dtype=np.int32), len(VIEWERS))
        stars = recommender.signatures["rate_pairs"](
            viewer=tf.constant(pairs[0]), at=tf.fill([len(pairs[0])], np.int64(MOMENT)), items=tf.constant(pairs[1])
        )["stars"].numpy()
        read, mean = trained.training_part, trained.model.space.mean_stars
        lengths = np.append(0, np.bincount(read.user_rows, minlength=SIZE))
        sums = np.append(0, np.bincount(read.user_rows, read.stars - mean, SIZE))
        means = mean + sums / (lengths + 5)
        at_rest = (0.5 + 3 * 2 ** (-lengths / 5)) * (1 - 2.0**-lengths)  # none of somebody who rated nothing
        weights = at_rest if dial is None else np.full(len(lengths), dial)
        above = stars.reshape(-1, SIZE) - means[:, None]
        more_below = 4 * (1 - 2 ** (-lengths / 5))  # nothing of somebody who rated nothing
        praise = weights[:, None] * np.where(above < 0, (1 + more_below[:, None]) * above, above)
        scores = self.ask(recommender, "score")["scores"]
        return rank_head(tf.constant(scores), tf.constant(praise, tf.float32), tf.constant(4 + lengths, tf.int32))

    def test_head_of_lists_is_ordered_by_score_and_praise_from_the_viewers_mean(self, trained, recommender):
        for dials, dial in (({}, None), ({PRAISE: 1.0}, 1.0)):
            asked = self.ask(recommender, "score", dials)
            np.testing.assert_allclose(asked["ranked"], self.ranked_by_hand(trained, recommender, dial), atol=1e-3)
            assert np.abs(asked["ranked"] - asked["scores"]).max() > 0.5

    def test_without_praise_the_retrieval_score_orders_alone(self, recommender):
        plain = self.ask(recommender, "score", {PRAISE: 0.0})
        np.testing.assert_array_equal(plain["ranked"], plain["scores"])
        np.testing.assert_array_equal(plain["scores"], self.ask(recommender, "score")["scores"])

    def test_dials_at_their_rest_value_change_nothing(self, recommender):
        rest = self.ask(recommender, "score")  # of praise a newcomer has more at rest, so that dial stays where it is
        set_there = self.ask(recommender, "score", {TASTE: 0.0, POPULARITY: 0.0})
        for name, values in rest.items():
            np.testing.assert_allclose(set_there[name], values, atol=1e-5)

    def test_taste_and_popularity_turn_their_parts_of_the_query_alone(self, trained, recommender):
        rest = self.ask(recommender, "query")["queries"]
        parts = np.cumsum([trained.model._size + 1, trained.model._prior.size])
        taste, popularity = (
            np.split(self.ask(recommender, "query", {dial: 0.5})["queries"], parts, axis=1)
            for dial in (TASTE, POPULARITY)
        )
        before, prior, after = np.split(rest, parts, axis=1)
        assert all(np.abs(part).max() > 0 for part in (before, prior, after))
        for turned, factors in ((taste, (1.5, 1.0, 1.5)), (popularity, (1.0, 0.5, 1.0))):
            for part, by_rest, factor in zip(turned, (before, prior, after), factors, strict=True):
                np.testing.assert_allclose(part, factor * by_rest, atol=1e-5)

    @pytest.mark.parametrize("k", [SIZE - 2, SIZE], ids=["what can be listed", "and at its end what is left out"])
    def test_retrieved_is_the_place_that_the_score_alone_gives(self, recommender, k):
        excluded = np.repeat(np.array([[3, 8]], np.int32), len(VIEWERS), axis=0)
        answer = self.ask(recommender, "retrieve", k=np.int32(k), excluded=excluded)
        found = {name: column[:, : SIZE - 2] for name, column in answer.items()}
        assert (np.diff(found["ranked"], axis=1) <= 0).all()
        assert np.isin(found["items"], [3, 8]).sum() == 0
        by_score = np.argsort(np.argsort(-found["scores"], axis=1, kind="stable"), axis=1) + 1
        np.testing.assert_array_equal(found["retrieved"], by_score)
        assert (found["retrieved"] != np.arange(1, SIZE - 1)).any()  # praise has moved some

    def test_frame_shows_the_place_before_praise(self, recommender):
        found = recommender.retrieve("u4", MOMENT, SIZE, include_seen=True)
        assert sorted(found["retrieved"]) == list(range(1, SIZE + 1))
        assert list(found["retrieved"]) != list(found["rank"])

    def test_reloaded_probabilities_are_those_of_the_live_model_and_their_mean_the_stars(self, trained, recommender):
        ratings = checkerboard()
        asked = ratings.user_rows, ratings.item_rows, ratings.timestamps
        reloaded, live = bundle_scorer(recommender, ratings), trained.scorer
        likely = reloaded.probabilities(*asked)
        np.testing.assert_allclose(likely, live.probabilities(*asked), atol=1e-4)
        np.testing.assert_allclose(likely.sum(axis=1), 1.0, atol=1e-5)
        np.testing.assert_allclose(likely @ np.arange(1.0, 6.0), reloaded.rate(*asked), atol=2e-3)

    def test_no_variable_is_as_wide_as_the_catalogue_for_every_viewer(self, trained):
        """What is exported grows with viewers and with titles, never with both."""
        shapes = [tuple(variable.shape) for variable in trained.served.variables]
        assert len(shapes) > 10
        assert not [shape for shape in shapes if {SIZE, SIZE + 1} <= set(shape)]
        assert not [shape for shape in shapes if shape.count(SIZE) > 1]

    def test_fewest_titles_asked_for_are_the_first_of_more(self, recommender):
        """A list is the beginning of any longer one, as both are ranked from the same titles."""
        longer = recommender.retrieve("u4", MOMENT, 9)["title"]
        assert list(recommender.retrieve("u4", MOMENT, 4)["title"]) == list(longer[:4])
