"""From `Ratings` to what a network reads: the only place for lookups, buckets and tf.data."""

from recommender.bundle.signatures import STRANGER
from recommender.data.clock import Clock
from recommender.features.batches import training_batches
from recommender.features.encoding import EncodedFeature, encode
from recommender.features.histories import Histories, history_rows
from recommender.features.space import TITLE_TEXT, FeatureSpace

__all__ = [
    "STRANGER",
    "TITLE_TEXT",
    "Clock",
    "EncodedFeature",
    "FeatureSpace",
    "Histories",
    "encode",
    "history_rows",
    "training_batches",
]
