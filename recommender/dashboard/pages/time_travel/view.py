"""What the page Time travel shows, worked out from what is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from recommender.dashboard.answers.abilities import Abilities, abilities_of
from recommender.dashboard.answers.list_change import ListChange
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices, Options
from recommender.dashboard.drawing.words import day
from recommender.dashboard.pages.time_travel import over_time
from recommender.dashboard.pages.time_travel.caveats import caveats
from recommender.dashboard.pages.time_travel.over_time import Lists, Question, Values
from recommender.dashboard.pages.time_travel.stretch import Stretch, stretch_around
from recommender.dashboard.pages.time_travel.time_words import clock_time
from recommender.data.clock import minute_of
from recommender.data.ranking import Rows
from recommender.data.seen import counts_as_seen
from recommender.data.titles import spoken_name
from recommender.serving.time_travel import Step
from recommender.serving.traveller import NO_TITLE

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

MOST_ROWS = 20  # more would not fit a screen
_FOLLOWED_UNASKED = 4
_COURSE_POINTS = 48  # as many as a cell has pixels for
_MINUTES_WITHIN = 14 * 86_400  # a stretch up to so long names the minute of a best rank, a longer one the day


class OwnChoices(NamedTuple):
    """What is chosen on this page alone.

    Attributes:
      span: how much time is shown, of `stretch.SPANS`.
    """

    span: str


@dataclass(frozen=True, eq=False)
class TimeTravelView:
    """All that the page shows.

    The picture is worked out at once. What stands around it asks the model for more, so it is worked out when it is
    first read, and the picture is drawn before.

    Attributes:
      can: what the model can show.
      chosen: what is chosen.
      own: what is chosen on this page alone.
      question: whose list it is.
      stretch: the time shown.
      k: length of the list.
      titles: all titles of the catalogue.
      lists: the lists, moment by moment; that of the clock is one of them.
      now: place of the clock among their moments.
      followed: the titles with curves, each with its colour.
      curves: [n_moments, n_followed] their stars, or scores from a model that predicts none; NaN before they are out.
      ranges: [n_moments, n_followed, 2] between which ratings the stars lie with 80%; NaN where nobody can say.
      means: [n_moments, n_followed] the same averaged over `n_averaged` viewers.
      given: what the viewer rated of them: `title`, `rating`, `timestamp`; empty where the curves are scores.
      scale: the rating scale; None where the curves are scores.
      first, last: the training span, UTC seconds.
      life: all that the viewer rated, the oldest first: `title`, `rating`, `timestamp`; empty without ratings.
      rating_scale: lowest and highest rating, of `life`.
      n_averaged: how many viewers the means are of.
    """

    can: Abilities
    chosen: Choices
    own: OwnChoices
    question: Question
    stretch: Stretch
    k: int
    titles: tuple[str, ...]
    lists: Lists
    now: int
    followed: Mapping[str, str]
    curves: Values
    ranges: Values
    means: Values
    given: pd.DataFrame
    scale: tuple[float, float] | None
    first: int
    last: int
    life: pd.DataFrame
    rating_scale: tuple[float, float]
    n_averaged: int
    _recommender: "Recommender" = field(repr=False)

    @property
    def start(self) -> int:
        """The first moment shown, UTC seconds."""
        return int(self.lists.moments[0])

    @property
    def end(self) -> int:
        """The last moment shown, UTC seconds."""
        return max(int(self.lists.moments[-1]), self.start + 1)

    @property
    def pinned(self) -> int | None:
        """The pinned moment, UTC seconds; None if it lies outside of the time shown."""
        pin = self.chosen.pin
        return pin if pin is not None and self.start <= pin <= self.end else None

    @property
    def listed(self) -> list[str]:
        """The titles of the list at the clock, best first."""
        return [self.titles[row] for row in self.lists.rows[self.now] if row != NO_TITLE]

    @property
    def shaded(self) -> str | None:
        """The title around whose stars their range is shaded, until another is clicked; None where nobody can say."""
        return next(iter(self.followed)) if np.isfinite(self.ranges).any() else None

    def row_of(self, title: str) -> int:
        """The catalogue row of a title."""
        return int(self._recommender.rows.row_of_title(title))

    @cached_property
    def rated_around(self) -> tuple[int | None, int | None]:
        """The minutes, UTC seconds, in which the viewer gave the rating before and the one after the clock."""
        minutes = np.unique(minute_of(self.life["timestamp"]))
        minutes = minutes[(minutes >= self.first) & (minutes <= self.last)]
        before, after = minutes[minutes < self.chosen.at], minutes[minutes > self.chosen.at]
        return int(before[-1]) if len(before) else None, int(after[0]) if len(after) else None

    @cached_property
    def compared_with(self) -> int:
        """The moment that the clock is compared with, UTC seconds.

        The pin, else where the clock stands until somebody turns it; while it stands there, where the picture begins.
        """
        if self.chosen.pin is not None:
            return self.chosen.pin
        rests = self.chosen.follows_from
        return rests if rests != self.chosen.at else min(max(self.start, self.first), self.last)

    def moved_since(self, title: str) -> int | None:
        """The moment since which a title's move is explained; None at the clock.

        That which the clock is compared with, or, without a pin, when the title came out if that was in between.
        """
        since = self.compared_with
        if self.chosen.pin is None and self.question.hide_future and self._recommender.premieres is not None:
            out = int(self._recommender.premieres[self.row_of(title)])
            since = out if since < out <= self.chosen.at else since
        return None if since == self.chosen.at else since

    @cached_property
    def change(self) -> ListChange | None:
        """What became of the list since the moment that it is compared with; None where there is none to compare."""
        then = self.compared_with
        rows = self.lists.rows[self.now]
        now_listed = rows[rows != NO_TITLE]
        if then == self.chosen.at or not len(now_listed):
            return None
        rows = over_time.lists(self._recommender, self.question, then, self.k).rows[0]
        then_listed = rows[rows != NO_TITLE]
        asked = self.chosen.asked(self._recommender, then), self.chosen.asked(self._recommender)
        rated = [recommender.rated(self.chosen.user) for recommender in asked]
        seen_then, seen_now = (
            set(self._recommender.rows.rows_of_ids(found["item_id"][counts_as_seen(found["rating"])]).tolist())
            if self.question.hide_seen
            else set()
            for found in rated
        )
        new = set(now_listed.tolist()) - set(then_listed.tolist())
        premieres = self._recommender.premieres if self.question.hide_future else None
        not_out = set() if premieres is None else {row for row in new if premieres[row] > then}
        seen = (new - not_out) & seen_then
        gone = (set(then_listed.tolist()) - set(now_listed.tolist())) & seen_now
        n_back = len(new) - len(not_out) - len(seen)
        n_rated = len(rated[0]), len(rated[1])
        return ListChange(len(now_listed), len(not_out), len(seen), n_back, len(gone), n_rated)

    def share(self, seconds: Values | Rows | int) -> Values:
        """Moments as shares of the time shown."""
        return (np.asarray(seconds, np.float64) - self.start) / (self.end - self.start)

    @cached_property
    def first_changes(self) -> tuple[Step | None, Step | None]:
        """Where the first title changes before and after the clock."""
        return over_time.changes(self._recommender, self.question, self.chosen.at, int(self.lists.rows[self.now][0]))

    def minute_of(self, step: Step) -> int:
        """The minute of a change nearest to the clock, UTC seconds; asked for only once it is wanted."""
        return over_time.minute_of_change(self._recommender, self.question, step)

    @cached_property
    def caveats(self) -> str:
        """What limits these answers, in sentences."""
        return caveats(self._recommender, self.can, self.question, self.chosen.at)

    @cached_property
    def followed_moves(self) -> pd.DataFrame | None:
        """How far the followed titles move inside the training span, the farthest first; None where there are none.

        Columns: `title`, `name`, `low`, `high` (stars or scores), `move` (between them), `all` (the same of the
        average viewer), `best`, `worst` (places in the list); missing of a title that is left out all the time.
        """
        if not self.followed:
            return None
        places = pd.DataFrame(over_time.places(self._recommender, self.question, self.stretch, tuple(self.followed)))
        inside = (self.lists.moments >= self.first) & (self.lists.moments <= self.last)
        inside = inside if inside.any() else np.ones(len(inside), bool)
        own, means = pd.DataFrame(self.curves[inside]), pd.DataFrame(self.means[inside])
        frame = pd.DataFrame(
            {
                "title": list(self.followed),
                "name": [spoken_name(title).name for title in self.followed],
                "low": own.min(),
                "high": own.max(),
                "move": own.max() - own.min(),
                "all": means.max() - means.min(),
                "best": places.min().astype("Int64"),
                "worst": places.max().astype("Int64"),
            }
        )
        return frame.sort_values("move", ascending=False, kind="stable").reset_index(drop=True)

    @cached_property
    def catalogue_moves(self) -> pd.DataFrame | None:
        """The titles of the whole catalogue that move farthest, the farthest first; None where none moves.

        Columns: `title`, `name`, `best`, `worst` (places), `best_at`, `worst_at` (when, as text), `course` (minus the
        logarithm of the place at moments in order; where it is left out, the last place before it).
        """
        movers = over_time.movers(self._recommender, self.question, self.stretch)
        if not len(movers.rows):
            return None
        titles = [self.titles[row] for row in movers.rows]
        moments = self.stretch.inside(self.first, self.last)
        thinned = np.unique(np.linspace(0, len(moments) - 1, _COURSE_POINTS).astype(int))
        when = clock_time if self.end - self.start <= _MINUTES_WITHIN else day
        return pd.DataFrame(
            {
                "title": titles,
                "name": [spoken_name(title).name for title in titles],
                "best": movers.best,
                "best_at": [when(int(moments[place])) for place in movers.best_at],
                "worst": movers.worst,
                "worst_at": [when(int(moments[place])) for place in movers.worst_at],
                "course": (-np.log10(pd.DataFrame(movers.places[thinned]).ffill().bfill().to_numpy()))
                .round(3)
                .T.tolist(),
            }
        )


def time_travel_view(recommender: "Recommender", options: Options, chosen: Choices, own: OwnChoices) -> TimeTravelView:
    """Works the page out.

    Args:
      recommender: the model, which reads the clock.
      options: what may be chosen.
      chosen: what is chosen.
      own: what is chosen on this page alone.
    """
    can = abilities_of(recommender)
    question = over_time.question_of(recommender, chosen)
    stretch = stretch_around(options, chosen.at, own.span, len(recommender.titles))
    k = min(chosen.k, MOST_ROWS, len(recommender.titles))
    at_clock = over_time.lists(recommender, question, chosen.at, k)
    lists, now = _with_clock(over_time.lists(recommender, question, stretch, k), at_clock)
    titles = chosen.titles
    if not titles:
        first = over_time.lists(recommender, question, chosen.follows_from, k)
        titles = tuple(recommender.titles[row] for row in first.rows[0, :_FOLLOWED_UNASKED] if row != NO_TITLE)
    curves, means = np.zeros((len(lists.moments), 0, 3)), np.zeros((len(lists.moments), 0))
    if titles:
        curves = over_time.curves(recommender, question, stretch, titles)
        if len(curves) < len(lists.moments):  # the clock stands between two moments of the stretch
            curves = np.insert(curves, now, over_time.curves(recommender, question, chosen.at, titles)[0], axis=0)
        moments, averages = over_time.mean_curves(recommender, question.version, stretch, titles)
        means = np.stack([np.interp(lists.moments, moments, mean) for mean in averages.T], axis=1)
        means[np.isnan(curves[:, :, 0])] = np.nan  # not out yet
    return TimeTravelView(
        can=can,
        chosen=chosen,
        own=own,
        question=question,
        stretch=stretch,
        k=k,
        titles=recommender.titles,
        lists=lists,
        now=now,
        followed=current.colours(titles),
        curves=curves[:, :, 0],
        ranges=curves[:, :, 1:],
        means=means,
        # Beside scores, which have no scale, stars have no place.
        given=over_time.given(recommender, question, stretch, titles if can.rates else ()),
        scale=(recommender.scale.low, recommender.scale.high) if can.rates else None,
        first=recommender.first_moment,
        last=recommender.last_moment,
        life=over_time.life(recommender, question),
        rating_scale=(recommender.scale.low, recommender.scale.high),
        n_averaged=min(over_time.N_AVERAGED, len(recommender.user_ids)),
        _recommender=recommender,
    )


def _with_clock(lists: Lists, at_clock: Lists) -> tuple[Lists, int]:
    """Lists with that of the clock among them, and its place there."""
    place = int(np.searchsorted(lists.moments, at_clock.moments[0]))
    if place < len(lists.moments) and lists.moments[place] == at_clock.moments[0]:
        return lists, place
    both = zip(lists, at_clock, strict=True)
    return Lists(*(np.insert(many, place, one[0], axis=0) for many, one in both)), place
