"""From files to `Ratings`: fetching, reading, checking and splitting."""

from recommender.data.datasets import DATASETS, LATEST_SMALL, SHIPPED, load_ratings
from recommender.data.fetching.fetch import cached_ml100k, fetch_ml100k
from recommender.data.fetching.progress import FetchProgress, ProgressCallback
from recommender.data.fetching.sources import Sources
from recommender.data.own_table.mapping import ColumnMapping, FeatureColumn, parse_features, parse_missing, parse_scale
from recommender.data.publishers.ml100k import read_ml100k
from recommender.data.ratings import Ratings
from recommender.data.schema import Kind, RatingScale
from recommender.data.splits import (
    COUNTS,
    SPLITS,
    Split,
    split_by_name,
    split_counts,
    split_per_user_last,
    split_random,
)

__all__ = [
    "COUNTS",
    "DATASETS",
    "LATEST_SMALL",
    "SHIPPED",
    "SPLITS",
    "ColumnMapping",
    "FeatureColumn",
    "FetchProgress",
    "Kind",
    "ProgressCallback",
    "RatingScale",
    "Ratings",
    "Sources",
    "Split",
    "cached_ml100k",
    "fetch_ml100k",
    "load_ratings",
    "parse_features",
    "parse_missing",
    "parse_scale",
    "read_ml100k",
    "split_by_name",
    "split_counts",
    "split_per_user_last",
    "split_random",
]
