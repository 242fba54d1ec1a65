"""Reads a bundle's data set again from where it lies now, and cuts it as it was cut for training."""

from pathlib import Path

from recommender.bundle.manifest import DataFacts, Manifest, SplitFacts, sha256_of
from recommender.data import COUNTS, ColumnMapping, ProgressCallback, Ratings, Split, load_ratings, split_by_name
from recommender.data.splits import PER_USER_LAST
from recommender.data.tables.parts import has_wildcards
from recommender.errors import ConfigurationError, RecommenderError


def load_data_of(
    facts: DataFacts, place: str | None = None, items: Path | None = None, *, progress: ProgressCallback | None = None
) -> Ratings:
    """Reads the data set of a bundle again, and checks that it is the same.

    Args:
      facts: what the bundle's manifest says of its data.
      place: where the data are now; None if they are where they were.
      items: where the second file is now, which describes the items; None if it is where it was.
      progress: called with how far a fetch is.

    Raises:
      ConfigurationError: if nothing is there, or another data set.
      FetchError, DataError: as `load_ratings`.
    """
    columns = columns_of(facts)
    described = None if columns is None else columns.items
    if items is not None:
        if columns is None or described is None:
            raise ConfigurationError("the bundle was trained without a file that describes items; leave --items out.")
        columns = columns.model_copy(update={"items": str(items.expanduser())})
    elif described is not None and not Path(described).exists():
        raise ConfigurationError(
            f"{described}: the file that describes the bundle's titles is not here; name where it is now with --items."
        )
    source = None if place is not None or facts.source is None else Path(facts.source)
    if source is not None and not source.exists() and not has_wildcards(source):
        raise ConfigurationError(
            f"{facts.source}: the data that the bundle was trained on are not here any more; put them back, or name "
            "where they are now with --data."
        )
    ratings = load_ratings(
        place or facts.source or facts.name, columns=columns, min_ratings=facts.min_ratings, progress=progress
    )
    if ratings.checksum != facts.checksum:
        options = "--data" if described is None else "--data, or the file that describes its titles with --items"
        raise ConfigurationError(
            f"this is not the data set the bundle was trained on: its checksum is {ratings.checksum[:12]}..., the "
            f"manifest says {facts.checksum[:12]}...; name the right one with {options}."
        )
    return ratings


def columns_of(facts: DataFacts) -> ColumnMapping | None:
    """Which column of a bundle's table holds what, and how it is read; None of a data set that is no table.

    A bundle that says nothing of repeats is of an earlier version, which counted each.
    """
    return None if facts.columns is None else ColumnMapping.model_validate({"repeats": "each", **facts.columns})


def split_again(
    ratings: Ratings, facts: SplitFacts, train_file: Path | None = None, test_file: Path | None = None
) -> Split:
    """Cuts the data set of a bundle as it was cut for its training.

    Args:
      ratings: the same data set.
      facts: what the bundle's manifest says of its split.
      train_file: of the split `files`, where its train file is now; None if it is where it was.
      test_file: where its test file is now; None if it is where it was.

    Raises:
      ConfigurationError: if a file of the split is gone or another one, or nobody cuts like that any more.
    """
    if facts.name == PER_USER_LAST and facts.ties != "seed":
        raise ConfigurationError(
            f"the bundle's split {facts.name!r} was cut by an earlier version, which took ratings of one second in the "
            "order of the file: its test part cannot be made again. Train the bundle again."
        )
    if facts.name == COUNTS:
        return split_by_name(
            facts.name, ratings, seed=facts.seed, n_train=facts.n_train, n_validation=facts.n_validation
        )
    if facts.train_file is None or facts.test_file is None:
        return split_by_name(facts.name, ratings, seed=facts.seed)
    train_file, test_file = train_file or Path(facts.train_file), test_file or Path(facts.test_file)
    for option, file, checksum in (
        ("--train-file", train_file, facts.train_file_checksum),
        ("--test-file", test_file, facts.test_file_checksum),
    ):
        if not file.is_file():
            raise ConfigurationError(f"{file}: the file of the bundle's split is not here; name it with {option}.")
        if sha256_of(file) != checksum:
            raise ConfigurationError(f"{file}: is not the file the bundle was trained with; name it with {option}.")
    return split_by_name(facts.name, ratings, seed=facts.seed, train_path=train_file, test_path=test_file)


def training_part_of(ratings: Ratings, manifest: Manifest) -> Ratings | None:
    """The train and validation parts, which a finished model has read.

    Args:
      ratings: the whole data set.
      manifest: of the bundle.

    Returns:
      The two parts as one; None if the data set is another one, or a file of its split is gone or changed.
    """
    if ratings.checksum != manifest.data.checksum:
        return None
    try:
        split = split_again(ratings, manifest.split)
    except RecommenderError:
        return None
    return split.training_part
