"""A model's signatures as evaluation asks them, of a model in memory and of a bundle alike."""

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from recommender.bundle.dials import Dials
from recommender.bundle.signatures import AT_REST, NO_DIAL, PRAISE

Rows = npt.NDArray[np.integer]
Moments = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_DIGITS = 3  # of weights that are held for the same
_ASKED = 8  # titles from which the weight of praise at rest is read; more would say the same


class Answering(Protocol):
    """A `ServedModel` in memory, or a `Recommender` that has loaded a bundle."""

    @property
    def signatures(self) -> Mapping[str, Callable[..., Any]]:
        """Functions by name, `score` and `rate_pairs` among them; see `ServedModel`."""


class SignatureScorer:
    """Signatures behind the `ProbabilityScorer` protocol: rows of a data set in, scores, stars and their chances out.

    Args:
      model: which is held, as the functions of a model in memory do not keep it alive.
      viewer_rows: [n_users] the model's row of each user of the data set; 0 for one it was not trained on.
      title_rows: [n_titles] the model's row of each title of the data set.
      rates: whether the model predicts ratings.
    """

    def __init__(self, model: Answering, viewer_rows: Rows, title_rows: Rows, *, rates: bool) -> None:
        self._model, self._rates, self._dials = model, rates, Dials()
        self._viewer_rows, self._title_rows = viewer_rows.astype(np.int32), title_rows.astype(np.int32)
        self._weights: dict[int, float] = {}  # what praise counts for of viewers, the same however the dials stand

    def with_dials(self, dials: Dials) -> "SignatureScorer":
        """The same model with its lists turned, but for `Dials.varied`, which orders what is answered here."""
        turned = copy(self)
        turned._dials = dials
        return turned

    def score(self, user_rows: Rows, timestamps: Moments) -> Floats:
        """[n, n_titles] what lists are ordered by, titles in the order of the data set."""
        viewers = self._viewer_rows[user_rows]
        if not self._dials.praise:
            return self._scored(viewers, timestamps, self._dials.inputs(0.0))
        weights = self._praise_at_rest(viewers)  # which differ between viewers, and one call takes one
        scores = np.empty((len(viewers), len(self._title_rows)), np.float32)
        for weight in np.unique(weights):
            of_it = np.flatnonzero(weights == weight)
            scores[of_it] = self._scored(viewers[of_it], timestamps[of_it], self._dials.inputs(float(weight)))
        return scores

    def _praise_at_rest(self, viewers: Rows) -> Floats:
        """[n] what praise counts for of each viewer unless the dial is turned; see `praise_at_rest`."""
        rate, n_titles = self._model.signatures["rate"], len(self._title_rows)
        for viewer in set(viewers.tolist()) - self._weights.keys():
            who = {**AT_REST, "viewer": np.int32(viewer)}
            self._weights[viewer] = round(praise_at_rest(rate, who, n_titles), _DIGITS)
        return np.array([self._weights[viewer] for viewer in viewers.tolist()], np.float32)

    def _scored(self, viewers: Rows, timestamps: Moments, dials: Floats) -> Floats:
        answer = self._ask("score", **{**AT_REST, "viewer": viewers, "at": timestamps, "dials": dials})
        return answer.get("ranked", answer["scores"])[:, self._title_rows]

    def rate(self, user_rows: Rows, item_rows: Rows, timestamps: Moments) -> Floats | None:
        """[n] predicted ratings; None from a model that predicts none."""
        return self._rate_pairs(user_rows, item_rows, timestamps).get("stars")

    def probabilities(self, user_rows: Rows, item_rows: Rows, timestamps: Moments) -> Floats | None:
        """[n, n_levels] chances of each rating of the scale; None from a model that gives none."""
        likely = self._rate_pairs(user_rows, item_rows, timestamps).get("probabilities")
        return likely if likely is not None and likely.shape[1] else None

    def _rate_pairs(self, user_rows: Rows, item_rows: Rows, timestamps: Moments) -> dict[str, Floats]:
        if not self._rates:
            return {}
        viewers, titles = self._viewer_rows[user_rows], self._title_rows[item_rows]
        return self._ask("rate_pairs", viewer=viewers, at=timestamps, items=titles)

    def _ask(self, signature: str, **inputs: npt.NDArray[np.generic]) -> dict[str, Floats]:
        answer = self._model.signatures[signature](**{name: tf.constant(value) for name, value in inputs.items()})
        return {name: value.numpy() for name, value in answer.items()}


def praise_at_rest(rate: Callable[..., Mapping[str, Any]], viewer: Mapping[str, Any], n_titles: int) -> float:
    """What a predicted star above the viewer's mean counts for in the ranking of a list, unless the dial is turned.

    Read from two answers: what praise adds at rest, beside what it adds at a weight of 1. It is the same at any moment.

    Args:
      rate: the signature.
      viewer: its inputs that say for whom is asked, without dials.
      n_titles: length of the catalogue.

    Returns:
      The weight, without a dimension; 0 of a model that gives no praise.
    """
    items = tf.range(min(n_titles, _ASKED))
    added = []
    for weight in (NO_DIAL, 1.0):
        dials = np.full(3, NO_DIAL, np.float32)
        dials[PRAISE] = weight
        answer = rate(
            **{name: tf.constant(value) for name, value in {**viewer, "dials": dials}.items()},
            at=tf.constant([0], tf.int64),
            items=items,
        )
        if "ranked" not in answer:  # a bundle of an earlier schema
            return 0.0
        added.append(np.asarray(answer["ranked"]) - np.asarray(answer["scores"]))
    at_rest, of_one = added
    size = float((of_one**2).sum())
    return float((at_rest * of_one).sum() / size) if size > 0 else 0.0
