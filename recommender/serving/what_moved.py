"""What moved a title between two moments: the viewer's own ratings, what everybody watched, and the calendar.

Each is turned while the others are held, in every order, and the mean over the orders is what it did: the Shapley
values of a game with three players, which add up to the whole change.
"""

from dataclasses import dataclass
from itertools import permutations, product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data.clock import minute_of
from recommender.data.ranking import titles_ahead
from recommender.data.seen import counts_as_seen
from recommender.serving.viewer_histories import history_of

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_PLAYERS = 3
_FEWEST_ASKED, _MOST_READ = 24, 6_000  # ratings asked about one by one, the newest; ratings read for all of them

# [own, everybody, calendar] -> what the model says with each as at the first moment (0) or the second (1)
_Cells = npt.NDArray[np.float64]


class Split(NamedTuple):
    """A change, split into what made it; the three add up to it."""

    own: float
    everybody: float
    calendar: float


@dataclass(frozen=True)
class Move:
    """How a title moved between two moments.

    Attributes:
      places: its place among the titles listed, at the first moment and at the second, whether it is listed or not.
      stars: its predicted stars at both; NaN from a model that predicts none.
      of_places: the change of place, split; above zero it came nearer to the top.
      of_stars: the change of stars, split; NaN from a model that predicts none.
      ratings: what the viewer rated in between, the one that moved its score most first: `title`, `given`, and
        `score` and `stars`: what each did to the title; empty where the model reads no history or the same at both,
        and of very many only the newest.
      n_between: how many ratings the model reads more at the later moment.
      was_out: whether the title was out at both moments; of one that was not, its place says where it would have stood.
      was_seen: whether the viewer had seen it at both, where lists leave that out; its place says the same.
    """

    places: tuple[int, int]
    stars: tuple[float, float]
    of_places: Split
    of_stars: Split
    ratings: pd.DataFrame
    n_between: int
    was_out: tuple[bool, bool] = (True, True)
    was_seen: tuple[bool, bool] = (False, False)


def what_moved(
    recommender: "Recommender",
    user: str,
    title: str,
    moments: tuple[int, int],
    *,
    as_of_then: bool,
    hide_seen: bool,
    hide_future: bool,
) -> Move:
    """Asks the model about two moments with all that can differ between them mixed in every way.

    Args:
      recommender: the model, joined with its ratings if these are to count.
      user: a viewer.
      title: the title whose move is explained.
      moments: the two, UTC seconds; the second may be the earlier.
      as_of_then: read, and count as seen, at each moment only what the viewer had rated by then.
      hide_seen: titles that the viewer has seen take no place.
      hide_future: titles that are not out take no place; the title itself always does.

    Raises:
      UnknownUserError, UnknownTitleError: if the model does not know one.
    """
    then = [recommender.as_of(at) if as_of_then else recommender for at in moments]
    row = recommender.rows.row_of_title(title)
    places, stars = np.zeros((2, 2, 2)), np.zeros((2, 2, 2))
    seen = [_seen(asked, user) if hide_seen else np.empty(0, np.int64) for asked in then]
    others = list(product((0, 1), repeat=_PLAYERS - 1))
    at = [moments[calendar] for _, calendar in others]
    popular_at = [moments[everybody] for everybody, _ in others]
    for own, asked in enumerate(then):
        scores = asked.scores(user, at, popular_at=popular_at)
        removed = np.zeros(scores.shape, np.bool_)
        removed[:, seen[own]] = True
        if hide_future and recommender.premieres is not None:
            removed |= recommender.premieres[None, :] > np.asarray(popular_at)[:, None]
        ahead = titles_ahead(scores, np.full(len(at), row), removed)
        places[own] = 1 + ahead.reshape(2, 2)
        stars[own] = asked.sweep(user, at, [title], popular_at=popular_at)["stars"].to_numpy().reshape(2, 2)
    ratings, n_between = _ratings_between(then, user, title, moments)
    return Move(
        places=(int(places[0, 0, 0]), int(places[1, 1, 1])),
        stars=(float(stars[0, 0, 0]), float(stars[1, 1, 1])),
        of_places=shapley(-places),
        of_stars=shapley(stars),
        ratings=ratings,
        n_between=n_between,
        was_out=_was_out(recommender, row, moments) if hide_future else (True, True),
        was_seen=(row in seen[0], row in seen[1]),
    )


def _was_out(recommender: "Recommender", row: int, moments: tuple[int, int]) -> tuple[bool, bool]:
    """Whether a title was out at each of two moments; always where nobody can say."""
    premiere = 0 if recommender.premieres is None else int(recommender.premieres[row])
    return premiere <= moments[0], premiere <= moments[1]


def shapley(cells: _Cells) -> Split:
    """What each of three players does to a figure, on average over the orders in which they come in.

    Args:
      cells: [2, 2, 2] the figure with each player out (0) or in (1).

    Returns:
      Three figures that add up to `cells[1, 1, 1] - cells[0, 0, 0]`.
    """
    values = np.zeros(_PLAYERS)
    orders = list(permutations(range(_PLAYERS)))
    for order in orders:
        inside = [0] * _PLAYERS
        for player in order:
            before = cells[tuple(inside)]
            inside[player] = 1
            values[player] += cells[tuple(inside)] - before
    return Split(*(values / len(orders)).tolist())


def _seen(asked: "Recommender", user: str) -> npt.NDArray[np.int64]:
    """Catalogue rows of what the viewer has seen."""
    rated = asked.rated(user)
    rows = asked.rows.rows_of_ids(rated["item_id"][counts_as_seen(rated["rating"])])
    return rows[rows >= 0]


def _ratings_between(
    then: list["Recommender"], user: str, title: str, moments: tuple[int, int]
) -> tuple[pd.DataFrame, int]:
    """What each rating given between two moments does to a title: with it, less without it, at the later moment.

    On the way back what it did is taken back. And how many ratings were given.
    """
    nothing = pd.DataFrame({"title": [], "given": [], "score": [], "stars": []})
    if not then[0].manifest.reads_history or then[0].known_by is None:
        return nothing, 0
    late, early = (1, 0) if moments[1] >= moments[0] else (0, 1)
    read = then[late].history_read(user)
    new = np.flatnonzero(minute_of(read["timestamp"]) > moments[early])
    n_between = len(new)
    if not n_between:
        return nothing, 0
    new = new[-max(_FEWEST_ASKED, _MOST_READ // len(read)) :]
    kept = np.ones((len(new) + 1, len(read)), np.bool_)
    kept[np.arange(len(new)) + 1, new] = False
    at = [moments[late]] * len(kept)
    says = then[late].sweep(user, at, [title], history=history_of(read), kept=kept)
    score, stars = (says[column].to_numpy(np.float64) for column in ("ranked", "stars"))
    sign = 1.0 if late == 1 else -1.0
    found = pd.DataFrame(
        {
            "title": read["title"].to_numpy()[new],
            "given": read["stars"].to_numpy()[new],
            "score": sign * (score[0] - score[1:]),
            "stars": sign * (stars[0] - stars[1:]),
        }
    )
    return found.sort_values("score", key=np.abs, ascending=False, kind="stable").reset_index(drop=True), n_between
