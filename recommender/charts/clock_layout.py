"""Where the parts of `turning_clock` lie, for the picture and for whoever works out the places of its data."""

from dataclasses import dataclass

HOVER, STEP, PICKED, BAND = "hover", "step", "picked", "band"  # the picture's parameters
SEPARATOR = "\t"  # between the entries of a list in one cell


@dataclass(frozen=True)
class ClockLayout:
    """What the picture has from top to bottom, in pixels.

    Attributes:
      n_rows: length of the list.
      curves: whether there are curves above the list; they need stars or scores of chosen titles.
      life: whether the viewer's ratings stand below it, one tick each.
      n_steps: at most so many moments lie on either side of the clock.
    """

    n_rows: int
    curves: bool
    life: bool
    n_steps: int

    @property
    def curves_top(self) -> float:
        """Where the curves begin."""
        return 30

    @property
    def curves_bottom(self) -> float:
        """Where they end."""
        return self.curves_top + (176 if self.curves else -12)

    @property
    def row_height(self) -> float:
        """Of one title of the list."""
        return 23 if self.n_rows <= 12 else 18

    def row(self, place: float) -> float:
        """The middle of the row of a place, from 1."""
        return self.curves_bottom + 38 + (place - 0.5) * self.row_height

    @property
    def list_bottom(self) -> float:
        """Where the list ends."""
        return self.row(self.n_rows + 0.5)

    @property
    def life_top(self) -> float:
        """Where the ticks of the highest ratings begin."""
        return self.list_bottom + 40

    @property
    def life_bottom(self) -> float:
        """Where all ticks end."""
        return self.life_top + (40 if self.life else -30)

    @property
    def height(self) -> float:
        """Of it all."""
        return self.life_bottom + 22
