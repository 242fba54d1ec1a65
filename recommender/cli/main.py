"""The command line: `python -m recommender`.

What a command finds goes to standard output, as text for people or with `--json` as one object; progress and errors go
to standard error. A user's mistake ends with exit code 2 and one sentence. TensorFlow takes seconds to import, so only
the commands that need it import it.
"""

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from recommender.bundle import default_bundle
from recommender.bundle.dials import PLACES
from recommender.bundle.figures import NAMES, in_words
from recommender.bundle.reader import read_bundle
from recommender.bundle.training_data import load_data_of, split_again
from recommender.bundle.writer import seal_bundle, sign_bundle
from recommender.cli.replay import replay
from recommender.cli.serving import serve
from recommender.cli.terminal import (
    JsonOption,
    errors,
    import_tensorflow,
    iso,
    metrics_table,
    open_output,
    print_found,
    titles_table,
)
from recommender.cli.training import evaluate, train
from recommender.data import fetch_ml100k, read_ml100k
from recommender.data.fetching.progress import terminal_progress
from recommender.errors import OUT_OF_MEMORY, BundleError, RecommenderError, is_out_of_memory
from recommender.serving import answers
from recommender.serving.answers import Asker
from recommender.serving.written import read_moment, read_rated

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_USER_ERROR = 2
_INTERRUPTED = 130  # as shells report a program ended by Ctrl-C

app = typer.Typer(
    name="recommender",
    help="Fetch data, train a model, evaluate it, and ask it for recommendations.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
BundleOption = Annotated[
    Path | None, typer.Option("--bundle", help="Folder of the bundle; the committed flagship if not given.")
]
UserOption = Annotated[
    str | None, typer.Option("--user", help="A viewer the model was trained on; none for a visitor.")
]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        help="The moment: seconds since 1970, or an ISO date-time in UTC; if not given, the viewer's last known one, "
        "and for a visitor the data's last.",
    ),
]
RatedOption = Annotated[
    list[str] | None,
    typer.Option("--rated", help="TITLE=STARS, read in place of the viewer's own history; repeat for each title."),
]


def main() -> None:
    """Runs the command line; exits with 2 on the user's mistakes and prints no traceback for them."""
    open_output()
    try:
        sys.exit(app(sys.argv[1:] or ["--help"], standalone_mode=False) or 0)
    except typer.TyperException as error:
        errors.print(f"error: {error.format_message().rstrip('.')}; see `python -m recommender --help`.")
        sys.exit(_USER_ERROR)
    except RecommenderError as error:
        errors.print(f"error: {error}")
        sys.exit(_USER_ERROR)
    except (KeyboardInterrupt, typer.Abort):
        errors.print("interrupted; what was there before is unchanged.")
        sys.exit(_INTERRUPTED)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        errors.print(f"error: {OUT_OF_MEMORY}")
        sys.exit(_USER_ERROR)


app.command()(train)
app.command()(evaluate)
app.command()(replay)
app.command()(serve)


@app.command()
def fetch(
    source: Annotated[
        Path | None, typer.Option("--from", help="A folder or zip archive that holds the data set.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring MovieLens 100K to this machine, check it, and keep it in the user's cache folder."""
    with terminal_progress(errors) as progress:
        folder = fetch_ml100k(source, progress=progress)
    ratings = read_ml100k(folder)
    facts = {
        "data": ratings.name,
        "folder": str(folder),
        "checksum": ratings.checksum,
        "n_interactions": len(ratings),
        "n_users": len(ratings.users),
        "n_titles": len(ratings.items),
    }
    print_found(facts, as_json, f"{ratings!r} in {folder}")


@app.command()
def models(as_json: JsonOption = False) -> None:
    """List the models of the zoo: what each is, what it is trained for, what it reads."""
    import_tensorflow()
    from recommender.models.zoo import ZOO

    table = Table("name", "what it is", "trained for", "reads", "presets", title="The zoo; * stands for all features")
    found = []
    for entry in ZOO.values():
        lists: dict[str, list[str]] = {"tasks": [*entry.tasks], "inputs": [*entry.inputs], "presets": [*entry.presets]}
        found.append({"name": entry.name, "description": entry.description, **lists})
        table.add_row(entry.name, entry.description, *(", ".join(names) for names in lists.values()))
    print_found({"models": found}, as_json, table)


@app.command()
def recommend(
    user: UserOption = None,
    at: AtOption = None,
    k: Annotated[int, typer.Option("-k", help="How many titles.", min=1)] = 10,
    bundle: BundleOption = None,
    include_seen: Annotated[bool, typer.Option("--include-seen", help="Also titles the viewer has rated.")] = False,
    as_of_then: Annotated[
        bool,
        typer.Option(
            "--as-of-then", help="Read only what the viewer had rated by then, and leave out what was not out."
        ),
    ] = False,
    rated: RatedOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the titles a model retrieves for a viewer at a moment."""
    moment = read_moment(at)
    recommender = _recommender(bundle)
    if user is not None:
        recommender = _with_ratings(recommender)
    moment = recommender.last_known_moment(user) if moment is None else moment
    asker = Asker(user, moment, read_rated(rated, say=errors.print), as_of_then)
    found = answers.recommend(recommender, asker, k, include_seen=include_seen)
    if recommender.index_note:
        errors.print(recommender.index_note)
    _print_titles(recommender, found, as_json)


@app.command()
def rate(
    titles: Annotated[list[str], typer.Argument(help="Titles of the catalogue, each in quotes.")],
    user: UserOption = None,
    at: AtOption = None,
    bundle: BundleOption = None,
    as_of_then: Annotated[
        bool, typer.Option("--as-of-then", help="Read only what the viewer had rated by then.")
    ] = False,
    rated: RatedOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the stars a model predicts for chosen titles."""
    moment = read_moment(at)
    recommender = _recommender(bundle)
    if user is not None and (moment is None or as_of_then):
        recommender = _with_ratings(recommender)
    moment = recommender.last_known_moment(user) if moment is None else moment
    asker = Asker(user, moment, read_rated(rated, say=errors.print), as_of_then)
    _print_titles(recommender, answers.rate(recommender, asker, titles), as_json)


@app.command()
def similar(
    title: Annotated[str, typer.Argument(help="A title of the catalogue, in quotes.")],
    k: Annotated[int, typer.Option("-k", help="How many titles.", min=1)] = 10,
    bundle: BundleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the titles that a model finds most like one."""
    found = answers.similar(_recommender(bundle), title, k)
    items = [item.model_dump() for item in found.items]
    shown = titles_table(items, list(answers.SimilarTitle.model_fields), f"like {title}")
    print_found(found.model_dump(), as_json, shown if items else "This model knows of no likeness between titles.")


@app.command()
def export(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle.")],
    tf_serving: Annotated[
        Path,
        typer.Option(help="The folder for TensorFlow Serving; a model that is there gets another version."),
    ],
    as_json: JsonOption = False,
) -> None:
    """Write a finished bundle for TensorFlow Serving: ids of viewers in, titles out; the model stays as it is.

    It is started by: docker run -t --rm -p 8501:8501 -v "DIR:/models/NAME" -e MODEL_NAME=NAME tensorflow/serving
    """
    import_tensorflow()
    from recommender.export.tf_serving import export_for_tf_serving

    version = export_for_tf_serving(bundle, tf_serving)
    name = bundle.resolve().name
    mounted = shlex.quote(f"{tf_serving.resolve()}:/models/{name}")
    start = f"docker run -t --rm -p 8501:8501 -v {mounted} -e {shlex.quote(f'MODEL_NAME={name}')} tensorflow/serving"
    question = shlex.quote(json.dumps({"inputs": {"user_id": [version.user]}}))
    ask = f"curl -d {question} {shlex.quote(f'http://localhost:8501/v1/models/{name}:predict')}"
    facts = {"folder": str(version.folder), "version": version.number, "start": start, "ask": ask}
    print_found(
        facts, as_json, f"{version.folder} is written. TensorFlow Serving starts with", start, "and is asked with", ask
    )


@app.command("map")
def draw_map(
    bundle: Annotated[
        Path | None, typer.Argument(help="Folder of the bundle; the committed flagship if not given.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Draw the map of a finished bundle's catalogue into it; the model stays as it is."""
    path = bundle or default_bundle()
    import_tensorflow()
    from recommender.export.add_map import add_map

    facts = add_map(path).map
    assert facts is not None
    print_found({"bundle": str(path), **facts.model_dump(mode="json")}, as_json, f"{path}: {facts}")


@app.command("dials")
def measure_dials(
    bundle: Annotated[
        Path | None, typer.Argument(help="Folder of the bundle; the committed flagship if not given.")
    ] = None,
    data: Annotated[
        str | None, typer.Option("--data", help="Where its data set is now, if it is not where it was.")
    ] = None,
    items: Annotated[
        Path | None, typer.Option(help="Where the file that describes its titles is now, if it is not where it was.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure what turning each dial of a finished bundle's lists costs; the model stays as it is."""
    path = bundle or default_bundle()
    found = read_bundle(path)
    manifest = found.manifest
    with terminal_progress(errors) as progress:
        ratings = load_data_of(manifest.data, data, items, progress=progress)
    parts = split_again(ratings, manifest.split)
    import_tensorflow()
    from recommender.export.add_dials import add_dials

    facts = add_dials(found, ratings, parts).dials
    assert facts is not None
    rows = [{"dial": name, **position.model_dump()} for name in PLACES for position in getattr(facts, name)]
    measured = ("ndcg_at_10", "liked_ndcg_at_10", "coverage_at_10", "novelty_at_10")
    table = Table("Dial", "At", *(str(NAMES[name]) for name in measured))
    for row in rows:
        table.add_row(
            *(value if isinstance(value, str) else "" if value is None else f"{value:.3f}" for value in row.values())
        )
    heading = f"{path}: lists of {facts.n_viewers:,} viewers, one dial turned at a time"
    print_found({"bundle": str(path), **facts.model_dump(mode="json")}, as_json, heading, table)


@app.command()
def info(
    bundle: BundleOption = None,
    digest: Annotated[
        str | None, typer.Option("--digest", help="The digest that its author gives: another bundle is refused.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print what a bundle is: model, data, split, training, figures, versions; and its digest, to be compared."""
    path = bundle or default_bundle()
    manifest = read_bundle(path).manifest
    if digest is not None and "".join(digest.split()).lower() != manifest.seal:
        raise BundleError(
            f"{path}: its digest is {manifest.seal}, and {digest} was expected; this is another bundle, or a changed "
            "one: fetch it again from its author."
        )
    facts = {"bundle": str(path), **manifest.model_dump(mode="json")}
    table = Table("fact", "value", title=f"{manifest.model}: {manifest.description}", show_lines=False)
    table.add_row("digest", manifest.seal)
    for name in ("data", "split", "training", "index", "map", "sizes", "versions", "configuration"):
        for key, value in (facts[name] or {}).items():
            table.add_row(f"{name} {key}", json.dumps(value))
    said = in_words(manifest.model, manifest.metrics["test"], manifest.references)
    print_found(facts, as_json, table, metrics_table(manifest), *said)


@app.command()
def seal(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle.")],
    as_json: JsonOption = False,
) -> None:
    """Seal a bundle of an earlier version, which has no digest; nothing else of it changes."""
    digest = seal_bundle(bundle).seal
    print_found({"bundle": str(bundle), "digest": digest}, as_json, f"{bundle} is sealed; its digest:", digest)


@app.command()
def sign(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle.")],
    key: Annotated[Path, typer.Option(help="A private key, as `openssl genpkey -algorithm ed25519` writes it.")],
    as_json: JsonOption = False,
) -> None:
    """Sign a bundle, for servers that take signed ones alone (MATINEE_TRUSTED_KEYS); nothing else of it changes."""
    digest = sign_bundle(bundle, key)
    print_found({"bundle": str(bundle), "digest": digest}, as_json, f"{bundle} is signed; its digest:", digest)


def _print_titles(recommender: "Recommender", found: answers.Recommended | answers.Rated, as_json: bool) -> None:
    """Prints what was found for a viewer at a moment; the time is said where the data have times."""
    who = "a visitor" if found.user_id is None else f"user {found.user_id}"
    heading = f"{who} at {iso(found.at)}" if recommender.manifest.has_clock else who
    items = [item.model_dump() for item in found.items]
    kind = answers.ListedTitle if isinstance(found, answers.Recommended) else answers.RatedTitle
    print_found(found.model_dump(), as_json, titles_table(items, list(kind.model_fields), heading))


def _recommender(bundle: Path | None) -> "Recommender":
    import_tensorflow()
    from recommender.serving.recommender import Recommender

    return Recommender.load(bundle or default_bundle())


def _with_ratings(recommender: "Recommender") -> "Recommender":
    """Joined with the ratings it was trained on; as it was, with a warning, where they cannot be had."""
    facts = recommender.manifest.data
    try:
        with terminal_progress(errors) as progress:
            return recommender.with_ratings(load_data_of(facts, progress=progress))
    except RecommenderError as error:
        errors.print(
            f"warning: what viewers rated is not known; the moment, if not given, is the data's last: {error}",
        )
        return recommender
