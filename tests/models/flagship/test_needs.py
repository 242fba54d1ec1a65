import pytest

from recommender.errors import ConfigurationError
from recommender.models.flagship.needs import needs_of
from recommender.training.trainer import require_memory


@pytest.mark.parametrize(
    ("n_ratings", "n_viewers", "n_titles", "memory", "seconds"),
    [  # peaks and seconds of benchmarks.scale; of the smallest the peak alone was noted
        (137_820, 2_500, 2_500, 1.65e9, None),
        (736_372, 6_000, 3_991, 2.32e9, 228),
        (3_799_597, 40_000, 19_947, 3.32e9, 702),
        (15_197_496, 138_000, 26_977, 6.91e9, 1759),
        (1_520_031, 40_000, 478_029, 12.8e9, 1380),
    ],
)
def test_needs_are_what_was_measured_memory_within_an_eighth(n_ratings, n_viewers, n_titles, memory, seconds):
    needs = needs_of(n_ratings, n_viewers, n_titles)
    assert needs.memory == pytest.approx(memory, rel=0.125)
    assert seconds is None or needs.seconds == pytest.approx(seconds, rel=0.25)


def test_needs_grow_with_everything():
    usual = needs_of(100_000, 1_000, 6_000)
    for more in ((200_000, 1_000, 6_000), (100_000, 2_000, 6_000), (100_000, 1_000, 12_000)):
        assert needs_of(*more).memory > usual.memory
    assert needs_of(200_000, 1_000, 6_000).seconds > usual.seconds


def test_training_far_too_large_for_memory_is_refused_with_the_way_out_and_one_hardly_so_is_not():
    needs = needs_of(100_000, 1_000, 1_000_000)
    with pytest.raises(
        ConfigurationError, match=r"about 23\.6 GB of memory, and 3\.0 GB are free; leave rare titles out"
    ):
        require_memory(needs, 3_000_000_000)
    require_memory(needs, 18_000_000_000)
    require_memory(needs, None)
    require_memory(None, 1)
