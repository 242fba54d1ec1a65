"""Journeys over a store of their own: a table mapped, trained on and chosen on every page; a file that goes away."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from recommender.bundle.manifest import Manifest
from recommender.bundle.reader import read_manifest
from recommender.bundle.training_data import load_data_of
from recommender.runs import Queue, live_curves, read_events
from recommender.runs.progress_log import PHASES
from tests.checkerboard import checkerboard
from tests.dashboard.journeys import LOG, PATIENCE, rest, served, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkerboard as a csv whose columns go by unusual names, one of its rows broken."""
    data = checkerboard()
    path = tmp_path_factory.mktemp("mine") / "evenings.csv"
    pd.DataFrame(
        {
            "neighbour": data.interactions["user_id"],
            "film": data.interactions["item_id"],
            "points": data.interactions["rating"].astype(int).astype(str),
            "when": data.interactions["timestamp"],
        }
    ).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def server(checkerboard_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The app over a store of its own, and the store; nothing may have failed in its log, which is beside the store."""
    store = tmp_path_factory.mktemp("train") / "store"
    shutil.copytree(checkerboard_bundle, store / "flagship")
    environment = {
        "MATINEE_BUNDLE": str(store / "flagship"),
        "MATINEE_CACHE": str(tmp_path_factory.mktemp("cache")),
        "MATINEE_ML100K": str(tmp_path_factory.mktemp("nothing") / "missing.zip"),
    }
    with served(environment, store.parent) as found:
        yield found, store


def opened(page: Any, address: str) -> Any:
    visit(page, f"{address}/training?view=Train+a+model&train_model=two-tower")
    page.get_by_role("button", name="Train", exact=True).wait_for()
    rest(page)
    return page


def choose(page: Any, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()
    rest(page)


def test_download_that_fails_late_says_why_and_leaves_no_traceback(
    open_tab: Callable[..., Any], server: tuple[str, Path]
) -> None:
    """It is prepared when it is clicked, and the file went away meanwhile."""
    address, store = server
    history = store / "flagship" / "history.csv"
    whole = history.read_bytes()
    page = open_tab()
    page.goto(f"{address}/models")
    page.get_by_role("heading", name="What it is").wait_for()
    rest(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Learning curves").click()
    assert Path(download.value.path()).read_bytes() == whole
    rest(page)
    history.write_text("something else")
    page.get_by_role("button", name="Learning curves").click()
    page.get_by_test_id("stDownloadButtonError").wait_for()
    assert page.locator('[data-testid="stException"]').count() == 0
    page.reload()
    page.get_by_text(
        "Not to be downloaded: flagship/history.csv: is missing or was changed; train the model again."
    ).wait_for()
    rest(page)
    assert page.get_by_role("button", name="Learning curves").is_disabled()
    assert page.get_by_role("button", name="Manifest").is_enabled()
    why = "a download was not prepared: flagship/history.csv: is missing or was changed"
    assert why in (store.parent / LOG).read_text()
    history.write_bytes(whole)


def test_own_table_is_trained_on_and_its_model_is_in_every_picker(
    open_tab: Callable[..., Any], server: tuple[str, Path], table: Path, tmp_path: Path
) -> None:
    address, store = server
    page = opened(open_tab(height=1400), address)
    choose(page, "Data", "A table of your own")
    train = page.get_by_role("button", name="Train", exact=True)
    assert train.is_disabled()

    broken = tmp_path / "evenings.csv"
    broken.write_text(table.read_text() + "u1,t3,many,880000000\n")
    page.locator("input[type=file]").set_input_files(broken)
    page.get_by_text("Say which columns hold").wait_for()
    choose(page, "Viewer's id", "neighbour")
    page.get_by_text("1 row needs mending").wait_for()
    page.get_by_text("is not a number").wait_for()
    assert train.is_disabled()

    page.locator("input[type=file]").first.set_input_files(table)
    page.get_by_text("Say which columns hold").wait_for()
    choose(page, "Viewer's id", "neighbour")
    page.get_by_text("Nothing needs mending").wait_for()

    epochs = page.get_by_role("spinbutton", name="Epochs, at most")
    epochs.fill("2")
    epochs.press("Tab")
    rest(page)
    name = page.get_by_role("textbox", name="Name of the bundle")
    name.fill("evenings")
    name.press("Tab")
    rest(page)
    train.click()
    page.get_by_role("heading", name="Under way").wait_for()
    page.close()  # a closed tab loses nothing

    page = opened(open_tab(height=1400), address)
    page.get_by_text("evenings is two-tower on evenings").first.wait_for()
    show = page.get_by_role("button", name="Show it")
    show.wait_for(timeout=3 * PATIENCE)
    page.get_by_text("(best-sellers: ").wait_for()
    what_the_process_wrote(store, read_manifest(store / "evenings"))

    show.click()
    page.get_by_role("heading", name="How two-tower was trained").wait_for()
    rest(page)
    assert "model=evenings" in page.url
    page.get_by_role("link", name="Recommend").click()
    page.get_by_role("heading", name=re.compile("Recommended")).wait_for()
    assert re.search(r"model=evenings", page.url)
    assert page.get_by_text("Histories and seen titles are missing").count() == 0  # the table was found again
    assert page.locator('[data-testid="stException"]').count() == 0


def what_the_process_wrote(store: Path, manifest: Manifest) -> None:
    """What a training leaves in its own folder says what its bundle says."""
    queue = Queue(store / ".runs", store)
    (run,) = queue.runs()
    assert (manifest.model, manifest.training.seed) == ("two-tower", run.request.seed)
    assert manifest.configuration["epochs"] == 2
    assert run.end["metrics"]["ndcg_at_10"] == manifest.metrics["test"]["ndcg_at_10"]
    assert set(run.end["references"]) == set(manifest.references) >= {"popularity", "ease"}

    events = read_events(run.progress)
    phases = [event["phase"] for event in events if event["event"] == "phase"]
    assert phases == list(PHASES)
    curves = live_curves(events)
    validated = curves[curves["phase"] == "validation"]
    assert set(validated["epoch"]) == {1.0, 2.0}
    assert {"retrieval_loss", "ndcg_at_10", "score"} <= set(validated["metric"])

    assert not list(store.glob(".[!r]*"))
    queue.forget(run)
    assert len(load_data_of(manifest.data)) == len(checkerboard())  # the table is the bundle's, too


def test_training_is_cancelled_from_the_page_and_leaves_nothing(
    open_tab: Callable[..., Any], server: tuple[str, Path]
) -> None:
    address, store = server
    page = opened(open_tab(height=1400), address)
    train = page.get_by_role("button", name="Train", exact=True)
    train.click()
    page.get_by_text("One is under way").wait_for()
    page.get_by_role("button", name="Cancel").first.click()
    page.get_by_text("Cancelled.").wait_for()
    assert not list(store.glob(".two-tower.*"))
    assert not (store / "two-tower").exists()
    page.close()
