import re

import numpy as np
import pandas as pd
import pytest

from recommender.dashboard.drawing import poster_files
from recommender.dashboard.drawing.cards import Reading, cards_of, stars_in_words

LISTED = pd.DataFrame(
    {
        "place": [1, 2],
        "item_id": ["7", "8"],
        "name": ['<b>Tom & "Jerry"</b>', "The Postman"],
        "year": pd.array([1997, pd.NA], "Int64"),
        "stars": [3.94, np.nan],
        "low": [3.0, np.nan],
        "high": [4.5, np.nan],
        "because": ["Because they gave five stars to Q&A.", ""],
        "popular": [False, False],
        "seen": pd.array([True, pd.NA], "boolean"),
        "labels": [["Children", "Comedy"], []],
    }
)
READING = Reading("Recommended titles", rates=True, pictures={})


def text_of(html: str) -> list[str]:
    return [
        part.strip()
        for part in re.split(r"<[^>]+>", re.sub(r"<svg.*?</svg></svg>|<svg.*?</svg>", "", html))
        if part.strip()
    ]


def test_card_says_place_name_year_kinds_stars_and_reason():
    first, second = cards_of(LISTED, READING).split("</li>")[:2]
    for said in (
        "1997 · Children, Comedy",
        "<b>3.9 stars</b>, most likely 3 to 4.5",
        ">seen<",
        "five stars to Q&amp;A.",
    ):
        assert said in first
    assert "stars" not in second
    assert "because" not in second
    assert "seen" not in second


def test_names_from_the_data_are_escaped():
    html = cards_of(LISTED, READING)
    assert "<b>Tom" not in html
    assert "&lt;b&gt;Tom &amp; &quot;Jerry&quot;&lt;/b&gt;</button>" in html


def test_every_card_is_a_button_that_names_its_row_unless_it_opens_nothing():
    found = re.findall(r'data-row="(\d)" data-asks="(\w+)"', cards_of(LISTED, READING))
    assert found == [("0", "aside"), ("0", "opened"), ("1", "aside"), ("1", "opened")]
    assert 'aria-label="Not interested in The Postman"' in cards_of(LISTED, READING)
    found = re.findall(r'data-asks="(\w+)"', cards_of(LISTED, READING._replace(opens=False)))
    assert found == ["aside", "aside"]


def test_model_without_stars_shows_none():
    assert "3.9" not in cards_of(LISTED, READING._replace(rates=False))


def test_reason_that_is_everybodys_is_quiet():
    html = cards_of(LISTED.assign(popular=[True, False], because=["Everybody watches it.", ""]), READING)
    assert '<p class="because popular">Everybody watches it.</p>' in html


def test_picture_covers_the_drawn_poster_which_stays_where_it_does_not_come():
    html = cards_of(LISTED, READING._replace(pictures={"8": '/assets/posters/a"b/8.jpg'}))
    assert html.count("<img") == 1
    assert 'src="/assets/posters/a&quot;b/8.jpg" alt=""' in html
    assert html.count("</text></svg><img") == 1


def test_poster_leaves_out_the_name_in_other_languages():
    name = "Amelie (Fabuleux destin d'Amélie Poulain, Le)"
    html = cards_of(LISTED.assign(name=[name, "Good, the Bad and the Ugly, The (Buono, Il)"]), READING)
    assert ">Amelie</text>" in html
    assert ">The Good," in html
    assert ">Amelie (Fabuleux destin d&#x27;Amélie Poulain, Le)</button>" in html


@pytest.mark.parametrize(
    ("stars", "said"),
    [
        ((3.94, 3.0, 4.5), ("3.9 stars", "most likely 3 to 4.5")),
        ((3.94, 4.0, 4.0), ("3.9 stars", "most likely 4")),
        ((3.94, np.nan, np.nan), ("3.9 stars", "")),
        ((np.nan, np.nan, np.nan), ("", "")),
    ],
)
def test_stars_are_said_with_their_range_where_there_is_one(stars, said):
    assert stars_in_words(*stars) == said


def test_pictures_are_found_by_the_ids_of_titles(monkeypatch, tmp_path):
    monkeypatch.setattr(poster_files, "_FOLDER", tmp_path)
    (tmp_path / "ml").mkdir()
    for name in ("7.jpg", "a b.png", "9.txt", "alien.jpg"):
        (tmp_path / "ml" / name).touch()
    (tmp_path / "other.jpg").touch()
    found = poster_files.addresses_of("ml", dict.fromkeys(["7", "8", "9", "a b", "../other"], ""))
    assert found == {"7": "/assets/posters/ml/7.jpg", "a b": "/assets/posters/ml/a%20b.png"}
    assert poster_files.addresses_of("none", {"7": ""}) == {}
    assert poster_files.addresses_of("..", {"7": ""}) == {}
    named = {"1": "alien.jpg", "2": "/t/p/alien.jpg", "3": "..\\alien.jpg", "7": "gone.jpg", "8": "../other.jpg"}
    assert poster_files.addresses_of("ml", named) == {
        **dict.fromkeys("123", "/assets/posters/ml/alien.jpg"),
        "7": "/assets/posters/ml/7.jpg",
    }


def test_column_of_posters_says_the_picture_or_where_it_is_and_nothing_else_is_asked():
    said = {
        "1": " https://films.example/a%20b.jpg ",
        "2": "data:image/png;base64,iVBORw0KGgo=",
        "3": "http://films.example/plain.jpg",
        "4": "javascript:alert(1)",
        "5": "data:text/html,<b>",
        "6": "https:///nowhere.jpg",
        "7": "https://films.example/a b.jpg",
        "8": "file:///etc/passwd",
        "9": f"data:image/png;base64,{'A' * 200_000}",
        "10": "https://[films.example/a.jpg",
        "11": "https://art.example/a.jpg",
        "12": f"{'a' * 5000}.jpg",
        "13": "nul\0.jpg",
    }
    found = poster_files.addresses_of("ml-100k", said)
    assert found == {"1": said["1"].strip(), "2": said["2"], "11": said["11"]}
    assert poster_files.sites_asked(found.values()) == ["art.example", "films.example"]
