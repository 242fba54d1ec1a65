"""Whether whoever opens the page may train on this machine."""

import os

from recommender.errors import ConfigurationError

TRAINING_VARIABLE = "MATINEE_TRAINING"


def training_is_on() -> bool:
    """Whether the page trains: unless MATINEE_TRAINING is off.

    Raises:
      ConfigurationError: if it is neither on nor off; a word that was not understood must not open a server.
    """
    value = os.environ.get(TRAINING_VARIABLE) or "on"
    if value not in ("on", "off"):
        raise ConfigurationError(
            f"{TRAINING_VARIABLE} is {value!r}; set it to on or off, or leave it out, which is on."
        )
    return value == "on"
