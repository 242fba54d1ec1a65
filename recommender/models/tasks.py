"""TFRS's retrieval task, extended where its in-batch softmax is not enough."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tensorflow_recommenders as tfrs
import tf_keras as keras

_MASKED = -1e9  # added to a score that must not count, or put in its place


class CatalogueRetrieval(tfrs.tasks.Retrieval):
    """Retrieval against the whole catalogue instead of the other titles of the batch.

    With every title as a candidate nothing is sampled, so no sampling correction is needed and popular titles are not
    punished for being frequent negatives. The loss is a mean over the batch, as that of `tfrs.tasks.Ranking` is (the
    parent's is a sum, against which a rating loss would not count).
    """

    def call(
        self,
        query_embeddings: tf.Tensor,
        candidate_embeddings: tf.Tensor,
        targets: tf.Tensor,
        *,
        sample_weight: tf.Tensor | None = None,
        masked: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """The softmax cross-entropy of the titles chosen; also updates the task's batch metrics.

        Args:
          query_embeddings: [batch, size].
          candidate_embeddings: [n_titles, size], the catalogue.
          targets: [batch] int32 catalogue row of the title chosen.
          sample_weight: [batch]; ones if not given.
          masked: [batch, n_titles] 1 for titles that are no negatives of a query (other titles the viewer chose); a
            target counts whatever stands there.

        Returns:
          The mean of the weighted losses, a scalar.
        """
        scores = tf.matmul(query_embeddings, candidate_embeddings, transpose_b=True)
        if masked is not None:
            places = tf.stack([tf.range(tf.shape(targets)[0]), targets], axis=1)
            scores += _MASKED * tf.tensor_scatter_nd_update(masked, places, tf.zeros_like(targets, tf.float32))
        for metric in self._batch_metrics:
            metric.update_state(targets, scores)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=scores)
        return tf.reduce_mean(losses if sample_weight is None else losses * sample_weight)


class MeanSquaredStars(tfrs.tasks.Ranking):
    """TFRS's rating task with a mean squared error whose mean is taken here: Keras refuses to, in several processes."""

    def __init__(self) -> None:
        super().__init__(loss=keras.losses.MeanSquaredError(keras.losses.Reduction.NONE))

    def call(self, labels: tf.Tensor, predictions: tf.Tensor) -> tf.Tensor:
        """The mean of the squared differences of [batch, 1] stars, a scalar."""
        return tf.reduce_mean(super().call(labels, predictions))


class TitleSets(NamedTuple):
    """Titles of the questions of a batch, any number of each.

    Attributes:
      items: [n] int32 catalogue rows.
      rows: [n] int32 which question each belongs to.
    """

    items: tf.Tensor
    rows: tf.Tensor


class SetRetrieval(tfrs.tasks.Retrieval):
    """Retrieval of several titles by each query, of which it knows others already.

    The softmax runs over the whole catalogue, or, in one too long for that, over the targets of the batch and titles
    drawn uniformly, with the scores corrected for how often each is sampled (Bengio and Senecal, 2008). What a
    query knows is left out of the softmax; its targets share it. The loss is a mean over the targets.

    Args:
      shares: [n_titles] share of the training interactions that each title has.
      n_uniform: titles drawn uniformly for each batch; None scores the catalogue.
      ks: cutoffs of the accuracies that are kept as metrics, among unseen titles; none where titles are sampled.
    """

    def __init__(self, shares: npt.NDArray[np.floating], n_uniform: int | None, ks: Sequence[int] = ()) -> None:
        super().__init__()
        self._shares = tf.constant(shares, tf.float32)
        self._n_uniform = n_uniform
        self._ks = tuple(ks) if n_uniform is None else ()
        self._accuracies = [keras.metrics.Mean(f"top_{k}_unseen") for k in self._ks]  # no dictionary: keys are no names

    @property
    def accuracies(self) -> list[keras.metrics.Metric]:
        """The metrics that are kept."""
        return list(self._accuracies)

    def columns(self, targets: TitleSets) -> tf.Tensor | None:
        """[n] ascending catalogue rows that a batch is scored against; None where that is the whole catalogue."""
        if self._n_uniform is None:
            return None
        drawn = tf.random.uniform([self._n_uniform], maxval=self._shares.shape[0], dtype=tf.int32)
        return tf.sort(tf.unique(tf.concat([targets.items, drawn], axis=0))[0])

    def call(
        self,
        queries: tf.Tensor,
        candidates: tf.Tensor,
        targets: TitleSets,
        known: TitleSets,
        columns: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """The mean over the targets of the softmax cross-entropy, a scalar.

        Args:
          queries: [batch, size].
          candidates: [n_titles, size], the catalogue; or [n, size], those of the columns.
          targets: what is to be found.
          known: what is not; no query's target may be among its own.
          columns: by `columns`, for these targets; None for the catalogue.
        """
        correction = 0.0
        target_columns, known_columns, known_rows = targets.items, known.items, known.rows
        if columns is not None and self._n_uniform is not None:
            n_targets = tf.cast(tf.size(targets.items), tf.float32)
            expected = n_targets * tf.gather(self._shares, columns) + self._n_uniform / self._shares.shape[0]
            correction = tf.math.log(tf.minimum(expected, 1.0))
            target_columns = tf.searchsorted(columns, targets.items)
            places = tf.minimum(tf.searchsorted(columns, known.items), tf.size(columns) - 1)
            sampled = tf.where(tf.gather(columns, places) == known.items)[:, 0]
            known_columns, known_rows = tf.gather(places, sampled), tf.gather(known.rows, sampled)
        scores = tf.matmul(queries, candidates, transpose_b=True) - correction
        hidden = tf.stack([known_rows, known_columns], axis=1)
        scores = tf.tensor_scatter_nd_update(scores, hidden, tf.fill(tf.shape(known_rows), _MASKED))
        found = tf.gather_nd(scores, tf.stack([targets.rows, target_columns], axis=1))
        if self._ks:
            best = tf.math.top_k(scores, max(self._ks)).values
            for k, accuracy in zip(self._ks, self._accuracies, strict=True):
                accuracy.update_state(tf.cast(found >= tf.gather(best[:, k - 1], targets.rows), tf.float32))
        return tf.reduce_mean(tf.gather(tf.reduce_logsumexp(scores, axis=1), targets.rows) - found)


class BatchRetrieval(tfrs.tasks.Retrieval):
    """TFRS's in-batch softmax with every title of the batch scored once, however often it occurs.

    A title that occurs n times is n equal candidates of the parent, so its score plus log(n) gives the parent's loss
    from a fraction of the scores. The loss is a mean over the batch, the parent's a sum.
    """

    def call(
        self,
        query_embeddings: tf.Tensor,
        candidate_embeddings: tf.Tensor,
        targets: tf.Tensor,
        *,
        sample_weight: tf.Tensor | None = None,
        frequency: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """The softmax cross-entropy of the titles chosen among those of the batch.

        Args:
          query_embeddings: [batch, size].
          candidate_embeddings: [n_titles, size], the catalogue.
          targets: [batch] int32 catalogue row of the title chosen.
          sample_weight: [batch]; ones if not given.
          frequency: [n_titles] shares of the titles in batches. If given, their logarithm is taken off the scores
            (Bengio and Senecal, 2008; `candidate_sampling_probability` of the parent), and further occurrences of a
            query's own title do not count as negatives (`remove_accidental_hits`).

        Returns:
          The mean of the weighted losses, a scalar.
        """
        titles, places, counts = tf.unique_with_counts(targets)
        scores = tf.matmul(query_embeddings, tf.gather(candidate_embeddings, titles), transpose_b=True)
        log_counts = tf.math.log(tf.cast(counts, tf.float32))
        target_log_counts = tf.gather(log_counts, places)
        if frequency is not None:
            scores -= tf.math.log(tf.gather(frequency, titles))
            scores -= tf.one_hot(places, tf.size(titles)) * target_log_counts[:, None]
            target_log_counts = tf.zeros_like(target_log_counts)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=places, logits=scores + log_counts)
        losses += target_log_counts  # the target is one of its n occurrences
        return tf.reduce_mean(losses if sample_weight is None else losses * sample_weight)


class SampledRetrieval(tfrs.tasks.Retrieval):
    """Retrieval against the titles of the batch and some drawn uniformly, for catalogues too large to score whole.

    As in the parent, a query's own title is its positive and the other titles of the batch are negatives. Popular
    titles are then negatives more often than others, which `SamplingProbablityCorrection` of TFRS makes good (Yi et al.
    2019, eq. 3). What the viewer chose, and copies of the query's own title, are no negatives.

    Args:
      shares: [n_titles] share of the training interactions that each title has.
      n_uniform: titles drawn uniformly for each batch.
      corrected: whether scores are corrected for how often a title is sampled.
    """

    def __init__(self, shares: npt.NDArray[np.floating], n_uniform: int, *, corrected: bool) -> None:
        super().__init__()
        self._shares = tf.constant(shares, tf.float32)
        self._n_uniform = n_uniform
        self._correction = tfrs.layers.loss.SamplingProbablityCorrection() if corrected else None

    def call(
        self,
        query_embeddings: tf.Tensor,
        candidate_embeddings: tf.Tensor,
        targets: tf.Tensor,
        *,
        sample_weight: tf.Tensor | None = None,
        masked: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Draws titles and gives their loss; arguments and result are those of `CatalogueRetrieval`."""
        drawn = tf.random.uniform([self._n_uniform], maxval=tf.shape(candidate_embeddings)[0], dtype=tf.int32)
        return self.loss_among(
            query_embeddings, candidate_embeddings, targets, drawn, sample_weight=sample_weight, masked=masked
        )

    def loss_among(
        self,
        query_embeddings: tf.Tensor,
        candidate_embeddings: tf.Tensor,
        targets: tf.Tensor,
        drawn: tf.Tensor,
        *,
        sample_weight: tf.Tensor | None = None,
        masked: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """The same among the titles of the batch and the [n_uniform] drawn."""
        sampled = tf.concat([targets, drawn], axis=0)  # column j below the batch's size is the title of query j
        scores = tf.matmul(query_embeddings, tf.gather(candidate_embeddings, sampled), transpose_b=True)
        n_batch, n_sampled = tf.shape(targets)[0], tf.shape(sampled)[0]
        if self._correction is not None:
            expected = tf.cast(n_batch, tf.float32) * self._shares + self._n_uniform / self._shares.shape[0]
            scores = self._correction(scores, tf.gather(expected / tf.cast(n_sampled, tf.float32), sampled))
        no_negatives = tf.cast(targets[:, None] == sampled[None, :], tf.float32)
        if masked is not None:
            no_negatives = tf.maximum(no_negatives, tf.gather(masked, sampled, axis=1))
        scores += _MASKED * tf.linalg.set_diag(no_negatives, tf.zeros([n_batch]))
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.range(n_batch), logits=scores)
        return tf.reduce_mean(losses if sample_weight is None else losses * sample_weight)
