import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from recommender.charts.poster_art import ART, SIZE
from recommender.charts.posters import _OF_ANY, _OF_KIND, _PALETTES, HEIGHT, WIDTH, Film, draw_posters, set_type

SVG = "{http://www.w3.org/2000/svg}"
ALIKE = [
    Film(name, 1979, ("Horror",)) for name in ("Alien", "Aliens", "Alien 3", "Psycho", "Carrie", "The Ring", "Saw")
]
LONG = "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb and Everything That Ever Came of It"


def parsed(film: Film) -> ElementTree.Element:
    return ElementTree.fromstring(draw_posters([film])[0])


def written(film: Film) -> list[str]:
    return ["".join(text.itertext()) for text in parsed(film).iter(f"{SVG}text")]


def ground(svg: str) -> str:
    found = re.search(r'height="300" fill="([^"]+)"', svg)
    assert found is not None
    return found[1]


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_poster_is_the_same_each_time_and_asks_no_network():
    film = Film("Alien", 1979, ("Horror", "Sci-Fi"))
    assert draw_posters([film]) == draw_posters([film])
    assert not re.search(r"href|url\(|<image|@import", draw_posters([film])[0])


def test_name_year_and_kinds_each_make_another_poster():
    film = Film("Emma", 1996, ("Romance",))
    others = [film._replace(name="Emmy"), film._replace(year=2020), film._replace(kinds=("War",))]
    assert len(set(draw_posters([film])) | {draw_posters([other])[0] for other in others}) == 4


def test_neighbours_never_have_the_same_colours_and_a_title_keeps_its_composition():
    drawn = draw_posters(ALIKE)
    assert all(ground(one) != ground(other) for one, other in pairwise(drawn))
    shapes = [sorted(re.findall(r"<(\w+)", svg)) for svg in drawn]
    alone = [sorted(re.findall(r"<(\w+)", draw_posters([film])[0])) for film in ALIKE]
    assert shapes == alone  # by which it is known again wherever it stands
    assert len({tuple(shape) for shape in shapes}) > 1


def test_title_keeps_its_poster_beside_others_that_are_not_alike():
    alone = draw_posters([Film("Alien", 1979, ("Horror",))])[0]
    assert draw_posters([Film("Amelie", 2001, ("Romance",)), Film("Alien", 1979, ("Horror",))])[1] == alone


def test_name_and_year_are_on_it():
    assert written(Film("Almost Famous", 2000, ("Drama",))) == ["Almost", "Famous", "2000"]
    assert written(Film("Ran", None, ())) == ["Ran"]


def test_signs_of_html_stay_signs():
    assert written(Film('<b>Tom & "Jerry"</b>', None, ())) == ["<b>Tom &", '"Jerry"</b>']


@pytest.mark.parametrize(
    "name", ["Ran", "Apocalypse Now", LONG, "Supercalifragilisticexpialidocious", "千と千尋の神隠し" * 9]
)
def test_name_fits_whatever_its_length_and_script(name):
    size, lines = set_type(name)
    assert 12 <= size <= 29
    assert size * 1.08 * len(lines) <= 78
    assert all(len(line) * size * 0.3 <= WIDTH for line in lines)
    said = "".join(lines).replace(" ", "").removesuffix("…")
    assert name.replace(" ", "").startswith(said)


def test_short_name_is_set_larger_than_a_long_one():
    assert set_type("Ran")[0] > set_type("The Lord of the Rings: The Fellowship of the Ring")[0] > set_type(LONG)[0]


def test_word_with_a_hyphen_is_parted_there_and_joined_without_a_space():
    assert set_type("E.T. the Extra-Terrestrial")[1] == ["E.T. the Extra-", "Terrestrial"]
    assert set_type("Spider-Man")[1] == ["Spider-Man"]


def test_every_kind_has_a_composition_that_there_is():
    assert {art for arts in _OF_KIND.values() for art in arts} | set(_OF_ANY) == set(ART)


@pytest.mark.parametrize("kind", _OF_KIND)
def test_poster_of_every_kind_is_well_formed_and_small(kind):
    for film in (Film(name, 1990, (kind,)) for name in ("Alien", "Emma", "Fargo", "Heat")):
        svg = parsed(film)
        assert svg.attrib["viewBox"] == f"0 0 {WIDTH} {HEIGHT}"
        assert svg.attrib["aria-hidden"] == "true"
        picture = svg.find(f"{SVG}svg")
        assert picture is not None
        assert picture.attrib["height"] == str(SIZE)
        assert len(draw_posters([film])[0]) < 12_000


def test_type_reads_on_its_ground_in_both_themes():
    for palette in _PALETTES:
        assert contrast(palette.type, palette.ground) >= 7
        dimmed = ["#" + "".join(f"{round(0.84 * int(ink[i : i + 2], 16)):02x}" for i in (1, 3, 5)) for ink in palette]
        assert contrast(dimmed[4], palette.ground) >= 4.5 or contrast(palette.type, dimmed[0]) >= 4.5


def test_bright_colours_are_dimmed_where_the_page_is_dark():
    svg = "".join(draw_posters(ALIKE))
    assert re.search(r"light-dark\(#[0-9a-f]{6},#[0-9a-f]{6}\)", svg)
