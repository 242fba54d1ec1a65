"""What the page Time travel shows, worked out without a page."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.dashboard.choices.current import Choices, options_of
from recommender.dashboard.pages.time_travel.picture_frames import frames_of, layout_of
from recommender.dashboard.pages.time_travel.view import OwnChoices, TimeTravelView, time_travel_view
from tests.dashboard.doubles import FIRST, LAST, TITLES, DoubleRecommender, small_ratings

AT = 883_958_400  # 1998-01-05T00:00 UTC
CHOSEN = Choices("3", AT, None, (), 10, True)
OWN = OwnChoices("all")


@pytest.fixture
def joined() -> DoubleRecommender:
    return DoubleRecommender().with_ratings(small_ratings())


def work_out(recommender: DoubleRecommender, chosen: Choices = CHOSEN, own: OwnChoices = OWN) -> TimeTravelView:
    return time_travel_view(recommender, options_of(recommender), chosen, own)


def test_list_at_the_clock_is_that_of_the_model(joined) -> None:
    view = work_out(joined)
    assert view.listed == joined.retrieve("3", AT, 10)["title"].tolist()
    assert view.lists.moments[view.now] == AT
    assert (np.diff(view.lists.moments) > 0).all()


def test_first_of_the_list_is_followed_until_titles_are_chosen(joined) -> None:
    view = work_out(joined)
    assert list(view.followed) == view.listed[:4]
    chosen = work_out(joined, replace(CHOSEN, titles=(TITLES[5], TITLES[0])))
    assert list(chosen.followed) == [TITLES[5], TITLES[0]]


def test_curves_and_means_have_a_value_at_each_moment_of_the_lists(joined) -> None:
    view = work_out(joined, replace(CHOSEN, titles=TITLES[:3]))
    assert view.curves.shape == view.means.shape == (len(view.lists.moments), 3)
    asked = joined.sweep("3", [AT], TITLES[:3])["stars"].to_numpy()
    np.testing.assert_allclose(view.curves[view.now], asked)
    assert view.n_averaged == len(joined.user_ids)


def test_only_the_picture_is_asked_for_until_the_rest_is_read(joined) -> None:
    view = work_out(joined)
    n_calls = len(joined.calls)
    assert view.listed
    assert view.given.empty
    assert len(joined.calls) == n_calls
    assert view.first_changes[1] is not None
    assert len(joined.calls) > n_calls
    n_calls = len(joined.calls)
    assert view.first_changes[1].outside > AT
    assert len(joined.calls) == n_calls


def test_first_change_lies_where_another_title_is_first(joined) -> None:
    view = work_out(joined)
    before, after = view.first_changes
    assert after.outside > AT > before.outside
    assert TITLES[after.now] == TITLES[before.now] == view.listed[0]
    for step in (before, after):
        assert joined.retrieve("3", step.outside, 1)["title"][0] == TITLES[step.other] != view.listed[0]
        minute, nearer = view.minute_of(step), np.sign(AT - step.outside) * 60
        assert joined.retrieve("3", minute, 1)["title"][0] != view.listed[0]
        assert joined.retrieve("3", minute + int(nearer), 1)["title"][0] == view.listed[0]


def test_range_of_stars_is_drawn_where_it_begins_and_ends_and_nowhere_before_a_title_is_out(joined) -> None:
    view = work_out(joined, replace(CHOSEN, titles=TITLES[:2]))
    ranges = np.full((*view.curves.shape, 2), [2.0, 4.0])
    ranges[:5, 1] = np.nan
    ranges[-1, 1] = [2.5, 4.5]
    ranged = replace(view, ranges=ranges)
    assert ranged.shaded == TITLES[0]
    layout = layout_of(ranged)
    drawn = frames_of(ranged, layout)["ranges"].to_pandas()
    x = ranged.share(ranged.lists.moments).round(5)
    assert drawn[drawn["place"] == 1]["x"].tolist() == [x[0], x[-1]]
    second = drawn[drawn["place"] == 2]
    assert second["x"].tolist() == x[[0, 4, 5, -2, -1]].tolist()
    assert second["low"].isna().tolist() == [True, True, False, False, False]
    assert (drawn.dropna()["low"] > drawn.dropna()["high"]).all()  # pixels, from the top
    assert drawn["low"].max() <= layout.curves_bottom
    assert drawn["high"].min() >= layout.curves_top
    assert replace(view, ranges=np.full_like(ranges, np.nan)).shaded is None  # of a model that gives no probabilities


def test_lines_have_points_only_where_they_bend_and_say_the_same(joined) -> None:
    view = work_out(joined, replace(CHOSEN, titles=TITLES[4:6]))
    layout = layout_of(view)
    frames = {name: frame.to_pandas() for name, frame in frames_of(view, layout).items()}
    x, n = view.share(view.lists.moments).round(5), len(view.lists.moments)
    means = frames["curves"][frames["curves"]["mean"]]
    assert len(means) < 2 * n / 3  # of two titles
    by_title = [means[means["title"] == place] for place in range(2)]
    drawn = np.concatenate([np.interp(x, own["x"], own["y"]) for own in by_title])
    values = view.means.T.ravel()
    slope, start = np.polyfit(values, drawn, 1)
    assert slope < 0  # pixels, from the top
    np.testing.assert_allclose(drawn, start + slope * values, atol=0.05)
    course = frames["ranks"][frames["ranks"]["chosen"]]
    in_list = np.isin(view.lists.rows, [view.row_of(title) for title in view.followed])
    assert 0 < len(course) < in_list.sum()
    for row in [view.row_of(title) for title in view.followed]:
        at, places = np.nonzero(view.lists.rows == row)
        own = course[course["colour"] == view.followed[TITLES[row]]]
        last = np.searchsorted(own["x"], x[at], side="right") - 1
        assert own["y"].to_numpy()[last].tolist() == (layout.row(1) + places * layout.row_height).tolist()


def test_pin_outside_of_the_time_shown_is_not_on_the_picture(joined) -> None:
    pinned = replace(CHOSEN, pin=FIRST)
    assert work_out(joined, pinned).pinned == FIRST
    assert work_out(joined, pinned, OwnChoices("day")).pinned is None


def test_moves_are_those_inside_the_training_span_and_the_farthest_come_first(joined) -> None:
    view = work_out(joined)
    inside = (view.lists.moments >= FIRST) & (view.lists.moments <= LAST)
    moves = view.followed_moves.set_index("title")
    for place, title in enumerate(view.followed):
        assert moves["move"][title] == pytest.approx(np.ptp(view.curves[inside, place]))
    assert view.followed_moves["move"].is_monotonic_decreasing
    doublings = np.log2(view.catalogue_moves["worst"] / view.catalogue_moves["best"])
    assert doublings.is_monotonic_decreasing
    assert {len(course) for course in view.catalogue_moves["course"]} == {48}


def test_scores_have_no_scale_and_no_stars_beside_them() -> None:
    starless = DoubleRecommender(tasks=("retrieval",)).with_ratings(small_ratings())
    view = work_out(starless, replace(CHOSEN, titles=TITLES[:2]))
    assert view.scale is None
    assert view.given.empty
    assert set(work_out(DoubleRecommender().with_ratings(small_ratings()), view.chosen).given["title"]) == {*TITLES[:2]}


def test_viewer_who_has_seen_everything_has_no_list_and_nothing_that_moves(joined) -> None:
    everything = joined.ratings.interactions.iloc[[0] * len(TITLES)].assign(user_id="3", item_id=joined.item_ids)
    view = work_out(joined.with_ratings(replace(joined.ratings, interactions=everything.reset_index(drop=True))))
    assert view.listed == []
    assert view.followed == {}
    assert view.followed_moves is None
    assert view.curves.shape == (len(view.lists.moments), 0)


def test_without_ratings_nobody_knows_what_the_model_learned_from() -> None:
    view = work_out(DoubleRecommender())
    assert view.life.empty
    assert "comes with the ratings" in view.caveats
    assert not view.question.hide_seen


class WithALateTitle(DoubleRecommender):
    """The eleventh title comes out in the middle of the data."""

    @property
    def premieres(self) -> np.ndarray | None:
        return np.where(np.arange(len(TITLES)) == 10, (FIRST + LAST) // 2, 0)


def test_before_a_title_is_out_it_has_neither_stars_nor_a_place() -> None:
    joined = WithALateTitle().with_ratings(small_ratings())
    chosen = replace(CHOSEN, titles=(TITLES[5], TITLES[10]), as_of_then=True)
    view = work_out(joined, chosen)
    out = joined.premieres[[5, 10]][None, :] <= view.lists.moments[:, None]
    assert 0 < out[:, 1].sum() < len(out)
    assert np.array_equal(np.isfinite(view.curves), out)
    assert np.array_equal(np.isfinite(view.means), out)
    moves = view.followed_moves.set_index("title")
    assert moves.loc[TITLES[10], "high"] == view.curves[out[:, 1], 1].max()
    assert moves.loc[TITLES[10], "best"] >= 1
    frames = frames_of(view, layout_of(view))
    notes = [cell.split("\t")[1] for cell in frames["moments"]["curve_notes"].to_pylist()]
    assert [note == "not out" for note in notes] == (~out[:, 1]).tolist()
    assert np.isfinite(work_out(joined, replace(chosen, show_future=True)).curves).all()


def test_move_of_a_title_is_explained_since_the_pin_or_since_it_came_out() -> None:
    joined = WithALateTitle().with_ratings(small_ratings())
    middle = (FIRST + LAST) // 2
    late = work_out(joined, replace(CHOSEN, at=LAST, as_of_then=True))
    assert late.moved_since(TITLES[10]) == middle
    assert late.moved_since(TITLES[5]) == late.first
    assert work_out(joined, replace(CHOSEN, at=LAST)).moved_since(TITLES[10]) == late.first  # with all that is known
    assert work_out(joined, replace(CHOSEN, at=LAST, as_of_then=True, pin=FIRST)).moved_since(TITLES[10]) == FIRST
    assert work_out(joined, replace(CHOSEN, at=LAST, pin=LAST)).moved_since(TITLES[5]) is None
    before = work_out(joined, replace(CHOSEN, as_of_then=True))
    assert before.chosen.at < middle
    assert before.moved_since(TITLES[10]) == before.first  # it is out at neither, which is said
    turned = replace(CHOSEN, at=LAST, as_of_then=True, at_rest=FIRST + 86_400)
    assert work_out(joined, turned).moved_since(TITLES[5]) == FIRST + 86_400
    assert work_out(joined, turned).moved_since(TITLES[10]) == middle
    assert work_out(joined, replace(turned, at=FIRST + 600)).moved_since(TITLES[10]) == FIRST + 86_400


def test_change_of_the_list_is_counted_from_where_the_clock_stood_at_first(joined) -> None:
    rests, k = FIRST + 86_400 + 600, len(TITLES)
    by_then, by_the_end = (len(joined.as_of(at).rated(CHOSEN.user)) for at in (rests, LAST))
    assert 0 < by_then < by_the_end
    turned = replace(CHOSEN, at=LAST, at_rest=rests, as_of_then=True, k=k)
    view = work_out(joined, turned)
    assert view.change is not None
    assert view.change.n_listed == len(TITLES) - by_the_end
    assert view.change.n_rated == (by_then, by_the_end)
    assert view.change.n_seen_since == by_the_end - by_then
    assert f"{by_the_end - by_then} of those listed then among them" in view.change.since(rests)
    back = work_out(joined, replace(turned, at=rests, at_rest=LAST))
    assert back.change is not None
    assert (back.change.n_seen, back.change.n_not_out, back.change.n_back, back.change.n_seen_since) == (
        *(by_the_end - by_then, 0, 0, 0),
    )
    assert work_out(joined, replace(turned, pin=LAST)).change is None


def test_title_that_was_not_out_then_is_counted_as_that() -> None:
    joined = WithALateTitle().with_ratings(small_ratings())
    view = work_out(joined, replace(CHOSEN, at=LAST, at_rest=FIRST + 600, as_of_then=True, k=len(TITLES)))
    assert view.change is not None
    assert (view.change.n_not_out, view.change.n_back) == (1, 0)


def test_ratings_outside_of_the_time_shown_have_no_tick(joined) -> None:
    """One far outside would be drawn, too, and Vega makes the picture small until it has room for it."""
    view = work_out(joined, replace(CHOSEN, user="4", at=LAST), OwnChoices("hours"))
    ticks = frames_of(view, layout_of(view))["life"]["x"].to_pylist()
    inside = view.life["timestamp"].between(view.start, view.end)
    assert len(ticks) == inside.sum() < len(view.life)
    assert all(0 <= x <= 1 for x in ticks)
