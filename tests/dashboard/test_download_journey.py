"""A download that is prepared when it is clicked, of a bundle whose file went away meanwhile."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.journeys import rest, served

pytestmark = pytest.mark.browser


def test_download_that_fails_late_says_why_and_leaves_no_traceback(
    open_tab: Callable[..., Any], checkerboard_bundle: Path, tmp_path: Path
) -> None:
    bundle = Path(shutil.copytree(checkerboard_bundle, tmp_path / "store" / "flagship"))
    environment = {
        "MATINEE_BUNDLE": str(bundle),
        "MATINEE_CACHE": str(tmp_path / "cache"),
        "MATINEE_ML100K": str(tmp_path / "missing.zip"),
    }
    page = open_tab()
    with served(environment, tmp_path) as address:  # which looks for a traceback in its log at the end
        page.goto(f"{address}/models")
        page.get_by_role("heading", name="What it is").wait_for()
        rest(page)
        with page.expect_download() as download:
            page.get_by_role("button", name="Learning curves").click()
        assert Path(download.value.path()).read_bytes() == (bundle / "history.csv").read_bytes()
        rest(page)
        (bundle / "history.csv").write_text("something else")
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
        page.close()  # before its server goes
    assert (
        "a download was not prepared: flagship/history.csv: is missing or was changed"
        in (tmp_path / "server.log").read_text()
    )
