"""The dials of a list: how far it is turned away from where validation put it."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from recommender.bundle.signatures import NO_DIAL, POPULARITY, PRAISE, TASTE
from recommender.errors import ConfigurationError

_BOTH_WAYS = (-1.0, -0.5, 0.0, 0.5, 1.0)
# Where each dial can be put on a page, and what its price is measured at.
PLACES = {"personal": _BOTH_WAYS, "praise": _BOTH_WAYS, "varied": (0.0, 0.25, 0.5, 0.75, 1.0)}
_MOST_PRAISE = 2.0  # what a predicted star counts for at the end of the dial, beside what it counts for at rest


@dataclass(frozen=True)
class Dials:
    """How a list is turned; all at rest at 0.

    Attributes:
      personal: in [-1, 1]. Below 0 what is read of the viewer counts for less, at -1 what everybody watches is all that
        is left; above 0 a share of what everybody watches is taken off, at 1 all of it.
      praise: in [-1, 1]. Below 0 predicted stars count for less, at -1 the list is what the viewer would pick; above 0
        they count for more, at 1 it is what they would praise most of what was retrieved.
      varied: in [0, 1]. How much each title is held against those before it that are like it.

    Raises:
      ConfigurationError: if one lies outside.
    """

    personal: float = 0.0
    praise: float = 0.0
    varied: float = 0.0

    def __post_init__(self) -> None:
        for name, (low, *_) in PLACES.items():
            value = getattr(self, name)
            if not low <= value <= 1.0:
                raise ConfigurationError(f"the dial {name!r} goes from {low:g} to 1, and was turned to {value:g}.")

    @property
    def at_rest(self) -> bool:
        """Whether none is turned."""
        return not any(getattr(self, dial.name) for dial in fields(self))

    def inputs(self, praise_at_rest: float) -> npt.NDArray[np.float32]:
        """[3] the dials as a signature takes them; `varied` is none of them, as it orders what a signature answers.

        Args:
          praise_at_rest: what a predicted star counts for of this viewer unless turned.
        """
        found = np.full(3, NO_DIAL, np.float32)
        if self.personal < 0:
            found[TASTE] = self.personal
        elif self.personal > 0:
            found[POPULARITY] = self.personal
        if self.praise < 0:
            found[PRAISE] = praise_at_rest * (1.0 + self.praise)
        elif self.praise > 0:
            found[PRAISE] = praise_at_rest + _MOST_PRAISE * self.praise
        return found
