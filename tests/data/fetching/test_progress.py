import io

from rich.console import Console

from recommender.data import FetchProgress
from recommender.data.fetching.progress import terminal_progress


def _drawn(terminal: bool) -> str:
    file = io.StringIO()
    with terminal_progress(Console(file=file, force_terminal=terminal, width=120)) as report:
        report(FetchProgress("downloading ml-100k.zip", 1_000_000, 4_000_000))
        report(FetchProgress("downloading the package", 0, None))
    return file.getvalue()


def test_a_terminal_shows_the_step() -> None:
    assert "downloading the package" in _drawn(terminal=True)


def test_what_is_no_terminal_stays_clean() -> None:
    assert _drawn(terminal=False) == ""
