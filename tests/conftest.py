"""Fixtures for all tests. No test needs a network, a data set on this machine, or the user's own cache."""

import gc
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.checkerboard import write_checkerboard_as_ml100k
from tests.eager import eager_functions
from tests.sealing import reseal

# What says how many threads OpenMP and TensorFlow work with.
_THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
SHORT = {"steps": 2, "epochs": 2, "head_size": 4, "n_heads": 2, "batch_size": 16, "rating_batch_size": 32}


def pytest_configure() -> None:
    """Several processes of tests have a thread each: with more they would wait for each other."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        for name in _THREADS:
            os.environ.setdefault(name, "1")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """What is imported to stay is not looked through for garbage: neither while it comes, nor at any time after.

    TensorFlow alone is half a million objects, and each training, server or page makes Python look through all there
    are.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, so that no process works alone at the end: those with a browser, those that train, the others.

    What trains is outside `dashboard`. Among each kind come first the files with a time limit of their own, whose
    trainings of low priority take long beside others, then those with the most tests.
    """
    tests_in = Counter(item.path for item in items)
    items.sort(
        key=lambda item: (
            item.get_closest_marker("browser") is None,
            "dashboard" in item.path.parts,
            item.get_closest_marker("timeout") is None,
            -tests_in[item.path],
        )
    )


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run of tests have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def checkerboard_folder(shared_folder: Path) -> Path:
    """The checkerboard in the layout of MovieLens 100K; read it, do not change it."""
    with FileLock(shared_folder / "checkerboard.lock"):
        path = shared_folder / "data" / "checkerboard"
        return path if path.exists() else write_checkerboard_as_ml100k(path)


@pytest.fixture(scope="session")
def export_checkerboard(checkerboard_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Writes a model trained for a moment on the checkerboard's files, with the options of `export_bundle`."""
    from recommender.data import load_ratings, split_by_name
    from recommender.export.export import export_bundle
    from recommender.training.trainer import TrainedModel, train_model

    ratings = load_ratings(checkerboard_folder)
    split = split_by_name("random", ratings, seed=1, validation_share=0.1)

    @cache
    def trained() -> TrainedModel:
        with eager_functions():
            return train_model("flagship", split, seed=1, settings=SHORT)

    def export(path: Path | None = None, **options: Any) -> Path:
        path = path or tmp_path_factory.mktemp("store") / "flagship"
        export_bundle(path, trained(), ratings, split, seed=1, **options)
        return path

    return export


@pytest.fixture(scope="session")
def checkerboard_bundle(export_checkerboard: Callable[..., Path], shared_folder: Path) -> Path:
    """A bundle trained for a moment on the checkerboard's files; read it, do not change it."""
    return _once(shared_folder / "plain" / "flagship", export_checkerboard)


@pytest.fixture(scope="session")
def bundle_with_ratings(checkerboard_bundle: Path, checkerboard_folder: Path, shared_folder: Path) -> Path:
    """The same bundle, which finds its ratings; read it, do not change it."""

    def say_where_the_ratings_are(path: Path) -> Path:
        shutil.copytree(checkerboard_bundle, path)
        reseal(path, lambda manifest: manifest["data"].update(source=str(checkerboard_folder)))
        return path

    return _once(shared_folder / "with-ratings" / "flagship", say_where_the_ratings_are)


def _once(path: Path, export: Callable[[Path], Path]) -> Path:
    """Exports a bundle unless another process has done so."""
    path.parent.mkdir(exist_ok=True)
    with FileLock(path.parent / "lock"):
        return path if path.exists() else export(path)


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Runs the command line in this process; gives exit code, standard output and standard error."""
    from recommender.cli import main

    monkeypatch.setenv("MATINEE_CACHE", str(tmp_path / "cache"))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["recommender", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main.main()
        return (end.value.code or 0, *capsys.readouterr())

    return run
