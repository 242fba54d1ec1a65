"""A small slice of the changed bundles that the benchmark loads by the hundred; these are read only."""

import shutil
from pathlib import Path

import pytest

from benchmarks.mutated_bundles import mutate, outcome_of_reading
from recommender.bundle import MODEL_STORE
from recommender.bundle.manifest import MANIFEST

BUNDLE = MODEL_STORE / "matrix-factorization"


@pytest.mark.parametrize("first", [0, 60])
def test_changed_bundles_are_read_or_refused_in_a_sentence(first: int, tmp_path: Path) -> None:
    became = {}
    for seed in range(first, first + 60):
        bundle = Path(shutil.copytree(BUNDLE, tmp_path / str(seed)))
        what = mutate(bundle, seed)
        became[f"{seed}, {what}"] = outcome_of_reading(bundle)
    assert {what: found for what, found in became.items() if found not in ("answer", "sentence")} == {}
    assert {"answer", "sentence"} <= set(became.values())


def test_a_seed_changes_a_bundle_in_the_same_way_each_time(tmp_path: Path) -> None:
    copies = [Path(shutil.copytree(BUNDLE, tmp_path / name)) for name in ("one", "two")]
    assert mutate(copies[0], 4) == mutate(copies[1], 4)
    assert (copies[0] / MANIFEST).read_bytes() == (copies[1] / MANIFEST).read_bytes()
