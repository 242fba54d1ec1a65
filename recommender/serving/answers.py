"""Answers as programs read them: what the command line prints with `--json`, and what the server's /api sends."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import BaseModel, Field

from recommender.bundle.signatures import History

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_DECIMALS = 6
_TITLE = "The title as the catalogue has it."


class ListedTitle(BaseModel):
    """A title of a list."""

    rank: int = Field(description="Place in the list, from 1.")
    item_id: str = Field(description="Id of the title in the data.")
    title: str = Field(description=_TITLE)
    score: float = Field(description="How well it suits; has no limits, and compares within one list alone.")
    stars: float | None = Field(description="Predicted stars; null from a model that predicts none.")
    seen: bool | None = Field(description="Whether the viewer has seen it; null where nobody can say.")
    future: bool = Field(description="Whether it was not out at the moment.")
    retrieved: int = Field(description="The place that the score alone would give it.")


class RatedTitle(BaseModel):
    """A title and its predicted stars."""

    title: str = Field(description=_TITLE)
    stars: float | None = Field(description="Predicted stars; null from a model that predicts none.")


class SimilarTitle(BaseModel):
    """A title that is like another."""

    rank: int = Field(description="1 for the title most like it.")
    item_id: str = Field(description="Id of the title in the data.")
    title: str = Field(description=_TITLE)
    similarity: float = Field(description="How alike they are, from -1 to 1.")


class Recommended(BaseModel):
    """Titles for somebody at a moment, best first."""

    user_id: str | None = Field(description="For whom; null for a visitor.")
    at: int = Field(description="The moment that was asked for, seconds since 1970 in UTC.")
    items: list[ListedTitle]


class Rated(BaseModel):
    """Predicted stars of titles for somebody at a moment, in the order asked."""

    user_id: str | None = Field(description="For whom; null for a visitor.")
    at: int = Field(description="The moment that was asked for, seconds since 1970 in UTC.")
    items: list[RatedTitle]


class Similar(BaseModel):
    """Titles that are like one, most alike first; none from a model that knows of no likeness."""

    title: str = Field(description="Like which title.")
    items: list[SimilarTitle]


@dataclass(frozen=True)
class Asker:
    """For whom and when is asked.

    Attributes:
      user: a viewer; None for a visitor.
      at: the moment, UTC seconds.
      history: read instead of the viewer's own ratings; None for those.
      as_of_then: read only what the viewer had rated by the moment, and leave out what was not out.
    """

    user: str | None
    at: int
    history: History | None = None
    as_of_then: bool = False

    def asked(self, recommender: "Recommender") -> "Recommender":
        """The model as it is asked."""
        return recommender.as_of(self.at) if self.as_of_then else recommender


def recommend(recommender: "Recommender", asker: Asker, k: int, *, include_seen: bool = False) -> Recommended:
    """The k best titles; arguments and errors as for `Recommender.retrieve`."""
    asked = asker.asked(recommender)
    found = asked.retrieve(asker.user, asker.at, k, history=asker.history, include_seen=include_seen)
    items = [ListedTitle.model_validate(item) for item in _records(found)]
    return Recommended(user_id=asker.user, at=asker.at, items=items)


def rate(recommender: "Recommender", asker: Asker, titles: Sequence[str]) -> Rated:
    """Predicted stars of titles; arguments and errors as for `Recommender.rate`."""
    found = asker.asked(recommender).rate(asker.user, asker.at, titles, history=asker.history)
    items = [RatedTitle.model_validate(item) for item in _records(found)]
    return Rated(user_id=asker.user, at=asker.at, items=items)


def similar(recommender: "Recommender", title: str, k: int) -> Similar:
    """The k titles most like one; arguments and errors as for `Recommender.similar`."""
    items = [SimilarTitle.model_validate(item) for item in _records(recommender.similar(title, k))]
    return Similar(title=title, items=items)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON has them: numbers to six decimals, what is missing as None."""
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=_DECIMALS))
    return rows
