"""The ratings a bundle was trained on, from wherever they lie now."""

from recommender.bundle.manifest import DataFacts
from recommender.data import ColumnMapping, ProgressCallback, Ratings, load_ratings
from recommender.errors import ConfigurationError


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
