"""What became of a list between two moments, in a sentence or two; said alike on every page that compares two."""

from dataclasses import dataclass

from recommender.dashboard.drawing.words import day


@dataclass(frozen=True)
class ListChange:
    """A list beside the one of another moment.

    Attributes:
      n_listed: how many titles the list has.
      n_not_out: of those that the other list has not, how many were not out then.
      n_seen: how many of these the viewer had seen then.
      n_back: how many of these stood further back then.
      n_seen_since: of the titles of the other list that are gone, how many the viewer has seen.
      n_rated: how many ratings of the viewer are known at the other moment, and at this.
    """

    n_listed: int
    n_not_out: int
    n_seen: int
    n_back: int
    n_seen_since: int
    n_rated: tuple[int, int]

    def since(self, then: int) -> str:
        """What has changed since the other moment, UTC seconds."""
        n_new = self.n_not_out + self.n_seen + self.n_back
        if n_new:
            why = [(self.n_not_out, "not out yet"), (self.n_seen, "seen already"), (self.n_back, "further back")]
            reasons = ", ".join(f"{n} {what}" for n, what in why if n)
            said = f"{n_new} of the {self.n_listed} are others than on {day(then)}; then they were: {reasons}"
        else:
            said = f"The list holds the same titles as on {day(then)}"
        n_then, n_now = self.n_rated
        if n_then == n_now:
            return f"{said}."
        gone = f", {self.n_seen_since} of those listed then among them" if self.n_seen_since and n_now > n_then else ""
        return f"{said}. This viewer had rated {n_then:,} titles then, and {n_now:,} by this moment{gone}."
