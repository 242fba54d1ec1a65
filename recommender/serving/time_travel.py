"""What changes as the clock turns: the titles that move most, the first title of a list, the mean over viewers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from recommender.data.clock import MINUTE
from recommender.data.ranking import Rows, Scores, best_rows, ranks_in_catalogue
from recommender.serving.traveller import NO_TITLE, Traveller

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_HEAD = 100  # a title that is never among so many first is not worth reporting as moved
_SPLIT = 32  # an interval is cut into so many at once, which costs one call of the model
_FIRST_LOOK = 48  # moments on either side of the clock that are asked about at first; each look after it takes more
_MOST_CELLS = 16_000_000  # scores held at once: 64 MB


class Step(NamedTuple):
    """Two moments between which another title comes first.

    Attributes:
      inside: UTC seconds nearer to the clock.
      outside: those farther away from it, earlier or later.
      now: catalogue row of the title that is first at `inside`.
      other: that of the one that is first at `outside`.
    """

    inside: int
    outside: int
    now: int
    other: int

    @property
    def turn(self) -> tuple[int, int]:
        """The titles first before and after it, as time goes."""
        return (self.now, self.other) if self.outside > self.inside else (self.other, self.now)


class Movers(NamedTuple):
    """Titles by how far they move, the farthest first.

    Attributes:
      rows: [n] catalogue rows.
      best, worst: [n] their best and worst place.
      best_at, worst_at: [n] places of the moments at which they have it.
      places: [n_moments, n] their places; NaN where they are left out.
    """

    rows: Rows
    best: Rows
    worst: Rows
    best_at: Rows
    worst_at: Rows
    places: npt.NDArray[np.float64]


def most_moved(scores: Scores, n: int) -> Movers:
    """The titles that move the most, in doublings of their place: from 10 to 20 is as far as from 1 to 2.

    Args:
      scores: [n_moments, n_titles] of the whole catalogue, -inf for what is left out of the list of a moment; only
        titles that are ever among the first hundred count.
      n: how many at most; titles that do not move are none.
    """
    rows = np.unique(best_rows(scores, _HEAD))
    listed = np.isfinite(scores[:, rows])
    rows, listed = rows[listed.any(axis=0)], listed[:, listed.any(axis=0)]
    ranks = ranks_in_catalogue(scores, rows)
    first, last = np.where(listed, ranks, np.iinfo(np.int64).max), np.where(listed, ranks, 0)
    best, worst = first.min(axis=0, initial=np.iinfo(np.int64).max), last.max(axis=0, initial=0)
    order = np.lexsort((best, -np.log2(worst / best)))
    order = order[(worst > best)[order]][:n]
    places = np.where(listed, ranks, np.nan)[:, order]
    best_at, worst_at = first[:, order].argmin(axis=0), last[:, order].argmax(axis=0)
    return Movers(rows[order], best[order], worst[order], best_at, worst_at, places)


def first_titles(recommender: "Recommender", traveller: Traveller, moments: Sequence[int]) -> Rows:
    """[n_moments] catalogue row of the first title of each list; `NO_TITLE` of an empty list."""
    size = max(1, _MOST_CELLS // len(recommender.titles))
    parts = []
    for start in range(0, len(moments), size):
        asked = moments[start : start + size]
        parts.append(first_of(traveller.hide(traveller.scores(recommender, asked), asked)))
    return np.concatenate([np.zeros(0, np.int64), *parts])


def first_of(scores: Scores) -> Rows:
    """[n] the first title by each row of [n, n_titles] scores, -inf for what is left out; `NO_TITLE` if all is."""
    first = scores.argmax(axis=1)  # as `Traveller.lists` would put it, in a hundredth of the time
    return np.where(np.isfinite(scores.max(axis=1)), first, NO_TITLE)


def nearest_steps(
    recommender: "Recommender", traveller: Traveller, at: int, now: int, grid: Rows, firsts: Rows | None = None
) -> tuple[Step | None, Step | None]:
    """The last step of a grid before a moment in which another title comes first, and the next one after it.

    Moments of the grid are asked about outwards from the clock. A change that is undone within one step of the grid is
    not seen; between two knots of a model whose scores are straight lines there is none.

    Args:
      recommender: the model.
      traveller: the viewer.
      at: the clock, UTC seconds.
      now: catalogue row of the title that is first then; `NO_TITLE` of an empty list.
      grid: UTC seconds to look at, in any order.
      firsts: the first title at each of them, where that is known; else the model is asked.

    Returns:
      Each None if the first title is the same to the end of the grid.
    """
    grid, places = np.unique(grid, return_index=True)
    known = None if firsts is None else firsts[places]

    def look(chosen: Rows) -> Step | None:
        return _nearest(recommender, traveller, now, at, grid[chosen], None if known is None else known[chosen])

    return look(np.flatnonzero(grid < at)[::-1]), look(np.flatnonzero(grid > at))


def _nearest(
    recommender: "Recommender", traveller: Traveller, now: int, at: int, grid: Rows, firsts: Rows | None
) -> Step | None:
    """The step nearest to the clock in which another title than `now` comes first; None without one.

    The grid lies on one side of the clock, what is nearest to it first.
    """
    start, size = 0, _FIRST_LOOK
    while start < len(grid):
        part = slice(start, start + size)
        first = first_titles(recommender, traveller, grid[part].tolist()) if firsts is None else firsts[part]
        others = np.flatnonzero(first != now)
        if len(others):
            place = start + int(others[0])
            inside = int(grid[place - 1]) if place else at
            return Step(inside, int(grid[place]), now, int(first[others[0]]))
        start, size = start + size, size * 4
    return None


def to_the_minute(recommender: "Recommender", traveller: Traveller, step: Step) -> int:
    """The whole minute of a step nearest to the clock at which another title is first, UTC seconds.

    The step is cut until it is found. That title may be another one than the one at the end of the step.
    """
    inside, end, now, _ = step
    sign = 1 if end > inside else -1
    while abs(end - inside) > MINUTE:
        apart = max(MINUTE, -(-abs(end - inside) // (_SPLIT * MINUTE)) * MINUTE)
        between = np.arange(inside + sign * apart, end, sign * apart)
        first = first_titles(recommender, traveller, between.tolist())
        others = np.flatnonzero(first != now)
        if len(others):
            place = int(others[0])
            inside, end = int(between[place - 1]) if place else inside, int(between[place])
        else:
            inside = int(between[-1])
    return end


def mean_answers(
    recommender: "Recommender", users: Sequence[str], moments: Sequence[int], titles: Sequence[str]
) -> npt.NDArray[np.float64]:
    """What the model says of some titles on average over many viewers, each asked at every moment.

    Stars come from one call of the model; scores, of a model without stars, from one for each viewer.

    Args:
      recommender: the model.
      users: viewers.
      moments: UTC seconds.
      titles: titles of the catalogue.

    Returns:
      [n_moments, n_titles] mean predicted stars; mean retrieval scores of a model that predicts no stars.
    """
    if not recommender.manifest.rates:  # scores of pairs cannot be asked for, and those of all titles are too many
        swept = [recommender.sweep(user, moments, titles)["score"].to_numpy(np.float64) for user in users]
        return np.mean(swept, axis=0).reshape(len(moments), len(titles))
    import tensorflow as tf

    viewers = np.array([recommender.rows.row_of_viewer(user) for user in users], np.int32)
    items = recommender.rows.rows_of_titles(titles)
    viewer, at, item = (
        axis.ravel() for axis in np.meshgrid(viewers, np.asarray(moments, np.int64), items, indexing="ij")
    )
    ask = recommender.signatures["rate_pairs"]
    answer = ask(viewer=tf.constant(viewer), items=tf.constant(item), at=tf.constant(at))["stars"]
    return np.asarray(answer, np.float64).reshape(len(users), len(moments), len(titles)).mean(axis=0)
