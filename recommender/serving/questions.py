"""Asks a bundle's signatures: names become rows, and many moments become one call."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from recommender.bundle.dials import Dials
from recommender.bundle.scorer import praise_at_rest
from recommender.bundle.signatures import AT_REST, Alternatives, History
from recommender.data.schema import RatingScale
from recommender.errors import RecommenderError
from recommender.serving.rows import ModelRows

MAX_MOMENT = 2**40  # seconds; 36,812 AD, far inside int64
_MOST_CELLS = 16_000_000  # of scores asked for at once, titles of the catalogue times moments: 64 MB
_MOST_RATINGS = 8_192  # read at once, over all moments: a model may hold a matrix for each of them
_WORTH_A_CALL = 8  # moments in a row that read the same history: it is read once for them, in a call of its own


class Questions:
    """The questions that can be put to a bundle's signatures.

    Args:
      signatures: by name; see `ServedModel`.
      rows: the model's rows.
      scale: the rating scale, which the stars of a history must keep to.
    """

    def __init__(self, signatures: Mapping[str, Any], rows: ModelRows, scale: RatingScale) -> None:
        self._signatures, self._rows, self._scale = signatures, rows, scale

    def describe_viewer(
        self, user_id: str | None, history: History | Alternatives | None, dials: Dials | None = None
    ) -> dict[str, tf.Tensor]:
        """The inputs that say for whom is asked: viewer, history and dials, as every signature takes them.

        Raises:
          UnknownUserError, UnknownTitleError: if the model does not know one.
          RecommenderError: if stars of the history lie outside the scale.
        """
        viewer = {"viewer": tf.constant(self._rows.row_of_viewer(user_id), tf.int32)}
        if history is None:
            return self._turned(viewer | {name: tf.constant(nothing) for name, nothing in AT_REST.items()}, dials)
        given = history.ratings
        for title, stars in given:
            if not self._scale.low <= stars <= self._scale.high:
                raise RecommenderError(f"{title!r} was given {stars:g} stars, outside {self._scale}; mend the history.")
        given_history = {
            "history_items": tf.constant(self._rows.rows_of_titles([title for title, _ in given])),
            "history_stars": tf.constant(np.array([stars for _, stars in given], np.float32)),
            "history_times": tf.constant(
                np.zeros(len(given), np.int64) if history.times is None else history.times, tf.int64
            ),
            "history_kept": tf.constant(np.ones((1, len(given)), np.bool_)),
            **{name: tf.constant(AT_REST[name]) for name in ("dials", "popular_at")},
        }
        return self._turned(viewer | given_history, dials)

    def _turned(self, viewer: dict[str, tf.Tensor], dials: Dials | None) -> dict[str, tf.Tensor]:
        """The same inputs with dials turned."""
        if dials is None or dials.at_rest:
            return viewer
        rate, weight = self._signatures["rate"], 0.0
        if dials.praise:
            weight = praise_at_rest(rate, viewer, len(self._rows.titles))
        return {**viewer, "dials": tf.constant(dials.inputs(weight))}

    def ask(
        self,
        signature: str,
        viewer: Mapping[str, tf.Tensor],
        moments: Sequence[int],
        kept: npt.NDArray[np.bool_] | None = None,
        popular_at: Sequence[int] | None = None,
        **more: tf.Tensor,
    ) -> dict[str, npt.NDArray[np.float32]]:
        """Asks for one viewer at many moments: in one call, or in a few where histories differ and catalogues are long.

        Args:
          signature: "rate", which takes one viewer, or "score", which takes one for each moment.
          viewer: by `describe_viewer`.
          moments: [n] UTC seconds.
          kept: [n, length of the history] which of its titles are read at each moment; all if None.
          popular_at: [n] UTC seconds at which recent popularity is read; those of `moments` if None.
          more: what else the signature takes.

        Returns:
          Name -> [n, ...].

        Raises:
          RecommenderError: if a moment makes no sense, or `kept` comes without a history.
        """
        if any(not 0 <= moment <= MAX_MOMENT for moment in (min(moments, default=0), max(moments, default=0))):
            raise RecommenderError("a moment of the sweep is not a number of seconds since 1970; give UTC seconds.")
        at = np.asarray(moments, np.int64)
        inputs = dict(viewer)
        length = inputs["history_items"].shape[0]
        if kept is not None and (inputs["history_kept"].shape[0] == 0 or kept.shape != (len(at), length)):
            raise RecommenderError("what is kept of a history needs a row for each moment and a column for each title.")
        most = max(1, len(at)) if kept is None else max(1, _MOST_CELLS // len(self._rows.titles))
        parts = []
        for rows, alike in _slices(len(at), most, kept):
            if kept is not None:
                inputs["history_kept"] = tf.constant(kept[rows][: 1 if alike else None])
            if popular_at is not None:
                inputs["popular_at"] = tf.constant(np.asarray(popular_at, np.int64)[rows])
            if signature == "score":
                inputs["viewer"] = tf.fill([len(at[rows])], viewer["viewer"])
            parts.append(self._signatures[signature](**inputs, **more, at=tf.constant(at[rows])))
        return {name: np.concatenate([part[name].numpy() for part in parts]) for name in parts[0]}


def _slices(n: int, most: int, kept: npt.NDArray[np.bool_] | None) -> list[tuple[slice, bool]]:
    """Cuts n moments into parts, and says of each whether all of it reads the same history, which is read once then.

    Args:
      n: how many moments.
      most: moments of a part at most.
      kept: [n, length] what is read at each moment; None if it is the same at all.
    """
    if kept is None or not len(kept):
        return [(slice(start, start + most), True) for start in range(0, max(1, n), most)]
    apart = min(most, max(1, _MOST_RATINGS // max(1, kept.shape[1])))  # moments of a part that read different ones
    changes = np.flatnonzero(np.any(kept[1:] != kept[:-1], axis=1)) + 1
    found: list[tuple[slice, bool]] = []
    for start, stop in pairwise([0, *changes.tolist(), n]):
        if stop - start >= _WORTH_A_CALL:
            found += [(slice(first, min(first + most, stop)), True) for first in range(start, stop, most)]
        elif found and not found[-1][1] and stop - found[-1][0].start <= apart:
            found[-1] = (slice(found[-1][0].start, stop), False)
        else:
            found.append((slice(start, stop), False))
    return found
