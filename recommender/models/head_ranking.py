"""The second stage of a recommendation: what retrieval found first, ordered anew."""

import tensorflow as tf

_KEPT_ORDER = 1e-4  # of the scores' distances, among titles that fall to the end of the head


def praised(stars: tf.Tensor, means: tf.Tensor, below: tf.Tensor) -> tf.Tensor:
    """[batch, n] predicted stars above a viewer's mean; those below it count for more.

    Args:
      stars: [batch, n].
      means: [batch, 1] of the viewers.
      below: [batch, 1] how many times more.
    """
    above = stars - means
    return above + below * tf.minimum(above, 0.0)


def rank_head(scores: tf.Tensor, praise: tf.Tensor, n_first: tf.Tensor) -> tf.Tensor:
    """Orders the head of each list by score and praise; which titles are in the head stays.

    Args:
      scores: [batch, n] retrieval scores.
      praise: [batch, n] what is added to them in the head.
      n_first: [batch] int32 how many titles retrieval hands over, at least 1.

    Returns:
      [batch, n] what lists are ordered by. Titles behind the head keep their scores, and none of the head falls below
      them: what praise would push out comes last in the head.
    """
    n_first = tf.minimum(n_first, tf.shape(scores)[1])
    best = tf.math.top_k(scores, tf.reduce_max(tf.concat([n_first, [1]], axis=0))).values
    least = tf.gather(best, n_first - 1, batch_dims=1)[:, None]
    praised = scores + praise
    at_the_end = least + _KEPT_ORDER * (scores - least)
    return tf.where(scores >= least, tf.where(praised > least, praised, at_the_end), scores)
