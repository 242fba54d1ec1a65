"""Writes a finished bundle as TensorFlow Serving wants it: strings in, titles out; nothing is trained again."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from recommender import __version__
from recommender.bundle.program import load_program, signatures_of
from recommender.bundle.reader import Bundle, read_bundle
from recommender.bundle.signatures import AT_REST, STRANGER
from recommender.data.atomic import atomic_folder, drafts
from recommender.errors import BundleError
from recommender.export.saving import save_program

# A SavedModel may hold files of its maker's in this folder; by this one it is known to be ours.
_MARK = Path("assets.extra") / "matinee.json"
_UNKNOWN = -1
_VISITOR = _NO_TITLE = ""
_DEFAULT_K = 10


class Version(NamedTuple):
    """What was written.

    Attributes:
      folder: of this version.
      number: of it, which is the name of the folder.
      user: one whom it knows, for an example.
    """

    folder: Path
    number: int
    user: str


def export_for_tf_serving(path: Path, out: Path) -> Version:
    """Writes a bundle as the next version of a model of TensorFlow Serving.

    Args:
      path: the bundle's folder.
      out: the model's folder; its versions lie in it, each under its number.

    Raises:
      BundleError: if the bundle cannot be read, or `out` holds what is not ours or cannot be written.
    """
    bundle = read_bundle(path)
    number = max(_versions(out), default=0) + 1
    module = TitlesForViewers(bundle)
    mark = {"matinee": __version__, "model": bundle.manifest.model, "digest": bundle.manifest.seal}
    try:
        with atomic_folder(out / str(number)) as folder:
            save_program(module, {"serving_default": module.recommend}, folder)
            (folder / _MARK).parent.mkdir()
            (folder / _MARK).write_text(json.dumps(mark), encoding="utf-8")
    except OSError as error:
        raise BundleError(f"{out}: cannot be written ({error}); free some space or name another folder.") from error
    return Version(out / str(number), number, bundle.identifiers.users[0])


def _versions(out: Path) -> list[int]:
    """The versions in a model's folder; drafts beside them do not count.

    Raises:
      BundleError: if it holds anything else, or a version that we did not write.
    """
    entries = [*out.iterdir()] if out.is_dir() else [out] if out.exists() else []
    found = [int(entry.name) for entry in entries if entry.name.isdecimal() and (entry / _MARK).is_file()]
    ours = {out / str(number) for number in found}
    ours.update(*(drafts(out / str(number)) for number in (*found, max(found, default=0) + 1)))
    strange = [entry.name for entry in entries if entry not in ours]
    if strange:
        raise BundleError(
            f"{out}: holds {min(strange)!r}, which was not written here for TensorFlow Serving; it is left as it is, "
            "name another folder with --tf-serving."
        )
    return found


class TitlesForViewers(tf.Module):
    """A bundle's model behind one signature, for programs that know names alone.

    Viewers are answered one by one, each in the very call with which the bundle answers a single one. So nothing
    depends on who else is asked for, and the numbers are the bundle's to the last bit. An approximate index beside the
    model has no part in it: lists come from the exact one.

    Args:
      bundle: whose model it is.

    Attributes:
      recommend: the signature. All its inputs but `user_id` have defaults, which TensorFlow Serving fills in.
    """

    def __init__(self, bundle: Bundle) -> None:
        super().__init__()
        names, manifest = bundle.identifiers, bundle.manifest
        self._model = load_program(bundle)  # held, so that it is saved with this
        self._retrieve = signatures_of(self._model)["retrieve"]
        self._viewers = _table(names.users, STRANGER + 1)
        self._rows = _table(names.titles, 0)
        self._titles, self._item_ids = tf.constant(names.titles), tf.constant(names.item_ids)
        self._scale = manifest.data.scale
        self._rates = manifest.rates
        self.recommend = self._signature(manifest.training.last_moment)

    def _signature(self, last_moment: int) -> Any:
        last, ten = tf.constant([last_moment], tf.int64), tf.constant(_DEFAULT_K, tf.int32)
        no_titles, no_stars = tf.zeros([0, 0], tf.string), tf.zeros([0, 0], tf.float32)

        def recommend(
            user_id: tf.Tensor,
            at: tf.Tensor = last,
            k: tf.Tensor = ten,
            rated_titles: tf.Tensor = no_titles,
            rated_stars: tf.Tensor = no_stars,
        ) -> dict[str, tf.Tensor]:
            """The best titles of [batch] viewers.

            Args:
              user_id: [batch] viewers; "" for a visitor.
              at: [1] or [batch] moments, UTC seconds; the data's last if not given.
              k: how many titles.
              rated_titles: [batch, width] titles that they rated, oldest first, read in place of what was read in
                training, and left out of their lists. "" stands for none; who has no other keeps their own history.
              rated_stars: [batch, width] the stars given to them.

            Returns:
              `title`, `item_id`, `score` and, of a model that predicts stars, `stars`, [batch, k] each, best first.
              Where no title is left, title and id are "" and numbers 0.
            """
            return self._answer(user_id, at, k, rated_titles, rated_stars)

        specs = [
            tf.TensorSpec([None], tf.string, "user_id"),
            tf.TensorSpec([None], tf.int64, "at"),
            tf.TensorSpec([], tf.int32, "k"),
            tf.TensorSpec([None, None], tf.string, "rated_titles"),
            tf.TensorSpec([None, None], tf.float32, "rated_stars"),
        ]
        return tf.function(recommend, input_signature=specs, autograph=False)

    def _answer(
        self, user_id: tf.Tensor, at: tf.Tensor, k: tf.Tensor, rated_titles: tf.Tensor, rated_stars: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        viewers = tf.where(user_id == _VISITOR, STRANGER, self._viewers.lookup(user_id))
        rows, rated = self._rows.lookup(rated_titles), rated_titles != _NO_TITLE
        low, high = self._scale.low, self._scale.high
        outside = ~((rated_stars >= low) & (rated_stars <= high))
        checks = [
            _refuse(viewers == _UNKNOWN, "the model does not know this user; a visitor has no id:", user_id),
            _refuse(rated & (rows == _UNKNOWN), "the model does not know this title:", rated_titles),
            _refuse(rated & outside, f"stars lie outside {low:g}-{high:g}:", rated_stars),
            _refuse(at < 0, "a moment is a number of seconds since 1970:", at),
            _refuse(k[None] < 1, "a list holds one title at least:", k[None]),
        ]
        with tf.control_dependencies(checks):
            shape = [tf.shape(viewers)[0], tf.shape(rated_titles)[1]]
            asked = (tf.identity(viewers), tf.broadcast_to(at, shape[:1]))
            history = tuple(tf.reshape(part, shape) for part in (rows, rated_stars, rated))
        numbers = {"score": tf.TensorSpec([None], tf.float32)} | (
            {"stars": tf.TensorSpec([None], tf.float32)} if self._rates else {}
        )
        names = {name: tf.TensorSpec([None], tf.string) for name in ("title", "item_id")}
        return tf.map_fn(
            lambda one: self._answer_one(one, k), (*asked, *history), fn_output_signature={**names, **numbers}
        )

    def _answer_one(self, asked: tuple[tf.Tensor, ...], k: tf.Tensor) -> dict[str, tf.Tensor]:
        """The list of one viewer, [k] each; as `Recommender.retrieve` asks for it."""
        viewer, at, rows, stars, rated = asked
        rows, stars = tf.boolean_mask(rows, rated), tf.boolean_mask(stars, rated)
        n_rated = tf.size(rows)
        different, _, times = tf.unique_with_counts(rows)
        twice = _refuse(times > 1, "a title is rated twice by one viewer:", tf.gather(self._titles, different))
        with tf.control_dependencies([twice]):
            excluded = tf.sort(rows)[None]
        answer = self._retrieve(
            viewer=viewer[None],
            at=at[None],
            k=tf.minimum(k, len(self._titles)),
            excluded=excluded,
            history_items=rows,
            history_stars=stars,
            history_times=tf.zeros([n_rated], tf.int64),
            history_kept=tf.ones([tf.minimum(n_rated, 1), n_rated], tf.bool),  # no row: their own history is read
            dials=tf.constant(AT_REST["dials"]),
            popular_at=tf.constant(AT_REST["popular_at"]),
        )
        found = answer["items"][0]
        listed = answer.get("ranked", answer["scores"])[0] > -np.inf  # what is left out stands at the end
        listed = listed & (tf.range(tf.size(found)) < k)
        columns = {
            "title": tf.where(listed, tf.gather(self._titles, found), ""),
            "item_id": tf.where(listed, tf.gather(self._item_ids, found), ""),
            "score": tf.where(listed, answer["scores"][0], 0.0),
        }
        if self._rates:
            columns["stars"] = tf.where(listed, answer["stars"][0], 0.0)
        return {name: _padded(column, k) for name, column in columns.items()}


def _table(names: Sequence[str], first_row: int) -> tf.lookup.StaticHashTable:
    """Name -> row, from the first on; `_UNKNOWN` for others."""
    rows = {name: row for row, name in enumerate(names, start=first_row)}
    initializer = tf.lookup.KeyValueTensorInitializer(
        tf.constant([*rows]), tf.constant([*rows.values()], tf.int32), tf.string, tf.int32
    )
    return tf.lookup.StaticHashTable(initializer, _UNKNOWN)


def _refuse(wrong: tf.Tensor, said: str, values: tf.Tensor) -> tf.Operation:
    """An error of the call, with the first values that are wrong."""
    return tf.debugging.Assert(~tf.reduce_any(wrong), [said, tf.boolean_mask(values, wrong)], summarize=3)


def _padded(column: tf.Tensor, k: tf.Tensor) -> tf.Tensor:
    """[k] the same, and "" or 0 behind it."""
    return tf.concat([column, tf.zeros([k - tf.size(column)], column.dtype)], axis=0)
