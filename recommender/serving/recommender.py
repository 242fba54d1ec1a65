"""The only thing a page talks to: a bundle that answers questions.

Imports plain TensorFlow, and neither TensorFlow Recommenders nor Keras nor a model class.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import tensorflow as tf

from recommender.bundle.checks import refusal
from recommender.bundle.dials import Dials
from recommender.bundle.manifest import Manifest
from recommender.bundle.program import load_program, signatures_of
from recommender.bundle.reader import Bundle, read_bundle, read_manifest
from recommender.bundle.signatures import Alternatives, History
from recommender.data.ratings import Ratings
from recommender.data.schema import RatingScale
from recommender.errors import BundleError, RecommenderError
from recommender.serving.agreement import check_answer, check_stars, check_tables
from recommender.serving.changes import Changes, Supposed
from recommender.serving.premieres import premieres
from recommender.serving.questions import MAX_MOMENT, Questions
from recommender.serving.retrieval import Retrieval
from recommender.serving.rows import ModelRows
from recommender.serving.star_range import likely_stars
from recommender.serving.title_space import TitleSpace
from recommender.serving.variety import MOST_VARIED, varied
from recommender.serving.viewer_histories import ViewerHistories
from recommender.serving.viewer_kinds import ViewerKinds


class Recommender:
    """A loaded bundle. Safe to use from many threads; every answer is a new frame.

    What it is for and what it reads, the manifest says: `manifest.rates`, `manifest.reads_clock` and the like.

    Attributes:
      manifest: what the bundle says of itself.
      learning_curves: columns `epoch`, `phase`, `metric`, `value`.
      catalogue_map: columns `item_id`, `x`, `y`: places of titles on a plane; None where the bundle holds no map.
      user_ids: [n_users] the viewers it was trained on.
      item_ids: [n_titles] ids of the catalogue.
      titles: [n_titles] titles of the catalogue, in the same order.
      rows: which row of the model a viewer, a title or an id has.
      scale: the rating scale; every predicted rating lies inside.
      ratings: the data set it is joined with, or None.
      known_by: the moment, UTC seconds, after which nothing is known of it; None for all that is. See `as_of`.
      dials: how its lists are turned; see `with_dials`.
      supposed: the viewer who is supposed to be otherwise, see `as_if`; None where all are as they are.
      signatures: the SavedModel's functions by name, to ask many things at once; see `ServedModel`.
      premieres: [n_titles] from when on each title is out, see `premieres`; None without ratings that have times.
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
        self.known_by: int | None = None
        self.dials = Dials()
        self.supposed: Supposed | None = None
        self.premieres: npt.NDArray[np.int64] | None = None
        self.rows = ModelRows(bundle.identifiers)
        self._histories = ViewerHistories(None, self.manifest, self.rows)
        self._model = load_program(bundle)
        check_tables(self._model, bundle)
        self.signatures: Mapping[str, Any] = signatures_of(self._model)
        self._questions = Questions(self.signatures, self.rows, self.scale)
        self._retrieval = Retrieval(bundle, self.signatures)
        self._make_space = cache(self._embed)  # once for all that share this model
        self.index_note = self._retrieval.note

    @classmethod
    def load(cls, path: Path) -> "Recommender":
        """Verifies and loads a bundle, and warms it up.

        Args:
          path: the bundle's folder.

        Raises:
          BundleError: if it is missing, damaged or of another version.
        """
        while True:
            bundle = read_bundle(path)
            try:
                recommender = cls(bundle)
            except BundleError:
                if read_manifest(path) == bundle.manifest:
                    raise
            except (OSError, ValueError, tf.errors.OpError) as error:
                if read_manifest(path) == bundle.manifest:
                    raise refusal(f"{path}: it cannot be loaded ({error})") from error
            else:
                if read_manifest(path) == bundle.manifest:  # else it was replaced while TensorFlow read it
                    recommender._warm(path)
                    return recommender

    def with_ratings(self, ratings: Ratings) -> "Recommender":
        """The same model, joined with the ratings it was trained on: seen titles, histories, genres.

        Args:
          ratings: the data set named in the manifest; another edition of it is joined by user id and title id.

        Returns:
          A recommender that shares the loaded model.
        """
        joined = copy(self)
        joined.ratings = ratings
        joined._histories = ViewerHistories(ratings, self.manifest, self.rows)
        timed = self.manifest.has_clock and ratings.schema.has_timestamps
        joined.premieres = premieres(ratings, self.rows, self.titles) if timed else None
        return joined

    def as_of(self, at: int) -> "Recommender":
        """The same model, asked as of a moment: of viewers it reads, and counts as seen, only what they had rated then.

        Everything is cut to the minute, as clocks are set; see `minute_of`.

        Nothing is trained again: what it learned from everybody, it keeps.

        Args:
          at: UTC seconds.

        Returns:
          A recommender that shares the loaded model; this one where it is not joined with ratings that have times.
        """
        if self.premieres is None:
            return self
        then = copy(self)
        then._histories = self._histories.as_of(at)
        then.known_by = at
        return then

    def with_dials(self, dials: Dials) -> "Recommender":
        """The same model, whose lists are turned away from where validation put them.

        A model without dials (see `Manifest.has_dials`) knows `Dials.varied` alone, and one without a space not even
        that: what it does not know changes nothing.

        Args:
          dials: how far.

        Returns:
          A recommender that shares the loaded model.
        """
        turned = copy(self)
        turned.dials = dials
        return turned

    def as_if(self, user_id: str, changes: Changes, at: int) -> "Recommender":
        """The same model, asked as if one viewer had rated otherwise, or were somebody else.

        Their ratings are changed in all that is read, and in what counts as seen. Nothing is trained again: others are
        as they are, and so is what the model learned from this viewer.

        Args:
          user_id: the viewer.
          changes: how they are supposed to be.
          at: UTC seconds; what they never rated is supposed to be rated then.

        Returns:
          A recommender that shares the loaded model.

        Raises:
          UnknownUserError, UnknownTitleError: if the model does not know one.
          RecommenderError: if there is nobody in the data who is as supposed; see `ViewerKinds`.
        """
        self.rows.row_of_viewer(user_id)
        self.rows.rows_of_titles([title for title, _ in changes.ratings])
        changed = copy(self)
        stand_in = self.viewer_kinds().stand_in(user_id, changes.features) if changes.features else user_id
        changed.supposed = Supposed(user_id, changes, at, stand_in)
        changed._histories = self._histories.as_if(changed.supposed)
        return changed

    def viewer_kinds(self) -> ViewerKinds:
        """What is read of viewers beside their ratings; worked out anew with each call."""
        return ViewerKinds(self.manifest, self.ratings, self.user_ids)

    @property
    def has_ratings(self) -> bool:
        """Whether it is joined with ratings, so that there are seen titles, histories and features."""
        return self.ratings is not None

    @property
    def first_moment(self) -> int:
        """UTC seconds of the first training interaction."""
        return self.manifest.training.first_moment

    @property
    def last_moment(self) -> int:
        """UTC seconds of the last training interaction."""
        return self.manifest.training.last_moment

    def last_known_moment(self, user_id: str | None) -> int:
        """The moment to ask at unless another is chosen, which is the one that the model's figures are asked at.

        Args:
          user_id: a viewer; None for a visitor.

        Returns:
          UTC seconds of the viewer's last rating in the training part; without one, for a visitor, and while it is not
          joined with the ratings it was trained on, `last_moment`.

        Raises:
          UnknownUserError: if the model does not know the user.
        """
        moment = None if user_id is None else self._histories.last_read(user_id)
        return self.last_moment if moment is None else moment

    def retrieve(
        self,
        user_id: str | None,
        at: int,
        k: int = 10,
        *,
        history: History | None = None,
        include_seen: bool = False,
        include_future: bool = False,
        among: npt.NDArray[np.bool_] | None = None,
    ) -> pd.DataFrame:
        """The titles the model would put before a viewer.

        Args:
          user_id: a viewer; None for a visitor.
          at: the moment, UTC seconds.
          k: how many titles; more than there are gives all, less than 1 gives 1.
          history: read instead of the viewer's training ratings.
          include_seen: also titles the viewer has seen. Without ratings or a history nobody can say which these are.
          include_future: also titles that were not out, of a recommender `as_of` a moment; others leave none out.
          among: [n_titles] the only titles to list, in the order of `titles`; any if None.

        Returns:
          Columns `rank` (from 1), `item_id`, `title`, `score` (unbounded inner product), `stars` (predicted rating; NaN
          from a model that predicts none), `seen` (bool, missing if nobody can say), `future` (whether it was not out
          as of then), `retrieved` (the place that the retrieval score alone gives it), best first.

        Raises:
          UnknownUserError: if the model does not know the user.
          RecommenderError: if the moment or the history makes no sense.
        """
        if not 0 <= at <= MAX_MOMENT:
            raise RecommenderError(f"the moment {at} is not a number of seconds since 1970; give UTC seconds.")
        viewer = self._describe(user_id, history)
        seen = self._histories.seen_rows(user_id, history)
        future = self._future()
        left_out = np.zeros(len(self.titles), np.bool_) if among is None else ~among
        if not include_seen:
            left_out[list(seen or ())] = True
        if not include_future:
            left_out |= future
        excluded = np.flatnonzero(left_out).astype(np.int32)
        n_left = len(self.titles) - len(excluded)
        k = min(max(1, int(k)), n_left)  # 0 if all is seen
        asked = min(max(k, MOST_VARIED), n_left) if self.dials.varied else k
        found = self._retrieval.best(viewer, at, asked, excluded)
        listable = ~future[found.rows] & ~np.isin(found.rows, list(seen or ()))
        order = self._varied(found.rows, listable)[:k]
        rows, retrieved = found.rows[order], found.retrieved[order]
        is_seen = np.isin(rows, list(seen or ()))
        seen_mark = pd.arrays.BooleanArray(is_seen, np.full(len(rows), seen is None))
        return pd.DataFrame(
            {
                "rank": np.arange(1, len(rows) + 1),
                "item_id": self.rows.texts_of_ids.take(rows),
                "title": self.rows.texts_of_titles.take(rows),
                "score": found.scores[order],
                "stars": found.stars[order],
                "seen": seen_mark,
                "future": future[rows],
                "retrieved": retrieved,
            }
        )

    def rate(
        self, user_id: str | None, at: int, titles: Sequence[str], *, history: History | None = None
    ) -> pd.DataFrame:
        """Predicted ratings of chosen titles.

        Args:
          user_id: a viewer; None for a visitor.
          at: the moment, UTC seconds.
          titles: titles of the catalogue.
          history: read instead of the viewer's training ratings.

        Returns:
          Columns `item_id`, `title`, `stars` (inside the scale), in the order asked.

        Raises:
          UnknownUserError, UnknownTitleError: if the model does not know one.
        """
        rated = self.sweep(user_id, [at], titles, history=history)
        return rated[["item_id", "title", "stars"]]

    def sweep(
        self,
        user_id: str | None,
        moments: Sequence[int],
        titles: Sequence[str],
        *,
        history: History | None = None,
        kept: npt.NDArray[np.bool_] | None = None,
        popular_at: Sequence[int] | None = None,
    ) -> pd.DataFrame:
        """Predicted ratings and retrieval scores of chosen titles as the clock turns, in one call of the model.

        Args:
          user_id: a viewer; None for a visitor.
          moments: UTC seconds.
          titles: titles of the catalogue.
          history: read instead of the viewer's training ratings.
          kept: [n_moments, len(history.stars)] which titles of that history are read at each moment; all if None.
          popular_at: [n_moments] UTC seconds at which a model that ranks by what everybody watched lately looks at
            it; the moments themselves if None.

        Returns:
          Columns `at`, `item_id`, `title`, `stars`, `low` and `high` (ratings of the scale between which the model
          expects the stars with 80%; NaN from a model that gives no probabilities), `score`, and `ranked`, which
          orders the head of a list: the score, of a model that ranks what it retrieved with praise; len(moments) x
          len(titles) rows, moment by moment.

        Raises:
          UnknownUserError, UnknownTitleError: if the model does not know one.
        """
        rows = self.rows.rows_of_titles(titles)
        viewer = self._describe(user_id, history)
        answer = self._questions.ask("rate", viewer, moments, kept, popular_at, items=tf.constant(rows))
        n_moments = len(moments)
        check_answer(answer, (n_moments, len(rows)), "stars", "scores")
        low, high = likely_stars(answer.get("probabilities"), answer["stars"].shape, self.scale)
        return pd.DataFrame(
            {
                "at": np.repeat(np.asarray(moments, np.int64), len(rows)),
                "item_id": np.tile(self.rows.item_ids[rows], n_moments),
                "title": np.tile(self.rows.titles[rows], n_moments),
                "stars": answer["stars"].ravel(),
                "low": low.ravel(),
                "high": high.ravel(),
                "score": answer["scores"].ravel(),
                "ranked": answer.get("ranked", answer["scores"]).ravel(),
            }
        )

    def scores(
        self,
        user_id: str | None,
        moments: Sequence[int],
        *,
        history: History | Alternatives | None = None,
        kept: npt.NDArray[np.bool_] | None = None,
        popular_at: Sequence[int] | None = None,
    ) -> npt.NDArray[np.float32]:
        """What lists are ordered by, of the whole catalogue, as the clock turns; arguments and errors as for `sweep`.

        Retrieval scores; of a model that ranks what it retrieved, with praise (see `ServedModel.score`).

        Returns:
          [n_moments, n_titles], titles in the order of `titles`.
        """
        viewer = self._describe(user_id, history)
        answer = self._questions.ask("score", viewer, moments, kept, popular_at)
        check_answer(answer, (len(moments), len(self.titles)), "scores")
        return answer.get("ranked", answer["scores"])

    def similar(self, title: str, k: int = 10) -> pd.DataFrame:
        """Titles near this one in the candidate space.

        Args:
          title: a title of the catalogue.
          k: how many; clamped to the catalogue.

        Returns:
          Columns `rank`, `item_id`, `title`, `similarity` (cosine, in [-1, 1]), nearest first; not the title itself.
          Empty from a model whose titles lie in no space (see `Manifest.has_space`).

        Raises:
          UnknownTitleError: if the model does not know it.
        """
        rows, cosines = self._space.nearest(self.rows.row_of_title(title), k)
        return pd.DataFrame(
            {
                "rank": np.arange(1, len(rows) + 1),
                "item_id": self.rows.item_ids[rows],
                "title": self.rows.titles[rows],
                "similarity": cosines,
            }
        )

    def likeness(self, titles: Sequence[str], others: Sequence[str]) -> npt.NDArray[np.float32]:
        """[len(titles), len(others)] cosines of titles with others; see `similar`.

        Raises:
          UnknownTitleError: if the model does not know one.
        """
        return self._space.likeness(self.rows.rows_of_titles(titles), self.rows.rows_of_titles(others))

    def rated(self, user_id: str) -> pd.DataFrame:
        """What a viewer rated.

        Returns:
          Columns `item_id`, `title`, `rating`, `timestamp` (where the data have times), newest first; empty without
          ratings.

        Raises:
          UnknownUserError: if the model does not know the user.
        """
        return self._histories.rated(user_id)

    @property
    def knows_what_was_read(self) -> bool:
        """Whether the training part can be told from the test part: the data and the files of their split are here."""
        return self._histories.knows_what_was_read

    def history_read(self, user_id: str, *, earlier: bool = False) -> pd.DataFrame:
        """What the model reads of a viewer unless a history is given: their ratings in the training part.

        Args:
          user_id: a viewer.
          earlier: of a title rated more than once, also the ratings before the last, which alone is read.

        Returns:
          Columns `title`, `stars`, `timestamp` (where the data have times), oldest first. Empty without ratings; all
          that the viewer rated unless `knows_what_was_read`.

        Raises:
          UnknownUserError: if the model does not know the user.
        """
        return self._histories.read(user_id, earlier=earlier)

    def nearest_rated(self, user_id: str, title: str, k: int = 5) -> pd.DataFrame:
        """The titles a viewer rated that lie nearest to one title: a similarity, not a cause.

        Args:
          user_id: a viewer.
          title: a title of the catalogue.
          k: how many.

        Returns:
          Columns `title`, `stars` (given by the viewer), `similarity` (cosine), nearest first; empty without ratings.

        Raises:
          UnknownUserError, UnknownTitleError: if the model does not know one.
        """
        row = self.rows.row_of_title(title)
        rated = self.rated(user_id).drop_duplicates("item_id")
        rows = self.rows.rows_of_ids(rated["item_id"])
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

    def _embed(self) -> TitleSpace:
        n_titles = len(self.titles)
        places = self.signatures["embed"](items=tf.range(n_titles))["candidates"].numpy()
        check_answer({"places": places}, (n_titles, self.manifest.sizes.embedding_size), "places")
        return TitleSpace(places)

    def _describe(self, user_id: str | None, history: History | Alternatives | None) -> dict[str, tf.Tensor]:
        read = self._histories.instead_of_baked(user_id) if history is None else history
        if self.supposed is not None and user_id == self.supposed.user:
            user_id = self.supposed.stand_in
        return self._questions.describe_viewer(user_id, read, self.dials)

    def _varied(self, rows: npt.NDArray[np.integer], listable: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """The order of titles once likeness counts, by `Dials.varied`; those that are not listable keep their place."""
        order = np.arange(len(rows))
        head = np.flatnonzero(listable)[:MOST_VARIED]
        if self.dials.varied and self.manifest.has_space and len(head):
            order[head] = head[varied(self._space.likeness(rows[head], rows[head]), self.dials.varied)]
        return order

    def _future(self) -> npt.NDArray[np.bool_]:
        """[n_titles] which titles are not out as of then."""
        if self.known_by is None or self.premieres is None:
            return np.zeros(len(self.titles), np.bool_)
        return self.premieres > self.known_by

    @property
    def _space(self) -> TitleSpace:
        return self._make_space()

    def _warm(self, path: Path) -> None:
        """Asks once whatever a page asks, so that no viewer waits for what TensorFlow makes ready at a first call.

        The last viewer and the last title are asked for, so that a model that lacks rows is found out.
        """
        titles = tuple(dict.fromkeys((self.titles[0], self.titles[-1])))
        try:
            for k in (1, len(self.titles)) if self._retrieval.index else (1,):  # a long list comes from the exact index
                self.retrieve(None, self.last_moment, k, history=History({titles[-1]: self.scale.high}))
            swept = self.sweep(self.user_ids[-1], [self.first_moment, self.last_moment], titles)
            self.similar(titles[0], 1)
            check_stars(swept["stars"].to_numpy(), self.scale.low, self.scale.high, rates=self.manifest.rates)
        except RecommenderError as error:
            raise BundleError(f"{path}: {error}") from error
        except Exception as error:  # whatever TensorFlow raises of a graph that no export wrote
            raise refusal(f"{path}: its model cannot be asked ({type(error).__name__})") from error
