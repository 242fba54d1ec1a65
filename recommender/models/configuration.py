"""What a model is made of, as numbers and names that can be written into a manifest."""

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

from recommender.data.ratings import Ratings
from recommender.data.schema import Feature
from recommender.errors import ConfigurationError
from recommender.features import TITLE_TEXT

USER_ID, TIMESTAMP, HISTORY, TITLE_ID, RATERS = "user_id", "timestamp", "history", "title_id", "raters"
FEATURES = "*"  # all features that the data set has of its users, or of its titles
IDENTIFIERS = (USER_ID, TIMESTAMP, HISTORY, TITLE_ID, RATERS)  # inputs that are no features of the schema


class Task(StrEnum):
    """What a model is trained for."""

    RETRIEVAL = "retrieval"
    RATING = "rating"


class ModelConfiguration(BaseModel):
    """What the trainer reads of any model's settings. Unknown names are refused.

    Attributes:
      query_inputs: what is read of the viewer and the moment: identifiers, user features by name, or `*` for all of
        them.
      candidate_inputs: what is read of a title: `title_id`, `title_text`, item features by name, or `*`.
      retrieval_weight: weight of the retrieval loss, a mean over the batch.
      rating_weight: weight of the rating loss, a mean over the batch.
      viewer_weight_exponent: in retrieval, the weight of an interaction is its viewer's count to minus this power.
      optimizer: by name.
      learning_rate: at its height.
      decay: whether it falls to 0 along a cosine over the epochs, or stays.
      warmup_steps: steps until it is at its height.
      plateau_patience: epochs without a better score before the learning rate is halved; 0 for never. Not with decay.
      batch_size: interactions of a step.
      epochs: at most.
      patience: epochs without a better validation score before training stops.
      average_momentum: the served weights are an exponential average over steps with this momentum; 0 for the last.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    query_choices: ClassVar[tuple[str, ...]] = ()  # what can be read; `*` if features can
    candidate_choices: ClassVar[tuple[str, ...]] = (TITLE_ID,)

    query_inputs: tuple[str, ...] = ()
    candidate_inputs: tuple[str, ...] = ()
    retrieval_weight: float = Field(1.0, ge=0)
    rating_weight: float = Field(1.0, ge=0)
    viewer_weight_exponent: float = Field(0.0, ge=0, le=1)
    optimizer: Literal["adam", "adagrad"] = "adam"
    learning_rate: float = Field(1e-3, gt=0)
    decay: bool = True
    warmup_steps: int = Field(0, ge=0)
    plateau_patience: int = Field(0, ge=0)
    batch_size: int = Field(2048, ge=1)
    epochs: int = Field(10, ge=1)
    patience: int = Field(2, ge=1)
    average_momentum: float = Field(0.0, ge=0, lt=1)

    def fitted_to(self, ratings: Ratings) -> Self:
        """The same with inputs that the data set has: `*` spelt out, times and titles' words left out if it has none.

        Raises:
          ConfigurationError: if the data set has no feature of a name, the model reads no such input, or two settings
            contradict each other.
        """
        if self.decay and self.plateau_patience:
            raise ConfigurationError(
                "plateau_patience halves a learning rate that otherwise stays, and decay lets it fall; set one of them "
                "to false or 0."
            )
        schema = ratings.schema
        query = [name for name in self.query_inputs if name != TIMESTAMP or schema.has_timestamps]
        # A data set without titles shows its ids, whose words say nothing.
        words = (ratings.items["title"] != ratings.items["item_id"]).any()
        candidate = [name for name in self.candidate_inputs if name != TITLE_TEXT or words]
        return self.model_copy(
            update={
                "query_inputs": _spelt_out(query, self.query_choices, schema.user_features, ratings.name),
                "candidate_inputs": _spelt_out(candidate, self.candidate_choices, schema.item_features, ratings.name),
            }
        )

    @property
    def viewer_features(self) -> tuple[str, ...]:
        """User features among the inputs, by name once fitted to the data."""
        return tuple(name for name in self.query_inputs if name not in IDENTIFIERS)

    @property
    def title_features(self) -> tuple[str, ...]:
        """Item features, and the words of the title, among the inputs, by name once fitted to the data."""
        return tuple(name for name in self.candidate_inputs if name not in IDENTIFIERS)


def _spelt_out(
    inputs: Sequence[str], choices: Sequence[str], features: Sequence[Feature], data: str
) -> tuple[str, ...]:
    """The inputs with `*` replaced by the names of all features, after a check that each is there and can be read."""
    known = [feature.name for feature in features]
    for name in inputs:
        is_feature = name not in (FEATURES, TITLE_TEXT, *IDENTIFIERS)
        if is_feature and name not in known:
            raise ConfigurationError(f"{data} has no feature {name!r}; it has: {', '.join(known) or 'none'}.")
        if (FEATURES if is_feature else name) not in choices:
            raise ConfigurationError(
                f"this model does not read the input {name!r} there; it can read: {', '.join(choices) or 'none'} "
                "(* stands for features)."
            )
    return tuple(dict.fromkeys(part for name in inputs for part in (known if name == FEATURES else [name])))


class FlagshipConfiguration(ModelConfiguration):
    """The flagship's inputs, sizes, losses and optimiser.

    Attributes:
      query_inputs: what the query tower and the viewer's side of the rating head read; what is not named is left out of
        the model. The query tower reads the id only where there is no history: beside one it did not help.
      candidate_inputs: what the candidate tower and the title's side of the rating head read: `title_id` (always),
        `raters` (who rated the title; for ratings alone), and as above.
      embedding_size: numbers of a query or candidate, without those for bias and time.
      rating_size: numbers of a rating factor.
      n_time_knots: quantiles of the clock that retrieval reads.
      time_size: numbers of a moment that a title's score answers to.
      n_rating_time_knots: quantiles of the clock that ratings read; stars drift more slowly than what is watched.
      rating_time_size: numbers of a moment that a title's rating answers to.
      hidden: units of the rating head's network.
      retrieval_weight: weight of the retrieval loss, a mean over the batch.
      rating_weight: weight of the rating loss, a mean over the batch, in squared stars.
      history_keep: least and greatest share of a viewer's history that is read in training; drawn per viewer and step.
      rater_keep: the same for the viewers who rated a title.
      blank_share: share of viewers, and of titles, of which in training nothing is read at all; without it the model
        would first meet an empty history when a visitor comes.
      stranger_share: share of training queries asked without the viewer's id and demographics, so that visitors work.
      query_dropout: share of the pooled history's numbers dropped in training.
      rating_dropout: share of the rating factors' numbers dropped in training.
      retrieval_l2: penalty on retrieval embeddings (mean squared length of a table's rows).
      rating_l2: the same on rating tables.
      stddev: of the initial retrieval embeddings.
      mean_shrinkage: ratings' worth of pull of a mean towards the overall mean.
      viewer_weight_exponent: weight of an interaction is its viewer's count to minus this power.
      negatives: whether the softmax of retrieval runs over the `catalogue` or over `sampled` titles (those of the batch
        and uniform ones); `auto` samples from catalogues of more than 20,000 titles.
      n_uniform_negatives: titles drawn uniformly for a batch, if sampled.
      sampling_correction: whether scores of sampled titles are corrected for how often each title is sampled.
      neighbour_size: numbers in which weights between neighbouring titles are kept; 0 leaves them out.
      neighbour_penalty: ratings' worth of the penalty on these weights.
      neighbour_weight: what they count for beside the towers' score.
      learning_rate: of Adam at its height; it falls to 0 along a cosine over the epochs.
      warmup_steps: over which the learning rate rises to it.
      batch_size: interactions of a step.
      epochs: at most.
      patience: epochs without a better validation score before training stops.
      average_momentum: the served weights are an exponential average over steps with this momentum.
    """

    query_choices: ClassVar[tuple[str, ...]] = (USER_ID, TIMESTAMP, HISTORY, FEATURES)
    candidate_choices: ClassVar[tuple[str, ...]] = (TITLE_ID, RATERS, TITLE_TEXT, FEATURES)

    query_inputs: tuple[str, ...] = query_choices
    candidate_inputs: tuple[str, ...] = candidate_choices
    embedding_size: int = Field(128, ge=1)
    rating_size: int = Field(64, ge=1)
    n_time_knots: int = Field(700, ge=2)
    time_size: int = Field(32, ge=1)
    n_rating_time_knots: int = Field(48, ge=2)
    rating_time_size: int = Field(4, ge=1)
    hidden: int = Field(32, ge=1)
    retrieval_weight: float = Field(1.0, ge=0)
    rating_weight: float = Field(1.0, ge=0)
    history_keep: tuple[float, float] = (0.8, 1.0)
    rater_keep: tuple[float, float] = (0.8, 1.0)
    blank_share: float = Field(0.05, ge=0, lt=1)
    stranger_share: float = Field(0.1, ge=0, le=1)
    query_dropout: float = Field(0.2, ge=0, lt=1)
    rating_dropout: float = Field(0.1, ge=0, lt=1)
    retrieval_l2: float = Field(0.05, ge=0)
    rating_l2: float = Field(0.3, ge=0)
    stddev: float = Field(0.02, gt=0)
    mean_shrinkage: float = Field(5.0, gt=0)
    viewer_weight_exponent: float = Field(0.5, ge=0, le=1)
    negatives: Literal["auto", "catalogue", "sampled"] = "auto"
    n_uniform_negatives: int = Field(1024, ge=0)
    sampling_correction: bool = True
    neighbour_size: int = Field(32, ge=0)
    neighbour_penalty: float = Field(300.0, gt=0)
    neighbour_weight: float = Field(5.0, ge=0)
    learning_rate: float = Field(5e-3, gt=0)
    warmup_steps: int = Field(30, ge=1)
    batch_size: int = Field(2048, ge=1)
    epochs: int = Field(4, ge=1)
    patience: int = Field(2, ge=1)
    average_momentum: float = Field(0.98, ge=0, lt=1)

    @field_validator("candidate_inputs")
    @classmethod
    def _keep_the_id(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if TITLE_ID not in value:
            raise ValueError(f"{TITLE_ID!r} cannot be left out")
        return value
