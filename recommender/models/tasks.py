"""TFRS's retrieval task, extended where its in-batch softmax is not enough."""

import tensorflow as tf
import tensorflow_recommenders as tfrs

_MASKED = -1e9  # added to a score that must not count


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
            scores += _MASKED * masked * (1.0 - tf.one_hot(targets, tf.shape(scores)[1]))
        for metric in self._batch_metrics:
            metric.update_state(targets, scores)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=scores)
        return tf.reduce_mean(losses if sample_weight is None else losses * sample_weight)
