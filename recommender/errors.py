"""The errors a user can cause and mend.

Each message says what was found, what was expected and what to do. The command line prints it as one sentence and
exits with 2; a page shows it and stops. Anything that is not a `RecommenderError` is a bug and is meant to be seen.
"""

import difflib
from collections.abc import Iterable


class RecommenderError(Exception):
    """Something the user can mend; the message says how."""


OUT_OF_MEMORY = "the memory of this machine was not enough; take smaller settings or less data."
_OF_TENSORFLOW = "ResourceExhaustedError"  # known by its name, so that nothing is imported for it


def is_out_of_memory(error: BaseException) -> bool:
    """Whether it says that memory was not enough: NumPy's and Python's error, or TensorFlow's."""
    return isinstance(error, MemoryError) or type(error).__name__ == _OF_TENSORFLOW


class DataError(RecommenderError):
    """A file or table does not hold what its format promises."""


class FetchError(RecommenderError):
    """A data set could not be brought to this machine."""


class ConfigurationError(RecommenderError):
    """A model, data set or option was asked for that does not exist or does not fit the others."""


class TrainingError(RecommenderError):
    """Training came to nothing, or cannot be gone on with."""


class BundleError(RecommenderError):
    """A bundle is missing, damaged, of another version, or cannot be written."""


class UnknownNameError(RecommenderError):
    """A viewer or title that the model has never seen.

    Attributes:
      name: what was asked for.
      near: the names of the model that are closest to it, best first.
    """

    def __init__(self, kind: str, name: str, names: Iterable[str], advice: str = "") -> None:
        self.name = name
        self.near = difflib.get_close_matches(name, list(names), n=3, cutoff=0.5)
        message = f"the model does not know {kind} {name!r}"
        if self.near:
            message += "; near matches: " + ", ".join(repr(other) for other in self.near)
        if advice:
            message += f"; {advice}"
        super().__init__(message + ".")


class UnknownUserError(UnknownNameError):
    """The user id is not one the model was trained on."""

    def __init__(self, user_id: str, names: Iterable[str]) -> None:
        super().__init__("user", user_id, names, "give a known user id, or a history instead of a user")


class UnknownTitleError(UnknownNameError):
    """The title is not in the model's catalogue."""

    def __init__(self, title: str, names: Iterable[str]) -> None:
        super().__init__("title", title, names)
