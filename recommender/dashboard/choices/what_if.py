"""What is supposed of a viewer on the page Recommend, and how the address says it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recommender.serving.changes import NO_CHANGES, Changes

# Parameters of the address. The first is the viewer that it names, of whom it is supposed, and is not written here.
NAMES = OF, GAVE, NEVER, IS = "user", "if_gave", "if_never", "if_is"
_GAVE = re.compile(r"(\d{1,3}(?:\.\d{1,2})?) (.+)")
_IS = re.compile(r"([^:]+):(.+)")


@dataclass(frozen=True)
class WhatIf:
    """Who is supposed to be otherwise, and how: it says nothing of other viewers."""

    user: str = ""
    changes: Changes = NO_CHANGES

    def changes_for(self, user: str) -> Changes:
        """What is supposed of a viewer."""
        return self.changes if user == self.user else NO_CHANGES


def read(asked: Mapping[str, Sequence[str]]) -> WhatIf:
    """What an address supposes; what cannot be read is left out.

    Args:
      asked: the values of each parameter, as the address has them.
    """
    gave = [found for found in map(_GAVE.fullmatch, asked.get(GAVE, ())) if found]
    described = [found for found in map(_IS.fullmatch, asked.get(IS, ())) if found]
    changes = NO_CHANGES
    for found in gave:
        changes = changes.rated(found[2], float(found[1]))
    for title in asked.get(NEVER, ()):
        changes = changes.rated(title, None)
    for found in described:
        changes = changes.described(found[1], found[2])
    user = (asked.get(OF) or [""])[-1]
    return WhatIf(user, changes) if user and changes else WhatIf()


def write(supposed: WhatIf) -> dict[str, list[str]]:
    """The parameters of the address that suppose this, also those that suppose nothing."""
    ratings, features = supposed.changes.ratings, supposed.changes.features
    return {
        GAVE: [f"{stars:g} {title}" for title, stars in ratings if stars is not None],
        NEVER: [title for title, stars in ratings if stars is None],
        IS: [f"{name}:{value}" for name, value in features],
    }


def wrong_in(asked: Mapping[str, Sequence[str]]) -> list[str]:
    """Parameters of an address that say nothing; see `read`."""
    patterns = {GAVE: _GAVE, IS: _IS}
    return [
        name for name, pattern in patterns.items() if asked.get(name) and pattern.fullmatch(asked[name][-1]) is None
    ]
