"""What bundles were examined on, and the figures that may be compared."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from recommender.bundle.manifest import Manifest

_REFERENCES = ("popularity", "ease")


@dataclass(frozen=True)
class Exam:
    """What a bundle was examined on; figures may be compared between bundles of the same one only.

    Attributes:
      data: name of the data set.
      checksum: of its ratings.
      split: how they were cut.
      seed: of the cut.
      n_test: size of the test part.
      files: checksums of the two files of a published split; (None, None) otherwise.
    """

    data: str
    checksum: str
    split: str
    seed: int
    n_test: int
    files: tuple[str | None, str | None] = (None, None)

    def __str__(self) -> str:
        return f"{self.data}, split {self.split}, seed {self.seed}: {self.n_test:,} ratings to test"

    def unlike(self, other: "Exam") -> str:
        """In a few words, what differs from another; empty if nothing does."""
        if self.data != other.data:
            return f"other data, {self.data}"
        if self.checksum != other.checksum:
            return f"another edition of {self.data}"
        if (self.split, self.files) != (other.split, other.files):
            return f"another split, {self.split}"
        if self.seed != other.seed:
            return f"seed {self.seed} of the split"
        return "" if self.n_test == other.n_test else f"a test part of {self.n_test:,} ratings"


def exam_of(manifest: "Manifest") -> Exam:
    """What this bundle was examined on."""
    data, split = manifest.data, manifest.split
    files = (split.train_file_checksum, split.test_file_checksum)
    return Exam(data.name, data.checksum, split.name, split.seed, split.n_test, files)


def by_exam(manifests: Mapping[str, "Manifest"], first: Exam) -> dict[Exam, list[str]]:
    """Names by what they were examined on: those of `first` before the others."""
    groups: dict[Exam, list[str]] = {first: []}
    for name, manifest in manifests.items():
        groups.setdefault(exam_of(manifest), []).append(name)
    return {exam: names for exam, names in groups.items() if names}


def figure(row: Mapping[str, Any], *path: str) -> float | None:
    """A figure of a manifest by its path of names; None where it is missing or not a number."""
    value: Any = row
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def table(manifests: Mapping[str, "Manifest"], names: Iterable[str]) -> pd.DataFrame:
    """One row for each bundle, with its figures on the test part; best first by the share found.

    Returns:
      `name`, `model`, `rmse`, `top_100`, `top_10` (shares of held-out ratings whose title is among the first unseen),
      `ndcg`, `coverage`, `megabytes`, `seconds`; NaN where nothing was measured.
    """
    tests = {name: manifests[name].metrics.get("test", {}) for name in names}
    shares = {name: figure(test, "top_k_unseen", "100") for name, test in tests.items()}
    names = sorted(tests, key=lambda name: (shares[name] is None, -(shares[name] or 0.0), name))

    def measured(*path: str) -> list[float]:
        return [math.nan if (found := figure(tests[name], *path)) is None else found for name in names]

    return pd.DataFrame(
        {
            "name": names,
            "model": [manifests[name].model for name in names],
            "rmse": measured("rmse"),
            "top_100": measured("top_k_unseen", "100"),
            "top_10": measured("top_k_unseen", "10"),
            "ndcg": measured("ndcg_at_10"),
            "coverage": measured("coverage_at_10"),
            "megabytes": [manifests[name].sizes.bytes / 1e6 for name in names],
            "seconds": [manifests[name].training.seconds for name in names],
        }
    )


def references(manifests: Mapping[str, "Manifest"], names: Iterable[str]) -> dict[str, float]:
    """Popularity and EASE -> the share of the same test part among their first 100 unseen, from whoever measured it."""
    found: dict[str, float] = {}
    for name in names:
        for reference in _REFERENCES:
            share = figure(manifests[name].references, reference, "top_k_unseen", "100")
            if share is not None:
                found.setdefault(reference, share)
    return {reference: found[reference] for reference in _REFERENCES if reference in found}
