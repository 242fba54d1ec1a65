"""One viewer at many moments: what the model reads of them at each, and what their list leaves out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.bundle.signatures import History
from recommender.data.clock import minute_of
from recommender.data.ranking import Rows, Scores, best_rows
from recommender.data.seen import counts_as_seen

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

Kept = npt.NDArray[np.bool_]

NO_TITLE = -1  # in the place of a catalogue row: the list has run out of titles


class Part(NamedTuple):
    """Moments that are asked about at once.

    Attributes:
      places: [n] places of the moments.
      history: what is read in place of the training part; None for that.
      kept: [n, length of the history] what of it is read at each moment; None without one.
    """

    places: Rows
    history: History | None
    kept: Kept | None


@dataclass(frozen=True)
class Traveller:
    """A viewer as the model is asked about them at many moments.

    Attributes:
      user: their id.
      rated: title and stars, oldest first, read in place of the training part; None for that. Of a title rated more
        than once, the last rating by the moment is read.
      rated_at: [len(rated)] UTC seconds from which on each rating is read, ascending.
      hidden: [n] catalogue rows that are left out of lists.
      hidden_from: [n] UTC seconds from which on each of them is left out; 0 for always.
      premieres: [n_titles] UTC seconds before which each title is left out; None for none.
    """

    user: str
    rated: tuple[tuple[str, float], ...] | None
    rated_at: Rows
    hidden: Rows
    hidden_from: Rows
    premieres: Rows | None = None

    def parts(self, moments: Sequence[int]) -> Iterator[Part]:
        """Cuts the moments into parts, each to be asked about at once.

        A question gives each title of a history one rating, so a part ends where a title is rated again.
        """
        at = np.asarray(moments, np.int64)
        if self.rated is None:
            yield Part(np.arange(len(at)), None, None)
            return
        first: dict[str, int] = {}
        again = []
        for (title, _), time in zip(self.rated, self.rated_at.tolist(), strict=True):
            if title in first:
                again.append(time)
            first.setdefault(title, time)
        part_of = np.searchsorted(again, at, side="right")
        for part in np.unique(part_of) if len(at) else [len(again)]:
            n_by_then = np.searchsorted(self.rated_at, again[part]) if part < len(again) else len(self.rated)
            stars: dict[str, float] = {}
            rated_at: dict[str, int] = {}
            for (title, given), time in zip(self.rated[:n_by_then], self.rated_at[:n_by_then].tolist(), strict=True):
                stars.pop(title, None)  # a title rated again moves to the end of the list
                stars[title], rated_at[title] = given, time
            places = np.flatnonzero(part_of == part)
            since = np.array([first[title] for title in stars], np.int64)
            yield Part(places, History(stars, [rated_at[title] for title in stars]), since <= at[places, None])

    def ask(self, moments: Sequence[int], question: Callable[[list[int], History | None, Kept | None], Any]) -> Any:
        """Puts a question about each part of the moments, and joins the answers.

        Args:
          moments: [n] UTC seconds.
          question: takes moments, the history to be read and what is kept of it at each; gives [n_moments, ...].

        Returns:
          [n, ...] in the order of `moments`.
        """
        at = np.asarray(moments, np.int64)
        parts = list(self.parts(moments))
        answers = [question(at[part.places].tolist(), part.history, part.kept) for part in parts]
        order = np.argsort(np.concatenate([part.places for part in parts]))
        return answers[0] if len(parts) == 1 else np.concatenate(answers)[order]

    def scores(self, recommender: "Recommender", moments: Sequence[int]) -> Scores:
        """[n_moments, n_titles] retrieval scores of the whole catalogue."""
        found: Scores = self.ask(
            moments, lambda at, history, kept: recommender.scores(self.user, at, history=history, kept=kept)
        )
        return found

    def sweep(self, recommender: "Recommender", moments: Sequence[int], titles: Sequence[str]) -> pd.DataFrame:
        """As `Recommender.sweep`, each moment with what is read then."""
        columns = ["stars", "low", "high", "score"]

        def answers(at: list[int], history: History | None, kept: Kept | None) -> npt.NDArray[np.float64]:
            swept = recommender.sweep(self.user, at, titles, history=history, kept=kept)
            return swept[columns].to_numpy(np.float64).reshape(len(at), len(titles), len(columns))

        found = self.ask(moments, answers)
        rows = recommender.rows.rows_of_titles(titles)
        return pd.DataFrame(
            {
                "at": np.repeat(np.asarray(moments, np.int64), len(rows)),
                "item_id": np.tile(recommender.rows.item_ids[rows], len(moments)),
                "title": np.tile(recommender.rows.titles[rows], len(moments)),
                **{column: found[:, :, place].ravel() for place, column in enumerate(columns)},
            }
        )

    def out(self, moments: Sequence[int] | Rows, rows: Rows) -> Kept:
        """[n_moments, n] whether each of [n] catalogue rows is out at each moment; all are where none is left out."""
        at = np.asarray(moments, np.int64)
        if self.premieres is None:
            return np.ones((len(at), len(rows)), np.bool_)
        return self.premieres[rows][None, :] <= at[:, None]

    def hide(self, scores: Scores, moments: Sequence[int]) -> Scores:
        """[n_moments, n_titles] the same scores, -inf for titles that are left out of the list of that moment."""
        if not len(self.hidden) and self.premieres is None:
            return scores
        at = np.asarray(moments, np.int64)[:, None]
        listed = scores.copy()
        left_out = self.hidden_from[None, :] <= at
        listed[:, self.hidden] = np.where(left_out, -np.inf, listed[:, self.hidden])
        if self.premieres is not None:
            listed[self.premieres[None, :] > at] = -np.inf
        return listed

    def lists(self, scores: Scores, moments: Sequence[int], k: int) -> Rows:
        """The list of each moment.

        Args:
          scores: [n_moments, n_titles] by `scores`.
          moments: [n_moments] UTC seconds.
          k: length of the list.

        Returns:
          [n_moments, min(k, n_titles)] catalogue rows, best first; `NO_TITLE` where titles run out.
        """
        listed = self.hide(scores, moments)
        rows = best_rows(listed, k)
        return np.where(np.isfinite(np.take_along_axis(listed, rows, axis=1)), rows, NO_TITLE)


def traveller_for(
    recommender: "Recommender", user: str, *, hide_seen: bool, as_of_then: bool, hide_future: bool = False
) -> Traveller:
    """Prepares a viewer to be asked about at many moments.

    Args:
      recommender: the model, joined with its ratings if something is to be hidden or cut.
      user: a viewer.
      hide_seen: leave out what the viewer has seen.
      as_of_then: read, and leave out, nothing that the viewer rated later than the moment that is asked about.
      hide_future: leave out what is not out at the moment that is asked about.

    Raises:
      UnknownUserError: if the model was not trained on the user.
    """
    rated = recommender.rated(user)
    timed = as_of_then and "timestamp" in rated
    seen = rated[counts_as_seen(rated["rating"])]
    seen_from = minute_of(seen["timestamp"]).tolist() if timed else [0] * len(seen)
    rows = recommender.rows.rows_of_ids(seen["item_id"]).tolist()
    # Newest first, so that of a title rated twice the first time stays.
    hidden = {row: at for row, at in zip(rows, seen_from, strict=True) if hide_seen and row >= 0}
    read = recommender.history_read(user, earlier=True) if timed else rated[:0]
    return Traveller(
        user=user,
        rated=tuple(zip(read["title"], read["stars"].tolist(), strict=True)) if len(read) else None,
        rated_at=minute_of(read["timestamp"]) if len(read) else np.zeros(0, np.int64),
        hidden=np.array(list(hidden), np.int64),
        hidden_from=np.array(list(hidden.values()), np.int64),
        premieres=recommender.premieres if hide_future else None,
    )
