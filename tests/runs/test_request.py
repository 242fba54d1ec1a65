"""A request as the command line that does it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from recommender.data import ColumnMapping, FeatureColumn, parse_features, parse_scale
from recommender.data.tables.form import ChosenForm
from recommender.errors import ConfigurationError
from recommender.runs.request import RunRequest, run_command, scale_text, train_command


def test_command_names_every_choice(tmp_path):
    columns = ColumnMapping(
        user="-who",
        item="film",
        rating="points",
        timestamp="when",
        title="name",
        poster="cover art",
        scale=parse_scale("0.5-5:0.5"),
        features=parse_features("kind:category,genre:multi,"),
        missing=(0.0, 99.5),
        items="/films/movies.csv",
        items_id="id",
        form=ChosenForm(separator="tab", decimal=",", encoding="cp1251", header=False),
    )
    request = RunRequest(
        name="mine",
        model="cross",
        preset="tutorial",
        data="films.csv",
        columns=columns,
        split="temporal",
        seed=7,
        index="faiss",
        settings={"epochs": 3, "learning_rate": 0.01},
    )
    command = train_command(request, tmp_path / "mine", tmp_path / "progress.jsonl")
    assert command[1:4] == ["-m", "recommender", "train"]
    assert command[-2:] == ["--", "cross"]
    assert {
        "--data=films.csv",
        "--missing=0",
        "--missing=99.5",
        "--separator=\t",
        "--decimal=,",
        "--encoding=cp1251",
        "--no-header",
        "--items=/films/movies.csv",
        "--items-id=id",
        "--user=-who",
        "--item=film",
        "--rating=points",
        "--timestamp=when",
        "--title=name",
        "--poster=cover art",
        "--features=kind:category,genre:multi,",
        "--scale=0.5-5:0.5",
        "--split=temporal",
        "--seed=7",
        "--index=faiss",
        "--preset=tutorial",
        "--set=epochs=3",
        "--set=learning_rate=0.01",
    } < set(command)


def test_choices_of_reading_are_options_of_the_command(tmp_path):
    columns = ColumnMapping(user="who", item="film", timestamp="when", repeats="first", day_first=False)
    command = train_command(RunRequest(name="m", model="ease", columns=columns), tmp_path / "m", tmp_path / "p")
    assert {"--repeats=first", "--month-first"} <= set(command)
    assert not any(part.startswith("--rating") for part in command)


def test_command_line_reads_what_the_request_says(tmp_path, monkeypatch):
    """A column that looks like an option arrives as what it is."""
    from recommender.cli import main, training

    seen = {}
    monkeypatch.setattr(training, "_columns", lambda *given, **_: seen.update(columns=given) or 1 / 0)
    columns = ColumnMapping(user="--item", item="film", rating="points")
    command = train_command(
        RunRequest(name="m", model="ease", data="x", columns=columns), tmp_path / "m", tmp_path / "p"
    )
    CliRunner().invoke(main.app, command[3:])
    assert seen["columns"][:3] == ("--item", "film", "points")


def test_scale_is_written_as_it_is_read():
    for text in ("1-10:1", "0.5-5:0.5", "-10-10:0.25", "0-1:0.000001"):
        assert parse_scale(scale_text(parse_scale(text))) == parse_scale(text)


@pytest.mark.parametrize("column", [" genre ", "the genre"])
def test_feature_with_white_space_in_its_name_is_read_back_by_the_command_line(column):
    columns = ColumnMapping(user="u", item="i", rating="r", features=(FeatureColumn(column=column, kind="category"),))
    command = train_command(RunRequest(name="x", model="popularity", columns=columns), Path("out"), Path("progress"))
    option = next(part.removeprefix("--features=") for part in command if part.startswith("--features="))
    assert parse_features(option) == columns.features
    assert columns.features[0].column == column.strip()


@pytest.mark.parametrize("column", ["a:b", "a,b", "  ", ""])
def test_feature_that_the_command_line_cannot_name_is_refused(column):
    columns = ColumnMapping(user="u", item="i", rating="r", features=(FeatureColumn(column=column, kind="category"),))
    with pytest.raises(ConfigurationError, match="cannot be a feature under this name; rename it"):
        train_command(RunRequest(name="x", model="popularity", columns=columns), Path("out"), Path("progress"))


def test_replay_is_a_command_of_its_own(tmp_path):
    request = RunRequest(name="mine", model="flagship", every="1y", replace=True)
    command = run_command(request, tmp_path / "mine", tmp_path / "progress.jsonl")
    options = ["--every=1y", f"--progress={tmp_path / 'progress.jsonl'}", "--replace"]
    assert command[1:] == ["-m", "recommender", "replay", *options, "--", str(tmp_path / "mine")]
    assert "--replace" not in run_command(RunRequest(name="a", model="b", every="1y"), tmp_path / "a", tmp_path / "p")
    training = RunRequest(name="mine", model="flagship")
    assert run_command(training, tmp_path, tmp_path) == train_command(training, tmp_path, tmp_path)
