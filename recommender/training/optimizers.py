"""Adam for tables of which a step reads few rows."""

from typing import Any

import tensorflow as tf
import tf_keras as keras

from recommender.data.catalogue_limits import MOST_TITLES_SCORED


class RowwiseAdam(keras.optimizers.Adam):
    """Adam that moves, of a table, the rows alone that a step has read; the others keep their moments too.

    Keras's own moves every row of every table at each step, also those without a gradient, by what is left of their
    momentum: in a catalogue of a million titles that is gigabytes a step. As TensorFlow Addons' LazyAdam.
    """

    def update_step(self, gradient: Any, variable: tf.Variable) -> None:
        """Moves one variable; equal rows of the gradient have been added up."""
        if not isinstance(gradient, tf.IndexedSlices):
            super().update_step(gradient, variable)
            return
        step, place = tf.cast(self.iterations + 1, variable.dtype), self._index_dict[self._var_key(variable)]
        unbiased = tf.sqrt(1.0 - tf.pow(self.beta_2, step)) / (1.0 - tf.pow(self.beta_1, step))
        rate = tf.cast(self.learning_rate, variable.dtype) * unbiased
        rows, slopes = gradient.indices, gradient.values
        first, second = self._momentums[place], self._velocities[place]
        mean = self.beta_1 * tf.gather(first, rows) + (1.0 - self.beta_1) * slopes
        square = self.beta_2 * tf.gather(second, rows) + (1.0 - self.beta_2) * tf.square(slopes)
        first.scatter_update(tf.IndexedSlices(mean, rows))
        second.scatter_update(tf.IndexedSlices(square, rows))
        variable.scatter_sub(tf.IndexedSlices(rate * mean / (tf.sqrt(square) + self.epsilon), rows))


def adam_for(n_titles: int) -> type[keras.optimizers.Adam]:
    """Keras's own, or in catalogues so long that titles are sampled, that which moves rows."""
    return keras.optimizers.Adam if n_titles <= MOST_TITLES_SCORED else RowwiseAdam
