"""From `Ratings` to what a network reads: the only place for lookups, buckets and tf.data."""

from recommender.data.clock import Clock
from recommender.features.batches import training_batches
from recommender.features.encoding import EncodedFeature, encode
from recommender.features.rating_tables import RatingTable, history_rows, rated_titles_and_raters
from recommender.features.space import STRANGER, TITLE_TEXT, FeatureSpace

__all__ = [
    "STRANGER",
    "TITLE_TEXT",
    "Clock",
    "EncodedFeature",
    "FeatureSpace",
    "RatingTable",
    "encode",
    "history_rows",
    "rated_titles_and_raters",
    "training_batches",
]
