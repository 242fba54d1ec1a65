"""Whether a model is the one that its manifest and its names are about; it may have been made by somebody else."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.bundle.reader import Bundle
from recommender.bundle.signatures import STRANGER
from recommender.errors import BundleError

_SIGNATURES = ("retrieve", "rate", "score", "rate_pairs", "embed", "query")
_TABLES = {"_viewers": "viewers", "_titles": "titles"}


def check_tables(model: Any, bundle: Bundle) -> None:
    """Checks that a model can be asked, and has a row for each viewer and title.

    Args:
      model: the SavedModel.
      bundle: that it belongs to.

    Raises:
      BundleError: if it has not.
    """
    missing = [name for name in _SIGNATURES if name not in model.signatures]
    if missing:
        raise _disagrees(f"it does not answer to {missing[0]!r}")
    wanted = {"_viewers": STRANGER + 1 + len(bundle.identifiers.users), "_titles": len(bundle.identifiers.titles)}
    for table, n_rows in wanted.items():
        shape = getattr(getattr(model, table, None), "shape", None)
        if not shape or shape[0] != n_rows:
            raise _disagrees(f"its table of {_TABLES[table]} does not have {n_rows:,} rows")


def check_answer(answer: Mapping[str, npt.NDArray[Any]], shape: tuple[int, ...], *names: str) -> None:
    """Checks that a model has answered with as many numbers as it was asked for.

    Args:
      answer: of a signature.
      shape: what each of them must have.
      names: of its parts.

    Raises:
      BundleError: if it has not.
    """
    for name in names:
        if name not in answer or answer[name].shape != shape:
            found = "nothing" if name not in answer else " x ".join(map(str, answer[name].shape))
            raise _disagrees(f"{name} are {found} numbers where {' x '.join(map(str, shape))} were asked for")


def check_rows(rows: npt.NDArray[np.integer], n_titles: int) -> None:
    """Checks that a model lists titles that there are.

    Raises:
      BundleError: if it does not.
    """
    if not ((rows >= 0) & (rows < n_titles)).all():
        raise _disagrees(f"it lists a title beyond the {n_titles:,} that there are")


def check_stars(stars: npt.NDArray[np.floating], low: float, high: float, *, rates: bool) -> None:
    """Checks that stars lie inside the scale, and that there are none of a model that predicts none.

    Raises:
      BundleError: if they do not.
    """
    if not rates and not np.isnan(stars).all():
        raise _disagrees("it predicts stars, and the manifest says that it does not")
    if rates and not ((stars > low - _ROUNDING) & (stars < high + _ROUNDING)).all():
        raise _disagrees(f"it predicts stars outside {low:g}-{high:g}")


def _disagrees(what: str) -> BundleError:
    return BundleError(
        f"the model is not the one that its bundle is about: {what}; train it again, or name another bundle."
    )


_ROUNDING = 1e-3  # of stars
