"""The command line: `python -m recommender`; the same functions that the pages call.

What a command finds goes to standard output, as text for people or with `--json` as one object; progress and errors go
to standard error. The user's mistakes end with exit code 2 and one sentence. TensorFlow takes seconds to import, so
only the commands that need it import it.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from recommender.bundle import MODEL_STORE, default_bundle
from recommender.bundle.manifest import DataFacts, SplitFacts, sha256_of
from recommender.bundle.reader import read_bundle
from recommender.data import DATASETS, SPLITS, Ratings, Split, fetch_ml100k, load_ratings, read_ml100k, split_by_name
from recommender.data.progress import terminal_progress
from recommender.errors import ConfigurationError, FetchError, RecommenderError
from recommender.terminal import errors, import_tensorflow, iso, metrics_table, print_found, read_moment, read_settings

if TYPE_CHECKING:
    from recommender.serving import History, Recommender

_USER_ERROR = 2
_INTERRUPTED = 130  # as shells report a program ended by Ctrl-C

app = typer.Typer(
    name="recommender",
    help="Fetch data, train a model, evaluate it, and ask it for recommendations.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
JsonOption = Annotated[bool, typer.Option("--json", help="Print one json object.")]
BundleOption = Annotated[
    Path | None, typer.Option("--bundle", help="Folder of the bundle; the committed flagship if not given.")
]
DataOption = Annotated[str, typer.Option("--data", help="A data set by name (ml-100k), or a folder or zip archive.")]
UserOption = Annotated[str | None, typer.Option("--user", help="A viewer the model knows; none for a visitor.")]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        help="The moment: seconds since 1970, or an ISO date-time in UTC; the last one trained on if not given.",
    ),
]
RatedOption = Annotated[
    list[str] | None,
    typer.Option("--rated", help="TITLE=STARS, read in place of the viewer's own history; repeat for each title."),
]


def main() -> None:
    """Runs the command line; exits with 2 on the user's mistakes and prints no traceback for them."""
    try:
        sys.exit(app(sys.argv[1:] or ["--help"], standalone_mode=False) or 0)
    except typer.TyperException as error:
        errors.print(f"error: {error.format_message().rstrip('.')}; see `python -m recommender --help`.", markup=False)
        sys.exit(_USER_ERROR)
    except RecommenderError as error:
        errors.print(f"error: {error}", markup=False)
        sys.exit(_USER_ERROR)
    except (KeyboardInterrupt, typer.Abort):
        errors.print("interrupted; what was there before is unchanged.")
        sys.exit(_INTERRUPTED)


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
def train(
    model: Annotated[str, typer.Argument(help="A model of the zoo, for instance flagship.")],
    data: DataOption = "ml-100k",
    split: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(SPLITS)}; random if no files are given.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the split and of the training.", min=0, max=2**32 - 1)] = 42,
    out: Annotated[Path | None, typer.Option(help="The bundle's folder; model_store/MODEL if not given.")] = None,
    epochs: Annotated[int | None, typer.Option(help="At most so many epochs.", min=1)] = None,
    train_file: Annotated[
        Path | None, typer.Option(help="Train part of a published split, laid out as u.data.")
    ] = None,
    test_file: Annotated[Path | None, typer.Option(help="Test part of a published split, laid out as u.data.")] = None,
    preset: Annotated[
        str, typer.Option(help="Settings: default (ours), or tutorial where the model comes from one.")
    ] = "default",
    replaced: Annotated[
        list[str] | None, typer.Option("--set", help="SETTING=VALUE, the value as json; repeat for each setting.")
    ] = None,
    tensorboard: Annotated[Path | None, typer.Option(help="Folder for TensorBoard's logs.")] = None,
    checkpoints: Annotated[Path | None, typer.Option(help="Folder for the weights of the best epoch so far.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Train a model, stop it on validation, examine it once on test, and write a bundle."""
    import_tensorflow()
    from recommender.bundle.export import export_bundle
    from recommender.bundle.writer import check_destination
    from recommender.models.zoo import find_model
    from recommender.training.callbacks import ConsoleReporter
    from recommender.training.trainer import train_model

    settings = read_settings(replaced or []) | ({} if epochs is None else {"epochs": epochs})
    find_model(model).configure(settings, preset)
    out = out or MODEL_STORE / model
    check_destination(out)
    files = (train_file, test_file) if train_file and test_file else None
    split = split or ("files" if train_file or test_file else "random")
    ratings = _load(data)
    parts = split_by_name(split, ratings, seed=seed, train_path=train_file, test_path=test_file)
    errors.print(repr(parts), markup=False)
    trained = train_model(
        model,
        parts,
        seed=seed,
        preset=preset,
        settings=settings,
        make_reporter=lambda n_epochs, steps: ConsoleReporter(errors, n_epochs, steps),
        tensorboard=tensorboard,
        checkpoints=checkpoints,
    )
    source = None if data in DATASETS else Path(data).expanduser().resolve()
    manifest = export_bundle(out, trained, ratings, parts, seed=seed, source=source, split_files=files)
    facts = {
        "model": model,
        "preset": preset,
        "bundle": str(out),
        "epochs_run": trained.epochs_run,
        "best_epoch": trained.best_epoch,
        "seconds": manifest.training.seconds,
        "metrics": manifest.metrics,
        "references": manifest.references,
    }
    epochs_said = (
        f"best of {trained.epochs_run} epochs is {trained.best_epoch}" if trained.epochs_run else "closed form"
    )
    text = f"{model} in {out}: {epochs_said}, {trained.seconds:.1f} s"
    print_found(facts, as_json, text, metrics_table(manifest))


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
def evaluate(
    bundle: Annotated[
        Path | None, typer.Argument(help="Folder of the bundle; the committed flagship if not given.")
    ] = None,
    data: Annotated[
        str | None, typer.Option("--data", help="Where its data set is, if it was trained on a folder.")
    ] = None,
    train_file: Annotated[Path | None, typer.Option(help="Where the train file of its split is now.")] = None,
    test_file: Annotated[Path | None, typer.Option(help="Where the test file of its split is now.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Examine a bundle afresh on the test part it was not trained on."""
    path = bundle or default_bundle()
    manifest = read_bundle(path).manifest
    ratings = _same_data(_load(data or manifest.data.source or manifest.data.name), manifest.data)
    parts = _same_split(ratings, manifest.split, train_file, test_file)
    import_tensorflow()
    from recommender.bundle_scorer import BundleScorer
    from recommender.evaluation import evaluate as examine
    from recommender.serving import Recommender

    known = parts.train.with_more(parts.validation)
    figures = examine(BundleScorer(Recommender.load(path), ratings), known, parts.test).to_dict()
    facts = {"model": manifest.model, "data": manifest.data.name, "split": manifest.split.name, **figures}
    table = Table("figure", "value", title=f"{manifest.model} on {manifest.data.name}, split {manifest.split.name}")
    for name, value in figures.items():
        table.add_row(name, json.dumps(value) if isinstance(value, dict) or value is None else f"{value:,.4g}")
    print_found(facts, as_json, table)


@app.command()
def recommend(
    user: UserOption = None,
    at: AtOption = None,
    k: Annotated[int, typer.Option("-k", help="How many titles.")] = 10,
    bundle: BundleOption = None,
    include_seen: Annotated[bool, typer.Option("--include-seen", help="Also titles the viewer has rated.")] = False,
    rated: RatedOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the titles a model retrieves for a viewer at a moment."""
    moment = read_moment(at)
    recommender = _recommender(bundle)
    if user is not None:
        recommender = _joined(recommender)
    moment = recommender.last_moment if moment is None else moment
    found = recommender.retrieve(user, moment, k, history=_history(rated), include_seen=include_seen)
    items = json.loads(found.to_json(orient="records", double_precision=6))
    table = Table("#", "title", "stars", "score", "seen", title=f"user {user} at {iso(moment)}")
    for item in items:
        seen = {True: "yes", False: "no", None: "?"}[item["seen"]]
        table.add_row(str(item["rank"]), item["title"], f"{item['stars']:.2f}", f"{item['score']:.2f}", seen)
    print_found({"user_id": user, "at": moment, "items": items}, as_json, table)


@app.command()
def rate(
    titles: Annotated[list[str], typer.Argument(help="Titles of the catalogue, each in quotes.")],
    user: UserOption = None,
    at: AtOption = None,
    bundle: BundleOption = None,
    rated: RatedOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the stars a model predicts for chosen titles."""
    moment = read_moment(at)
    recommender = _recommender(bundle)
    moment = recommender.last_moment if moment is None else moment
    found = recommender.rate(user, moment, titles, history=_history(rated))
    items = json.loads(found[["title", "stars"]].to_json(orient="records", double_precision=6))
    table = Table("title", "stars", title=f"user {user} at {iso(moment)}")
    for item in items:
        table.add_row(item["title"], f"{item['stars']:.2f}")
    print_found({"user_id": user, "at": moment, "items": items}, as_json, table)


@app.command()
def info(bundle: BundleOption = None, as_json: JsonOption = False) -> None:
    """Print what a bundle is: model, data, split, training, figures, versions."""
    path = bundle or default_bundle()
    manifest = read_bundle(path).manifest
    facts = {"bundle": str(path), **manifest.model_dump(mode="json")}
    table = Table("fact", "value", title=f"{manifest.model}: {manifest.description}", show_lines=False)
    for name in ("data", "split", "training", "sizes", "versions", "configuration"):
        for key, value in facts[name].items():
            table.add_row(f"{name} {key}", json.dumps(value))
    print_found(facts, as_json, table, metrics_table(manifest))


def _load(data: str) -> Ratings:
    with terminal_progress(errors) as progress:
        return load_ratings(data, progress=progress)


def _same_data(ratings: Ratings, facts: DataFacts) -> Ratings:
    if ratings.checksum != facts.checksum:
        raise ConfigurationError(
            f"this is not the data set the bundle was trained on: its checksum is {ratings.checksum[:12]}..., the "
            f"manifest says {facts.checksum[:12]}...; name the right one with --data."
        )
    return ratings


def _same_split(ratings: Ratings, facts: SplitFacts, train_file: Path | None, test_file: Path | None) -> Split:
    if facts.train_file is None or facts.test_file is None:
        return split_by_name(facts.name, ratings, seed=facts.seed)
    train_file, test_file = train_file or Path(facts.train_file), test_file or Path(facts.test_file)
    for option, file, checksum in (
        ("--train-file", train_file, facts.train_file_checksum),
        ("--test-file", test_file, facts.test_file_checksum),
    ):
        if not file.is_file():
            raise ConfigurationError(f"{file}: the file of the bundle's split is not here; name it with {option}.")
        if sha256_of(file) != checksum:
            raise ConfigurationError(f"{file}: is not the file the bundle was trained with; name it with {option}.")
    return split_by_name(facts.name, ratings, seed=facts.seed, train_path=train_file, test_path=test_file)


def _recommender(bundle: Path | None) -> "Recommender":
    import_tensorflow()
    from recommender.serving import Recommender

    return Recommender.load(bundle or default_bundle())


def _joined(recommender: "Recommender") -> "Recommender":
    """Joined with the ratings it was trained on, or as it was, with a word, where they cannot be had."""
    facts = recommender.manifest.data
    try:
        return recommender.with_ratings(_same_data(_load(facts.source or facts.name), facts))
    except (FetchError, ConfigurationError) as error:
        errors.print(f"warning: seen titles are not known: {error}", markup=False)
        return recommender


def _history(rated: list[str] | None) -> "History | None":
    if rated is None:
        return None
    import_tensorflow()
    from recommender.serving import History

    stars = {}
    for entry in rated:
        title, _, value = entry.rpartition("=")
        try:
            stars[title] = float(value)
        except ValueError:
            raise ConfigurationError(
                f"--rated {entry!r}: expected TITLE=STARS, for instance 'Fargo (1996)=5'."
            ) from None
    return History(stars)
