import numpy as np
import pytest

from recommender.bundle.signatures import History
from recommender.data import load_ratings
from recommender.serving import reasons as reasons_module
from recommender.serving.reasons import Reason, reasons
from recommender.serving.recommender import Recommender
from recommender.serving.viewer_histories import history_of
from tests.dashboard.doubles import LAST, TITLES, DoubleRecommender, small_ratings

EVERYTHING = np.ones(len(TITLES), np.bool_)


@pytest.fixture
def recommender() -> DoubleRecommender:
    return DoubleRecommender().with_ratings(small_ratings())


def asked(recommender: DoubleRecommender, titles, stars, competing=EVERYTHING) -> list[Reason]:
    return reasons(recommender, "1", LAST, titles, history=History(stars), competing=competing)


def after(title: str) -> str:
    """The title that the double lifts for whoever gave stars to this one."""
    return TITLES[(TITLES.index(title) + 1) % len(TITLES)]


def test_rating_that_lifts_a_title_is_the_reason_and_others_are_not(recommender):
    found = asked(recommender, [after(TITLES[2])], {TITLES[2]: 5.0, TITLES[6]: 5.0})[0]
    assert found == Reason(((TITLES[2], 5.0),))


def test_model_gives_less_without_the_ratings_that_are_named(recommender):
    user = "10"
    history = history_of(recommender.history_read(user))
    for title, reason in zip(
        TITLES, reasons(recommender, user, LAST, TITLES, history=history, competing=EVERYTHING), strict=True
    ):
        if reason.ratings:
            named = dict(reason.ratings)
            kept = np.array([[other not in named for other in history.stars]])
            less = recommender.scores(user, [LAST], history=history, kept=kept)[0, TITLES.index(title)]
            assert less < recommender.scores(user, [LAST], history=history)[0, TITLES.index(title)]
            assert all(history.stars[other] == stars for other, stars in named.items())


def test_title_that_nobody_known_would_be_given_as_high_is_there_as_everybody_watches_it(recommender):
    best = TITLES[int(recommender.scores("1", [LAST], history=History({}))[0].argmax())]
    found = asked(recommender, [best], {TITLES[TITLES.index(best) - 2]: 1.0})[0]
    assert found == Reason(popular=True)


def test_titles_that_cannot_be_listed_stand_before_none(recommender):
    """Only one title competes: it is the first with a history and without one."""
    title = after(TITLES[2])
    alone = np.array([other == title for other in TITLES])
    assert asked(recommender, [title], {TITLES[2]: 5.0}, alone)[0].popular
    assert not asked(recommender, [title], {TITLES[2]: 5.0})[0].popular


def test_rating_below_the_mean_is_no_reason(recommender):
    """It lifts the title, and nobody would say they are given it because they hated another."""
    assert asked(recommender, [after(TITLES[2])], {TITLES[2]: 1.0, TITLES[6]: 5.0})[0].ratings == ()


def test_without_a_rating_there_is_only_what_everybody_watches(recommender):
    assert asked(recommender, TITLES[:2], {}) == [Reason(popular=True)] * 2


def test_model_that_reads_no_history_has_no_reason_and_is_not_asked():
    recommender = DoubleRecommender(inputs=("user_id", "timestamp")).with_ratings(small_ratings())
    recommender.calls.clear()
    assert asked(recommender, TITLES[:2], {TITLES[5]: 5.0}) == [Reason()] * 2
    assert recommender.calls == []


class _Together(DoubleRecommender):
    """Two ratings lift the fourth title, and each makes up for the other."""

    lift, makes_up = 1.0, 1.5

    def _says(self, user, moments, history, kept):
        found = np.zeros((len(moments), len(TITLES)))
        if history is not None:
            read = np.ones((len(moments), len(history.stars))) if kept is None else np.asarray(kept, float)
            found[:, 3] = self.lift * read[:, :2].sum(axis=1) + self.makes_up * (~read[:, :2].astype(bool)).all(axis=1)
        found[:, 0] = 1.8
        return found


def test_two_are_named_if_they_lift_it_together(monkeypatch):
    stars = {TITLES[5]: 5.0, TITLES[6]: 5.0}
    recommender = _Together().with_ratings(small_ratings())
    assert asked(recommender, [TITLES[3]], stars)[0].ratings == ((TITLES[5], 5.0),)
    monkeypatch.setattr(_Together, "makes_up", 0.0)
    assert asked(recommender, [TITLES[3]], stars)[0].ratings == ((TITLES[5], 5.0), (TITLES[6], 5.0))


def test_of_a_long_history_the_newest_ratings_are_asked_about_and_one_is_named(recommender, monkeypatch):
    monkeypatch.setattr(reasons_module, "_FEWEST_ASKED", 2)
    monkeypatch.setattr(reasons_module, "_MOST_READ", 0)
    stars = {TITLES[2]: 5.0, TITLES[6]: 5.0, TITLES[8]: 5.0}
    recommender.calls.clear()
    assert asked(recommender, [after(TITLES[2])], stars)[0].ratings == ()
    assert len(asked(recommender, [after(TITLES[6])], stars)[0].ratings) == 1
    assert recommender.calls == ["scores"] * 2


def test_trained_model_gives_less_without_the_ratings_that_are_named(checkerboard_bundle, checkerboard_folder):
    recommender = Recommender.load(checkerboard_bundle).with_ratings(load_ratings(checkerboard_folder))
    n_named = 0
    for user in recommender.user_ids[:6]:
        at, history = recommender.last_known_moment(user), history_of(recommender.history_read(user))
        titles = recommender.retrieve(user, at, len(recommender.titles), include_seen=True)["title"].tolist()
        everything = np.ones(len(recommender.titles), np.bool_)
        found = reasons(recommender, user, at, titles, history=history, competing=everything)
        rows = recommender.rows.rows_of_titles(titles)
        named = [dict(reason.ratings) for reason in found]
        kept = np.array([[title not in ratings for title in history.stars] for ratings in named])
        whole = recommender.scores(user, [at], history=history, kept=np.ones_like(kept[:1]))[0, rows]
        without = recommender.scores(user, [at] * len(titles), history=history, kept=kept)[np.arange(len(titles)), rows]
        assert all(less < more for less, more, ratings in zip(without, whole, named, strict=True) if ratings)
        n_named += sum(map(bool, named))
    assert n_named
