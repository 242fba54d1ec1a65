"""How the command line reads what people type, and prints what was found."""

import datetime
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from recommender.bundle.figures import figure_rows, told_rows, written
from recommender.bundle.manifest import Manifest
from recommender.errors import ConfigurationError, RecommenderError

JsonOption = Annotated[bool, typer.Option("--json", help="Print one json object.")]

# Titles and ids are printed as they are: brackets are no markup, and a word between colons is no picture.
errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)
_out = Console(highlight=False, markup=False, emoji=False)


def import_tensorflow() -> None:
    """Imports TensorFlow and keeps its start-up notes off the terminal; they are written before any setting is read."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # a machine without a GPU is no error
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as notes:
        os.dup2(notes.fileno(), 2)
        try:
            import tensorflow  # noqa: F401
        except BaseException:
            notes.seek(0)
            os.write(shown, notes.read())
            raise
        finally:
            os.dup2(shown, 2)
            os.close(shown)


def open_output() -> None:
    """Makes sure that all can be printed: where an output is closed, or knows few letters, as in the locale C."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def print_found(facts: Mapping[str, Any], as_json: bool, *text: Any) -> None:
    """Prints what a command found: one json object, or text and tables for people.

    Raises:
      RecommenderError: if standard output takes no more, as a full disk or a pipe that nobody reads.
    """
    try:
        if as_json:
            sys.stdout.write(json.dumps(facts) + "\n")
        else:
            for part in text:
                _out.print(part, soft_wrap=isinstance(part, str))  # a command is to be copied whole
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or it would fail again at the very end
        raise RecommenderError(
            f"what was found cannot be printed ({error.strerror or error}); send it to a place that takes it."
        ) from error


def titles_table(items: Sequence[Mapping[str, Any]], columns: Sequence[str], heading: str) -> Table:
    """Titles as people read them.

    Args:
      items: one for each title: column -> value, None where the model gives none.
      columns: of the items; those that say nothing to people, such as ids, are left out.
      heading: of the table.
    """
    shown = [column for column in _TITLE_COLUMNS if column in columns]
    table = Table(*("#" if column == "rank" else column for column in shown), title=heading)
    for item in items:
        table.add_row(*(_TITLE_COLUMNS[column](item[column]) for column in shown))
    return table


def metrics_table(manifest: Manifest) -> Table:
    """The figures on the test part, beside those of the references."""
    return figures_table({manifest.model: manifest.metrics["test"], **manifest.references}, manifest.data.n_titles)


def figures_table(columns: Mapping[str, Mapping[str, Any]], n_titles: int) -> Table:
    """Figures on a test part: asked own-last, at the viewers' last known moments; then held-out, told the second.

    Args:
      columns: name of the model or reference -> its figures.
      n_titles: in the catalogue.
    """
    table = Table("On test", *columns, title="Asked at each viewer's last known moment (own-last)")
    for rows in (figure_rows(n_titles), told_rows(n_titles)):
        for name, row in rows.items():
            cells = [written(column, *row) for column in columns.values()]
            if any(cells):
                table.add_row(name, *cells)
        table.add_section()
    return table


def _decimals(value: float | None) -> str:
    """A number as tables show it; nothing for None, which stands for what a model does not predict."""
    return "" if value is None else f"{value:.2f}"


# What people are shown of a title, in this order, and how.
_TITLE_COLUMNS: dict[str, Callable[[Any], str]] = {
    "rank": str,
    "title": str,
    "stars": _decimals,
    "score": _decimals,
    "similarity": _decimals,
    "seen": {True: "yes", False: "no", None: "?"}.__getitem__,
}


def read_settings(pairs: Sequence[str]) -> dict[str, Any]:
    """Settings from SETTING=VALUE, the value as json or else as the text it is.

    Raises:
      ConfigurationError: if there is no "=".
    """
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ConfigurationError(f"--set {pair!r}: expected SETTING=VALUE, for instance epochs=3.")
        try:
            settings[name.strip()] = json.loads(value)
        except ValueError:
            settings[name.strip()] = value
    return settings


def iso(moment: int) -> str:
    """UTC seconds as people read them."""
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).isoformat(sep=" ", timespec="minutes")
