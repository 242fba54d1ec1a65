"""What a campaign of faults found, counted."""

from collections import Counter
from dataclasses import dataclass, field

HANG_SECONDS = 10.0
WELL = ("answer", "sentence", "killed")  # what may become of something
_FEWEST_SIZES = 24
FAILURES = ("traceback", "hang", "lost", "litter", "growth")


@dataclass
class Found:
    """What became of the faults of one kind.

    Attributes:
      what: the kind.
      counts: of `WELL` and `FAILURES`.
      failures: each in a line.
      megabytes: of a server, at first and at last; None where nobody watched it.
    """

    what: str
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    megabytes: tuple[float, float] | None = None

    def count(self, became: str) -> None:
        """Notes what became of one."""
        self.counts[became] += 1

    def fail(self, kind: str, what: str) -> None:
        """Notes a failure."""
        self.counts[kind] += 1
        self.failures.append(f"{self.what}, {kind}: {what}")

    def watch_memory(self, sizes: list[float], allowed: float) -> None:
        """Notes whether a server grew: by the means of the second and of the last third of its sizes.

        Args:
          sizes: megabytes, in the order of time; the first third fills the caches and does not count. Of few, as in a
            short campaign, nothing follows: the caches still fill.
          allowed: megabytes that say nothing.
        """
        third = max(1, len(sizes) // 3)
        before, after = (sum(part) / len(part) for part in (sizes[third : 2 * third] or sizes, sizes[-third:]))
        self.megabytes = before, after
        if after - before > allowed and len(sizes) >= _FEWEST_SIZES:
            self.fail("growth", f"from {before:.0f} to {after:.0f} MB")


def table(all_found: list[Found]) -> str:
    """The counts, a row for each kind."""
    rows = [f"{'':20}" + "".join(f"{name:>10}" for name in (*WELL, *FAILURES)) + f"{'memory, MB':>16}"]
    for found in all_found:
        memory = "" if found.megabytes is None else "{:.0f} -> {:.0f}".format(*found.megabytes)
        counts = "".join(f"{found.counts[name]:>10,}" for name in (*WELL, *FAILURES))
        rows.append(f"{found.what:20}{counts}{memory:>16}")
    return "\n".join(rows)
