"""The ratings a bundle was trained on, from wherever they lie now, and how they were cut."""

from pathlib import Path

from recommender.bundle.manifest import DataFacts, Manifest, SplitFacts, sha256_of
from recommender.data import COUNTS, ColumnMapping, ProgressCallback, Ratings, Split, load_ratings, split_by_name
from recommender.errors import ConfigurationError, RecommenderError


def load_data_of(facts: DataFacts, place: str | None = None, *, progress: ProgressCallback | None = None) -> Ratings:
    """Reads the data set of a bundle again, and checks that it is the same.

    Args:
      facts: what the bundle's manifest says of its data.
      place: where the data are, if not where they were.
      progress: told how far a fetch is.

    Raises:
      ConfigurationError: if nothing is there, or another data set.
      FetchError, DataError: as `load_ratings`.
    """
    columns = None if facts.columns is None else ColumnMapping.model_validate(facts.columns)
    ratings = load_ratings(place or facts.source or facts.name, columns=columns, progress=progress)
    if ratings.checksum != facts.checksum:
        raise ConfigurationError(
            f"this is not the data set the bundle was trained on: its checksum is {ratings.checksum[:12]}..., the "
            f"manifest says {facts.checksum[:12]}...; name the right one with --data."
        )
    return ratings


def split_again(
    ratings: Ratings, facts: SplitFacts, train_file: Path | None = None, test_file: Path | None = None
) -> Split:
    """Cuts the data set of a bundle as it was cut for its training.

    Args:
      ratings: the same data set.
      facts: what the bundle's manifest says of its split.
      train_file: of the split `files`, where its train file is now, if it is not where it was.
      test_file: the same of its test file.

    Raises:
      ConfigurationError: if a file of the split is gone or another one.
    """
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
    """What a bundle's model was told: train and validation. None if the data or the files of the split are others."""
    if ratings.checksum != manifest.data.checksum:
        return None
    try:
        split = split_again(ratings, manifest.split)
    except RecommenderError:
        return None
    return split.training_part
