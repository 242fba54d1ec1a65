"""The settings worth ten times the speed of a rerun, and what is imported and served for all pages."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def asked_of_python(program: str) -> list[object]:
    """What a new interpreter prints as json, started in the repository without any setting from outside."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("STREAMLIT_", "TF_"))}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_serving_never_brings_keras_3_whose_session_streamlit_would_clear() -> None:
    program = (
        "import json, os, sys; import recommender.serving.recommender;"
        "print(json.dumps([os.environ.get('TF_USE_LEGACY_KERAS'),"
        "'keras' in sys.modules, 'tensorflow' in sys.modules]))"
    )
    assert asked_of_python(program) == ["1", False, True]


def test_legacy_keras_is_switched_on_in_exactly_one_place() -> None:
    places = [
        f for f in (ROOT / "recommender").rglob("*.py") if 'environ.setdefault("TF_USE_LEGACY_KERAS"' in f.read_text()
    ]
    assert places == [ROOT / "recommender" / "__init__.py"]


def test_streamlit_does_not_collect_garbage_after_each_run() -> None:
    program = (
        "import json; from streamlit import config;"
        "print(json.dumps([config.get_option('runner.postScriptGC'), config.get_option('browser.gatherUsageStats'),"
        " config.get_option('client.showErrorDetails'), config.get_option('server.address')]))"
    )
    assert asked_of_python(program) == [False, False, "none", "localhost"]


def test_fonts_are_served_from_here_with_their_licences() -> None:
    config = (ROOT / ".streamlit" / "config.toml").read_text()
    fonts = [line.split('"')[1] for line in config.splitlines() if line.startswith("url = ")]
    assert len(fonts) == 2
    for font in fonts:
        assert (ROOT / font.removeprefix("/")).read_bytes()[:4] == b"wOF2"
    assert len(list((ROOT / "assets" / "fonts").glob("*LICENSE.txt"))) == len(fonts)


def test_what_stays_in_view_on_a_phone_has_the_grounds_of_the_theme() -> None:
    config = (ROOT / ".streamlit" / "config.toml").read_text()
    light, dark = (line.split('"')[1] for line in config.splitlines() if line.startswith("backgroundColor"))
    assert f"light-dark({light}, {dark})" in (ROOT / "assets" / "phone.css").read_text()


def test_importing_the_app_draws_nothing() -> None:
    program = "import json, streamlit_app as s; print(json.dumps([type(s.app).__name__, hasattr(s, 'shell')]))"
    assert asked_of_python(program) == ["App", False]
