"""A viewer as if they had rated otherwise, or were somebody else."""

from pathlib import Path

import numpy as np
import pytest

from recommender.bundle.signatures import History
from recommender.data import load_ratings
from recommender.errors import RecommenderError, UnknownTitleError
from recommender.serving.changes import NO_CHANGES, Changes
from recommender.serving.recommender import Recommender
from recommender.serving.viewer_histories import history_of

USER = "3"


@pytest.fixture(scope="module")
def joined(checkerboard_bundle: Path, checkerboard_folder: Path) -> Recommender:
    return Recommender.load(checkerboard_bundle).with_ratings(load_ratings(checkerboard_folder))


@pytest.fixture(scope="module")
def history(joined: Recommender) -> History:
    return history_of(joined.history_read(USER))


def unrated(recommender: Recommender) -> str:
    return next(title for title in recommender.titles if title not in set(recommender.rated(USER)["title"]))


def same(found, expected) -> None:
    assert found["title"].tolist() == expected["title"].tolist()
    np.testing.assert_allclose(found["score"], expected["score"], atol=1e-5)
    np.testing.assert_allclose(found["stars"], expected["stars"], atol=1e-4)


def test_rating_taken_back_is_neither_read_nor_seen(joined, history):
    title = next(iter(history.stars))
    found = joined.as_if(USER, NO_CHANGES.rated(title, None), joined.last_moment)
    assert title not in set(found.history_read(USER)["title"])
    assert title not in set(found.rated(USER)["title"])
    n_titles = len(joined.titles)
    assert title in set(found.retrieve(USER, joined.last_moment, n_titles)["title"])
    assert title not in set(joined.retrieve(USER, joined.last_moment, n_titles)["title"])


def test_other_stars_stand_where_and_when_they_were_given(joined, history):
    title = list(history.stars)[1]
    other = 6 - history.stars[title]
    found = joined.as_if(USER, NO_CHANGES.rated(title, other), joined.last_moment).history_read(USER)
    expected = joined.history_read(USER)
    assert found["timestamp"].tolist() == expected["timestamp"].tolist()
    assert found["stars"].tolist() == [other if t == title else history.stars[t] for t in expected["title"]]


def test_title_never_rated_is_the_newest_and_is_seen(joined, history):
    title, at = unrated(joined), joined.last_moment + 60
    found = joined.as_if(USER, NO_CHANGES.rated(title, 5.0), at)
    assert found.history_read(USER).iloc[-1].to_dict() == {"title": title, "stars": 5.0, "timestamp": at}
    assert title not in set(found.retrieve(USER, at, len(joined.titles))["title"])


def test_list_is_that_of_whoever_has_such_a_history(joined, history):
    first, second, *_ = history.stars
    title, at = unrated(joined), joined.last_moment
    changes = Changes(((first, None), (second, 6 - history.stars[second]), (title, 1.0)))
    stars = {other: given for other, given in history.stars.items() if other != first}
    given = History({**stars, second: 6 - stars[second], title: 1.0}, [*list(history.times)[1:], at])
    asked = (USER, at, len(joined.titles))
    same(joined.as_if(USER, changes, at).retrieve(*asked, include_seen=True),
         joined.retrieve(*asked, history=given, include_seen=True))  # fmt: skip


def test_others_and_the_model_itself_are_as_they_were(joined, history):
    supposed = joined.as_if(USER, NO_CHANGES.rated(next(iter(history.stars)), None), joined.last_moment)
    same(supposed.retrieve("4", joined.last_moment, 5), joined.retrieve("4", joined.last_moment, 5))
    assert joined.supposed is None
    assert joined.history_read(USER)["title"].tolist() == list(history.stars)
    assert supposed.last_known_moment(USER) == joined.last_known_moment(USER)


def test_as_of_a_moment_before_it_nothing_is_added(joined, history):
    title, at = unrated(joined), joined.last_moment
    supposed = joined.as_if(USER, NO_CHANGES.rated(title, 5.0), at)
    assert title in set(supposed.as_of(at).history_read(USER)["title"])
    assert title not in set(supposed.as_of(at - 3600).history_read(USER)["title"])


def test_unknown_title_is_refused_and_stars_outside_the_scale_are_when_asked(joined):
    with pytest.raises(UnknownTitleError):
        joined.as_if(USER, NO_CHANGES.rated("Nothing", 5.0), 0)
    with pytest.raises(RecommenderError, match="9 stars"):
        joined.as_if(USER, NO_CHANGES.rated(unrated(joined), 9.0), joined.last_moment).retrieve(USER, 0, 5)


def test_somebody_else_is_read_in_the_row_of_a_viewer_who_is_so(joined, history):
    kinds = joined.viewer_kinds()
    assert kinds.names
    name = kinds.names[0]
    others = [value for value in kinds.values(USER, (), name) if value != kinds.read_of(USER)[name]]
    changes = NO_CHANGES.described(name, others[0]) if others else NO_CHANGES
    twin = kinds.stand_in(USER, changes.features)
    assert kinds.read_of(twin) == {**kinds.read_of(USER), **dict(changes.features)}
    asked = (joined.last_moment, len(joined.titles))
    found = joined.as_if(USER, changes, joined.last_moment).retrieve(USER, *asked, include_seen=True)
    same(found, joined.retrieve(twin, *asked, history=history, include_seen=True))
