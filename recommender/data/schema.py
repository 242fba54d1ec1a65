"""What a data set's columns mean: features by name and kind, and the rating scale."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a feature is to be read by a model."""

    ID = "id"
    CATEGORY = "category"
    MULTI_CATEGORY = "multi-category"
    NUMBER = "number"
    TEXT = "text"
    TIME = "time"


@dataclass(frozen=True)
class Feature:
    """One column and how to read it.

    In a table, an `ID`, `CATEGORY` or `TEXT` is a string ("" where unknown), a `MULTI_CATEGORY` is a tuple of
    strings, a `NUMBER` is a float (NaN where unknown) and a `TIME` is an int64 of UTC seconds.
    """

    name: str
    kind: Kind


@dataclass(frozen=True)
class Schema:
    """The features of users and items beside their ids, and what interactions carry.

    Attributes:
      has_timestamps: whether they have times.
      has_ratings: whether viewers rated; if not, an interaction says only that a viewer took a title: each counts as
        liked, and there is no star to show or predict.
    """

    user_features: tuple[Feature, ...] = ()
    item_features: tuple[Feature, ...] = ()
    has_timestamps: bool = True
    has_ratings: bool = True


@dataclass(frozen=True)
class RatingScale:
    """The lowest and highest rating a viewer can give, and the distance between neighbours, in stars."""

    low: float = 1.0
    high: float = 5.0
    step: float = 1.0

    @property
    def n_levels(self) -> int:
        """How many ratings can be given: low, low + step, ..., high."""
        return round((self.high - self.low) / self.step) + 1

    def __str__(self) -> str:
        return f"{self.low:g}-{self.high:g}"


TAKEN = 1.0  # in the place of a rating where there are none
TAKEN_OR_NOT = RatingScale(0.0, TAKEN, 1.0)
