"""Which column of a table holds what: given in Python, or as on the command line."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, field_validator, model_validator

from recommender.data.own_table.repeats import Repeats
from recommender.data.ratings import ITEM_ID, POSTER, RATING, TIMESTAMP, TITLE, USER_ID
from recommender.data.schema import Kind, RatingScale
from recommender.data.tables.form import AS_FOUND, Checked, ChosenForm
from recommender.errors import ConfigurationError

FeatureKind = Literal["multi", "category", "number", "text"]
KINDS: dict[FeatureKind, Kind] = {
    "multi": Kind.MULTI_CATEGORY,
    "category": Kind.CATEGORY,
    "number": Kind.NUMBER,
    "text": Kind.TEXT,
}

_RESERVED = (USER_ID, ITEM_ID, RATING, TIMESTAMP, TITLE, POSTER)
_FEATURES_EXAMPLE = "write them as genre:multi|,type:category with the kinds multi, category, number and text"
_FEATURE = re.compile(
    r"\s*(?P<column>[^:,]+?)\s*:\s*(?P<kind>multi|category|number|text)(?P<separator>[^\w\s]?)\s*(?:,|$)"
)
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)"
_SCALE = re.compile(rf"\s*(?P<low>{_NUMBER})\s*-\s*(?P<high>{_NUMBER})\s*(?::\s*(?P<step>{_NUMBER})\s*)?")

_Name = Annotated[str, AfterValidator(str.strip)]  # the readers take white space around a column's name off, too


class FeatureColumn(Checked):
    """A column that describes items; also made from a pair (column, kind), or from (column, kind, separator).

    Attributes:
      column: its name in the file, and the feature's name.
      kind: how to read it: `multi` holds several categories in one value.
      separator: what stands between the categories of a `multi`.
    """

    column: _Name
    kind: FeatureKind
    separator: str = "|"

    @model_validator(mode="before")
    @classmethod
    def _from_pair(cls, value: Any) -> Any:
        return dict(zip(("column", "kind", "separator"), value, strict=False)) if isinstance(value, tuple) else value

    @field_validator("separator")
    @classmethod
    def _one_character(cls, value: str) -> str:
        if len(value) != 1:
            raise ValueError("the separator of a multi must be one character")
        return value


class ColumnMapping(Checked):
    """Which column of a table of ratings holds what.

    Attributes:
      user: the column of user ids.
      item: the column of item ids.
      rating: the column of ratings; None where there are none, and a row says only that a viewer took a title.
      timestamp: the column of times, if there is one.
      title: the column of the items' titles; None means that the id is the title.
      poster: the column of the items' pictures, if there is one; they are shown, and no model reads them.
      features: the columns that describe items.
      scale: the rating scale; None means the one that the ratings show.
      missing: values in the column of ratings that mean "not rated"; such rows are left out.
      repeats: what counts of a viewer and title that stand in several rows; None means what is usual, see
        `usual_repeats`.
      day_first: whether dates such as 1/2/2020 begin with the day; None means that the dates show it.
      form: how the file is written, as far as somebody said so.
      items: where a second file lies, whose columns the titles and features are; None if they stand beside the ratings.
      items_id: its column of item ids; None for that which is called as in the ratings, or as usual.
    """

    user: _Name
    item: _Name
    rating: _Name | None = None
    timestamp: _Name | None = None
    title: _Name | None = None
    poster: _Name | None = None
    features: tuple[FeatureColumn, ...] = ()
    scale: RatingScale | None = None
    missing: tuple[float, ...] = ()
    repeats: Repeats | None = None
    day_first: bool | None = None
    form: ChosenForm = AS_FOUND
    items: str | None = None
    items_id: _Name | None = None

    @field_validator("features")
    @classmethod
    def _names_that_can_stand_beside_ours(cls, features: tuple[FeatureColumn, ...]) -> tuple[FeatureColumn, ...]:
        names = [feature.column for feature in features]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise ValueError(f"the feature {name} is named twice")
            if name in _RESERVED:
                raise ValueError(f"a feature may not be called {name}, as the readers' own columns are; rename it")
        return features

    @model_validator(mode="after")
    def _nothing_said_of_ratings_that_are_not_there(self) -> "ColumnMapping":
        if self.rating is None and (self.scale is not None or self.missing):
            raise ValueError("a scale and codes for not rated belong to a column of ratings, and none is named")
        if self.rating is None and self.repeats == "mean":
            raise ValueError("without a column of ratings there is no mean of repeats; take last, first or each")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read from the table of ratings, each once."""
        describing = self.described_by if self.items is None else ()
        names = (self.user, self.item, self.rating, self.timestamp, *describing)
        return tuple(dict.fromkeys(name for name in names if name is not None))

    @property
    def described_by(self) -> tuple[str, ...]:
        """The columns that describe the items, each once."""
        names = (self.title, self.poster, *(feature.column for feature in self.features))
        return tuple(dict.fromkeys(name for name in names if name is not None))

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns that hold numbers."""
        rating = () if self.rating is None else (self.rating,)
        return (*rating, *(feature.column for feature in self.features if feature.kind == "number"))


def parse_features(text: str) -> tuple[FeatureColumn, ...]:
    """Features as on the command line: `genre:multi|,type:category`.

    Args:
      text: `column:kind`, separated by commas; behind `multi` may stand the character between two categories,
        which is `|` if none does, and may be a comma itself: `genre:multi,,type:category`.

    Raises:
      ConfigurationError: at the first part that cannot be read.
    """
    features, place = [], 0
    while place < len(text):
        found = _FEATURE.match(text, place)
        if found is None or (found["separator"] and found["kind"] != "multi"):
            raise ConfigurationError(
                f"the features {text!r} cannot be read from {text[place:]!r} on; {_FEATURES_EXAMPLE}."
            )
        options = {"separator": found["separator"]} if found["separator"] else {}
        features.append(FeatureColumn(column=found["column"], kind=found["kind"], **options))  # type: ignore[arg-type]
        place = found.end()
    return tuple(features)


def parse_missing(text: str) -> tuple[float, ...]:
    """Values that mean "not rated", as people write them: `0`, or `0, 99`.

    Raises:
      ConfigurationError: if one of them is no number.
    """
    try:
        return tuple(float(part) for part in re.split(r"[,;\s]+", text.strip()) if part)
    except ValueError:
        raise ConfigurationError(f"{text.strip()!r}: the values that mean not rated are numbers, as 0, 99.") from None


def parse_scale(text: str) -> RatingScale:
    """A rating scale as on the command line: `1-10`, or with its step `0.5-5:0.5`; without one the step is 1.

    Raises:
      ConfigurationError: if it cannot be read, is empty, or the step does not lead from end to end.
    """
    found = _SCALE.fullmatch(text)
    if found is None:
        raise ConfigurationError(f"the rating scale {text!r} cannot be read; write it as 1-10 or 0.5-5:0.5.")
    low, high, step = float(found["low"]), float(found["high"]), float(found["step"] or 1)
    if low >= high or step <= 0:
        raise ConfigurationError(f"the rating scale {text!r} is empty; write it as lowest-highest:step, as 0.5-5:0.5.")
    steps = (high - low) / step
    if steps < 1 or abs(steps - round(steps)) > 1e-6:
        raise ConfigurationError(
            f"the rating scale {text!r} does not lead from {low:g} to {high:g} in steps of {step:g}; "
            "write another step behind the colon, as 0.5-5:0.5."
        )
    return RatingScale(low, high, step)
