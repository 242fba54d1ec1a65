"""The commands `train` and `evaluate`."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from recommender.bundle import MODEL_STORE, default_bundle
from recommender.bundle.figures import in_words
from recommender.bundle.manifest import IndexKind, Manifest
from recommender.bundle.reader import read_bundle
from recommender.bundle.training_data import load_data_of, split_again
from recommender.cli.terminal import (
    JsonOption,
    errors,
    figures_table,
    import_tensorflow,
    metrics_table,
    print_found,
    read_settings,
)
from recommender.cli.training_progress import ConsoleParts, ConsoleReporter
from recommender.data import (
    COUNTS,
    DATASETS,
    SPLITS,
    ColumnMapping,
    Ratings,
    Split,
    load_ratings,
    parse_features,
    parse_scale,
    split_by_name,
)
from recommender.data.description import Description, describe
from recommender.data.fetching.progress import terminal_progress
from recommender.data.own_table.proposals import doubled_ratings, propose_columns
from recommender.data.own_table.repeats import REPEATS
from recommender.data.splits import PER_USER_LAST
from recommender.data.tables.form import AS_FOUND, ChosenForm
from recommender.data.tables.parts import TableParts
from recommender.errors import BundleError, ConfigurationError
from recommender.runs.progress_log import DONE, ProgressLog, open_progress_log

if TYPE_CHECKING:
    from recommender.training.trainer import TrainedModel


def train(
    model: Annotated[str, typer.Argument(help="A model of the zoo, for instance flagship; `models` lists them.")],
    data: Annotated[
        str,
        typer.Option(
            help=f"{' or '.join(DATASETS)}, or a folder or zip archive in a layout that can be read, or a table: csv "
            "and other text, parquet, feather, json lines, xlsx, packed or not; a folder or 'parts/*.csv' of its parts."
        ),
    ] = "ml-100k",
    user: Annotated[str | None, typer.Option(help="Of a table: the column of users.")] = None,
    item: Annotated[str | None, typer.Option(help="Of a table: the column of items.")] = None,
    rating: Annotated[
        str | None,
        typer.Option(help="Of a table: the column of ratings. Without, a row says only that a title was taken."),
    ] = None,
    timestamp: Annotated[str | None, typer.Option(help="Of a table: the column of times, if there is one.")] = None,
    title: Annotated[str | None, typer.Option(help="Of a table: the column of titles; the item if not given.")] = None,
    poster: Annotated[
        str | None,
        typer.Option(help="Of a table: the column of posters: https links, data: URIs or names of files (README)."),
    ] = None,
    features: Annotated[
        str | None, typer.Option(help="Of a table: columns that describe items, as genre:multi|,type:category.")
    ] = None,
    scale: Annotated[
        str | None, typer.Option(help="Of a table: the rating scale, as 1-10 or 0.5-5:0.5; as found if not given.")
    ] = None,
    missing: Annotated[
        list[float] | None,
        typer.Option(help="Of a table: a rating that means not rated, as 0 or 99; such rows are left out. Repeat."),
    ] = None,
    repeats: Annotated[
        str | None,
        typer.Option(
            help=f"Of a table: what counts of a viewer and title in several rows: {', '.join(REPEATS)}; last if not "
            "given, and each of times without ratings."
        ),
    ] = None,
    day_first: Annotated[
        bool | None,
        typer.Option(
            "--day-first/--month-first",
            help="Of a table: what dates such as 1/2/2020 begin with; as found if not given.",
        ),
    ] = None,
    items: Annotated[
        Path | None,
        typer.Option(
            help="A second file that describes the items; --title, --poster and --features are then its columns."
        ),
    ] = None,
    items_id: Annotated[
        str | None, typer.Option(help="Its column of item ids; that called as in the ratings if not given.")
    ] = None,
    separator: Annotated[
        str | None,
        typer.Option(help="Of a text table: what stands between values, as ; or tab; found if not given."),
    ] = None,
    decimal: Annotated[
        str | None, typer.Option(help="Of a text table: what stands before a fraction, . or , ; found if not given.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Of a text table: its encoding, as cp1251; found if not given.")
    ] = None,
    header: Annotated[
        bool | None,
        typer.Option(
            "--header/--no-header",
            help="Of a table: whether its first row names the columns; if not, they are 1, 2, 3. Found if not given.",
        ),
    ] = None,
    min_ratings: Annotated[
        int, typer.Option(help="Leave out titles that were rated fewer times.", min=1, show_default=True)
    ] = 1,
    split: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(SPLITS)}; random if neither files nor numbers are given.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the split and of the training.", min=0, max=2**32 - 1)] = 42,
    out: Annotated[Path | None, typer.Option(help="The bundle's folder; model_store/MODEL if not given.")] = None,
    preset: Annotated[
        str, typer.Option(help="Settings: default (ours), or tutorial where the model comes from one.")
    ] = "default",
    epochs: Annotated[int | None, typer.Option(help="At most so many epochs.", min=1)] = None,
    replaced: Annotated[
        list[str] | None, typer.Option("--set", help="SETTING=VALUE, the value as json; repeat for each setting.")
    ] = None,
    train_file: Annotated[
        Path | None, typer.Option(help="Train part of a published split, laid out as u.data.")
    ] = None,
    test_file: Annotated[Path | None, typer.Option(help="Test part of a published split, laid out as u.data.")] = None,
    n_train: Annotated[int | None, typer.Option(help="Of the split counts: ratings to train on.")] = None,
    n_validation: Annotated[int | None, typer.Option(help="Of the split counts: ratings to validate on.")] = None,
    tensorboard: Annotated[Path | None, typer.Option(help="Folder for TensorBoard's logs.")] = None,
    checkpoints: Annotated[Path | None, typer.Option(help="Folder for the weights of the best epoch so far.")] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on from a training whose bundle could not be written, without training again; the other options "
            "as they were then.",
        ),
    ] = False,
    distributed: Annotated[
        bool,
        typer.Option(
            "--distributed",
            help="Train together with the other processes that the variable TF_CONFIG names, each of which is given "
            "the same command; the first writes the bundle (README).",
        ),
    ] = False,
    index: Annotated[
        Literal["auto", IndexKind],
        typer.Option(
            help="What short lists are found with: auto is exact, and beyond 50,000 titles faiss where that is "
            "installed; faiss and annoy need `pip install` of their own."
        ),
    ] = "auto",
    progress_file: Annotated[
        Path | None,
        typer.Option("--progress", help="A file to note progress in, as lines of json, for others to read."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Train a model, stop it on validation, examine it once on test, and write a bundle."""
    with open_progress_log(progress_file) as log:
        form = ChosenForm.checked(separator=separator, decimal=decimal, encoding=encoding, header=header)
        columns = _columns(
            user,
            item,
            rating,
            timestamp,
            title,
            features,
            scale,
            missing or [],
            repeats=repeats,
            day_first=day_first,
            form=form,
            items=items,
            items_id=items_id,
            poster=poster,
        )
        settings = read_settings(replaced or []) | ({} if epochs is None else {"epochs": epochs})
        if distributed and resume:
            raise ConfigurationError("a training that is kept is gone on with by one process; leave --distributed out.")
        log.phase("starting")
        import_tensorflow()
        from recommender.bundle.indexes import check_index
        from recommender.bundle.writer import check_destination
        from recommender.export.export import export_bundle
        from recommender.models.zoo import find_model
        from recommender.training import kept
        from recommender.training.trainer import help_to_train, train_model
        from recommender.training.workers import Workers

        find_model(model).configure(settings, preset)
        check_index(index)
        workers = Workers.join() if distributed else Workers.alone()
        out = out or MODEL_STORE / model
        if workers.is_first:
            check_destination(out)
        place = kept.find(out) if resume else None
        files = (train_file, test_file) if train_file and test_file else None
        named = "files" if train_file or test_file else "random" if n_train is None else COUNTS
        ratings = _read_ratings(data, columns, model, min_ratings, log)
        parts = split_by_name(
            split or named,
            ratings,
            seed=seed,
            train_path=train_file,
            test_path=test_file,
            n_train=n_train,
            n_validation=n_validation,
        )
        _say_parts(parts, seed)
        needs = find_model(model).configure(settings, preset).needs(parts.train)
        if needs is not None and place is None:
            minutes, gigabytes = max(needs.seconds / 60, 1), needs.memory / 1e9
            errors.print(f"It takes about {minutes:,.0f} min on two quiet cores, and {gigabytes:.1f} GB of memory.")
        log.phase("training")
        if not workers.is_first:
            help_to_train(model, parts, workers, seed=seed, preset=preset, settings=settings)
            workers.wait()
            log.end(DONE)
            share = workers.share
            errors.print(
                f"process {share.index + 1} of {share.count} is done; the first has written {model} where it is."
            )
            return
        asked = kept.Asked.of_command(model, ratings, parts, preset=preset, settings=settings, seed=seed)
        if place is not None:
            trained = kept.resume(place, asked, parts)
        else:
            with ConsoleParts(errors) as parts_told:
                trained = train_model(
                    model,
                    parts,
                    seed=seed,
                    preset=preset,
                    settings=settings,
                    make_reporter=lambda n_epochs, steps: (
                        ConsoleReporter(errors, n_epochs, steps) if progress_file is None else log.plan(n_epochs, steps)
                    ),
                    finishing=partial(parts_told if progress_file is None else log.part, "finishing"),
                    tensorboard=tensorboard,
                    checkpoints=checkpoints,
                    workers=workers,
                )
            place = kept.keep(trained, asked, out)
        source = None if data in DATASETS else Path(data).expanduser().resolve()
        try:
            with ConsoleParts(errors) as parts_told:
                manifest = export_bundle(
                    out,
                    trained,
                    ratings,
                    parts,
                    seed=seed,
                    source=source,
                    columns=columns,
                    split_files=files,
                    index=index,
                    tell=parts_told if progress_file is None else log.part,
                )
        except BundleError as error:
            if place is None:
                raise
            raise BundleError(
                f"{error} What was trained is kept: once there is room, the same command with --resume goes on."
            ) from error
        kept.drop(out)
        workers.let_go()
        log.end(
            DONE,
            epochs_run=trained.epochs_run,
            best_epoch=trained.best_epoch,
            seconds=manifest.training.seconds,
            metrics=manifest.metrics["test"],
            references=manifest.references,
        )
        _print_trained(trained, manifest, out, as_json)


def _read_ratings(data: str, columns: ColumnMapping | None, model: str, min_ratings: int, log: ProgressLog) -> Ratings:
    """Reads a data set, says what was read, and leaves rare titles out.

    Raises:
      ConfigurationError: if the model predicts ratings, and the data have none.
    """
    from recommender.models.zoo import find_model, require_ratings

    log.phase("reading")
    say = partial(errors.print, markup=False)  # names of files and columns may hold brackets
    with terminal_progress(errors) as progress:
        everything = load_ratings(data, columns=columns, progress=progress, say=say)
    log.phase("preparing")
    read = describe(everything)
    for fact in read.facts:
        errors.print(fact)
    if read.code is not None:
        errors.print(f"{read.question} If it does, leave these rows out with --missing {read.code:g}.")
    if columns is not None:
        _warn_of_columns(columns, Path(data).expanduser(), read)
    require_ratings(find_model(model), everything)
    ratings = everything.without_rare_titles(min_ratings)
    n_titles, n_ratings = len(everything.items) - len(ratings.items), len(everything) - len(ratings)
    if n_titles:
        errors.print(
            f"Left out: {n_titles:,} title{'s' * (n_titles != 1)} rated fewer than {min_ratings} times, with "
            f"{n_ratings:,} rating{'s' * (n_ratings != 1)}.",
        )
    return ratings


def _say_parts(parts: Split, seed: int) -> None:
    """Says how the ratings are split."""
    errors.print(repr(parts))
    if parts.n_ties and parts.name == PER_USER_LAST:
        errors.print(
            f"{parts.n_ties:,} of the {len(parts.test):,} ratings to test share viewer and second with one that is "
            f"learned from; which of them is later was drawn with seed {seed}.",
        )


def _print_trained(trained: "TrainedModel", manifest: Manifest, bundle: Path, as_json: bool) -> None:
    """Prints what a training has come to."""
    model = trained.entry.name
    facts = {
        "model": model,
        "preset": trained.preset,
        "bundle": str(bundle),
        "epochs_run": trained.epochs_run,
        "best_epoch": trained.best_epoch,
        "seconds": manifest.training.seconds,
        "index": manifest.index.model_dump(mode="json"),
        "metrics": manifest.metrics,
        "references": manifest.references,
    }
    epochs_said = (
        f"best of {trained.epochs_run} epochs is {trained.best_epoch}" if trained.epochs_run else "closed form"
    )
    text = f"{model} in {bundle}: {epochs_said}, {trained.seconds:.1f} s"
    said = in_words(model, manifest.metrics["test"], manifest.references)
    print_found(facts, as_json, text, f"index: {manifest.index}", metrics_table(manifest), *said)


def evaluate(
    bundle: Annotated[
        Path | None, typer.Argument(help="Folder of the bundle; the committed flagship if not given.")
    ] = None,
    data: Annotated[
        str | None, typer.Option("--data", help="Where its data set is now, if it is not where it was.")
    ] = None,
    items: Annotated[
        Path | None, typer.Option(help="Where the file that describes its titles is now, if it is not where it was.")
    ] = None,
    train_file: Annotated[Path | None, typer.Option(help="Where the train file of its split is now.")] = None,
    test_file: Annotated[Path | None, typer.Option(help="Where the test file of its split is now.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Examine a bundle afresh on the test part it was not trained on."""
    path = bundle or default_bundle()
    manifest = read_bundle(path).manifest
    with terminal_progress(errors) as progress:
        ratings = load_data_of(manifest.data, data, items, progress=progress)
    parts = split_again(ratings, manifest.split, train_file, test_file)
    import_tensorflow()
    from recommender.evaluation import evaluate as examine
    from recommender.serving.recommender import Recommender
    from recommender.serving.scorer import bundle_scorer

    training_part = parts.training_part
    figures = examine(bundle_scorer(Recommender.load(path), ratings), training_part, parts.test).to_dict()
    facts = {"model": manifest.model, "data": manifest.data.name, "split": manifest.split.name, **figures}
    heading = (
        f"{manifest.model} on {manifest.data.name}, split {manifest.split.name}: {figures['n_test']:,} ratings to "
        f"test; {figures['n_repeated']:,} repeat a pair that was learned from, {figures['n_ties']:,} share viewer and "
        "second with one."
    )
    table = figures_table({manifest.model: figures}, len(ratings.items))
    print_found(facts, as_json, heading, table, *in_words(manifest.model, figures, manifest.references))


def _columns(
    user: str | None,
    item: str | None,
    rating: str | None,
    timestamp: str | None,
    title: str | None,
    features: str | None,
    scale: str | None,
    missing: Sequence[float],
    *,
    repeats: str | None,
    day_first: bool | None,
    form: ChosenForm,
    items: Path | None,
    items_id: str | None,
    poster: str | None,
) -> ColumnMapping | None:
    """The mapping of columns that the options give; None if they give none."""
    if user is None or item is None:
        described = (title, poster, features, items, items_id)
        options = (user, item, rating, timestamp, scale, repeats, day_first, *described)
        if not any(value is not None for value in options) and not missing and form == AS_FOUND:
            return None
        unnamed = [option for option, value in (("--user", user), ("--item", item)) if value is None]
        raise ConfigurationError(f"the columns of a table are named, and {' and '.join(unnamed)} missing; name all.")
    if repeats is not None and repeats not in REPEATS:
        raise ConfigurationError(f"--repeats {repeats} is not known; give one of {', '.join(REPEATS)}.")
    return ColumnMapping.checked(
        user=user,
        item=item,
        rating=rating,
        timestamp=timestamp,
        title=title,
        poster=poster,
        features=parse_features(features) if features else (),
        scale=parse_scale(scale) if scale else None,
        missing=tuple(missing),
        repeats=repeats,
        day_first=day_first,
        form=form,
        items=None if items is None else str(items.expanduser().resolve()),
        items_id=items_id,
    )


def _warn_of_columns(columns: ColumnMapping, data: Path, read: Description) -> None:
    """Says which column was perhaps forgotten: of ratings, or of titles where those would be codes."""
    if columns.rating is not None and (columns.title is not None or not read.coded_titles):
        return
    names = TableParts(data, columns.form).columns
    proposed = propose_columns([name for name in names if name not in columns.columns])
    doubled = doubled_ratings(names) if columns.rating is None else []
    if doubled:
        errors.print(f"No ratings were named; if one of {', '.join(doubled)} holds them, name it with --rating.")
    if columns.rating is None and "rating" in proposed:
        errors.print(f"No ratings were named; if the column {proposed['rating']} holds them, name it with --rating.")
    if columns.title is None and read.coded_titles:
        named = f"; name {proposed['title']} with --title" if "title" in proposed else ""
        errors.print(f"Titles will be shown as codes such as {read.coded_titles}{named}.", markup=False)
