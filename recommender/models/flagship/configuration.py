"""The settings of the flagship."""

from dataclasses import replace
from typing import ClassVar, Literal, Self

from pydantic import Field, field_validator

from recommender.data.catalogue_limits import MOST_TITLES_SQUARED
from recommender.data.ratings import Ratings
from recommender.evaluation.choosing import SIGNED_GRIDS, Chooser
from recommender.evaluation.ease import EaseSettings, labelling_features
from recommender.features import TITLE_TEXT
from recommender.models.configuration import FEATURES, HISTORY, TIMESTAMP, TITLE_ID, ModelConfiguration, Needs
from recommender.models.flagship.needs import needs_of
from recommender.models.flagship.training_queries import QuestionShares

_USUAL_STEPS, _USUAL_RATINGS = 400, 76_000  # found on MovieLens 100K, on dev parts cut from train
# Of neighbours; EASE cut to 96 loses 6% of NDCG@10 on 300,000 ratings of anime.
_FEWEST_NUMBERS, _MOST_NUMBERS = 96, 384
_NUMBERS_FOR_A_RATING = 2  # of the mean title: the more have rated a title, the more of its neighbours are no chance
_FEWEST_STEPS = 100


class FlagshipConfiguration(ModelConfiguration):
    """The flagship's inputs, sizes, losses and optimiser; what is None is chosen by the data's size or validation."""

    query_choices: ClassVar[tuple[str, ...]] = (TIMESTAMP, HISTORY, FEATURES)
    candidate_choices: ClassVar[tuple[str, ...]] = (TITLE_ID, TITLE_TEXT, FEATURES)

    query_inputs: tuple[str, ...] = query_choices
    """What the query tower and the viewer's side of the rating head read; what is not named is left out of the
    model. A viewer is known by what they rated, in order, never by an id."""

    candidate_inputs: tuple[str, ...] = candidate_choices
    """What the candidate tower and the title's side of the rating head read: `title_id` (always), `title_text`, item
    features by name, or `*`."""

    head_size: int = Field(32, ge=1)
    """Numbers in each head of a history."""

    n_heads: int = Field(4, ge=1)
    """Ways of weighing a history, each with numbers of its own."""

    longest_history: int = Field(300, ge=1)
    """Only so many of a viewer's newest ratings are read by the trained tower."""

    steps: int | None = Field(None, ge=1)
    """Steps of training, over all epochs; if not given, from the number of ratings: 400 for 76,000, and as its root
    for others."""

    n_targets: int = Field(20, ge=1)
    """Titles that a question of training asks for."""

    among_share: float | None = Field(None, ge=0, le=1)
    """Share of the questions of training that ask for titles among those that are read; if not given, as many as the
    validation part asks."""

    later_share: float | None = Field(None, ge=0, le=1)
    """Share of those that ask for what comes in later sittings; if not given, as the validation part asks. The others
    ask for what comes next."""

    cold_share: float = Field(0.1, ge=0, le=1)
    """Share of the questions about what comes next or later of which at most three ratings are read."""

    history_dropout: float = Field(0.4, ge=0, lt=1)
    """Share of the ratings read that is left out in training."""

    query_dropout: float = Field(0.4, ge=0, lt=1)
    """Share of a query's numbers dropped in training."""

    retrieval_l2: float = Field(1e-5, ge=0)
    """Penalty on the squares of the embeddings that a question reads or scores."""

    feature_l2: float = Field(0.3, ge=0)
    """Penalty on the embeddings of features (mean squared length of a table's rows)."""

    stranger_share: float = Field(0.2, ge=0, le=1)
    """Share of the questions of training asked without the viewer's features, so that visitors work."""

    best_seller_days: float | None = Field(None, gt=0)
    """Half-life, in days, of the popularity that the model leans on; if not given, validation chooses."""

    neighbour_size: int | None = Field(None, ge=0)
    """Numbers in which the weights between neighbouring titles are kept, in catalogues of more than 5,000 titles at
    most 64; 0 leaves them out. If not given, the more the more ratings a title has, from 96 to 384."""

    neighbour_l2: float | None = Field(None, gt=0)
    """Lambda of these weights, as in EASE; if not given, validation chooses."""

    neighbour_half_lives: tuple[float, ...] | None = None
    """How they weigh what was rated: the mean over these of 2^(-newer ratings / half-life), none: all alike; if not
    given, validation chooses."""

    neighbour_viewer_exponent: float | None = Field(None, ge=0)
    """A viewer who rated n titles counts for n^-exponent of what tells these weights; if not given, 0.5 where
    validation speaks for it and else 0."""

    star_weight: float | None = Field(None, ge=0)
    """How much more a rated title weighs there with more stars; if not given, validation chooses."""

    implicit_size: int = Field(32, ge=0)
    """Factors of who rated what, solved by alternating least squares, of the largest of the three opinions of which the
    mean is taken; 0 leaves them out."""

    implicit_weight: float | None = Field(None, ge=0)
    """What these factors count for beside the trained towers; if not given, validation chooses."""

    content_weight: float | None = Field(None, ge=0)
    """What labels (such as genres) that titles share with those rated count for; if not given, validation chooses."""

    neighbour_weight: float | None = Field(None, ge=0)
    """What neighbours count for beside the trained towers; if not given, validation chooses."""

    prior_weight: float | None = Field(None, ge=0)
    """What the popularity prior counts for of what was learnt for it; if not given, validation chooses."""

    newcomer_weight: float | None = Field(None, ge=0)
    """How many times more than usual what is added to the weights of labels and praise of somebody who rated little
    counts; if not given, 1, and more where neighbours count for more and validation allows it."""

    praise_weight: float | None = Field(None, ge=0)
    """What a predicted star above the viewer's mean counts for in the ranking of what retrieval found; if not given,
    validation chooses."""

    n_ranked: int = Field(50, ge=1)
    """Unseen titles that retrieval hands to the ranking; those behind them keep their order."""

    negatives: Literal["auto", "catalogue", "sampled"] = "auto"
    """Whether the softmax of retrieval runs over the `catalogue` or over `sampled` titles (those of the batch and
    uniform ones); `auto` samples from catalogues of more than 20,000 titles."""

    n_uniform_negatives: int = Field(2048, ge=0)
    """Titles drawn uniformly for a batch, if sampled."""

    # Shared settings, with defaults of its own.
    batch_size: int = Field(128, ge=1)
    """Questions of a step."""

    rating_batch_size: int = Field(512, ge=1)
    """Ratings of a step."""

    epochs: int = Field(3, ge=1)
    """Into so many the steps are divided; validation looks after each."""

    patience: int = Field(2, ge=1)
    learning_rate: float = Field(3e-3, gt=0)
    average_momentum: float = Field(0.98, ge=0, lt=1)

    @field_validator("candidate_inputs")
    @classmethod
    def _keep_the_id(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if TITLE_ID not in value:
            raise ValueError(f"{TITLE_ID!r} cannot be left out")
        return value

    def chosen_on(self, train: Ratings, validation: Ratings) -> Self:
        """The same with what is None chosen: steps by the data's size, the rest on validation.

        The weights of neighbours, factors, content, prior, newcomers and praise are chosen when the model has been
        trained.
        """
        steps = max(_FEWEST_STEPS, round(_USUAL_STEPS * (len(train) / _USUAL_RATINGS) ** 0.5))
        shares = QuestionShares.counted(train, validation)
        ease = self._neighbours_on(train, validation)
        numbers = _NUMBERS_FOR_A_RATING * len(train) // len(train.items)
        found = {
            "steps": steps,
            "among_share": shares.among,
            "later_share": shares.later,
            "best_seller_days": ease.best_seller_days,
            "neighbour_size": min(max(numbers, _FEWEST_NUMBERS), _MOST_NUMBERS),
            "neighbour_l2": ease.ease_l2,
            "neighbour_half_lives": ease.half_lives,
            "neighbour_viewer_exponent": ease.viewer_exponent,
            "star_weight": ease.star_weight,
        }
        return self.model_copy(update={name: value for name, value in found.items() if getattr(self, name) is None})

    def needs(self, train: Ratings) -> Needs:
        """As in `ModelConfiguration`."""
        return needs_of(len(train), len(train.users), len(train.items))

    def _neighbours_on(self, train: Ratings, validation: Ratings) -> EaseSettings:
        """How neighbours are read, and how long popularity lasts, as the references choose it."""
        chooser, labels = Chooser(train, validation), self._labels_of(train)
        if len(train.items) > MOST_TITLES_SQUARED or self.neighbour_size == 0:  # EASE's inverse would take too long
            usual = EaseSettings(star_weight=SIGNED_GRIDS.star_weight[0], content_weight=SIGNED_GRIDS.content_weight[0])
            return replace(usual, features=labels, best_seller_days=chooser.best_seller_days())
        settings = chooser.ease(SIGNED_GRIDS, labels)
        return settings if self.neighbour_viewer_exponent is not None else chooser.viewers_weighed(settings)

    @property
    def neighbour_numbers(self) -> int:
        """`neighbour_size`, the fewest that are usual where it has not been chosen."""
        return _FEWEST_NUMBERS if self.neighbour_size is None else self.neighbour_size

    def _labels_of(self, ratings: Ratings) -> tuple[str, ...]:
        return tuple(name for name in self.title_features if name in labelling_features(ratings))

    def neighbours(self, train: Ratings) -> EaseSettings:
        """How neighbours and labels are read, once chosen."""
        return EaseSettings(
            ease_l2=self.neighbour_l2 or 300.0,
            half_lives=self.neighbour_half_lives or (),
            star_weight=self.star_weight or 0.0,
            content_weight=1.0,
            features=self._labels_of(train),
            best_seller_days=self.best_seller_days or 30.0,
            viewer_exponent=self.neighbour_viewer_exponent or 0.0,
        )
