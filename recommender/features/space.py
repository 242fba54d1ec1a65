"""All that a model learns from the training part before it is trained: rows, tables and means."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.bundle.signatures import STRANGER
from recommender.data.clock import Clock
from recommender.data.ratings import TITLE, Ratings
from recommender.data.schema import Feature, Kind
from recommender.errors import ConfigurationError
from recommender.features.encoding import EncodedFeature, encode

TITLE_TEXT = "title_text"  # the title's words, beside its id


@dataclass(frozen=True)
class FeatureSpace:
    """What training data look like in a model's terms.

    Attributes:
      viewer_of_user: [n_users] model row of each row of `Ratings.users`; users without a training rating are strangers.
      n_viewers: model rows of viewers, the stranger included.
      n_titles: titles of the catalogue; a title's model row is its row in `Ratings.items`.
      viewer_features: encoded features, [n_viewers, width] rows each.
      title_features: encoded features, [n_titles, width] rows each.
      seconds: [n] UTC, of the training part; see `Rated`.
      mean_stars: mean rating of the training part.
      title_stars: [n_titles] shrunken mean of each title's ratings.
      viewer_stars: [n_viewers] mean rating plus each viewer's shrunken mean deviation from `title_stars`.
      title_counts: [n_titles] training ratings of each title.
    """

    viewer_of_user: npt.NDArray[np.int32]
    n_viewers: int
    n_titles: int
    viewer_features: tuple[EncodedFeature, ...]
    title_features: tuple[EncodedFeature, ...]
    seconds: npt.NDArray[np.integer]
    mean_stars: float
    title_stars: npt.NDArray[np.float32]
    viewer_stars: npt.NDArray[np.float32]
    title_counts: npt.NDArray[np.int64]

    @classmethod
    def fit(
        cls,
        train: Ratings,
        *,
        viewer_features: Sequence[str],
        title_features: Sequence[str],
        shrinkage: float = 5.0,
    ) -> "FeatureSpace":
        """Learns the space from a training part.

        Args:
          train: the training part; its tables of users and titles are those of the whole data set.
          viewer_features: user features to encode, by name.
          title_features: item features to encode, by name; `title_text` stands for the words of the title.
          shrinkage: ratings' worth of pull of a mean towards the overall mean.

        Raises:
          ConfigurationError: if the data set has no feature of a name.
        """
        trained_users = np.unique(train.user_rows)
        viewer_of_user = np.zeros(len(train.users), np.int32)
        viewer_of_user[trained_users] = np.arange(1, len(trained_users) + 1)
        viewers = viewer_of_user[train.user_rows]
        n_viewers, n_titles = len(trained_users) + 1, len(train.items)
        mean = float(train.stars.mean())
        title_offsets = _shrunken_means(train.stars - mean, train.item_rows, n_titles, shrinkage)
        residuals = train.stars - mean - title_offsets[train.item_rows]
        viewer_offsets = _shrunken_means(residuals, viewers, n_viewers, shrinkage)
        users = train.users.iloc[trained_users]
        return cls(
            viewer_of_user=viewer_of_user,
            n_viewers=n_viewers,
            n_titles=n_titles,
            viewer_features=tuple(
                encode(_feature(train, train.schema.user_features, name), users[name]).with_stranger()
                for name in viewer_features
            ),
            title_features=tuple(_encode_title_feature(train, name) for name in title_features),
            seconds=train.rated.seconds,
            mean_stars=mean,
            title_stars=(mean + title_offsets).astype(np.float32),
            viewer_stars=(mean + viewer_offsets).astype(np.float32),
            title_counts=np.bincount(train.item_rows, minlength=n_titles),
        )

    @property
    def timestamps(self) -> npt.NDArray[np.int64]:
        """[n] UTC seconds of the training part."""
        return self.seconds.astype(np.int64)

    def clock(self, n_knots: int) -> Clock:
        """The training span with so many quantiles; see `Clock.fit`."""
        return Clock.fit(self.timestamps, n_knots)

    def users_of_viewers(self, train: Ratings) -> pd.Series:
        """[n_viewers - 1] user ids behind the model rows from 1 on."""
        return train.users["user_id"][self.viewer_of_user != STRANGER]


def _encode_title_feature(train: Ratings, name: str) -> EncodedFeature:
    if name == TITLE_TEXT:
        return encode(Feature(TITLE_TEXT, Kind.TEXT), train.items[TITLE])
    return encode(_feature(train, train.schema.item_features, name), train.items[name])


def _feature(train: Ratings, features: Sequence[Feature], name: str) -> Feature:
    for feature in features:
        if feature.name == name:
            return feature
    names = ", ".join(feature.name for feature in features) or "none"
    raise ConfigurationError(f"{train.name} has no feature {name!r}; it has: {names}.")


def _shrunken_means(
    values: npt.NDArray[np.floating], groups: npt.NDArray[np.integer], n_groups: int, shrinkage: float
) -> npt.NDArray[np.float64]:
    counts = np.bincount(groups, minlength=n_groups)
    return np.bincount(groups, weights=values, minlength=n_groups) / (counts + shrinkage)
