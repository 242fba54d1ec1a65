"""The best titles of a viewer, from the exact index of the SavedModel or from an approximate one beside it.

The approximate index answers where a list is short: where its length and what is left out are together at most a
quarter of the catalogue. Beyond that it would have to look at nearly every title, and would miss some at the end of the
list; so the ranking of a whole catalogue, which the pages ask for, is always exact. It is exact too where the
approximate index finds too few.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from recommender.bundle.indexes import KINDS, RECALL_DEPTH, ApproximateIndex, MissingExtraError
from recommender.bundle.reader import Bundle

_MOST_OF_CATALOGUE = 0.25


class Found(NamedTuple):
    """Titles found for one viewer, [k] each, best first: catalogue rows, retrieval scores and predicted ratings."""

    rows: npt.NDArray[np.integer]
    scores: npt.NDArray[np.float32]
    stars: npt.NDArray[np.float32]


class Retrieval:
    """The indexes of one bundle.

    Args:
      bundle: where an approximate index lies, if there is one.
      signatures: the functions of its SavedModel.

    Attributes:
      index: the approximate index, or None.
      note: why the exact index answers in its place, as one sentence; empty if nothing is amiss.

    Raises:
      ValueError: if the file of the index is none, or nobody has verified it.
    """

    def __init__(self, bundle: Bundle, signatures: Mapping[str, Any]) -> None:
        self._signatures = signatures
        self._n_titles = len(bundle.identifiers.titles)
        self.index: ApproximateIndex | None = None
        self.note = ""
        facts = bundle.manifest.index
        if (kind := facts.kind) in KINDS:
            file = KINDS[kind].file
            if file not in bundle.manifest.files:
                raise ValueError(f"the manifest has an index {kind} and no checksum of {file}")
            try:
                self.index = KINDS[kind].load(bundle.path / file, facts.candidate_size or 0)
            except MissingExtraError:
                self.note = f"The exact index answers: {kind} is not installed (`pip install {KINDS[kind].package}`)."

    def best(self, asked: Mapping[str, tf.Tensor], at: int, k: int, excluded: npt.NDArray[np.int32]) -> Found:
        """The k best titles but those left out.

        Args:
          asked: viewer and history as the signature `rate` takes them.
          at: the moment, UTC seconds.
          k: length of the list; with those left out, at most the catalogue.
          excluded: catalogue rows to leave out.
        """
        rows = self._search(asked, at, k, excluded)
        return self._exact(asked, at, k, excluded) if rows is None else self._rated(asked, at, rows)

    def _exact(self, asked: Mapping[str, tf.Tensor], at: int, k: int, excluded: npt.NDArray[np.int32]) -> Found:
        answer = self._signatures["retrieve"](
            at=tf.constant([at], tf.int64),
            k=tf.constant(k, tf.int32),
            excluded=tf.constant(excluded[None, :]),
            **_batched(asked),
        )
        return Found(*(answer[name].numpy()[0] for name in ("items", "scores", "stars")))

    def _search(
        self, asked: Mapping[str, tf.Tensor], at: int, k: int, excluded: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.int32] | None:
        """[k] rows by the approximate index; None where the exact one is to answer."""
        if self.index is None or k + len(excluded) > _MOST_OF_CATALOGUE * self._n_titles:
            return None
        query = self._signatures["query"](at=tf.constant([at], tf.int64), **_batched(asked))["queries"].numpy()
        depth = max(k + len(excluded), min(RECALL_DEPTH, self._n_titles))  # never shallower than recall was measured
        rows = self.index.search(query, depth)[0][0]
        rows = rows[(rows >= 0) & ~np.isin(rows, excluded)][:k]
        return rows.astype(np.int32) if len(rows) == k else None

    def _rated(self, asked: Mapping[str, tf.Tensor], at: int, rows: npt.NDArray[np.int32]) -> Found:
        """The model's own scores and stars of what an index found, so that a list looks the same from either."""
        answer = self._signatures["rate"](at=tf.constant([at], tf.int64), items=tf.constant(rows), **asked)
        scores, stars = (answer[name].numpy()[0] for name in ("scores", "stars"))
        order = np.argsort(-scores, kind="stable")
        return Found(rows[order], scores[order], stars[order])


def _batched(asked: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    return {**asked, "viewer": asked["viewer"][None]}
