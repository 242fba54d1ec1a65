"""The settings of the flagship."""

from typing import ClassVar, Literal

from pydantic import Field, field_validator

from recommender.features import TITLE_TEXT
from recommender.models.configuration import FEATURES, HISTORY, RATERS, TIMESTAMP, TITLE_ID, USER_ID, ModelConfiguration


class FlagshipConfiguration(ModelConfiguration):
    """The flagship's inputs, sizes, losses and optimiser."""

    query_choices: ClassVar[tuple[str, ...]] = (USER_ID, TIMESTAMP, HISTORY, FEATURES)
    candidate_choices: ClassVar[tuple[str, ...]] = (TITLE_ID, RATERS, TITLE_TEXT, FEATURES)

    query_inputs: tuple[str, ...] = query_choices
    """What the query tower and the viewer's side of the rating head read; what is not named is left out of the
    model. The query tower reads the id only where there is no history: beside one it did not help."""

    candidate_inputs: tuple[str, ...] = candidate_choices
    """What the candidate tower and the title's side of the rating head read: `title_id` (always), `raters` (who
    rated the title; for ratings alone), `title_text`, item features by name, or `*`."""

    embedding_size: int = Field(128, ge=1)
    """Numbers of a query or candidate, without those for bias and time."""

    rating_size: int = Field(64, ge=1)
    """Numbers of a rating factor."""

    n_time_knots: int = Field(700, ge=2)
    """Quantiles of the clock that retrieval reads."""

    time_size: int = Field(32, ge=1)
    """Numbers of a moment that a title's score answers to."""

    n_rating_time_knots: int = Field(48, ge=2)
    """Quantiles of the clock that ratings read; stars drift more slowly than what is watched."""

    rating_time_size: int = Field(4, ge=1)
    """Numbers of a moment that a title's rating answers to."""

    hidden: int = Field(32, ge=1)
    """Units of the rating head's network."""

    history_keep: tuple[float, float] = (0.8, 1.0)
    """Least and greatest share of a viewer's history that is read in training; drawn per viewer and step."""

    rater_keep: tuple[float, float] = (0.8, 1.0)
    """Least and greatest share of the viewers who rated a title that is read in training."""

    blank_share: float = Field(0.05, ge=0, lt=1)
    """Share of viewers, and of titles, of which in training nothing is read at all; without it the model would first
    meet an empty history when a visitor comes."""

    stranger_share: float = Field(0.1, ge=0, le=1)
    """Share of training queries asked without the viewer's id and demographics, so that visitors work."""

    query_dropout: float = Field(0.2, ge=0, lt=1)
    """Share of the pooled history's numbers dropped in training."""

    rating_dropout: float = Field(0.1, ge=0, lt=1)
    """Share of the rating factors' numbers dropped in training."""

    retrieval_l2: float = Field(0.05, ge=0)
    """Penalty on retrieval embeddings (mean squared length of a table's rows)."""

    rating_l2: float = Field(0.3, ge=0)
    """Penalty on rating tables, measured alike."""

    stddev: float = Field(0.02, gt=0)
    """Standard deviation of the initial retrieval embeddings."""

    mean_shrinkage: float = Field(5.0, gt=0)
    """Ratings' worth of pull of a mean towards the overall mean."""

    negatives: Literal["auto", "catalogue", "sampled"] = "auto"
    """Whether the softmax of retrieval runs over the `catalogue` or over `sampled` titles (those of the batch and
    uniform ones); `auto` samples from catalogues of more than 20,000 titles."""

    n_uniform_negatives: int = Field(1024, ge=0)
    """Titles drawn uniformly for a batch, if sampled."""

    sampling_correction: bool = True
    """Whether scores of sampled titles are corrected for how often each title is sampled."""

    neighbour_size: int = Field(32, ge=0)
    """Numbers in which weights between neighbouring titles are kept; 0 leaves them out."""

    neighbour_penalty: float = Field(300.0, gt=0)
    """Ratings' worth of the penalty on these weights."""

    neighbour_weight: float = Field(5.0, ge=0)
    """What they count for beside the towers' score."""

    # Shared settings, with defaults of its own.
    viewer_weight_exponent: float = Field(0.5, ge=0, le=1)
    learning_rate: float = Field(5e-3, gt=0)
    warmup_steps: int = Field(30, ge=1)
    epochs: int = Field(4, ge=1)
    average_momentum: float = Field(0.98, ge=0, lt=1)

    @field_validator("candidate_inputs")
    @classmethod
    def _keep_the_id(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if TITLE_ID not in value:
            raise ValueError(f"{TITLE_ID!r} cannot be left out")
        return value
