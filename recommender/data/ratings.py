"""The one noun that readers produce and everything else consumes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recommender.data.schema import RatingScale, Schema
from recommender.errors import DataError

USER_ID = "user_id"
ITEM_ID = "item_id"
RATING = "rating"
TIMESTAMP = "timestamp"
TITLE = "title"
POSTER = "poster"
_TRIED = 10_000  # ratings that tell whether there are more levels of stars than a byte can count
_TABLE = "interactions"  # the field that parts make only when it is asked for


@dataclass(frozen=True, eq=False)
class Ratings:
    """Interactions with the catalogue and the users that they refer to; checks itself when made.

    Attributes:
      name: the data set's name, as on the command line.
      interactions: one row each: `user_id` str, `item_id` str, `rating` float64 in stars and, unless the
        schema says there are none, `timestamp` int64 in UTC seconds. A viewer may have rated a title more
        than once. Where the schema says that there are no ratings, each is `TAKEN` of `TAKEN_OR_NOT`.
      items: the catalogue, one row per title: `item_id`, `title` (both unique), and the schema's item
        features; where the source names pictures of titles, `poster`: where each is, "" if nobody says.
      users: one row per user: `user_id` (unique), and the schema's user features.
      scale: the rating scale.
      schema: the kind of each feature.
      aliases: further item ids of the source -> the id in `items` that stands for them, where a source holds
        one title under several ids.
      min_ratings: titles rated fewer times than this were left out; see `without_rare_titles`.
      how_read: sentences on how the source was read, where that had to be decided.

    Raises:
      DataError: if a column is missing, an id is repeated or unknown, or a rating lies outside the scale.
    """

    name: str
    interactions: pd.DataFrame
    items: pd.DataFrame
    users: pd.DataFrame
    scale: RatingScale
    schema: Schema
    aliases: Mapping[str, str] = field(default_factory=dict)
    min_ratings: int = 1
    how_read: tuple[str, ...] = ()

    @staticmethod
    def of_rows(
        name: str,
        rated: "Rated",
        items: pd.DataFrame,
        users: pd.DataFrame,
        scale: RatingScale,
        schema: Schema,
        how_read: tuple[str, ...] = (),
    ) -> "Ratings":
        """Ratings whose table of interactions is made only when somebody asks for it.

        Args:
          name: as the attribute, as are the others.
          rated: who rated what, by the rows of `users` and `items`.
          items: the catalogue.
          users: the users.
          scale: the rating scale.
          schema: the kind of each feature.
          how_read: sentences.

        Raises:
          DataError: as when ratings are made of tables.
        """
        made = object.__new__(_OfRows)
        vars(made).update(name=name, items=items, users=users, scale=scale, schema=schema, how_read=how_read)
        vars(made).update(aliases={}, min_ratings=1, rated=rated)
        made._check_tables()
        made._check_stars()
        return made

    def __post_init__(self) -> None:
        self._check_tables()
        columns = [USER_ID, ITEM_ID, RATING] + [TIMESTAMP] * self.schema.has_timestamps
        self._require("interactions", self.interactions, columns)
        for column, rows in ((USER_ID, self.user_rows), (ITEM_ID, self.item_rows)):
            if rows.min(initial=0) < 0:
                raise DataError(
                    f"{self.name}: {column} {self.interactions[column].iloc[rows.argmin()]!r} is rated but not "
                    f"described; add it to the table of {'users' if column == USER_ID else 'items'} "
                    "or remove its ratings."
                )
        self._check_stars()

    def _check_tables(self) -> None:
        self._require("items", self.items, [ITEM_ID, TITLE, *(f.name for f in self.schema.item_features)])
        self._require("users", self.users, [USER_ID, *(f.name for f in self.schema.user_features)])
        for table, frame, column in (
            ("items", self.items, ITEM_ID),
            ("items", self.items, TITLE),
            ("users", self.users, USER_ID),
        ):
            repeated = frame[column][frame[column].duplicated()]
            if len(repeated):
                raise DataError(
                    f"{self.name}: {table} holds {column} {repeated.iloc[0]!r} twice; keep one row of each."
                )

    def _check_stars(self) -> None:
        stars = self.exact_stars
        outside = ~((stars >= self.scale.low) & (stars <= self.scale.high))
        if outside.any():
            place = int(outside.argmax())
            raise DataError(
                f"{self.name}, interaction {place}: rating {stars[place]:g} is outside {self.scale}; "
                "set the rating scale or remove the row."
            )

    def _require(self, table: str, frame: pd.DataFrame, columns: list[str]) -> None:
        missing = [column for column in columns if column not in frame.columns]
        if missing:
            raise DataError(f"{self.name}: {table} lacks column {missing[0]!r}; it has {', '.join(frame.columns)}.")

    def __len__(self) -> int:
        return len(self.user_rows)

    def __repr__(self) -> str:
        stars = f"{self.scale} stars" if self.schema.has_ratings else "no stars"
        return (
            f"Ratings({self.name!r}: {len(self):,} interactions, {len(self.users):,} users, "
            f"{len(self.items):,} titles, {stars})"
        )

    def take(self, rows: npt.NDArray[np.integer]) -> "Ratings":
        """The same data set with only these interactions, by position and in this order.

        Args:
          rows: [n] positions in `interactions`.

        Returns:
          Ratings with the same catalogue and users.
        """
        return self._with_rated(self.rated.take(rows))

    def without_rare_titles(self, min_ratings: int) -> "Ratings":
        """The same data set without titles that were rated fewer times, and without viewers who rated nothing else.

        Args:
          min_ratings: how often a title must have been rated to stay; 1 or less leaves all in.

        Raises:
          DataError: if no title is left.
        """
        if min_ratings <= self.min_ratings:
            return self
        kept = np.bincount(self.item_rows, minlength=len(self.items)) >= min_ratings
        if not kept.any():
            raise DataError(f"{self.name}: no title was rated {min_ratings} times; ask for fewer.")
        left = self.rated.take(np.flatnonzero(kept[self.item_rows]))
        stay = np.bincount(left.user_rows, minlength=len(self.users)) > 0
        user_rows, item_rows = _places(stay)[left.user_rows], _places(kept)[left.item_rows]
        other = self._with_rated(left._replace(user_rows=user_rows, item_rows=item_rows))
        items = self.items[kept].reset_index(drop=True)
        known = set(items[ITEM_ID])
        vars(other).update(
            items=items,
            users=self.users[stay].reset_index(drop=True),
            aliases={further: id for further, id in self.aliases.items() if id in known},
            min_ratings=min_ratings,
        )
        return other

    def with_more(self, other: "Ratings") -> "Ratings":
        """The same data set with the interactions of both, these first."""
        if other.users is self.users and other.items is self.items:
            return self._with_rated(self.rated.and_then(other.rated))
        interactions = pd.concat([self.interactions, other.interactions], ignore_index=True)
        return replace(self, interactions=interactions)

    def _with_rated(self, rated: "Rated") -> "Ratings":
        """The same data set with other interactions, which need no check: they are of checked ratings."""
        other = object.__new__(_OfRows)
        kept = {attribute.name: vars(self)[attribute.name] for attribute in fields(self) if attribute.name != _TABLE}
        vars(other).update(kept, rated=rated)
        return other

    @cached_property
    def rated(self) -> "Rated":
        """The interactions by rows, in few bytes."""
        return Rated.packed(
            rows_among(self.interactions[USER_ID], self.users[USER_ID]),
            rows_among(self.interactions[ITEM_ID], self.items[ITEM_ID]),
            self.interactions[RATING].to_numpy(np.float64),
            self.interactions[TIMESTAMP].to_numpy(np.int64) if self.schema.has_timestamps else None,
        )

    @property
    def user_rows(self) -> npt.NDArray[np.int32]:
        """[n_interactions] row in `users` of each interaction."""
        return self.rated.user_rows

    @property
    def item_rows(self) -> npt.NDArray[np.int32]:
        """[n_interactions] row in `items` of each interaction."""
        return self.rated.item_rows

    @property
    def stars(self) -> npt.NDArray[np.float32]:
        """[n_interactions] ratings in stars, unpacked anew each time: of a few interactions, `take` them first."""
        return self.rated.stars(np.float32)

    @property
    def exact_stars(self) -> npt.NDArray[np.float64]:
        """[n_interactions] ratings in stars, as they were read; unpacked as `stars` are."""
        return self.rated.stars(np.float64)

    @property
    def timestamps(self) -> npt.NDArray[np.int64]:
        """[n_interactions] UTC seconds; zeros where the data set has no times. Unpacked as `stars` are."""
        return self.rated.seconds.astype(np.int64)

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of the content, the same whatever its source.

        It covers the catalogue and the users with their features, the interactions in their order, the kinds of
        the features and the rating scale; neither the name nor the aliases.
        """
        schema, scale = self.schema, self.scale
        levels = [float(scale.low), float(scale.high), float(scale.step)] if schema.has_ratings else None
        digest = hashlib.sha256(json.dumps(levels).encode())
        for frame, ids, features in (
            (self.items, (ITEM_ID, TITLE), schema.item_features),
            (self.users, (USER_ID,), schema.user_features),
        ):
            kinds = [*((name, "id") for name in ids), *((feature.name, feature.kind) for feature in features)]
            for name, kind in kinds:
                digest.update(json.dumps([name, kind, frame[name].tolist()]).encode())
        # Ids by their rows in the tables above: the same content in a fraction of the bytes.
        columns: list[tuple[Any, str]] = [
            (self.user_rows, "<i4"),
            (self.item_rows, "<i4"),
            (self.exact_stars, "<f8"),
        ]
        if schema.has_timestamps:
            columns.append((self.timestamps, "<i8"))
        for values, kind in columns:
            digest.update(np.ascontiguousarray(values, kind).data)
        return digest.hexdigest()


class Rated(NamedTuple):
    """Who rated what, when and how, in 13 bytes each: every part of a split holds its own.

    Attributes:
      user_rows: [n_interactions] row in `Ratings.users` of each.
      item_rows: [n_interactions] row in `Ratings.items`.
      codes: [n_interactions] which of `levels` each rating is; None where `levels` are the ratings one by one.
      levels: the stars that are given, as they were read.
      seconds: [n_interactions] UTC; 32 bits where all are between 1970 and 2038.
    """

    user_rows: npt.NDArray[np.int32]
    item_rows: npt.NDArray[np.int32]
    codes: npt.NDArray[np.uint8] | None
    levels: npt.NDArray[np.float64]
    seconds: npt.NDArray[np.integer]

    @classmethod
    def packed(
        cls,
        user_rows: npt.NDArray[np.int32],
        item_rows: npt.NDArray[np.int32],
        exact_stars: npt.NDArray[np.float64],
        timestamps: npt.NDArray[np.int64] | None,
    ) -> "Rated":
        """Packs [n_interactions] columns; without times all are zeros."""
        seconds: npt.NDArray[np.integer] = np.zeros(len(user_rows), np.int32) if timestamps is None else timestamps
        if seconds.min(initial=0) >= 0 and seconds.max(initial=0) <= np.iinfo(np.int32).max:
            seconds = seconds.astype(np.int32)
        for some in (exact_stars[:_TRIED], exact_stars):
            given = pa.array(some).dictionary_encode()
            if len(given.dictionary) > np.iinfo(np.uint8).max + 1:
                return cls(user_rows, item_rows, None, exact_stars, seconds)
        codes = given.indices.to_numpy().astype(np.uint8)
        return cls(user_rows, item_rows, codes, given.dictionary.to_numpy(), seconds)

    def stars(self, kind: type[np.floating]) -> npt.NDArray[Any]:
        """[n_interactions] the ratings, as 32 or 64 bits."""
        levels = self.levels.astype(kind, copy=False)
        if self.codes is None:
            return levels
        # NumPy would make eight bytes of each code first.
        return np.asarray(pa.DictionaryArray.from_arrays(self.codes, levels).dictionary_decode().to_numpy())

    def take(self, rows: npt.NDArray[np.integer]) -> "Rated":
        """Only these, in this order."""
        codes, levels = (None, self.levels[rows]) if self.codes is None else (self.codes[rows], self.levels)
        return Rated(self.user_rows[rows], self.item_rows[rows], codes, levels, self.seconds[rows])

    def and_then(self, more: "Rated") -> "Rated":
        """These and others after them."""
        user_rows = np.concatenate([self.user_rows, more.user_rows])
        item_rows = np.concatenate([self.item_rows, more.item_rows])
        seconds = np.concatenate([self.seconds, more.seconds])
        if self.codes is not None and more.codes is not None and self.levels is more.levels:
            return Rated(user_rows, item_rows, np.concatenate([self.codes, more.codes]), self.levels, seconds)
        stars = np.concatenate([self.stars(np.float64), more.stars(np.float64)])
        return Rated.packed(user_rows, item_rows, stars, seconds.astype(np.int64))


class _OfRows(Ratings):
    """Ratings known by their rows alone; a table of them holds their ids, which are texts and take the most memory."""

    @cached_property
    def interactions(self) -> pd.DataFrame:
        """The table, made when it is first asked for."""
        columns: dict[str, Any] = {
            USER_ID: self.users[USER_ID].array.take(self.user_rows),
            ITEM_ID: self.items[ITEM_ID].array.take(self.item_rows),
            RATING: self.exact_stars,
        }
        if self.schema.has_timestamps:
            columns[TIMESTAMP] = self.timestamps
        return pd.DataFrame(columns)


def _places(kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """[n] the row that each kept row has once the others are gone."""
    return (np.cumsum(kept) - 1).astype(np.int32)


def rows_among(ids: pd.Series, all_ids: pd.Series) -> npt.NDArray[np.int32]:
    """[n] position in `all_ids` of each id, -1 where it is not there.

    Arrow looks strings up without making a Python object of each, as an index of pandas does.
    """
    found = pc.index_in(pa.array(ids, pa.large_string()), value_set=pa.array(all_ids, pa.large_string()))
    return found.fill_null(-1).to_numpy()
