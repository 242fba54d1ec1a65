"""From `Ratings` to what a network reads: the only place for lookups, buckets and tf.data."""

from recommender.bundle.signatures import STRANGER
from recommender.data.clock import Clock
from recommender.features.batches import training_batches
from recommender.features.encoding import EncodedFeature, encode
from recommender.features.histories import Histories, ViewerLists, given_history
from recommender.features.rating_tables import RatingTable, rated_titles_and_raters
from recommender.features.space import TITLE_TEXT, FeatureSpace

__all__ = [
    "STRANGER",
    "TITLE_TEXT",
    "Clock",
    "EncodedFeature",
    "FeatureSpace",
    "Histories",
    "RatingTable",
    "ViewerLists",
    "encode",
    "given_history",
    "rated_titles_and_raters",
    "training_batches",
]
