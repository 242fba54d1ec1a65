"""The only thing a page talks to: a bundle that answers questions.

Imports plain TensorFlow, and neither TensorFlow Recommenders nor Keras nor a model class.
"""

import copy
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import tensorflow as tf

from recommender.bundle.data import training_part_of
from recommender.bundle.manifest import Manifest
from recommender.bundle.reader import Bundle, read_bundle, read_manifest
from recommender.bundle.signatures import History
from recommender.data.ratings import Ratings
from recommender.data.schema import RatingScale
from recommender.data.seen import SeenTitles
from recommender.errors import BundleError, RecommenderError
from recommender.serving.questions import MAX_MOMENT, Questions
from recommender.serving.retrieval import Retrieval
from recommender.serving.rows import ModelRows
from recommender.serving.title_space import TitleSpace


class Recommender:
    """A loaded bundle. Safe to use from many threads; every answer is a new frame.

    Attributes:
      manifest: what the bundle says of itself.
      learning_curves: columns `epoch`, `phase`, `metric`, `value`.
      catalogue_map: columns `item_id`, `x`, `y`: places of titles on a plane; None where the bundle holds no map.
      user_ids: [n_users] the viewers it knows.
      item_ids: [n_titles] ids of the catalogue.
      titles: [n_titles] titles of the catalogue, in the same order.
      scale: the rating scale; every predicted rating lies inside.
      ratings: the data set it is joined with, or None.
      signatures: the SavedModel's functions by name, for whoever has many questions at once; see `ServedModel`.
      index_note: a sentence if the exact index answers in place of the bundle's own; else empty.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.manifest: Manifest = bundle.manifest
        self.learning_curves = bundle.learning_curves
        self.catalogue_map = bundle.catalogue_map
        self.user_ids = bundle.identifiers.users
        self.item_ids = bundle.identifiers.item_ids
        self.titles = bundle.identifiers.titles
        self.scale = RatingScale(**bundle.manifest.data.scale.model_dump())
        self.ratings: Ratings | None = None
        self._rows = ModelRows(bundle.identifiers)
        self._seen: SeenTitles | None = None
        self._model = tf.saved_model.load(str(bundle.saved_model))
        self.signatures: Mapping[str, Any] = self._model.signatures
        self._questions = Questions(self.signatures, self._rows, self.scale)
        self._retrieval = Retrieval(bundle, self.signatures)
        self.index_note = self._retrieval.note

    @classmethod
    def load(cls, path: Path) -> "Recommender":
        """Verifies and loads a bundle, and asks once whatever a page asks, so that no viewer waits for it.

        Args:
          path: the bundle's folder.

        Raises:
          BundleError: if it is missing, damaged or of another version.
        """
        while True:
            bundle = read_bundle(path)
            try:
                recommender = cls(bundle)
            except (OSError, ValueError, tf.errors.OpError) as error:
                if read_manifest(path) == bundle.manifest:
                    raise BundleError(f"{path}: it cannot be loaded ({error}); train it again.") from error
            else:
                if read_manifest(path) == bundle.manifest:  # else it was replaced while TensorFlow read it
                    recommender._warm()
                    return recommender

    def with_ratings(self, ratings: Ratings) -> "Recommender":
        """The same model, joined with the ratings it was trained on: seen titles, histories, genres.

        Args:
          ratings: the data set named in the manifest; another edition of it is joined by user id and title id.

        Returns:
          A recommender that shares the loaded model.
        """
        joined = copy.copy(self)
        joined.__dict__.pop("_known_titles", None)
        joined.ratings = ratings
        joined._seen = SeenTitles(ratings)
        return joined

    @property
    def first_moment(self) -> int:
        """UTC seconds of the first training interaction."""
        return self.manifest.training.first_moment

    @property
    def last_moment(self) -> int:
        """UTC seconds of the last training interaction."""
        return self.manifest.training.last_moment

    @property
    def has_space(self) -> bool:
        """Whether titles lie in a space, so that some are nearer to each other than others."""
        return self.manifest.sizes.embedding_size > 0

    def retrieve(
        self,
        user_id: str | None,
        at: int,
        k: int = 10,
        *,
        history: History | None = None,
        include_seen: bool = False,
    ) -> pd.DataFrame:
        """The titles the model would put before a viewer.

        Args:
          user_id: a known viewer; None for a visitor.
          at: the moment, UTC seconds.
          k: how many titles; more than there are gives all, less than 1 gives 1.
          history: read instead of the viewer's training ratings.
          include_seen: also titles the viewer has rated. Without ratings or a history nothing is known to be seen.

        Returns:
          Columns `rank` (from 1), `item_id`, `title`, `score` (unbounded inner product), `stars` (predicted rating; NaN
          from a model that predicts none), `seen` (bool, missing if unknown), best first.

        Raises:
          UnknownUserError: if the model does not know the user.
          RecommenderError: if the moment or the history makes no sense.
        """
        if not 0 <= at <= MAX_MOMENT:
            raise RecommenderError(f"the moment {at} is not a number of seconds since 1970; give UTC seconds.")
        asked = self._questions.of(user_id, history)
        seen = self._seen_rows(user_id, history)
        excluded = np.array([] if include_seen or seen is None else sorted(seen), np.int32)
        k = min(max(1, int(k)), len(self.titles) - len(excluded))  # 0 if all is seen
        rows, scores, stars = self._retrieval.best(asked, at, k, excluded)
        seen_mark = pd.array([pd.NA] * len(rows) if seen is None else [row in seen for row in rows.tolist()], "boolean")
        return pd.DataFrame(
            {
                "rank": np.arange(1, len(rows) + 1),
                "item_id": self._rows.item_ids[rows],
                "title": self._rows.titles[rows],
                "score": scores,
                "stars": stars,
                "seen": seen_mark,
            }
        )

    def rate(
        self, user_id: str | None, at: int, titles: Sequence[str], *, history: History | None = None
    ) -> pd.DataFrame:
        """Predicted ratings of chosen titles.

        Args:
          user_id: a known viewer; None for a visitor.
          at: the moment, UTC seconds.
          titles: titles of the catalogue.
          history: read instead of the viewer's training ratings.

        Returns:
          Columns `item_id`, `title`, `stars` (inside the scale), in the order asked.

        Raises:
          UnknownUserError, UnknownTitleError: if the model does not know one.
        """
        rows = self._rows.of_titles(titles)
        stars = self._questions.answer("rate", self._questions.of(user_id, history), [at], items=tf.constant(rows))[
            "stars"
        ][0]
        return pd.DataFrame({"item_id": self._rows.item_ids[rows], "title": self._rows.titles[rows], "stars": stars})

    def sweep(
        self,
        user_id: str | None,
        moments: Sequence[int],
        titles: Sequence[str],
        *,
        history: History | None = None,
        kept: npt.NDArray[np.bool_] | None = None,
    ) -> pd.DataFrame:
        """Predicted ratings and retrieval scores of chosen titles as the clock turns, in one call of the model.

        Args:
          user_id: a known viewer; None for a visitor.
          moments: UTC seconds.
          titles: titles of the catalogue.
          history: read instead of the viewer's training ratings.
          kept: [n_moments, len(history.stars)] which titles of that history are read at each moment; all if None.

        Returns:
          Columns `at`, `item_id`, `title`, `stars`, `score`; len(moments) x len(titles) rows, moment by moment.

        Raises:
          UnknownUserError, UnknownTitleError: if the model does not know one.
        """
        rows = self._rows.of_titles(titles)
        asked = self._questions.of(user_id, history)
        answer = self._questions.answer("rate", asked, moments, kept, items=tf.constant(rows))
        n_moments = len(moments)
        return pd.DataFrame(
            {
                "at": np.repeat(np.asarray(moments, np.int64), len(rows)),
                "item_id": np.tile(self._rows.item_ids[rows], n_moments),
                "title": np.tile(self._rows.titles[rows], n_moments),
                "stars": answer["stars"].ravel(),
                "score": answer["scores"].ravel(),
            }
        )

    def scores(
        self,
        user_id: str | None,
        moments: Sequence[int],
        *,
        history: History | None = None,
        kept: npt.NDArray[np.bool_] | None = None,
    ) -> npt.NDArray[np.float32]:
        """Retrieval scores of the whole catalogue as the clock turns; arguments and errors as for `sweep`.

        Returns:
          [n_moments, n_titles], titles in the order of `titles`.
        """
        return self._questions.answer("score", self._questions.of(user_id, history), moments, kept)["scores"]

    def similar(self, title: str, k: int = 10) -> pd.DataFrame:
        """Titles near this one in the candidate space.

        Args:
          title: a title of the catalogue.
          k: how many; clamped to the catalogue.

        Returns:
          Columns `rank`, `item_id`, `title`, `similarity` (cosine, in [-1, 1]), nearest first; not the title itself.
          Empty from a model whose titles lie in no space (see `has_space`).

        Raises:
          UnknownTitleError: if the model does not know it.
        """
        rows, cosines = self._space.nearest(int(self._rows.of_titles([title])[0]), k)
        return pd.DataFrame(
            {
                "rank": np.arange(1, len(rows) + 1),
                "item_id": self._rows.item_ids[rows],
                "title": self._rows.titles[rows],
                "similarity": cosines,
            }
        )

    def seen(self, user_id: str) -> pd.DataFrame:
        """What a viewer has rated.

        Returns:
          Columns `item_id`, `title`, `rating`, `timestamp` (where the data have times), newest first; empty without
          ratings.

        Raises:
          UnknownUserError: if the model does not know the user.
        """
        self._rows.viewer(user_id)
        if self._seen is None:
            return pd.DataFrame(columns=["item_id", "title", "rating", "timestamp"])
        return self._seen.rated_by(user_id)

    @property
    def knows_what_was_read(self) -> bool:
        """Whether the ratings the model was told can be told from the test part: the data and its split are here."""
        return self._known_titles is not None

    def history_read(self, user_id: str, *, earlier: bool = False) -> pd.DataFrame:
        """What the model reads of a viewer when nothing else is given: the ratings it was told, without the test part.

        Returns:
          Columns `title`, `stars`, `timestamp` (where the data have times), oldest first, each title once: as it was
          rated last, or with `earlier` each time, of which the model reads the last. Empty without ratings; all that
          the viewer rated unless `knows_what_was_read`.

        Raises:
          UnknownUserError: if the model does not know the user.
        """
        self._rows.viewer(user_id)
        frame = self.seen(user_id) if self._known_titles is None else self._known_titles.rated_by(user_id)
        frame = frame[self._rows.of_ids(frame["item_id"].tolist()) >= 0]
        frame = (frame if earlier else frame.drop_duplicates("item_id"))[::-1]
        return frame.drop(columns="item_id").rename(columns={"rating": "stars"}).reset_index(drop=True)

    def nearest_rated(self, user_id: str, title: str, k: int = 5) -> pd.DataFrame:
        """The titles a viewer rated that lie nearest to one title: a similarity, not a cause.

        Args:
          user_id: a known viewer.
          title: a title of the catalogue.
          k: how many.

        Returns:
          Columns `title`, `stars` (given by the viewer), `similarity` (cosine), nearest first; empty without ratings.

        Raises:
          UnknownUserError, UnknownTitleError: if the model does not know one.
        """
        row = int(self._rows.of_titles([title])[0])
        rated = self.seen(user_id).drop_duplicates("item_id")
        rows = self._rows.of_ids(rated["item_id"].tolist())
        others = (rows >= 0) & (rows != row)
        rated, rows = rated[others], rows[others]
        near = pd.DataFrame(
            {
                "title": rated["title"].to_numpy(),
                "stars": rated["rating"].to_numpy(),
                "similarity": self._space.cosines(row, rows),
            }
        )
        return near.sort_values("similarity", ascending=False, kind="stable").head(k).reset_index(drop=True)

    @cached_property
    def _known_titles(self) -> SeenTitles | None:
        """The ratings that the baked histories hold, if they can be told apart."""
        found = None if self.ratings is None else training_part_of(self.ratings, self.manifest)
        return None if found is None else SeenTitles(found)

    @cached_property
    def _space(self) -> TitleSpace:
        return TitleSpace(self.signatures["embed"](items=tf.range(len(self.titles)))["candidates"].numpy())

    def _warm(self) -> None:
        titles = self.titles[: min(2, len(self.titles))]
        for k in (1, len(self.titles)) if self._retrieval.index else (1,):  # a long list comes from the exact index
            self.retrieve(None, self.last_moment, k, history=History({titles[0]: self.scale.high}))
        self.sweep(None, [self.first_moment, self.last_moment], titles)
        self.similar(titles[0], 1)

    def _seen_rows(self, user_id: str | None, history: History | None) -> set[int] | None:
        """Catalogue rows known to be seen; None if nothing is known of it."""
        rows = None if history is None else set(self._rows.of_titles(list(history.stars)).tolist())
        if user_id is not None and self._seen is not None:
            rated = self._rows.of_ids(self._seen.rated_by(user_id)["item_id"].tolist())
            rows = (rows or set()) | set(rated[rated >= 0].tolist())
        return rows
