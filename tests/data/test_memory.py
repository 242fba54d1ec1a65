import pytest

from recommender.data.memory import free_bytes


@pytest.fixture
def root(tmp_path):
    (tmp_path / "proc").mkdir()
    (tmp_path / "sys" / "fs" / "cgroup").mkdir(parents=True)
    (tmp_path / "proc" / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:       7 kB\n")
    return tmp_path


def test_machine_says_what_is_free(root):
    assert free_bytes(root) == 7 * 1024


@pytest.mark.parametrize(("most", "free"), [("5000", 4000), ("max", 7 * 1024), ("999999", 7 * 1024)])
def test_container_with_a_limit_has_less(root, most, free):
    group = root / "sys" / "fs" / "cgroup"
    (group / "memory.max").write_text(most + "\n")
    (group / "memory.current").write_text("1000\n")
    assert free_bytes(root) == free


def test_system_that_does_not_say_is_none(tmp_path):
    assert free_bytes(tmp_path) is None
