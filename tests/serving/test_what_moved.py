"""What moved a title: Shapley values worked out by hand, and a trained model whose parts add up to what it says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recommender.data import load_ratings
from recommender.serving.recommender import Recommender
from recommender.serving.what_moved import shapley, what_moved

DAY = 86_400
SWITCHES = {"as_of_then": True, "hide_seen": True, "hide_future": True}


@pytest.fixture(scope="module")
def joined(checkerboard_bundle: Path, checkerboard_folder: Path) -> Recommender:
    return Recommender.load(checkerboard_bundle).with_ratings(load_ratings(checkerboard_folder))


def test_players_who_do_not_meddle_get_what_they_do() -> None:
    cells = np.array([[[own + 10 * all_ + 100 * when for when in (0, 1)] for all_ in (0, 1)] for own in (0, 1)], float)
    np.testing.assert_allclose(shapley(cells), [1, 10, 100])


def test_what_two_do_only_together_they_share() -> None:
    cells = np.zeros((2, 2, 2))
    cells[1, 1, :] = 6.0
    np.testing.assert_allclose(shapley(cells), [3, 3, 0])


def test_shares_add_up_to_the_change_whatever_the_game() -> None:
    for seed in range(50):
        cells = np.random.default_rng(seed).normal(size=(2, 2, 2))
        assert sum(shapley(cells)) == pytest.approx(cells[1, 1, 1] - cells[0, 0, 0], abs=1e-12)


def test_parts_of_a_models_move_add_up_and_its_ends_are_what_it_says(joined: Recommender) -> None:
    user = joined.user_ids[3]
    rated = joined.rated(user)["timestamp"]
    moments = (int(rated.min()) + 60, joined.last_moment)
    for title in joined.titles[:6]:
        found = what_moved(joined, user, title, moments, **SWITCHES)
        assert sum(found.of_places) == pytest.approx(found.places[0] - found.places[1], abs=1e-9)
        assert sum(found.of_stars) == pytest.approx(found.stars[1] - found.stars[0], abs=1e-6)
        for at, place, stars in zip(moments, found.places, found.stars, strict=True):
            then = joined.as_of(at)
            listed = then.retrieve(user, at, len(joined.titles), include_seen=True, include_future=True)
            others = listed[~listed["seen"].astype(bool) & ~listed["future"] | (listed["title"] == title)]
            assert others["title"].tolist().index(title) + 1 == place
            assert then.rate(user, at, [title])["stars"][0] == pytest.approx(stars, abs=1e-5)
        back = what_moved(joined, user, title, moments[::-1], **SWITCHES)
        np.testing.assert_allclose(back.of_places, -np.array(found.of_places), atol=1e-9)
        assert back.ratings["title"].tolist() == found.ratings["title"].tolist()
        np.testing.assert_allclose(back.ratings["score"], -found.ratings["score"], atol=1e-5)


def test_ratings_given_in_between_are_named_and_no_others(joined: Recommender) -> None:
    user = joined.user_ids[3]
    read = joined.history_read(user)
    at = int(read["timestamp"].iloc[len(read) // 2])
    found = what_moved(joined, user, joined.titles[0], (at, joined.last_moment), **SWITCHES)
    later = read[read["timestamp"] // 60 > at // 60]
    assert set(found.ratings["title"]) == set(later["title"])
    assert found.ratings["score"].abs().is_monotonic_decreasing


def test_with_all_that_is_known_the_viewers_ratings_do_nothing(joined: Recommender) -> None:
    moments = (joined.first_moment, joined.last_moment)
    found = what_moved(joined, joined.user_ids[3], joined.titles[0], moments, **(SWITCHES | {"as_of_then": False}))
    assert found.of_places.own == pytest.approx(0, abs=1e-9)
    assert found.of_stars.own == pytest.approx(0, abs=1e-6)
    assert found.ratings.empty


def test_what_everybody_watched_is_held_while_the_moment_turns(joined: Recommender) -> None:
    user, title = joined.user_ids[3], joined.titles[4]
    first, last = joined.first_moment + DAY, joined.last_moment
    turned = joined.sweep(user, [last, last], [title], popular_at=[first, last])
    np.testing.assert_allclose(turned["stars"][0], turned["stars"][1], atol=1e-6)  # stars read only the calendar
    at_first = joined.sweep(user, [first], [title])
    np.testing.assert_allclose(turned["score"][0], at_first["score"][0], atol=1e-5)
    np.testing.assert_allclose(turned["score"][1], joined.sweep(user, [last], [title])["score"][0], atol=1e-5)
    assert abs(turned["score"][0] - turned["score"][1]) > 1e-4


def test_as_of_then_nothing_later_is_read_seen_or_out(joined: Recommender, checkerboard_folder: Path) -> None:
    user = joined.user_ids[3]
    at = int(joined.rated(user)["timestamp"].median())
    ratings = joined.ratings
    assert ratings is not None
    later = ratings.interactions["timestamp"] // 60 > at // 60
    planted = ratings.interactions.assign(rating=ratings.interactions["rating"].mask(later, 1.0))
    other = joined.with_ratings(replace(ratings, interactions=planted))
    # Both are other data than the bundle's, so all that is rated by then is read.
    same = joined.with_ratings(replace(ratings, interactions=ratings.interactions.iloc[::-1].reset_index(drop=True)))
    ours, theirs = (r.as_of(at).retrieve(user, at, 50, include_seen=True) for r in (same, other))
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-4)
    then = joined.as_of(at)
    assert (then.rated(user)["timestamp"] // 60 <= at // 60).all()
    assert 0 < len(then.rated(user)) < len(joined.rated(user))
    assert then.as_of(joined.last_moment + DAY).rated(user).equals(joined.rated(user))


def test_titles_that_nobody_had_rated_are_left_out_unless_asked_for(joined: Recommender) -> None:
    assert joined.premieres is not None
    at = int(np.sort(joined.premieres)[len(joined.titles) // 2])
    then = joined.as_of(at)
    listed = then.retrieve(joined.user_ids[3], at, len(joined.titles), include_seen=True)
    out = {title for title, since in zip(joined.titles, joined.premieres, strict=True) if since <= at}
    assert set(listed["title"]) == out
    assert 0 < len(out) < len(joined.titles)
    everything = then.retrieve(joined.user_ids[3], at, len(joined.titles), include_seen=True, include_future=True)
    assert set(everything["title"][~everything["future"]]) == out
    assert len(joined.retrieve(joined.user_ids[3], at, 99, include_seen=True)) == len(joined.titles)


def test_title_that_was_not_out_at_one_of_the_moments_is_said_to_have_been_so(joined: Recommender) -> None:
    assert joined.premieres is not None
    row = int(joined.premieres.argmax())
    title, last = joined.titles[row], int(joined.premieres.max())
    user, asked = joined.user_ids[0], {"as_of_then": True, "hide_seen": False}
    before, after = last - 60, joined.last_moment
    assert what_moved(joined, user, title, (before, after), **asked, hide_future=True).was_out == (False, True)
    assert what_moved(joined, user, title, (after, before), **asked, hide_future=True).was_out == (True, False)
    assert what_moved(joined, user, title, (before, after), **asked, hide_future=False).was_out == (True, True)


def test_title_that_was_seen_by_one_of_the_moments_is_said_to_have_been_so(joined: Recommender) -> None:
    user = joined.user_ids[3]
    rated = joined.rated(user).sort_values("timestamp")
    moments, title = (int(rated["timestamp"].iloc[0]) - DAY, joined.last_moment), rated["title"].iloc[0]
    assert what_moved(joined, user, title, moments, **SWITCHES).was_seen == (False, True)
    assert what_moved(joined, user, title, moments[::-1], **SWITCHES).was_seen == (True, False)
    assert what_moved(joined, user, title, moments, **SWITCHES | {"as_of_then": False}).was_seen == (True, True)
    assert what_moved(joined, user, title, moments, **SWITCHES | {"hide_seen": False}).was_seen == (False, False)
