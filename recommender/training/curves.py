"""Learning curves as one tidy frame."""

from collections.abc import Mapping

import pandas as pd

TRAIN = "train"
VALIDATION = "validation"


class LearningCurves:
    """Collects figures epoch by epoch."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, str, str, float]] = []

    def add(self, epoch: int, phase: str, figures: Mapping[str, float]) -> None:
        """Notes the figures of one epoch.

        Args:
          epoch: from 1.
          phase: "train" or "validation".
          figures: metric -> value.
        """
        self._rows += [(epoch, phase, metric, float(value)) for metric, value in figures.items()]

    def frame(self) -> pd.DataFrame:
        """Columns `epoch` int, `phase` str, `metric` str, `value` float, in the order noted."""
        return pd.DataFrame(self._rows, columns=["epoch", "phase", "metric", "value"])
