"""A small slice of the broken tables that the benchmark reads by the thousand."""

import zlib
from pathlib import Path

import pytest

from benchmarks.mutated_tables import mutated, outcomes, whole_tables


@pytest.mark.parametrize("name", whole_tables())
def test_unbroken_tables_are_answered(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(whole_tables()[name])
    found = outcomes(path)
    assert found["page Training"] == "answer"
    if name == "letterboxd.csv":
        assert found["page You"] == "answer"
    elif name != "headless.csv":
        assert found["train with columns"] == "answer"


@pytest.mark.parametrize("first", range(0, 160, 40))
def test_broken_tables_are_answered_or_refused_in_a_sentence(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + 40):
        name, data = mutated(seed)
        path = tmp_path / name
        path.write_bytes(data)
        found = outcomes(path)
        assert set(found.values()) <= {"answer", "sentence"}, (seed, found)


def test_a_seed_breaks_a_table_in_the_same_way_each_time() -> None:
    assert zlib.crc32(mutated(7)[1]) == zlib.crc32(mutated(7)[1])
    assert len({mutated(seed)[1] for seed in range(60)}) == 60
