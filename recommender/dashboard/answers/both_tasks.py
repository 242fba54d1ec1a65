"""What training both tasks together was measured to give each of them; `python -m benchmarks.both_tasks --write`."""

from datetime import date
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

FILE = Path(__file__).resolve().parents[3] / "assets" / "both_tasks.json"
BOTH, RETRIEVAL, RATING = "both", "retrieval alone", "rating alone"  # what was trained


class Measured(BaseModel, frozen=True):
    """The figures of a model, and where they come from.

    Attributes:
      command: what measured them.
      day: when, UTC.
      data: name of the data set; each viewer's last ratings were held out.
      trained: what was trained (`BOTH`, `RETRIEVAL`, `RATING`) -> figures of each training, in the order of the seeds.
    """

    command: str
    day: date
    data: str
    trained: dict[str, list[dict[str, float]]]

    @property
    def n_trainings(self) -> int:
        """How many of each kind, which differ by their seed."""
        return len(self.trained[BOTH])


ByModel = TypeAdapter(dict[str, Measured])


def read() -> dict[str, Measured]:
    """Model -> what was measured of it."""
    return ByModel.validate_json(FILE.read_bytes())
