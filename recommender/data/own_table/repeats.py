"""What a viewer says of one title more than once: which of it counts."""

from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

Repeats = Literal["last", "first", "mean", "each"]
REPEATS: tuple[Repeats, ...] = get_args(Repeats)


class Counted(NamedTuple):
    """The interactions that count.

    Attributes:
      rows: [n] their positions, ascending.
      stars: [n] their ratings.
      fact: what was done, for people; "" if nothing was.
    """

    rows: npt.NDArray[np.int64]
    stars: npt.NDArray[np.float64]
    fact: str


def usual_repeats(*, rated: bool, timed: bool) -> Repeats:
    """What counts unless somebody says otherwise: a viewer's last word on a title; each time that it was played."""
    return "each" if timed and not rated else "last"


def count_repeats(
    pairs: npt.NDArray[np.int64], stars: npt.NDArray[np.float64], times: npt.NDArray[np.int64] | None, how: Repeats
) -> Counted:
    """Decides which interactions of one viewer with one title count.

    Args:
      pairs: [n_rows] a number for each viewer and title.
      stars: [n_rows] the ratings.
      times: [n_rows] when; None without times, and then the file's order decides, as it does within one second.
      how: `mean` is the mean of all in the place of the last.
    """
    n = len(pairs)
    in_order = np.sort(pairs)  # places are only sorted where a pair repeats: they take four times as long, and the room
    n_repeated = int((in_order[1:] == in_order[:-1]).sum())
    del in_order
    if how == "each" or not n_repeated:
        return Counted(np.arange(n), stars, "")
    order = np.lexsort((np.arange(n) if times is None else times, pairs))  # stable: in the file's order
    begins = np.flatnonzero(np.diff(pairs[order], prepend=-1))
    ends = np.append(begins[1:], n) - 1
    chosen = order[begins if how == "first" else ends]
    counted = stars[chosen]
    if how == "mean":
        counted = np.add.reduceat(stars[order], begins) / (ends - begins + 1)
    in_place = np.argsort(chosen)
    said = "their mean counts" if how == "mean" else f"the {how} one counts"
    again = "1 row repeats" if n_repeated == 1 else f"{n_repeated:,} rows repeat"
    return Counted(chosen[in_place], counted[in_place], f"{again} a viewer and title of another row: {said}.")
