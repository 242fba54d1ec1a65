"""The settings that every model has: its inputs by name, and how it is trained."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, ClassVar, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field

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


class Needs(NamedTuple):
    """What a training takes, as measured on tables of other sizes.

    Attributes:
      memory: bytes at most at once, that of the program included.
      seconds: on two quiet cores.
    """

    memory: float
    seconds: float


class ModelConfiguration(BaseModel):
    """What the trainer reads of any model's settings. Unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
    query_choices: ClassVar[tuple[str, ...]] = ()  # what can be read; `*` if features can
    candidate_choices: ClassVar[tuple[str, ...]] = (TITLE_ID,)

    query_inputs: tuple[str, ...] = ()
    """What is read of the viewer and the moment: identifiers, user features by name, or `*` for all of them."""

    candidate_inputs: tuple[str, ...] = ()
    """What is read of a title: `title_id`, `title_text`, item features by name, or `*`."""

    retrieval_weight: float = Field(1.0, ge=0)
    """Of the retrieval loss, a mean over the batch."""

    rating_weight: float = Field(1.0, ge=0)
    """Of the rating loss, a mean over the batch, in squared stars."""

    viewer_weight_exponent: float = Field(0.0, ge=0, le=1)
    """In retrieval an interaction weighs its viewer's count to minus this power: 0 weighs interactions equally, 1
    viewers."""

    optimizer: Literal["adam", "adagrad"] = "adam"
    """Which of Keras's optimisers moves the weights."""

    learning_rate: float = Field(1e-3, gt=0)
    """At its height."""

    decay: bool = True
    """Whether the learning rate falls to 0 along a cosine over the epochs, or stays."""

    warmup_steps: int = Field(0, ge=0)
    """Steps until the learning rate is at its height."""

    plateau_patience: int = Field(0, ge=0)
    """Epochs without a better score before the learning rate is halved; 0 for never. Not with decay."""

    batch_size: int = Field(2048, ge=1)
    """Interactions of a step."""

    epochs: int = Field(10, ge=1)
    """At most: validation stops training earlier when it gets no better."""

    patience: int = Field(2, ge=1)
    """Epochs without a better validation score before training stops."""

    average_momentum: float = Field(0.0, ge=0, lt=1)
    """The served weights are an exponential average over steps with this momentum; 0 for the last."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Keeps the description of a setting for which a model only gives another default."""
        for name, described in ModelConfiguration.model_fields.items():
            cls.model_fields[name].description = cls.model_fields[name].description or described.description

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

    def chosen_on(self, train: Ratings, validation: Ratings) -> Self:
        """The same with what is None chosen on the validation part; only models in closed form leave anything so.

        Args:
          train: the training part, which the settings are fitted to.
          validation: the validation part.
        """
        return self

    def needs(self, train: Ratings) -> Needs | None:
        """What training and examining will take, for a warning before it begins; None if nobody has measured it.

        Args:
          train: the training part.
        """
        return None

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
    names = [feature.name for feature in features]
    for name in inputs:
        is_feature = name not in (FEATURES, TITLE_TEXT, *IDENTIFIERS)
        if is_feature and name not in names:
            raise ConfigurationError(f"{data} has no feature {name!r}; it has: {', '.join(names) or 'none'}.")
        if (FEATURES if is_feature else name) not in choices:
            raise ConfigurationError(
                f"this model does not read the input {name!r} there; it can read: {', '.join(choices) or 'none'} "
                "(* stands for features)."
            )
    return tuple(dict.fromkeys(part for name in inputs for part in (names if name == FEATURES else [name])))
