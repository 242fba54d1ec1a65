"""How the address says where the dials of a list stand."""

from collections.abc import Mapping, Sequence

from recommender.bundle.dials import PLACES, Dials

NAMES = tuple(PLACES)  # parameters of the address


def read(asked: Mapping[str, Sequence[str]]) -> Dials:
    """The dials that an address asks for; one that cannot stand there is at rest.

    Args:
      asked: the values of each parameter, as the address has them.
    """
    return Dials(**{name: _place(name, asked) or 0.0 for name in PLACES})


def write(dials: Dials) -> dict[str, list[str]]:
    """The parameters of the address that ask for these dials, also those that ask for nothing."""
    return {name: [f"{at:g}"] if (at := getattr(dials, name)) else [] for name in PLACES}


def wrong_in(asked: Mapping[str, Sequence[str]]) -> list[str]:
    """Parameters of an address that no dial can stand at."""
    return [name for name in PLACES if asked.get(name) and _place(name, asked) is None]


def _place(name: str, asked: Mapping[str, Sequence[str]]) -> float | None:
    """The place that is asked for; None if there is no such place."""
    written = {f"{place:g}": place for place in PLACES[name]}
    return written.get((asked.get(name) or ["0"])[-1])
