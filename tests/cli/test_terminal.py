import os
import subprocess
import sys

import pytest

from recommender.bundle import MODEL_STORE
from recommender.cli import terminal
from recommender.cli.terminal import print_found, titles_table


def cells(table):
    return {column.header: list(column.cells) for column in table.columns}


def test_titles_are_shown_with_the_columns_they_have_and_without_ids():
    items = [
        {"rank": 1, "item_id": "50", "title": "Alien (1979)", "score": 2.345, "stars": 4.118, "seen": True},
        {"rank": 2, "item_id": "71", "title": "Babe (1995)", "score": 1.0, "stars": None, "seen": None},
    ]
    assert cells(titles_table(items, [*items[0]], "a visitor")) == {
        "#": ["1", "2"],
        "title": ["Alien (1979)", "Babe (1995)"],
        "stars": ["4.12", ""],
        "score": ["2.35", "1.00"],
        "seen": ["yes", "?"],
    }
    assert [*cells(titles_table(items, ["title", "stars"], "a visitor"))] == ["title", "stars"]


@pytest.mark.parametrize("title", ["[/works/OL2W]", "Poems [b2]", "[red]Emma", "Smile :smile:", "100\\[x]"])
def test_titles_and_ids_are_printed_as_they_are(title, capsys, monkeypatch):
    monkeypatch.setattr(terminal._out, "_file", None)
    items = [{"title": title, "stars": 4.0}]
    print_found({}, False, titles_table(items, ["title", "stars"], f"user {title}"), f"said of {title}")
    shown = capsys.readouterr().out
    assert f"user {title}" in shown
    assert f"said of {title}" in shown
    assert f" {title} " in shown
    terminal.errors.print(f"note: {title}")
    assert f"note: {title}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [
        (">/dev/full", 2, "error: what was found cannot be printed (No space left on device)"),
        ("--json >/dev/full", 2, "error: what was found cannot be printed (No space left on device)"),
        ("--json | true", 2, "error: what was found cannot be printed (Broken pipe)"),
        (">&-", 0, ""),
        ("--digest ü >&-", 2, r"and \udcc3\udcbc was expected"),
    ],
    ids=["full", "full, json", "pipe", "closed", "letters"],
)
def test_output_that_takes_nothing_or_few_letters_is_a_sentence(ending, code, said):
    command = f"set -o pipefail; {sys.executable} -m recommender info --bundle {MODEL_STORE}/multitask {ending}"
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(["bash", "-c", command], env=ascii_only, capture_output=True, text=True)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == code
