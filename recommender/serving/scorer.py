"""A bundle as evaluation asks for it."""

import pandas as pd

from recommender.bundle.scorer import SignatureScorer
from recommender.data.ratings import Ratings
from recommender.errors import ConfigurationError
from recommender.serving.recommender import Recommender


def bundle_scorer(recommender: Recommender, ratings: Ratings) -> SignatureScorer:
    """A bundle behind the `Scorer` protocol of evaluation.

    A user the model was not trained on is asked for as a visitor.

    Args:
      recommender: the loaded bundle.
      ratings: the data set whose rows the questions will name.

    Raises:
      ConfigurationError: if a title of the data set is not in the model's catalogue.
    """
    unknown = ratings.items[~ratings.items["item_id"].isin(recommender.item_ids)]
    if len(unknown):
        raise ConfigurationError(
            f"{ratings.name}: title {unknown['title'].iloc[0]!r} is not in the model's catalogue; "
            f"evaluate on {recommender.manifest.data.name}, which it was trained on."
        )
    return SignatureScorer(
        recommender,
        pd.Index(recommender.user_ids).get_indexer(pd.Index(ratings.users["user_id"])) + 1,
        pd.Index(recommender.item_ids).get_indexer(pd.Index(ratings.items["item_id"])),
        rates=recommender.manifest.rates,
    )
