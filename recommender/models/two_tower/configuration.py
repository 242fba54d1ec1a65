"""The settings of two dense towers."""

from typing import ClassVar, Literal, Self

from pydantic import Field

from recommender.data.ratings import Ratings
from recommender.errors import ConfigurationError
from recommender.features import TITLE_TEXT
from recommender.models.configuration import FEATURES, HISTORY, TIMESTAMP, TITLE_ID, USER_ID, ModelConfiguration


class TwoTowerConfiguration(ModelConfiguration):
    """Inputs, layers and losses of two dense towers.

    The query input `history` is the mean of the features (all but the words) of the titles that a viewer rated at or
    above their own mean: stated preferences instead of an id.
    """

    query_choices: ClassVar[tuple[str, ...]] = (USER_ID, TIMESTAMP, HISTORY, FEATURES)
    candidate_choices: ClassVar[tuple[str, ...]] = (TITLE_ID, TITLE_TEXT, FEATURES)

    embedding_size: int = Field(32, ge=1)
    """Numbers of each input's embedding."""

    hash_bins: int = Field(0, ge=0)
    """Ids share so many rows, by their hash; 0 gives each id a row of its own."""

    n_time_buckets: int = Field(1000, ge=2)
    """Buckets of the moment, between which its embedding is the same."""

    time_buckets: Literal["equal", "quantile"] = "quantile"
    """Whether buckets are of equal length or hold equally many ratings."""

    query_layers: tuple[int, ...] = ()
    """Units of the hidden layers of the query tower."""

    candidate_layers: tuple[int, ...] = ()
    """Units of the hidden layers of the candidate tower."""

    activation: Literal["relu", "linear"] = "relu"
    """Of the hidden layers: `relu`, or none (`linear`)."""

    projection_size: int = Field(64, ge=0)
    """Numbers of a query and of a candidate; 0 leaves each tower's only input as it is."""

    project_candidates: bool = True
    """Whether candidates are projected too, or are their inputs side by side."""

    title_bias: bool = True
    """Whether a title has a bias of its own in the inner product, which starts at the log of its share."""

    cross_layers: int = Field(0, ge=0)
    """Layers that multiply the query's inputs with each other before the hidden ones."""

    batch_norm: bool = False
    """Whether hidden layers of the query tower are normalised over the batch."""

    dropout: float = Field(0.0, ge=0, lt=1)
    """Share of the numbers of a hidden layer of the query tower dropped in training."""

    layer_l2: float = Field(0.0, ge=0)
    """Penalty on the weights of the query tower's layers."""

    embedding_l2: float = Field(0.0, ge=0)
    """Penalty on embeddings (mean squared length of a table's rows)."""

    rating_layers: tuple[int, ...] = (256, 64)
    """Units of the hidden layers of the rating head, if the model has one."""

    negatives: Literal["auto", "batch", "catalogue"] = "auto"
    """Titles that the right one is set against: the other titles of the batch, or the whole catalogue; `auto` takes the
    catalogue up to 20,000 titles."""

    sampling_correction: bool = True
    """Whether a title's frequency in batches is taken off its score there (logQ), without which popular titles are
    punished for being frequent negatives."""

    mask_rated: bool = True
    """Whether titles of the catalogue that the viewer rated too are no negatives, so that what is learned is the
    order of the unseen ones."""

    stranger_share: float = Field(0.05, ge=0, le=1)
    """Share of training queries asked without the viewer's id, so that visitors work."""

    described: Literal["viewer", "target"] = "viewer"
    """Whose features `history` holds in training: those of titles that the viewer liked, or, as the tutorial has it,
    those of the very title to be found."""

    def fitted_to(self, ratings: Ratings) -> Self:
        """The same with inputs that the data set has.

        Raises:
          ConfigurationError: if the data set has no feature of a name, or none that a history could be described by, or
            if queries and candidates would not be of one size.
        """
        fitted = super().fitted_to(ratings)
        if HISTORY in fitted.query_inputs and not ratings.schema.item_features:
            raise ConfigurationError(
                f"{ratings.name} describes its titles by no feature, and this model knows viewers only by the features "
                "of the titles they like; map some with --features, or take a model that reads ids."
            )
        if not fitted.projection_size and (len(fitted.query_inputs), len(fitted.candidate_inputs)) != (1, 1):
            raise ConfigurationError("towers without a projection read one input each; set projection_size.")
        unprojected = len(fitted.candidate_inputs) * fitted.embedding_size
        if fitted.projection_size and not fitted.project_candidates and unprojected != fitted.projection_size:
            raise ConfigurationError(
                f"a query of {fitted.projection_size} numbers does not fit a candidate of {unprojected} "
                f"({' and '.join(fitted.candidate_inputs)}, not projected); set projection_size or project_candidates."
            )
        return fitted
