import numpy as np
import pytest

from recommender.bundle.signatures import History
from recommender.data import load_ratings
from recommender.serving import reasons as reasons_module
from recommender.serving.explanation import explain
from recommender.serving.reasons import Reason, reasons
from recommender.serving.recommender import Recommender
from recommender.serving.viewer_histories import history_of
from tests.dashboard.doubles import LAST, TITLES, USERS, DoubleRecommender, small_ratings

EVERYTHING = np.ones(len(TITLES), np.bool_)


@pytest.fixture
def recommender() -> DoubleRecommender:
    return DoubleRecommender().with_ratings(small_ratings())


def asked(recommender: DoubleRecommender, titles, stars, competing=EVERYTHING) -> list[Reason]:
    return reasons(recommender, "1", LAST, titles, history=History(stars), competing=competing).reasons


def after(title: str) -> str:
    """The title that the double lifts for whoever gave stars to this one."""
    return TITLES[(TITLES.index(title) + 1) % len(TITLES)]


def test_rating_that_lifts_a_title_is_the_reason_and_others_are_not(recommender):
    found = asked(recommender, [after(TITLES[2])], {TITLES[2]: 5.0, TITLES[6]: 5.0})[0]
    assert found == Reason(((TITLES[2], 5.0),))


def test_reasons_say_of_a_rating_what_the_bars_of_why_say(recommender):
    """They are asked of all titles of a list at once, the bars of one."""
    n_named = 0
    for user in USERS:
        history = history_of(recommender.history_read(user))
        best_first = np.argsort(-recommender.scores(user, [LAST], history=history)[0], kind="stable")
        titles = [TITLES[row] for row in best_first]
        found = reasons(recommender, user, LAST, titles, history=history, competing=EVERYTHING).reasons
        for title, reason in zip(titles, found, strict=True):
            bars = explain(recommender, user, LAST, title).titles
            liked = bars[bars["given"] >= np.mean(list(history.stars.values()))]
            if reason.ratings:
                assert reason.ratings[0] == (liked["title"].iloc[0], liked["given"].iloc[0])
                n_named += 1
    assert n_named


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


def test_model_that_reads_no_history_has_no_reason_and_is_asked_for_stars_alone():
    recommender = DoubleRecommender(inputs=("user_id", "timestamp")).with_ratings(small_ratings())
    recommender.calls.clear()
    assert asked(recommender, TITLES[:2], {TITLES[5]: 5.0}) == [Reason()] * 2
    assert recommender.calls == ["sweep"]


class _Two(DoubleRecommender):
    """Two ratings lift the fourth title."""

    second = 0.6

    def _says(self, user, moments, history, kept):
        found = np.zeros((len(moments), len(TITLES)))
        if history is not None:
            read = np.ones((len(moments), len(history.stars))) if kept is None else np.asarray(kept, float)
            found[:, 3] = read[:, 0] + self.second * read[:, 1]
        found[:, 0] = 0.1
        return found


def test_second_rating_is_named_if_it_lifts_the_title_about_as_much(monkeypatch):
    stars = {TITLES[5]: 5.0, TITLES[6]: 5.0}
    recommender = _Two().with_ratings(small_ratings())
    assert asked(recommender, [TITLES[3]], stars)[0].ratings == ((TITLES[5], 5.0), (TITLES[6], 5.0))
    monkeypatch.setattr(_Two, "second", 0.4)
    assert asked(recommender, [TITLES[3]], stars)[0].ratings == ((TITLES[5], 5.0),)


@pytest.fixture
def one_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a history that is too long to be asked about whole."""
    monkeypatch.setattr(reasons_module, "_FEWEST_ASKED", 1)
    monkeypatch.setattr(reasons_module, "_MOST_READ", 0)


@pytest.mark.usefixtures("one_is_asked")
def test_of_a_long_history_the_ratings_most_like_the_list_are_asked_about():
    recommender = DoubleRecommender().with_ratings(small_ratings())
    stars = {TITLES[2]: 5.0, TITLES[6]: 5.0, TITLES[8]: 5.0}
    for rated in (TITLES[2], TITLES[6]):
        recommender.calls.clear()
        assert asked(recommender, [after(rated)], stars)[0].ratings == ((rated, 5.0),)
        assert recommender.calls == ["sweep", "retrieve"]


@pytest.mark.usefixtures("one_is_asked")
def test_of_a_long_history_the_newest_is_asked_about_where_no_title_is_like_another():
    recommender = DoubleRecommender(embedding_size=0).with_ratings(small_ratings())
    stars = {TITLES[2]: 5.0, TITLES[6]: 5.0}
    assert asked(recommender, [after(TITLES[2])], stars)[0].ratings == ()
    assert asked(recommender, [after(TITLES[6])], stars)[0].ratings == ((TITLES[6], 5.0),)


def test_no_more_is_ranked_than_the_list_is_long(recommender):
    """A long catalogue is not asked for, neither for each rating nor to see what everybody watches."""
    lengths = []
    retrieve = recommender.retrieve
    recommender.retrieve = lambda user, at, k, **question: lengths.append(k) or retrieve(user, at, k, **question)
    recommender.calls.clear()
    asked(recommender, TITLES[:3], {TITLES[2]: 5.0, TITLES[6]: 5.0})
    assert lengths == [3]
    assert recommender.calls == ["sweep", "retrieve"]


def test_trained_model_gives_everybody_what_is_there_as_everybody_watches_it(checkerboard_bundle, checkerboard_folder):
    """Of titles that compete, no more stand ahead with nothing read than in the list."""
    recommender = Recommender.load(checkerboard_bundle).with_ratings(load_ratings(checkerboard_folder))
    n_popular = 0
    for user in recommender.user_ids[:12]:
        at, history = recommender.last_known_moment(user), history_of(recommender.history_read(user))
        titles = recommender.retrieve(user, at, 8)["title"].tolist()
        competing = np.ones(len(recommender.titles), np.bool_)
        competing[recommender.rows.rows_of_titles(list(history.stars))] = False
        [scores] = recommender.scores(user, [at], history=History({}))
        of_titles = scores[recommender.rows.rows_of_titles(titles)]
        ahead = (scores[competing] > of_titles[:, None]).sum(axis=1)
        found = reasons(recommender, user, at, titles, history=history, competing=competing).reasons
        assert [reason.popular for reason in found] == (ahead <= np.arange(len(titles))).tolist()
        n_popular += sum(reason.popular for reason in found)
    assert 0 < n_popular < 12 * 8


def test_trained_model_gives_less_without_the_ratings_that_are_named(checkerboard_bundle, checkerboard_folder):
    recommender = Recommender.load(checkerboard_bundle).with_ratings(load_ratings(checkerboard_folder))
    n_named = 0
    for user in recommender.user_ids[:6]:
        at, history = recommender.last_known_moment(user), history_of(recommender.history_read(user))
        titles = recommender.retrieve(user, at, len(recommender.titles), include_seen=True)["title"].tolist()
        everything = np.ones(len(recommender.titles), np.bool_)
        found = reasons(recommender, user, at, titles, history=history, competing=everything).reasons
        named = [(title, rated) for title, reason in zip(titles, found, strict=True) for rated, _ in reason.ratings]
        kept = np.array([[title != rated for title in history.stars] for _, rated in named] or [[True]])
        for (title, _), without in zip(named, kept, strict=False):
            both = np.stack([np.ones_like(without), without])
            more, less = recommender.sweep(user, [at] * 2, [title], history=history, kept=both)["ranked"]
            assert less < more
        n_named += len(named)
    assert n_named
