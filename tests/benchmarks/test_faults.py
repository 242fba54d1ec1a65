"""How faults are counted; and, if it is asked for, the short campaign itself."""

import sys

import pytest

from benchmarks import faults
from benchmarks.found import Found, table
from benchmarks.pressed_server import odd_address


def test_a_server_that_grows_after_its_caches_are_full_is_a_failure() -> None:
    flat, grown = Found("flat"), Found("grown")
    flat.watch_memory(3 * [100] + 3 * [400] + 3 * [900, 905, 900] + 3 * [903, 900, 906, 904], 40)
    grown.watch_memory([900.0] * 9 + [900.0 + 10 * step for step in range(18)], 40)
    assert flat.failures == []
    assert flat.megabytes == (pytest.approx(902, abs=1.5), pytest.approx(903, abs=1.5))
    assert grown.counts["growth"] == 1
    assert grown.failures == ["grown, growth: from 940 to 1030 MB"]


@pytest.mark.parametrize("sizes", [[900], [900, 1000, 1100, 1200]])
def test_few_sizes_say_nothing_of_growth(sizes) -> None:
    found = Found("few")
    found.watch_memory(sizes, 40)
    assert found.failures == []
    assert found.megabytes is not None


def test_counts_are_printed_by_kind_and_a_failure_ends_with_1(monkeypatch, capsys) -> None:
    lost = Found("kills of train")
    lost.count("killed")
    lost.fail("lost", "manifest.json is missing")
    monkeypatch.setattr(faults, "campaign", lambda *_: iter([lost]))
    monkeypatch.setattr(sys, "argv", ["faults"])
    with pytest.raises(SystemExit) as ended:
        faults.main()
    printed = capsys.readouterr().out
    assert ended.value.code == 1
    assert "kills of train, lost: manifest.json is missing" in printed
    assert printed.splitlines()[-1].split() == ["kills", "of", "train", "0", "0", "1", "0", "0", "1", "0", "0"]
    assert len({len(line) for line in table([lost]).splitlines()}) == 1


def test_numbers_that_are_given_count_also_in_short(monkeypatch) -> None:
    told = []
    monkeypatch.setattr(faults, "campaign", lambda times, seed: iter(told.append((times, seed)) or ()))
    monkeypatch.setattr(sys, "argv", ["faults", "--short", "--kills", "7", "--disks", "0", "--seed", "3"])
    with pytest.raises(SystemExit) as ended:
        faults.main()
    assert ended.value.code == 0
    (times, seed), short = told[0], {name: few for name, (_, few) in faults._TIMES.items()}
    assert (times, seed) == ({**short, "kills": 7, "disks": 0}, 3)


def test_a_seed_gives_one_odd_address_and_another_seed_another() -> None:
    addresses = [odd_address(seed) for seed in range(50)]
    assert addresses == [odd_address(seed) for seed in range(50)]
    assert len(set(addresses)) > 45


@pytest.mark.slow
def test_the_short_campaign_finds_nothing(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["faults", "--short"])
    with pytest.raises(SystemExit) as ended:
        faults.main()
    assert ended.value.code == 0, capsys.readouterr().out
