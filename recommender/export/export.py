"""Examines a trained model once on the test part and writes it as a bundle."""

import datetime
import importlib.metadata
import platform
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import tensorflow as tf

from recommender import __version__
from recommender.bundle.indexes import AUTO, EXACT, KINDS, check_index, usual_index
from recommender.bundle.manifest import (
    DataFacts,
    DialFacts,
    Identifiers,
    Manifest,
    ScaleFacts,
    Sizes,
    SplitFacts,
    TrainingFacts,
    lists_can_be_turned,
    sha256_of,
)
from recommender.bundle.writer import disk_errors, write_bundle
from recommender.data.atomic import draft_folder
from recommender.data.own_table.mapping import ColumnMapping
from recommender.data.ratings import Ratings
from recommender.data.splits import Split
from recommender.evaluation import Examiner
from recommender.evaluation.references import REFERENCES
from recommender.export.add_map import write_map
from recommender.export.dial_prices import Examined, measure_dials
from recommender.export.indexing import write_index
from recommender.export.reference_figures import measure_references
from recommender.export.saving import save_program
from recommender.serving.variety import directions
from recommender.training.trainer import TrainedModel

_LIBRARIES = ("tensorflow", "tensorflow-recommenders", "tf-keras", "numpy", "pandas", "scikit-learn")


def export_bundle(
    path: Path,
    trained: TrainedModel,
    ratings: Ratings,
    split: Split,
    *,
    seed: int,
    source: Path | None = None,
    columns: ColumnMapping | None = None,
    split_files: tuple[Path, Path] | None = None,
    index: str = AUTO,
    tell: Callable[[str, int, int], object] = lambda phase, step, steps: None,
) -> Manifest:
    """Writes a bundle; this is the one time that the test part is looked at.

    Args:
      path: the bundle's folder; a bundle that is there is replaced.
      trained: the model.
      ratings: the data set that was split.
      split: its parts.
      seed: that the split and the training took.
      source: the folder, archive or table of a data set that has no name here.
      columns: which column of a plain table holds what.
      split_files: the train file and the test file of the split `files`.
      index: "exact", a key of `recommender.bundle.indexes.KINDS` to put such an index beside the exact one, or "auto"
        for what is usual of so many titles.
      tell: is told of the phases "examining", "indexing" and "writing" how many of their parts are done, 0 as each
        begins, and how many there are.

    Returns:
      The manifest as written.

    Raises:
      BundleError: if the folder cannot be written.
      ConfigurationError: if there is no such index, or its library is not installed.
    """
    check_index(index)
    index = usual_index(len(ratings.items)) if index == AUTO else index
    parts, n_parts = count(), 2 + len(REFERENCES)

    def done() -> None:
        tell("examining", next(parts), n_parts)

    done()
    examiner = Examiner(trained.training_part, split.test)
    test = examiner.evaluate(trained.scorer)
    done()
    references = measure_references(trained, split, examiner, done)
    dials = _dial_facts(trained, split, seed)
    done()
    moments = trained.training_part.timestamps

    def describe(files: dict[str, str], size: int) -> Manifest:
        return Manifest(
            model=trained.entry.name,
            description=trained.entry.description,
            preset=trained.preset,
            tasks=tuple(task.value for task in trained.entry.tasks),
            inputs=(*trained.configuration.query_inputs, *trained.configuration.candidate_inputs),
            configuration=trained.configuration.model_dump(mode="json"),
            data=DataFacts(
                name=ratings.name,
                source=None if source is None else str(source),
                columns=None if columns is None else columns.model_dump(mode="json"),
                checksum=ratings.checksum,
                n_interactions=len(ratings),
                n_users=len(ratings.users),
                n_titles=len(ratings.items),
                has_timestamps=ratings.schema.has_timestamps,
                has_ratings=ratings.schema.has_ratings,
                scale=ScaleFacts(low=ratings.scale.low, high=ratings.scale.high, step=ratings.scale.step),
                min_ratings=ratings.min_ratings,
            ),
            split=_split_facts(split, seed, split_files),
            training=TrainingFacts(
                seed=seed,
                epochs_run=trained.epochs_run,
                best_epoch=trained.best_epoch,
                seconds=round(trained.seconds, 1),
                finished_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                first_moment=int(moments.min()),
                last_moment=int(moments.max()),
            ),
            sizes=Sizes(
                n_parameters=trained.n_parameters,
                embedding_size=trained.model.embedding_size,
                bytes=size,
            ),
            metrics={
                "train": trained.train_metrics,
                "validation": trained.validation.to_dict(),
                "test": test.to_dict(),
            },
            references=references,
            versions={
                "matinee": __version__,
                "python": platform.python_version(),
                **{library: importlib.metadata.version(library) for library in (*_LIBRARIES, *_index_library(index))},
            },
            index=index_facts,
            map=map_facts,
            dials=dials,
            files=files,
        )

    with disk_errors(path), draft_folder(path) as folder:
        tell("indexing", 0, 2)
        index_facts, index_files = write_index(index, trained, folder)
        tell("indexing", 1, 2)
        item_ids = tuple(ratings.items["item_id"])
        map_facts, map_files = write_map(trained.served.signatures, item_ids, int(moments.max()), folder)
        tell("indexing", 2, 2)
        tell("writing", 0, 0)
        return write_bundle(
            path,
            save_model=partial(save_program, trained.served, trained.served.signatures),
            identifiers=Identifiers(
                users=trained.user_ids,
                item_ids=item_ids,
                titles=tuple(ratings.items["title"]),
            ),
            learning_curves=trained.curves,
            describe=describe,
            more_files=[*index_files, *map_files],
        )


def _dial_facts(trained: TrainedModel, split: Split, seed: int) -> DialFacts | None:
    rows = tf.range(trained.model.space.n_titles)
    places = trained.served.signatures["embed"](items=rows)["candidates"].numpy()
    turns = lists_can_be_turned([task.value for task in trained.entry.tasks], trained.configuration.model_dump())
    return measure_dials(
        Examined(trained.served.scorer, directions(places), turns, trained.training_part, split.test), seed
    )


def _index_library(index: str) -> list[str]:
    """The package whose version is noted; none where the library was installed by other means than pip."""
    if index == EXACT:
        return []
    try:
        importlib.metadata.version(KINDS[index].package)
    except importlib.metadata.PackageNotFoundError:
        return []
    return [KINDS[index].package]


def _split_facts(split: Split, seed: int, files: tuple[Path, Path] | None) -> SplitFacts:
    named: dict[str, Any] = {}
    if files is not None:
        train, test = (file.expanduser().resolve() for file in files)
        named = {
            "train_file": str(train),
            "test_file": str(test),
            "train_file_checksum": sha256_of(train),
            "test_file_checksum": sha256_of(test),
        }
    return SplitFacts(
        name=split.name,
        seed=seed,
        n_train=len(split.train),
        n_validation=len(split.validation),
        n_test=len(split.test),
        **named,
    )
