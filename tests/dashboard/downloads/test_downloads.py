"""What is downloaded from a page, opened and looked into."""

import io
import json
import struct
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pyarrow as pa
import pytest

from recommender import dashboard
from recommender.charts import ClockLayout
from recommender.charts.clock_layout import STEP
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.download import Download, Picture, Responding, Table, cell, file_name
from recommender.dashboard.downloads.list_headings import with_cards
from recommender.dashboard.downloads.report import report_html
from recommender.dashboard.downloads.sheet import sheet_png
from tests.dashboard.drawn import listed
from tests.dashboard.reports import read

pytest.importorskip("vl_convert", reason="NO DRAWING: pip install vl-convert-python; nothing was drawn")

TITLES = Table(
    "The first 2 titles", pd.DataFrame({"#": [1, 2], "Title": ["M*A*S*H & <b>", "Ran"], "Stars": [4.25, 3.0]})
)
STARS = Picture(
    "Predicted stars",
    "predicted_stars",
    pd.DataFrame(
        {
            "position": [0, 1],
            "title": ["a", "b"],
            "name": ["a", "b"],
            "colour": ["#3c97cb", "#d8708a"],
            "stars": [4.25, 3.0],
            "pinned": [4.0, float("nan")],
            "given": [float("nan")] * 2,
            "note": ["4.2 stars", "3.0 stars"],
        }
    ),
    ((1.0, 5.0),),
    alt="a 4.2, b 3.0",
)
VIEW = Download(
    "Harsh critic (viewer 181): recommended",
    "recommended-181",
    (TITLES,),
    (STARS, STARS),
    ("A sentence.",),
    {"Model": "flagship"},
    "http://localhost:8501/?user=181",
    "Data: not to be passed on.",
)


def test_report_needs_nothing_but_itself() -> None:
    page = report_html(VIEW)
    reader = read(page)
    assert not [load for load in reader.loads if not load.startswith(("data:", "#"))]
    style = page.decode().split("<style>")[1].split("</style>")[0]
    assert "url(data:font/woff2;base64," in style
    assert "http" not in style
    assert "@import" not in style
    assert page.count(b"<script") == len(VIEW.pictures) + 2  # the charts' data, the two looks, and what draws them
    assert len(page) < 5_000_000


def test_report_says_what_it_shows_and_where_it_comes_from() -> None:
    page = report_html(VIEW, datetime(2026, 11, 22, 3, 4, tzinfo=UTC)).decode()
    text = " ".join(read(page.encode()).text)
    for said in (
        "Harsh critic (viewer 181): recommended",
        "A sentence.",
        "M*A*S*H & <b>",
        "4.25",
        "flagship",
        "Data: not to be passed on.",
        "22 Nov 2026, 03:04 UTC",
    ):
        assert said in text
    assert '<a href="http://localhost:8501/?user=181">' in page
    assert 'aria-label="a 4.2, b 3.0"' in page


def test_list_of_cards_is_cards_in_the_report_and_the_same_as_a_table() -> None:
    listed = pd.DataFrame(
        {
            "place": [1],
            "item_id": ["8"],
            "name": ["M*A*S*H & <b>"],
            "year": [1970],
            "stars": [4.25],
            "low": [3.0],
            "high": [5.0],
            "because": ["Because they gave five stars to Ran."],
            "popular": [False],
        }
    )
    can = SimpleNamespace(rates=True)
    page = report_html(replace(VIEW, tables=(with_cards(TITLES, listed, can),))).decode()
    text = " ".join(read(page.encode()).text)
    cards, rest = page.split('<ol class="matinee-cards"')[1].split("</ol>")
    assert "<svg" in cards
    assert "4.2 stars" in cards or "4.3 stars" in cards
    assert "M*A*S*H &amp; &lt;b&gt;" in cards
    assert "<button" not in cards  # nothing here could answer
    assert "Because" not in text  # whose ratings these are is not passed on
    assert "The same as a table" in rest
    assert "<details" not in report_html(VIEW).decode()


def test_report_escapes_whatever_it_is_given() -> None:
    odd = "<script>alert('x')</script> & \"b\""
    table = Table(odd, pd.DataFrame({odd: [odd]}), odd)
    page = report_html(Download(odd, "x", (table,), (replace(STARS, name=odd, alt=odd, note=odd),), (odd,), {odd: odd}))
    assert page.count(b"<script") == 3
    assert [text.strip() for text in read(page).text if "script" in text] == [odd] * 11


def charts_in(page: bytes) -> list[dict]:
    """The specifications that a page draws, read as strictly as a browser does."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    *charts, _looks, _program = read(page).scripts
    return [json.loads(chart, parse_constant=refuse) for chart in charts]


def test_page_holds_the_data_of_its_charts_whatever_is_in_them() -> None:
    odd = replace(STARS, frame=STARS.frame.assign(name=["</script><b>", "b"]))
    (chart,) = charts_in(report_html(Download("x", "x", (TITLES,), (odd,))))
    (rows,) = chart["datasets"].values()
    assert [row["name"] for row in rows] == ["</script><b>", "b"]
    assert rows[1]["pinned"] is None


def test_page_draws_what_responds_in_place_of_a_still_picture_and_says_how() -> None:
    layout = ClockLayout(n_rows=2, curves=False, life=False, n_steps=3)
    frames = {"moments": pa.table({"x": [0.5], "offset": [0]})}
    clock = replace(STARS, responding=Responding("turning_clock", lambda: frames, (layout,), "Move over it."))
    view = Download("x", "x", (TITLES,), (clock,))
    page = report_html(view)
    (chart,) = charts_in(page)
    assert chart["datasets"] == {"moments": [{"x": 0.5, "offset": 0}]}
    assert STEP in {parameter["name"] for parameter in chart["params"]}
    assert "Move over it." in " ".join(read(page).text)
    assert sheet_png(view) == sheet_png(Download("x", "x", (TITLES,), (STARS,)))


def test_picture_is_a_png_of_the_sheets_width_that_grows_with_its_rows() -> None:
    short = sheet_png(VIEW)
    longer = sheet_png(Download("x", "x", (Table("many", pd.DataFrame({"Title": ["a"] * 60})),), (STARS, STARS)))
    sizes = []
    for drawn in (short, longer):
        assert drawn[:8] == b"\x89PNG\r\n\x1a\n"
        sizes.append(struct.unpack(">II", drawn[16:24]))
    assert sizes[0][0] == sizes[1][0] == 2080
    assert sizes[1][1] > sizes[0][1] > 500


def test_one_table_is_a_csv_and_several_are_a_zip() -> None:
    assert pd.read_csv(io.BytesIO(VIEW.csv())).to_dict("list") == TITLES.frame.to_dict("list")
    two = Download("x", "x", (TITLES, Table("All models", pd.DataFrame({"RMSE": [0.9]}))))
    with zipfile.ZipFile(io.BytesIO(two.csv())) as archive:
        assert archive.namelist() == ["1-the-first-2-titles.csv", "2-all-models.csv"]
        assert archive.read("2-all-models.csv").decode("utf-8-sig") == "RMSE\n0.9\n"


def test_title_is_no_formula_in_a_csv() -> None:
    table = Table("T", pd.DataFrame({"Title": ["=HYPERLINK(1)"], "Gain": [-0.5]}))
    assert Download("t", "t", (table,)).csv().decode("utf-8-sig") == "Title,Gain\n'=HYPERLINK(1),-0.5\n"
    with zipfile.ZipFile(io.BytesIO(Download("t", "t", (table, table)).csv())) as archive:
        assert archive.read("1-t.csv").decode("utf-8-sig") == "Title,Gain\n'=HYPERLINK(1),-0.5\n"


def test_no_page_writes_a_csv_past_the_one_place_that_makes_formulas_text() -> None:
    pages = Path(dashboard.__file__).parent.rglob("*.py")
    assert [page for page in pages if ".to_csv(" in page.read_text("utf-8")] == []


def test_table_that_a_chart_shows_is_in_the_csv_alone() -> None:
    data = Table("Epoch by epoch", pd.DataFrame({"Epoch": range(300), "RMSE": 0.9}), in_csv_alone=True)
    view = Download("x", "x", (TITLES, data))
    with zipfile.ZipFile(io.BytesIO(view.csv())) as archive:
        assert len(archive.read("2-epoch-by-epoch.csv").splitlines()) == 301
    assert b"Epoch by epoch" not in report_html(view)
    assert sheet_png(view) == sheet_png(Download("x", "x", (TITLES,)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (0.5, "0.50"),
        (float("nan"), ""),
        (pd.NA, ""),
        (None, ""),
        (True, "yes"),
        (["a", "b"], "a, b"),
        (12345.0, "12,345"),
    ],
)
def test_cells_are_written_as_they_are_read(value: object, text: str) -> None:
    assert cell(value) == text


def test_file_names_hold_no_path() -> None:
    assert file_name("Harsh critic (viewer 181)") == "harsh-critic-viewer-181"
    assert "/" not in file_name("../../etc")


def downloads(monkeypatch: pytest.MonkeyPatch) -> list[Download]:
    taken: list[Download] = []
    real = download_menu.draw
    monkeypatch.setattr(download_menu, "draw", lambda download: (taken.append(download), real(download)))
    return taken


def test_download_of_recommend_holds_nobodys_ratings(open_app, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = downloads(monkeypatch)
    app = open_app(user="4", titles=["Star Wars (1977)"], k="5", pin="1997-11-09T06:38")
    assert not app.exception
    view = taken[-1]
    assert len(view.tables[0].frame) == 5
    assert view.tables[0].frame.columns.tolist() == ["#", "Title", "Year", "Genres", "Stars", "Move"]
    assert view.pictures[0].frame["given"].isna().all()  # viewer 4 has rated Star Wars
    assert "user=4&at=1997-09-23T03:09&pin=1997-11-09T06:38&titles=Star+Wars+%281977%29&k=5" in view.address
    assert view.address in {code.value for code in app.code}
    assert "MovieLens 100K" in view.licence
    assert read(report_html(view)).text
    assert "flagship" in view.facts["Model"]


def test_nothing_is_drawn_before_somebody_asks(open_app, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Picture) -> None:
        raise AssertionError("a chart was built")

    monkeypatch.setattr(Picture, "specification", refuse)
    app = open_app()
    assert not app.exception
    labels = {button.label for button in app.get("download_button")}
    assert {"Table, csv", "Picture, png", "Page that responds, html"} <= labels


def test_address_of_a_view_shows_the_same_again(open_app, monkeypatch: pytest.MonkeyPatch) -> None:
    from urllib.parse import parse_qs

    taken = downloads(monkeypatch)
    first = open_app(user="5", at="1998-01-01T00:00", k="3", hide_seen="false", titles=["Heat (1995)", "Ran (1985)"])
    before = listed(first)
    query = {name: v if len(v) > 1 else v[0] for name, v in parse_qs(taken[-1].address.split("?")[1]).items()}
    again = open_app(**query)
    assert not again.exception
    pd.testing.assert_frame_equal(listed(again), before)
    assert again.multiselect(key="titles").value == ["Heat (1995)", "Ran (1985)"]
