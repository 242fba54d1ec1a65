"""A feature space that needs no model."""

from collections.abc import Sequence

from recommender.data.ratings import Ratings
from recommender.features import FeatureSpace


def fitted_space(train: Ratings, title_features: Sequence[str] = ()) -> FeatureSpace:
    return FeatureSpace.fit(train, viewer_features=(), title_features=title_features)
