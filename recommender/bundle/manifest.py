"""What a bundle says of itself, and the names of its files."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from recommender.bundle import MANIFEST, SCHEMA_VERSION
from recommender.bundle.sayings import checked_figures, checked_settings, checked_time
from recommender.bundle.seal import SEAL, with_seal

__all__ = [
    "IDENTIFIERS",
    "LEARNING_CURVES",
    "MANIFEST",
    "SAVED_MODEL",
    "SCHEMA_VERSION",
    "DataFacts",
    "Identifiers",
    "IndexFacts",
    "IndexKind",
    "Manifest",
    "ScaleFacts",
    "Sizes",
    "SplitFacts",
    "TrainingFacts",
    "sha256_of",
]

SAVED_MODEL = "saved_model"
GRAPH = f"{SAVED_MODEL}/saved_model.pb"
LEARNING_CURVES = "history.csv"
IDENTIFIERS = "identifiers.json"
CATALOGUE_MAP = "catalogue_map.csv"
IndexKind = Literal["exact", "faiss", "annoy"]

# All that a bundle may hold. TensorFlow reads more files of a SavedModel where they lie there, some before these.
FileName = Annotated[
    str,
    Field(
        pattern=r"^(identifiers\.json|history\.csv|catalogue_map\.csv|index\.(faiss|ann)"
        r"|saved_model/((saved_model|fingerprint)\.pb|variables/variables\.(index|data-[0-9]{5}-of-[0-9]{5})))$"
    ),
]
Checksum = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

_LATEST = 4_102_444_800  # the year 2100: no reader takes times beyond tomorrow
_MOST_LEVELS = 100_000
_Count = Annotated[int, Field(ge=0, le=2**53)]
_Seed = Annotated[int, Field(ge=0, lt=2**32)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Moment = Annotated[int, Field(ge=0, le=_LATEST)]
_Name = Annotated[str, Field(min_length=1)]
_Figures = Annotated[dict[str, dict[str, Any]], AfterValidator(checked_figures)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ScaleFacts(_Part):
    """The rating scale in stars: lowest, highest, and the distance between neighbours."""

    low: float
    high: float
    step: float

    @model_validator(mode="after")
    def _leads_from_end_to_end(self) -> Self:
        if not (self.low < self.high and self.step > 0 and 0.5 < (self.high - self.low) / self.step < _MOST_LEVELS):
            raise ValueError("these are no steps from a lowest rating to a highest one")
        return self


class DataFacts(_Part):
    """The data set a model was trained on: `checksum` of its `Ratings`, and `source`, where one without a name lay.

    `columns` says which column of a plain table holds what (see `ColumnMapping`); titles rated fewer than
    `min_ratings` times were left out. Where the data have no ratings, the scale says nothing.
    """

    name: _Name
    source: str | None = None
    columns: dict[str, Any] | None = None
    checksum: str
    n_interactions: _Count
    n_users: _Count
    n_titles: _Count
    has_timestamps: bool
    has_ratings: bool = True
    scale: ScaleFacts
    min_ratings: _Count = 1


class SplitFacts(_Part):
    """How the data were cut; for the split `files`, the two files and their SHA-256.

    `ties` says what decided between ratings of one second of one viewer, where the split goes by their times.
    """

    name: _Name
    seed: _Seed
    n_train: _Count
    n_validation: _Count
    n_test: _Count
    train_file: str | None = None
    test_file: str | None = None
    train_file_checksum: str | None = None
    test_file_checksum: str | None = None
    ties: Literal["seed", "file order"] = "seed"


class TrainingFacts(_Part):
    """How the training went; `finished_at` is an ISO date-time in UTC, the moments are UTC seconds."""

    seed: _Seed
    epochs_run: _Count
    best_epoch: _Count
    seconds: float
    finished_at: Annotated[str, AfterValidator(checked_time)]
    first_moment: _Moment
    last_moment: _Moment

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.first_moment > self.last_moment:
            raise ValueError("the first moment is after the last")
        return self


class Sizes(_Part):
    """How large the model is; `embedding_size` numbers of a candidate are its place among titles, 0 if it has none."""

    n_parameters: _Count
    embedding_size: _Count
    bytes: _Count


class IndexFacts(_Part):
    """The index that answers for short lists, beside the exact one that every bundle holds.

    Attributes:
      kind: "exact" if there is no other.
      recall_at_100: mean share of the exactly best 100 titles (of all, if there are fewer) that it finds, seen titles
        included, for viewers it was trained on, at their last moment.
      n_queries: how many viewers were asked: half of a sample, whose other half the index was tuned on; 0 for the exact
        index, which needs none.
      build_seconds: time to build it; None if it was not taken.
      bytes: of its file, or of the exact candidates; None if not counted.
      parameters: what it was built with, by name.
      candidate_size: numbers in a vector of it; None if not counted.
    """

    kind: IndexKind = "exact"
    recall_at_100: _Share = 1.0
    n_queries: _Count = 0
    build_seconds: float | None = None
    bytes: _Count | None = None
    parameters: dict[str, int] = Field(default_factory=dict)
    candidate_size: _Count | None = None

    def __str__(self) -> str:
        parts: list[str] = [self.kind]
        if self.kind != "exact":
            built = ", ".join(f"{name} {value}" for name, value in self.parameters.items())
            parts = [f"{self.kind} ({built})", f"recall@100 {self.recall_at_100:.3f} against exact"]
        if self.build_seconds is not None:
            parts.append(f"built in {self.build_seconds:.3g} s")
        if self.bytes is not None:
            parts.append(f"{self.bytes / 1e6:.2f} MB")
        return ", ".join(parts)


class MapFacts(_Part):
    """The map of the catalogue, a t-SNE of the cosines of its titles in the model's space.

    Attributes:
      n_titles: how many are on it; fewer than there are where a catalogue is long.
      trustworthiness: in [0, 1]; see `PlaneMap`.
      neighbours: for so many nearest neighbours.
      perplexity: of the t-SNE.
      seed: of the t-SNE.
      seconds: that it took.
    """

    n_titles: _Count
    trustworthiness: float
    neighbours: _Count
    perplexity: float
    seed: _Seed
    seconds: float

    def __str__(self) -> str:
        return (
            f"map of {self.n_titles:,} titles, trustworthiness {self.trustworthiness:.3f} for {self.neighbours} "
            f"neighbours, drawn in {self.seconds:.1f} s"
        )


class DialPosition(_Part):
    """What lists are worth with a dial in one place; figures named as in `Evaluation`, None where they say nothing."""

    at: Annotated[float, Field(ge=-1, le=1)]
    ndcg_at_10: float | None
    liked_ndcg_at_10: float | None
    coverage_at_10: float | None
    novelty_at_10: float | None


class DialFacts(_Part):
    """What turning each dial costs, measured on the test part when the bundle was written; see `Dials`.

    Attributes:
      n_viewers: how many viewers were asked.
      personal, praise, varied: the places of the dial that were tried, from one end to the other; empty where the model
        has no such dial.
    """

    n_viewers: _Count
    personal: tuple[DialPosition, ...] = ()
    praise: tuple[DialPosition, ...] = ()
    varied: tuple[DialPosition, ...] = ()


class Manifest(_Part):
    """All that a bundle says of itself.

    Attributes:
      preset: the set of the model's settings it was trained with.
      tasks: what it is trained for, "retrieval" and "rating". Without "rating" its stars are NaN; without "retrieval"
        it ranks titles by the rating it predicts.
      inputs: what it reads: "user_id", "timestamp", "history", "title_id", "raters", "title_text", and features by
        name.
      metrics: part ("train", "validation", "test") -> figures; those of validation and test are an `Evaluation`:
        asked at the viewers' last known moments, and in those of test told the second under `held_out`.
      references: what it is compared with (rows of the zoo such as "popularity" and "ease", and queries that give the
        target away, see `measure_references`) -> its figures on the same test part, named as in `Evaluation`, and
        `chosen`, its numbers; a figure that was not measured is missing or None, and `left_out` says why all are.
      map: what is to be said of the map of the catalogue; None without one.
      dials: what turning each dial costs; None where that was not measured.
      files: path inside the bundle -> SHA-256, of every file but the manifest.
      seal: SHA-256 of all else that is said here, and so a digest of the whole bundle; "" before it is written.
    """

    schema_version: Literal[4] = SCHEMA_VERSION
    model: _Name
    description: str
    preset: str
    tasks: Annotated[tuple[Literal["retrieval", "rating"], ...], Field(min_length=1)]
    inputs: tuple[str, ...]
    configuration: Annotated[dict[str, Any], AfterValidator(checked_settings)]
    data: DataFacts
    split: SplitFacts
    training: TrainingFacts
    sizes: Sizes
    metrics: _Figures
    references: _Figures
    versions: dict[str, str]
    index: IndexFacts = Field(default_factory=IndexFacts)
    map: MapFacts | None = None
    dials: DialFacts | None = None
    files: dict[FileName, Checksum]
    seal: str = ""

    @model_validator(mode="after")
    def _was_examined(self) -> Self:
        if "test" not in self.metrics:
            raise ValueError("there are no figures on the test part")
        return self

    @property
    def rates(self) -> bool:
        """Whether it predicts ratings."""
        return "rating" in self.tasks

    @property
    def retrieves(self) -> bool:
        """Whether it is trained for retrieval."""
        return "retrieval" in self.tasks

    @property
    def has_clock(self) -> bool:
        """Whether its data have times, so that there are moments to choose from."""
        return self.data.has_timestamps

    @property
    def reads_clock(self) -> bool:
        """Whether there are moments to choose from and its answers depend on them."""
        return self.has_clock and "timestamp" in self.inputs

    @property
    def reads_history(self) -> bool:
        """Whether it reads what a viewer rated as it is asked, so that a visitor can be served by ratings."""
        return "history" in self.inputs

    @property
    def has_dials(self) -> bool:
        """Whether its lists can be turned towards popularity or taste, and towards what a viewer would praise."""
        return lists_can_be_turned(self.tasks, self.configuration)

    @property
    def has_space(self) -> bool:
        """Whether its titles lie in a space, so that some are nearer to each other than others."""
        return self.sizes.embedding_size > 0

    def sealed_json(self) -> str:
        """All of it as a file holds it, with its seal."""
        return with_seal(self.model_dump_json(indent=2, exclude={SEAL}))


def lists_can_be_turned(tasks: Iterable[str], configuration: Mapping[str, Any]) -> bool:
    """Whether a model's lists can be turned towards popularity or taste, and towards what a viewer would praise.

    Args:
      tasks: that it is trained for.
      configuration: that it is built by; a model that ranks with praise says there what a star counts for.
    """
    return {"rating", "retrieval"} <= set(tasks) and configuration.get("praise_weight") is not None


class Identifiers(_Part):
    """The names behind the model's rows: viewer row 0 is the `STRANGER`, row i + 1 is `users[i]`; titles from 0."""

    users: tuple[str, ...]
    item_ids: tuple[str, ...]
    titles: tuple[str, ...]


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
