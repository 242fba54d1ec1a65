"""The reference rows of a split: fitted, their numbers chosen on validation, ready to be examined beside a model."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from recommender.data.catalogue_limits import MOST_TITLES_SQUARED
from recommender.data.splits import Split
from recommender.evaluation.choosing import RECENCY_GRIDS, SIGNED_GRIDS, Chooser
from recommender.evaluation.ease import Ease, EaseSettings, TitleWeights, labelling_features
from recommender.evaluation.means import Means
from recommender.evaluation.popularity import Popularity, RecentPopularity
from recommender.evaluation.protocols import Scorer

REFERENCES = ("popularity", "recent-popularity", "ease", "recency-ease", "signed-ease", "means")


@dataclass(frozen=True)
class Reference:
    """One reference row.

    Attributes:
      scorer: what is examined; it has read train and validation. None if it is left out.
      chosen: the numbers that validation chose.
      left_out: why it is; empty if it is not.
    """

    scorer: Scorer | None = None
    chosen: Mapping[str, Any] = field(default_factory=dict)
    left_out: str = ""


def fit_references(split: Split) -> Iterator[tuple[str, Reference]]:
    """The reference rows, named as in the zoo and chosen as there; what several of them need is worked out once.

    Args:
      split: numbers are chosen on validation, with train alone read; the rows have then read both. Test is not looked
        at.

    Yields:
      Name, one of `REFERENCES` after the other, and row.
    """
    training_part, chooser = split.training_part, Chooser(split.train, split.validation)
    has_times = training_part.schema.has_timestamps
    no_times = Reference(left_out=f"{training_part.name} has no times.")
    yield "popularity", Reference(Popularity(training_part))
    days = chooser.best_seller_days()
    recent = Reference(RecentPopularity(training_part, days), {"best_seller_days": days})
    yield "recent-popularity", recent if has_times else no_times
    n_titles = len(training_part.items)
    if n_titles > MOST_TITLES_SQUARED:
        long = Reference(
            left_out=f"EASE inverts a square of titles; as a reference it takes up to {MOST_TITLES_SQUARED:,}, and "
            f"{training_part.name} has {n_titles:,}."
        )
        yield from ((name, long) for name in ("ease", "recency-ease", "signed-ease"))
    else:
        weights = TitleWeights(training_part)

        def row(settings: EaseSettings) -> Reference:
            return Reference(Ease(training_part, settings, weights), asdict(settings))

        yield "ease", Reference(Ease(training_part, EaseSettings(), weights))
        recency = chooser.ease(replace(RECENCY_GRIDS, best_seller_days=(days,)))
        yield "recency-ease", row(recency) if has_times else no_times
        heard = replace(
            SIGNED_GRIDS,
            best_seller_days=(days,),
            ease_l2=(recency.ease_l2,),
            half_lives=(recency.half_lives,),
        )
        yield "signed-ease", row(chooser.ease(heard, labelling_features(training_part)))
    if not training_part.schema.has_ratings:
        yield "means", Reference(left_out=f"{training_part.name} has no ratings.")
        return
    of_users, of_items = chooser.shrinkages()
    chosen = {"user_shrinkage": of_users, "item_shrinkage": of_items}
    yield "means", Reference(Means(training_part, of_users, of_items), chosen)
