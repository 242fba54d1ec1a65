"""What every model of the zoo must do; a model is tested by a subclass that names it.

class TestFlagship(Conformance):
    model = "flagship"
    settings = {...}

What a model is asked for follows from its tasks and inputs in the zoo; what it cannot know, a subclass says.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from recommender.bundle.signatures import AT_REST, History
from recommender.errors import RecommenderError, UnknownTitleError, UnknownUserError
from recommender.export.export import export_bundle
from recommender.models.configuration import HISTORY, Task
from recommender.models.zoo import find_model
from recommender.serving.explanation import explain, ranks_without
from recommender.serving.recommender import Recommender
from recommender.serving.scorer import bundle_scorer
from recommender.serving.viewer_histories import history_of
from recommender.training.trainer import TrainedModel, train_model
from tests.checkerboard import SIZE, checkerboard, checkerboard_split, stars_of

MOMENT = 880_500_000


class Conformance:
    model: ClassVar[str]
    settings: ClassVar[Mapping[str, Any]]
    knows_the_colours = True  # which viewers meet which titles
    knows_the_stars = True  # who gives how many stars to what

    @property
    def rates(self) -> bool:
        return Task.RATING in find_model(self.model).tasks

    @property
    def reads_histories(self) -> bool:
        return HISTORY in find_model(self.model).configure(self.settings).query_inputs

    @pytest.fixture(scope="class")
    @classmethod
    def trained(cls) -> TrainedModel:
        return train_model(cls.model, checkerboard_split(), seed=1, settings=cls.settings)

    def test_manifest_says_what_the_model_is_for_and_what_it_reads(self, recommender, trained):
        manifest = recommender.manifest
        assert manifest.model == self.model
        assert set(manifest.tasks) == set(find_model(self.model).tasks)
        assert set(manifest.inputs) == {*trained.configuration.query_inputs, *trained.configuration.candidate_inputs}
        assert "*" not in manifest.inputs

    @pytest.fixture(scope="class")
    @classmethod
    def recommender(cls, trained, tmp_path_factory) -> Recommender:
        path = tmp_path_factory.mktemp("store") / cls.model
        export_bundle(path, trained, checkerboard(), checkerboard_split(), seed=1)
        return Recommender.load(path).with_ratings(trained.training_part)

    def test_the_held_out_title_comes_first_for_nearly_every_viewer(self, recommender):
        if not self.knows_the_colours:
            pytest.skip(f"{self.model} does not know who meets what")
        first = [recommender.retrieve(f"u{viewer}", MOMENT, 1)["title"][0] for viewer in range(SIZE)]
        hits = sum(title == f"Title {viewer}" for viewer, title in enumerate(first))
        assert hits >= 0.8 * SIZE, first

    def test_held_out_stars_lie_on_the_right_side_of_the_middle(self, recommender):
        if not (self.rates and self.knows_the_stars):
            pytest.skip(f"{self.model} does not know who rates how")
        wrong = []
        for viewer in range(SIZE):
            stars = recommender.rate(f"u{viewer}", MOMENT, [f"Title {viewer}"])["stars"][0]
            if (stars > 3) != (stars_of(viewer, viewer) > 3):
                wrong.append((viewer, stars))
        assert len(wrong) <= 0.1 * SIZE, wrong

    def test_reloaded_bundle_ranks_and_rates_like_the_live_model(self, trained, recommender):
        ratings = checkerboard()
        users, items = ratings.user_rows, ratings.item_rows
        reloaded = bundle_scorer(recommender, ratings)
        np.testing.assert_allclose(
            reloaded.score(users, ratings.timestamps), trained.scorer.score(users, ratings.timestamps), atol=1e-4
        )
        if not self.rates:
            assert reloaded.rate(users, items, ratings.timestamps) is None
            return
        np.testing.assert_allclose(
            reloaded.rate(users, items, ratings.timestamps),
            trained.scorer.rate(users, items, ratings.timestamps),
            atol=1e-4,
        )

    def test_queries_times_candidates_are_the_scores(self, trained, recommender):
        viewers, moments = np.arange(SIZE + 1, dtype=np.int32), np.full(SIZE + 1, MOMENT)
        asked = {"viewer": viewers, "at": moments.astype(np.int64), **AT_REST}
        asked = {name: tf.constant(value) for name, value in asked.items()}
        query = recommender.signatures["query"](**asked)
        np.testing.assert_allclose(
            query["queries"].numpy() @ trained.served.candidates.T,
            recommender.signatures["score"](**asked)["scores"],
            atol=1e-4,
        )

    def test_stars_stay_inside_the_scale(self, recommender):
        stars = recommender.sweep("u1", [0, MOMENT, 2**33], recommender.titles)["stars"]
        assert stars.between(1, 5).all() if self.rates else stars.isna().all()

    def test_unknown_viewer_is_refused_not_guessed(self, recommender):
        with pytest.raises(UnknownUserError, match=r"'u99'.*near matches: 'u9'"):
            recommender.retrieve("u99", MOMENT)

    def test_unknown_title_is_refused_with_near_matches(self, recommender):
        with pytest.raises(UnknownTitleError, match=r"'Titel 7'.*'Title 7'"):
            recommender.rate("u1", MOMENT, ["Titel 7"])

    def test_moment_before_1970_is_refused(self, recommender):
        with pytest.raises(RecommenderError, match="-5"):
            recommender.retrieve("u1", -5)

    def test_k_larger_than_catalogue_returns_whole_catalogue(self, recommender):
        assert sorted(recommender.retrieve("u1", MOMENT, 10**6, include_seen=True)["title"]) == sorted(
            recommender.titles
        )

    def test_k_below_one_returns_one_title(self, recommender):
        assert len(recommender.retrieve("u1", MOMENT, 0)) == 1

    def test_seen_titles_are_left_out_unless_asked_for(self, recommender):
        seen = set(recommender.rated("u1")["title"])
        everything = recommender.retrieve("u1", MOMENT, SIZE, include_seen=True)
        assert len(seen) == SIZE // 2 - 1
        assert set(everything[everything["seen"]]["title"]) == seen
        assert set(recommender.retrieve("u1", MOMENT, SIZE)["title"]) == set(recommender.titles) - seen

    def test_nothing_is_left_for_a_viewer_who_has_seen_all(self, recommender):
        everything = History({title: 3.0 for title in recommender.titles})
        assert recommender.retrieve(None, MOMENT, 5, history=everything).empty

    def test_leaving_out_seen_titles_does_not_change_the_order_of_the_others(self, recommender):
        everything = recommender.retrieve("u1", MOMENT, SIZE, include_seen=True)
        unseen = recommender.retrieve("u1", MOMENT, SIZE)
        assert list(everything[~everything["seen"]]["title"]) == list(unseen["title"])

    def test_retrieved_stars_are_those_of_rate(self, recommender):
        found = recommender.retrieve("u3", MOMENT, 5)
        stars = recommender.rate("u3", MOMENT, list(found["title"]))["stars"]
        np.testing.assert_allclose(found["stars"], stars, atol=1e-5)

    def test_sweep_is_rate_at_each_moment(self, recommender):
        moments, titles = [MOMENT - 3_000_000, MOMENT, MOMENT + 200_000], ["Title 5", "Title 2"]
        sweep = recommender.sweep("u2", moments, titles)
        assert list(sweep["at"]) == [moment for moment in moments for _ in titles]
        for moment in moments:
            alone = recommender.rate("u2", moment, titles)
            np.testing.assert_allclose(sweep[sweep["at"] == moment]["stars"], alone["stars"], atol=1e-5)

    def test_empty_questions_get_empty_answers(self, recommender):
        assert recommender.rate("u1", MOMENT, []).empty
        assert recommender.sweep("u1", [], ["Title 1"]).empty
        assert recommender.sweep("u1", [MOMENT], []).empty

    def test_visitor_is_served_by_a_history(self, recommender):
        if not (self.reads_histories and self.knows_the_colours):
            pytest.skip(f"{self.model} reads no histories")
        even = History({f"Title {title}": stars_of(0, title) for title in range(0, SIZE, 2) if title != 4})
        odd = History({f"Title {title}": stars_of(1, title) for title in range(1, SIZE, 2) if title != 5})
        for history, parity in ((even, 0), (odd, 1)):
            first = recommender.retrieve(None, MOMENT, 1, history=history)["title"][0]
            assert int(first.split()[1]) % 2 == parity

    def test_titles_of_a_visitors_history_count_as_seen(self, recommender):
        found = recommender.retrieve(None, MOMENT, SIZE, history=History({"Title 3": 4.0}))
        assert "Title 3" not in set(found["title"])
        assert len(found) == SIZE - 1

    def test_visitor_without_a_history_still_gets_titles(self, recommender):
        found = recommender.retrieve(None, MOMENT, 3)
        assert len(found) == 3
        assert found["seen"].isna().all()

    def test_own_training_history_given_again_changes_nothing(self, recommender):
        seen = recommender.rated("u6")[::-1]  # the oldest first
        history = History(dict(zip(seen["title"], seen["rating"], strict=True)), seen["timestamp"].tolist())
        baked = recommender.retrieve("u6", MOMENT, 5)
        given = recommender.retrieve("u6", MOMENT, 5, history=history)
        np.testing.assert_allclose(given["score"], baked["score"], atol=1e-4)

    def test_a_part_of_a_history_is_read_as_if_nothing_else_had_been_given(self, recommender):
        whole = {"Title 3": 4.0, "Title 5": 1.0, "Title 8": 5.0}
        kept = np.array([[True, True, True], [True, False, False], [False, False, False]])
        for user in (None, "u6"):
            swept = recommender.sweep(user, [MOMENT] * 3, ["Title 2"], history=History(whole), kept=kept)
            scores = recommender.scores(user, [MOMENT] * 3, history=History(whole), kept=kept)
            for row, part in enumerate(kept):
                alone = History(
                    {title: stars for (title, stars), held in zip(whole.items(), part, strict=True) if held}
                )
                expected = recommender.sweep(user, [MOMENT], ["Title 2"], history=alone)
                np.testing.assert_allclose(swept["score"][row], expected["score"][0], atol=1e-4)
                np.testing.assert_allclose(swept["stars"][row], expected["stars"][0], atol=1e-4)
                np.testing.assert_allclose(scores[row], recommender.scores(user, [MOMENT], history=alone)[0], atol=1e-4)

    def test_scores_are_what_the_list_is_ordered_by_and_those_it_shows_are_swept(self, recommender):
        scores = recommender.scores("u6", [MOMENT, MOMENT + 86_400])
        assert scores.shape == (2, SIZE)
        listed = recommender.retrieve("u6", MOMENT, SIZE, include_seen=True)
        in_order = scores[0][recommender.rows.rows_of_titles(listed["title"])]
        assert (np.diff(in_order) <= 1e-5).all()
        swept = recommender.sweep("u6", [MOMENT], listed["title"])
        np.testing.assert_allclose(swept["score"], listed["score"], atol=1e-4)

    def test_what_is_kept_needs_a_history_and_its_shape(self, recommender):
        with pytest.raises(RecommenderError, match="a row for each moment"):
            recommender.scores("u6", [MOMENT], kept=np.ones((1, 2), bool))
        with pytest.raises(RecommenderError, match="a row for each moment"):
            recommender.scores("u6", [MOMENT], history=History({"Title 3": 4.0}), kept=np.ones((2, 1), bool))

    def test_history_read_again_changes_nothing(self, recommender):
        read = recommender.history_read("u6")
        assert read["timestamp"].is_monotonic_increasing
        np.testing.assert_allclose(
            recommender.scores("u6", [MOMENT], history=history_of(read)), recommender.scores("u6", [MOMENT]), atol=1e-4
        )

    def test_effect_of_a_rated_title_is_what_asking_again_without_it_changes(self, recommender):
        found = explain(recommender, "u6", MOMENT, "Title 3")
        assert found.reads_history == self.reads_histories
        read = recommender.history_read("u6")
        given = read if self.reads_histories else read[:0]
        assert set(found.titles["title"]) == set(given["title"])

        def asked(read: pd.DataFrame | None) -> pd.DataFrame:
            history = None if read is None else history_of(read)
            found = recommender.sweep("u6", [MOMENT], recommender.titles, history=history)
            return found.set_index("title")

        whole, everything = asked(None).loc["Title 3"], np.ones(len(recommender.titles), np.bool_)
        for row in found.titles.itertuples():
            others = given[given["title"] != row.title]
            without = asked(others).loc["Title 3"]
            np.testing.assert_allclose(row.score, whole["ranked"] - without["ranked"], atol=2e-4)
            np.testing.assert_allclose(row.stars, whole["stars"] - without["stars"], atol=2e-4)
            rank = ranks_without(recommender, "u6", MOMENT, "Title 3", [row.title], competing=everything)[row.title]
            scores = recommender.scores("u6", [MOMENT], history=history_of(others) if len(given) else None)[0]
            lead = scores - scores[list(recommender.titles).index("Title 3")]  # some models score many titles alike
            assert (lead > 1e-4).sum() < rank <= (lead > -1e-4).sum()
        if len(given):
            nothing = asked(given[:0]).loc["Title 3"]
            np.testing.assert_allclose(found.history.score, whole["ranked"] - nothing["ranked"], atol=2e-4)
            np.testing.assert_allclose(found.history.stars, whole["stars"] - nothing["stars"], atol=2e-4)

    def test_effect_of_the_clock_is_against_the_mean_over_the_span(self, recommender):
        found = explain(recommender, "u6", MOMENT, "Title 3")
        if not recommender.manifest.reads_clock:
            assert found.clock is None
            return
        span = np.linspace(recommender.first_moment, recommender.last_moment, 64).astype(int).tolist()
        over = recommender.sweep("u6", span, ["Title 3"])
        now = recommender.sweep("u6", [MOMENT], ["Title 3"])
        np.testing.assert_allclose(found.clock.score, now["ranked"][0] - over["ranked"].mean(), atol=2e-4)
        np.testing.assert_allclose(found.clock.stars, now["stars"][0] - over["stars"].mean(), atol=2e-4)

    def test_stars_outside_the_scale_in_a_history_are_refused(self, recommender):
        with pytest.raises(RecommenderError, match=r"'Title 3'.*9 stars.*1-5"):
            recommender.retrieve(None, MOMENT, history=History({"Title 3": 9.0}))

    def test_similar_titles_are_of_the_same_colour(self, recommender):
        if not self.knows_the_colours:
            pytest.skip(f"{self.model} does not know who meets what")
        near = recommender.similar("Title 8", 5)
        assert "Title 8" not in set(near["title"])
        assert near["similarity"].is_monotonic_decreasing
        assert [int(title.split()[1]) % 2 for title in near["title"]] == [0] * 5

    def test_many_threads_get_the_answers_of_one(self, recommender):
        def ask(viewer: int) -> list[str]:
            return list(recommender.retrieve(f"u{viewer % SIZE}", MOMENT, 5)["title"])

        alone = [ask(viewer) for viewer in range(SIZE)]
        with ThreadPoolExecutor(8) as threads:
            together = list(threads.map(ask, range(10 * SIZE)))
        assert together == alone * 10
