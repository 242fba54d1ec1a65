import io

from rich.console import Console

from recommender.cli.training_progress import ConsoleParts, ConsoleReporter

LOGGED = {"retrieval_loss": 6.82171, "rating_loss": 1.7, "squared_error": 0.7}
VALIDATED = {"val_top_10_unseen": 0.093, "val_top_100_unseen": 0.4142, "val_ndcg_at_10": 0.117, "val_rmse": 0.8161}


def lines_of(figures: dict[str, float]) -> str:
    out = io.StringIO()
    with ConsoleReporter(Console(file=out, width=80), epochs=3, steps=100) as reporter:
        reporter.epoch(2, figures, seconds=4.0)
    return out.getvalue().strip()


def test_an_epoch_is_two_lines_in_plain_words_that_fit_a_terminal():
    assert lines_of({**LOGGED, **VALIDATED, "val_score": 1.2}) == (
        "epoch 2/3, 4.0 s, 25.0 steps/s: errors list 6.822, stars 1.700\n"
        "  on what was kept back: right of ten 0.117, stars off 0.816, first 100 41.4%"
    )


def test_epoch_that_was_not_validated_says_its_errors_alone():
    assert lines_of({"rating_loss": float("inf")}) == "epoch 2/3, 4.0 s, 25.0 steps/s: errors stars inf"


def test_phase_without_epochs_is_told_once_in_a_line_and_moves_a_bar():
    out = io.StringIO()
    with ConsoleParts(Console(file=out, width=80)) as tell:
        for phase, steps in (("finishing", 3), ("indexing", 2)):
            tell(phase, 0, steps)
            for step in range(1, steps + 1):
                tell(phase, step, steps)
            assert tell._bar.tasks[0].percentage == 100
        tell("writing", 0, 0)
        assert not tell._bar.tasks
    said = out.getvalue()
    begun = [said.index(f"{phase}") for phase in ("finishing: all", "indexing: what", "writing the bundle")]
    assert begun == sorted(begun)
    assert said.count("finishing: all") == 1
