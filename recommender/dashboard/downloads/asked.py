"""A view that is asked for by its address, to be worked out without being drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.dashboard.choices.current import Choices, Options

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


@dataclass(frozen=True)
class Asked:
    """What a page is asked for.

    Attributes:
      recommender: the model.
      model: the name of its bundle.
      options: what may be chosen.
      chosen: what is, of what all pages share.
      parameters: all that the address says; a page looks in it for what only it has.
    """

    recommender: "Recommender"
    model: str
    options: Options
    chosen: Choices
    parameters: Mapping[str, Sequence[str]]

    def parameter(self, name: str) -> str:
        """The last value of a parameter; "" where the address does not say it."""
        return next(iter(reversed(self.parameters.get(name, ()))), "")
