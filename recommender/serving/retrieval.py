"""The best titles of a viewer, from the exact index of the SavedModel or from an approximate one beside it.

The approximate index answers short lists: at most a quarter of the titles that are not left out, if it has found them
within a quarter of the catalogue. Further down it would look at nearly every title and would still miss some at the
end. So the ranking of a whole catalogue, which the pages ask for, is exact; so is a list of which the approximate
index finds too few titles.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from recommender.bundle.indexes import KINDS, RECALL_DEPTH, ApproximateIndex, MissingExtraError
from recommender.bundle.reader import Bundle
from recommender.data.ranking import best_rows
from recommender.serving.agreement import check_answer, check_rows

_MOST_OF_CATALOGUE = 0.25


class Found(NamedTuple):
    """Titles found for one viewer, [k] each, best first.

    Attributes:
      rows: catalogue rows.
      scores: retrieval scores; a model that ranks what it retrieved orders the head of a list by praise as well.
      stars: predicted ratings.
      retrieved: the places, from 1, that the retrieval scores alone would give them.
    """

    rows: npt.NDArray[np.integer]
    scores: npt.NDArray[np.float32]
    stars: npt.NDArray[np.float32]
    retrieved: npt.NDArray[np.integer]


class Retrieval:
    """The indexes of one bundle.

    Args:
      bundle: where an approximate index lies, if there is one.
      signatures: the functions of its SavedModel.

    Attributes:
      index: the approximate index, or None.
      note: why the exact index answers in its place, as one sentence; empty if nothing is amiss.

    Raises:
      ValueError: if the file of the index holds none that fits.
    """

    def __init__(self, bundle: Bundle, signatures: Mapping[str, Any]) -> None:
        self._signatures = signatures
        self._n_titles = len(bundle.identifiers.titles)
        self.index: ApproximateIndex | None = None
        self.note = ""
        facts = bundle.manifest.index
        if (kind := facts.kind) in KINDS:
            try:
                self.index = KINDS[kind].load(bundle.path / KINDS[kind].file, facts.candidate_size or 0)
            except MissingExtraError:
                self.note = f"The exact index answers: {kind} is not installed (`pip install {KINDS[kind].package}`)."

    def best(self, viewer: Mapping[str, tf.Tensor], at: int, k: int, excluded: npt.NDArray[np.int32]) -> Found:
        """The k best titles but those left out.

        Args:
          viewer: viewer and history, by `Questions.describe_viewer`.
          at: the moment, UTC seconds.
          k: length of the list; with those left out, at most the catalogue.
          excluded: catalogue rows to leave out.
        """
        rows = self._search(viewer, at, k, excluded)
        return self._exact(viewer, at, k, excluded) if rows is None else self._rated(viewer, at, k, rows)

    def _exact(self, viewer: Mapping[str, tf.Tensor], at: int, k: int, excluded: npt.NDArray[np.int32]) -> Found:
        answer = self._signatures["retrieve"](
            at=tf.constant([at], tf.int64),
            k=tf.constant(k, tf.int32),
            excluded=tf.constant(excluded[None, :]),
            **_batched(viewer),
        )
        rows, scores, stars = (answer[name].numpy()[0] for name in ("items", "scores", "stars"))
        check_answer({"titles": rows, "scores": scores, "stars": stars}, (k,), "titles", "scores", "stars")
        check_rows(rows, self._n_titles)
        if "retrieved" not in answer:  # a bundle of an earlier schema
            return Found(rows, scores, stars, np.arange(1, k + 1))
        return Found(rows, scores, stars, answer["retrieved"].numpy()[0].astype(np.int64))

    def _search(
        self, viewer: Mapping[str, tf.Tensor], at: int, k: int, excluded: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.int32] | None:
        """At least k rows by the approximate index, best first; None where the exact one is to answer."""
        n_left = self._n_titles - len(excluded)
        most = int(_MOST_OF_CATALOGUE * self._n_titles)
        if self.index is None or not 0 < k <= _MOST_OF_CATALOGUE * n_left:
            return None
        query = self._signatures["query"](at=tf.constant([at], tf.int64), **_batched(viewer))["queries"].numpy()
        wanted = max(k, min(RECALL_DEPTH, n_left))  # never shallower than recall was measured
        enough = wanted + len(excluded)  # whichever titles are left out
        # Where many are left out they are not all among the best: twice as deep as if they lay evenly is mostly enough.
        depth = min(enough, 2 * wanted * self._n_titles // n_left)
        listable = np.ones(self._n_titles, np.bool_)
        listable[excluded] = False
        while True:
            found = self.index.search(query, depth)[0][0]
            rows = found[found >= 0]  # -1 stands for a gap: deeper down it finds nothing more
            check_rows(rows, self._n_titles)
            listed = rows[listable[rows]][:wanted]
            if len(listed) >= k:
                return listed.astype(np.int32)
            if len(rows) < depth or depth == enough or depth > most:
                return None
            depth = min(enough, 4 * depth)

    def _rated(self, viewer: Mapping[str, tf.Tensor], at: int, k: int, rows: npt.NDArray[np.int32]) -> Found:
        """The model's own scores and stars of what an index found, so that a list looks the same from either."""
        answer = self._signatures["rate"](at=tf.constant([at], tf.int64), items=tf.constant(rows), **viewer)
        scores, stars = (answer[name].numpy()[0] for name in ("scores", "stars"))
        ranked = answer["ranked"].numpy()[0] if "ranked" in answer else scores
        order, by_score = best_rows(np.stack([ranked, scores]), len(scores))
        order, retrieved = order[:k], np.argsort(by_score) + 1
        return Found(rows[order], scores[order], stars[order], retrieved[order])


def _batched(viewer: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    return {**viewer, "viewer": viewer["viewer"][None]}
