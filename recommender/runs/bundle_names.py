"""How a bundle may be called that is trained from the page."""

import re
from collections.abc import Collection

from recommender.errors import ConfigurationError

COMMITTED = frozenset(
    {"flagship", "flagship-100k", "multitask", "matrix-factorization"}
)  # what the repository brings; see .gitignore
MOST_LETTERS = 40
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{MOST_LETTERS - 1}}}")


def check_name(name: str, *, bundles: Collection[str], waiting: Collection[str], kept: Collection[str]) -> None:
    """Refuses a name that a new bundle may not have.

    Args:
      name: the name.
      bundles: names of bundles that this one is not to replace.
      waiting: names of the bundles that runs will write.
      kept: names of bundles that are never replaced.

    Raises:
      ConfigurationError: if the name is none or is taken; says which.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"a bundle cannot be called {name!r}; take up to {MOST_LETTERS} letters, digits, - and _, the first a "
            "letter or digit."
        )
    folded = name.casefold()  # some file systems do not tell A from a
    if folded in {other.casefold() for other in kept}:
        raise ConfigurationError(f"the bundle {name} stays as it is; choose another name.")
    if folded in {other.casefold() for other in waiting}:
        raise ConfigurationError(f"a training that is not finished will be called {name}; choose another name.")
    if folded in {other.casefold() for other in bundles}:
        raise ConfigurationError(f"there is a bundle called {name}; choose another name, or say that it is replaced.")


def propose_name(model: str, taken: Collection[str]) -> str:
    """The model's name if it is free, or else with the first number that makes it free: "ease-2"."""
    folded = {name.casefold() for name in taken}
    number, name = 1, model
    while name.casefold() in folded:
        number += 1
        name = f"{model}-{number}"
    return name
