"""What bundles were examined on, and the figures that may be compared."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from recommender.bundle.figures import TOLD, figure
from recommender.data.catalogue_limits import cutoffs_of
from recommender.data.splits import PER_USER_LAST

if TYPE_CHECKING:
    from recommender.bundle.manifest import Manifest

_REFERENCES = ("popularity", "ease", "signed-ease")  # lines of the picture, apart enough to be told from each other


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
      ties: what decided between ratings of one second, where the split goes by time.
      n_titles: in the catalogue.
    """

    data: str
    checksum: str
    split: str
    seed: int
    n_test: int
    files: tuple[str | None, str | None] = (None, None)
    ties: str = "seed"
    n_titles: int = 0

    @property
    def longest(self) -> int:
        """The longest list by which a retrieval from this catalogue is judged; see `cutoffs_of`."""
        return cutoffs_of(self.n_titles)[-1]

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
        if self.ties != other.ties:
            return f"ratings of one second cut by {self.ties}"
        if self.seed != other.seed:
            return f"seed {self.seed} of the split"
        return "" if self.n_test == other.n_test else f"a test part of {self.n_test:,} ratings"


def exam_of(manifest: "Manifest") -> Exam:
    """What this bundle was examined on."""
    data, split = manifest.data, manifest.split
    files = (split.train_file_checksum, split.test_file_checksum)
    ties = split.ties if split.name == PER_USER_LAST else "seed"
    return Exam(data.name, data.checksum, split.name, split.seed, split.n_test, files, ties, data.n_titles)


def by_exam(manifests: Mapping[str, "Manifest"], first: Exam | None = None) -> dict[Exam, list[str]]:
    """Names by what they were examined on: those of `first`, if there is one, before the others."""
    groups: dict[Exam, list[str]] = {} if first is None else {first: []}
    for name, manifest in manifests.items():
        groups.setdefault(exam_of(manifest), []).append(name)
    return {exam: names for exam, names in groups.items() if names}


def table(manifests: Mapping[str, "Manifest"], names: Iterable[str]) -> pd.DataFrame:
    """One row for each bundle of the same exam, with its figures on the test part; best first by the share found.

    Returns:
      `name`, `model`, `rates` (whether it predicts stars), `rmse`, `recall` (mean share of a viewer's held-out titles
      in the first ten), `ndcg`, `liked_ndcg`, `in_longest` (share of held-out ratings whose title is among so many of
      the first unseen, see `Exam`), `below_mean`, `coverage`, all asked own-last; `told` (the last share, told the
      second); `megabytes`, `seconds`. NaN where nothing was measured.
    """
    tests = {name: manifests[name].metrics.get("test", {}) for name in names}
    found = {name: figure(test, "top_k_unseen", str(exam_of(manifests[name]).longest)) for name, test in tests.items()}
    heads = {name: figure(test, "ndcg_at_10") for name, test in tests.items()}
    names = sorted(tests, key=lambda name: (found[name] is None, -(found[name] or 0.0), -(heads[name] or 0.0), name))

    def measured(*path: str) -> list[float]:
        return [math.nan if (value := figure(tests[name], *path)) is None else value for name in names]

    longest = str(exam_of(manifests[names[0]]).longest) if names else ""
    return pd.DataFrame(
        {
            "name": names,
            "model": [manifests[name].model for name in names],
            "rates": [manifests[name].rates for name in names],
            "rmse": measured("rmse"),
            "recall": measured("recall_at_10"),
            "ndcg": measured("ndcg_at_10"),
            "liked_ndcg": measured("liked_ndcg_at_10"),
            "in_longest": measured("top_k_unseen", longest),
            "below_mean": measured("below_own_mean_at_10"),
            "coverage": measured("coverage_at_10"),
            "told": measured(TOLD, "top_k_unseen", longest),
            "megabytes": [manifests[name].sizes.bytes / 1e6 for name in names],
            "seconds": [manifests[name].training.seconds for name in names],
        }
    )


def not_measured(manifests: Mapping[str, "Manifest"], names: Iterable[str]) -> list[str]:
    """The bundles of an earlier version, whose stars and shares were told the second alone."""
    return [name for name in names if "top_k_unseen" not in manifests[name].metrics.get("test", {})]


def references(manifests: Mapping[str, "Manifest"], names: Iterable[str]) -> dict[str, float]:
    """Reference rows -> the share they have in their longest list (see `Exam`), from whoever measured it."""
    found: dict[str, float] = {}
    for name in names:
        for reference in _REFERENCES:
            longest = str(exam_of(manifests[name]).longest)
            share = figure(manifests[name].references, reference, "top_k_unseen", longest)
            if share is not None:
                found.setdefault(reference, share)
    return {reference: found[reference] for reference in _REFERENCES if reference in found}
