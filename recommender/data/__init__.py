"""From files to `Ratings`: fetching, reading, checking and splitting."""

from recommender.data.datasets import DATASETS, LATEST_SMALL, SHIPPED, load_ratings
from recommender.data.fetching.fetch import cached_ml100k, fetch_ml100k
from recommender.data.fetching.progress import FetchProgress, ProgressCallback
from recommender.data.fetching.sources import Sources
from recommender.data.own_table.mapping import ColumnMapping, FeatureColumn, parse_features, parse_missing, parse_scale
from recommender.data.own_table.reading import read_mapped_table
from recommender.data.publishers.anime import read_anime
from recommender.data.publishers.layouts import LAYOUTS, Layout
from recommender.data.publishers.ml100k import read_ml100k, read_ml100k_interactions, read_ml100k_split
from recommender.data.publishers.movielens import read_movielens_csv, read_movielens_dat
from recommender.data.ratings import ITEM_ID, RATING, TIMESTAMP, TITLE, USER_ID, Ratings
from recommender.data.schema import Feature, Kind, RatingScale, Schema
from recommender.data.splits import (
    COUNTS,
    SPLITS,
    Split,
    split_by_name,
    split_counts,
    split_files,
    split_per_user_last,
    split_random,
    split_temporal,
)

__all__ = [
    "COUNTS",
    "DATASETS",
    "ITEM_ID",
    "LATEST_SMALL",
    "LAYOUTS",
    "RATING",
    "SHIPPED",
    "SPLITS",
    "TIMESTAMP",
    "TITLE",
    "USER_ID",
    "ColumnMapping",
    "Feature",
    "FeatureColumn",
    "FetchProgress",
    "Kind",
    "Layout",
    "ProgressCallback",
    "RatingScale",
    "Ratings",
    "Schema",
    "Sources",
    "Split",
    "cached_ml100k",
    "fetch_ml100k",
    "load_ratings",
    "parse_features",
    "parse_missing",
    "parse_scale",
    "read_anime",
    "read_mapped_table",
    "read_ml100k",
    "read_ml100k_interactions",
    "read_ml100k_split",
    "read_movielens_csv",
    "read_movielens_dat",
    "split_by_name",
    "split_counts",
    "split_files",
    "split_per_user_last",
    "split_random",
    "split_temporal",
]
