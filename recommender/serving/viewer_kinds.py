"""What a model reads of its viewers beside their ratings: age, occupation or whatever their data say.

A bundle holds what it reads of each viewer it was trained on, by row. So somebody who is said to be otherwise is read
in the row of a viewer who is so in all that is read; where there is no such viewer, nobody can be asked about.
"""

import pandas as pd

from recommender.bundle.manifest import Manifest
from recommender.data.number_buckets import number_buckets
from recommender.data.ratings import USER_ID, Ratings
from recommender.data.schema import Kind
from recommender.errors import RecommenderError

UNKNOWN = "unknown"
_WITH_ONE_VALUE = (Kind.NUMBER, Kind.CATEGORY)  # of what is in several at once, no other can be picked


class ViewerKinds:
    """Viewers by what a model reads of them.

    Args:
      manifest: of the bundle.
      ratings: the data set; None where it is not here.
      user_ids: the viewers the model was trained on.

    Attributes:
      names: features of viewers that the model reads; none of a model that knows its viewers by their ids, as these say
        more than any feature, or reads what is not one value.
    """

    def __init__(self, manifest: Manifest, ratings: Ratings | None, user_ids: tuple[str, ...]) -> None:
        features = () if ratings is None or "user_id" in manifest.inputs else ratings.schema.user_features
        read = [feature for feature in features if feature.name in manifest.inputs]
        read = read if all(feature.kind in _WITH_ONE_VALUE for feature in read) else []
        self.names = tuple(feature.name for feature in read)
        self._table = pd.DataFrame(index=pd.Index([], dtype=object))
        if ratings is not None and read:
            users = ratings.users.set_index(USER_ID).reindex(list(user_ids))  # another edition may lack some
            self._table = (
                pd.DataFrame(
                    {
                        feature.name: _ranges(users[feature.name])
                        if feature.kind is Kind.NUMBER
                        else users[feature.name]
                        for feature in read
                    }
                )
                .fillna(UNKNOWN)
                .replace("", UNKNOWN)
            )

    def read_of(self, user_id: str) -> dict[str, str]:
        """What is read of a viewer: feature -> value, a number as the range in which it is one and the same."""
        return {name: str(self._table.loc[user_id, name]) for name in self.names}

    def values(self, user_id: str, features: tuple[tuple[str, str], ...], name: str) -> list[str]:
        """The values of one feature of which there is a viewer who is else as supposed, in order.

        Args:
          user_id: a viewer.
          features: name and value of what is supposed of them.
          name: the feature.
        """
        asked = pd.Series({**self.read_of(user_id), **dict(features)}).drop(name)
        alike = self._table[(self._table[asked.index.tolist()] == asked).all(axis=1)]
        return sorted(set(alike[name]), key=_in_order)

    def stand_in(self, user_id: str, features: tuple[tuple[str, str], ...]) -> str:
        """A viewer who is in all that is read as this one is supposed to be; the viewer where nothing is supposed.

        Raises:
          RecommenderError: if there is none, or the model does not read such a feature.
        """
        if not features:
            return user_id
        unread = [name for name, _ in features if name not in self.names]
        if unread:
            raise RecommenderError(f"the model does not read {unread[0]!r} of its viewers; leave that as it is.")
        asked = pd.Series({**self.read_of(user_id), **dict(features)})
        found = self._table.index[(self._table[list(asked.index)] == asked).all(axis=1)]
        if found.empty:
            raise RecommenderError(
                f"the data have nobody with {', '.join(f'{name} {value}' for name, value in asked.items())}; "
                "the model has learned nothing of such a viewer, so change less."
            )
        return str(found[0])


def _ranges(column: pd.Series) -> pd.Series:
    """Numbers as the ranges between which the model tells no difference: 24 to 26."""
    buckets = pd.Series(number_buckets(column.to_numpy(float))[0], column.index)
    ends = column.groupby(buckets).agg(["min", "max"])
    said = {
        bucket: UNKNOWN if bucket == 0 else f"{low:g}" if low == high else f"{low:g} to {high:g}"
        for bucket, low, high in ends.itertuples()
    }
    return buckets.map(said)


def _in_order(value: str) -> tuple[int, float, str]:
    """Ranges by their first number, then words, what is unknown last."""
    first = value.split(" ")[0]
    try:
        return 0, float(first), value
    except ValueError:
        return (2 if value == UNKNOWN else 1), 0.0, value
