"""Measures what the dials of a finished bundle cost, and writes it into the bundle."""

import tensorflow as tf

from recommender.bundle.manifest import Manifest
from recommender.bundle.reader import Bundle
from recommender.data.ratings import Ratings
from recommender.data.splits import Split
from recommender.errors import BundleError
from recommender.export.amend import amend
from recommender.export.dial_prices import Examined, measure_dials
from recommender.serving.recommender import Recommender
from recommender.serving.scorer import bundle_scorer
from recommender.serving.variety import directions


def add_dials(bundle: Bundle, ratings: Ratings, parts: Split) -> Manifest:
    """Gives a finished bundle the prices of its dials, or new ones.

    Args:
      bundle: whose folder is replaced in one step.
      ratings: its data set.
      parts: the same, cut as for its training.

    Returns:
      The manifest as written.

    Raises:
      BundleError: if the bundle cannot be read or written, or its lists cannot be turned.
    """
    recommender = Recommender.load(bundle.path)
    places = recommender.signatures["embed"](items=tf.range(len(recommender.titles)))["candidates"].numpy()
    examined = Examined(
        bundle_scorer(recommender, ratings),
        directions(places)[recommender.rows.rows_of_ids(ratings.items["item_id"])],
        bundle.manifest.has_dials,
        parts.training_part,
        parts.test,
    )
    facts = measure_dials(examined, bundle.manifest.split.seed)
    if facts is None:
        raise BundleError(f"{bundle.path}: its lists cannot be turned; it is left as it was.")
    return amend(bundle, {"dials": facts})
