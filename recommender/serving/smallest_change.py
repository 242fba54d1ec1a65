"""What would bring a title into a list, or out of it: the fewest changes of what a viewer rated.

Found by asking the model with each change, many at a time; what is answered is what the list itself says once it is
asked with exactly these changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from recommender.bundle.signatures import Alternatives
from recommender.serving.changes import Rating
from recommender.serving.viewer_histories import history_of

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

MOST_CHANGES = 3
_ADDED = 30  # titles most like it that are tried as rated
# Titles scored, and ratings read, for one search of single changes: they are asked about within seconds.
_MOST_SCORED, _MOST_READ = 1_000_000, 60_000
_AT_ONCE = 64  # changes asked about in one call
_TRIED_AGAIN = 40  # of the changes that bring it nearest, beside the best of them
_CHECKED = 4  # changes whose list is asked for before it is said that none crosses the end

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Question:
    """A title of a list that is asked about.

    Attributes:
      user: the viewer.
      at: the moment, UTC seconds.
      title: the title; not one that the viewer rated.
      k: length of the list.
      competing: [n_titles] which titles of the catalogue can be listed.
    """

    user: str
    at: int
    title: str
    k: int
    competing: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Crossing:
    """The changes that bring a title across the end of a list.

    Attributes:
      ratings: title and stars, None for a rating taken back; see `Changes.ratings`.
      place_before: its place in the list as it is, which goes on behind its end.
      place: its place once they are made.
    """

    ratings: tuple[Rating, ...]
    place_before: int
    place: int


def smallest_change(
    recommender: "Recommender", question: Question, place_of: Callable[[tuple[Rating, ...]], int | None]
) -> Crossing | None:
    """Searches for the fewest changes that bring a title into a list, or out of it if it stands there.

    A change is a rating taken back, one turned to the other end of the scale, or one added to a title like the one
    asked about. Each alone is asked about, unless a history is so long that only ratings of titles like it can be;
    then each beside the one that brought it nearest, and so on, up to `MOST_CHANGES`.

    Args:
      recommender: a model that reads histories, as it was asked for the list.
      question: the title, and whose list.
      place_of: asks for the list with changes: the place of the title, from 1, or None where it has none.

    Returns:
      The changes; of several that suffice, those by which the model itself brings it farthest: a title that is not seen
      any more pushes it out only where nothing else does. None if no such change was found, or the title
      has no place.
    """
    before = place_of(())
    if before is None:
        return None
    search = _Search(recommender, question, inwards=before > question.k)
    made: tuple[Rating, ...] = ()
    candidates = search.candidates()
    while candidates and len(made) < MOST_CHANGES:
        gains = search.gains(made, candidates)
        order = np.argsort(-gains.own, kind="stable")
        could = [i for i in order if gains.listed[i] > 0 or recommender.dials.varied]  # which orders lists anew
        for best in could[:_CHECKED]:
            place = place_of((*made, candidates[best]))
            if place is not None and (place <= question.k) == search.inwards:
                return Crossing((*made, candidates[best]), before, place)
        made = (*made, candidates[order[0]])
        named = {title for title, _ in made}
        candidates = [c for c in (candidates[i] for i in order[: _TRIED_AGAIN + 1]) if c[0] not in named]
    return None


class _Gains(NamedTuple):
    """How far changes bring a title across the end of a list: above 0 beyond it, [n] each.

    Attributes:
      own: by what the model makes of the ratings.
      listed: also by titles that come into the list, as they are not seen any more, or leave it, as they are now.
    """

    own: Floats
    listed: Floats


class _Search:
    """Changes of one history, and how far each brings a title across the end of a list."""

    def __init__(self, recommender: "Recommender", question: Question, *, inwards: bool) -> None:
        self._recommender, self._question, self.inwards = recommender, question, inwards
        history = history_of(recommender.history_read(question.user))
        self._given = dict(history.stars)
        self._times = dict(zip(self._given, history.times, strict=True)) if history.times is not None else {}
        self._row = recommender.rows.row_of_title(question.title)

    def candidates(self) -> list[Rating]:
        """Single changes, for which there is time to ask about each."""
        like = self._recommender.similar(self._question.title, len(self._recommender.titles))["title"].tolist()
        rated = set(self._recommender.rated(self._question.user)["title"])
        has_stars, scale = self._recommender.manifest.data.has_ratings, self._recommender.scale
        end, other = (scale.high, scale.low) if self.inwards else (scale.low, scale.high)
        n_asked = min(_MOST_SCORED // len(self._recommender.titles), _MOST_READ // (len(self._given) + 1)) // 2
        nearness = {title: place for place, title in enumerate(like)}
        asked = sorted(reversed(self._given), key=lambda title: nearness.get(title, len(like)))[: max(n_asked, _ADDED)]
        taken: list[Rating] = [(title, None) for title in asked]
        turned = [(title, end if abs(self._given[title] - end) >= scale.step else other) for title in asked]
        could = [title for title in like if title not in rated and self._is_out(title)]
        added = [(title, end) for title in could[:_ADDED]]
        return [*taken, *(turned if has_stars else []), *(added if has_stars or self.inwards else [])]

    def gains(self, made: Sequence[Rating], candidates: Sequence[Rating]) -> _Gains:
        """What each change, beside those made, does."""
        parts = [candidates[first : first + _AT_ONCE] for first in range(0, len(candidates), _AT_ONCE)]
        return _Gains(
            *(np.concatenate(found) for found in zip(*(self._gains(made, part) for part in parts), strict=True))
        )

    def _gains(self, made: Sequence[Rating], candidates: Sequence[Rating]) -> _Gains:
        history, kept = self._alternatives(made, candidates)
        asked = self._question
        scores = self._recommender.scores(asked.user, [asked.at] * len(kept), history=history, kept=kept)
        return _Gains(self._beyond(scores, asked.competing), self._beyond(scores, self._competing(made, candidates)))

    def _beyond(self, scores: Floats, competing: npt.NDArray[np.bool_]) -> Floats:
        """[n] how far the title stands beyond the end of lists of the titles that compete, [n, n_titles] scores."""
        k, own = self._question.k, scores[:, self._row]
        others = np.where(competing, scores, -np.inf)
        others[:, self._row] = -np.inf
        last = -np.partition(-others, k - 1, axis=1)[:, k - 1] if k <= others.shape[1] else -np.inf
        return own - last if self.inwards else last - own

    def _alternatives(
        self, made: Sequence[Rating], candidates: Sequence[Rating]
    ) -> tuple[Alternatives, npt.NDArray[np.bool_]]:
        """Ratings as they are with the changes made, beside each the one it may be instead; and which are read of each.

        What was never rated stands at the end, as the newest.
        """
        now = dict(self._given)
        for title, stars in made:
            if stars is None:
                now.pop(title, None)
            else:
                now[title] = stars
        instead = {title: stars for title, stars in candidates if stars is not None}
        columns = [pair for title, given in now.items() for pair in ((title, given), (title, instead.get(title)))]
        columns = [pair for pair in columns if pair[1] is not None]
        columns += [(title, stars) for title, stars in instead.items() if title not in now]
        place = {pair: column for column, pair in reversed(list(enumerate(columns)))}
        kept = np.zeros((len(candidates), len(columns)), np.bool_)
        kept[:, [place[pair] for pair in now.items()]] = True
        for row, (title, stars) in zip(kept, candidates, strict=True):
            if title in now:
                row[place[title, now[title]]] = False
            if stars is not None:
                row[place[title, stars]] = True
        newest = max([self._question.at, *self._times.values()])
        times = [self._times.get(title, newest) for title, _ in columns] if self._times else None
        return Alternatives(tuple((title, float(stars or 0)) for title, stars in columns), times), kept

    def _competing(self, made: Sequence[Rating], candidates: Sequence[Rating]) -> npt.NDArray[np.bool_]:
        """[len(candidates), n_titles] which titles can be listed: where seen ones are left out, none that is rated."""
        competing = np.tile(self._question.competing, (len(candidates), 1))
        rows_of = self._recommender.rows.row_of_title
        if not any(competing[0, rows_of(title)] for title in self._given):
            for row, candidate in zip(competing, candidates, strict=True):
                for title, stars in (*made, candidate):
                    row[rows_of(title)] = stars is None
        return competing

    def _is_out(self, title: str) -> bool:
        """Whether it could have been rated: as of then, what was not out could not."""
        then, premieres = self._recommender.known_by, self._recommender.premieres
        return then is None or premieres is None or bool(premieres[self._recommender.rows.row_of_title(title)] <= then)
