import pandas as pd
import pytest

from recommender.data.titles import short_name, spoken_name, with_ids, without_id, words_of


@pytest.mark.parametrize(
    ("title", "name", "year"),
    [
        ("Star Wars (1977)", "Star Wars", 1977),
        ("Postman, The (1997)", "The Postman", 1997),
        ("Good, The Bad and The Ugly, The (1966)", "The Good, The Bad and The Ugly", 1966),
        ("Haine, La (1995)", "La Haine", 1995),
        ("unknown", "unknown", None),
        ("Shanghai Triad (Yao a yao yao dao waipo qiao) (1995)", "Shanghai Triad (Yao a yao yao dao waipo qiao)", 1995),
        ("(1968)", "(1968)", 1968),
    ],
)
def test_title_is_written_as_people_say_it(title: str, name: str, year: int | None) -> None:
    assert spoken_name(title) == (name, year)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Postman, The (1997)", "The Postman"),
        ("Good, the Bad and the Ugly, The (Buono, il brutto, il cattivo, Il) (1966)", "The Good, the Bad and the Ugly"),
        ("Seven (a.k.a. Se7en) (1995)", "Seven"),
        ("(500) Days of Summer (2009)", "(500) Days of Summer"),
        ("(1968)", "(1968)"),
    ],
)
def test_short_name_leaves_out_names_in_other_languages(title: str, name: str) -> None:
    assert short_name(title) == name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Schindler's List (1993)", ["schindlers", "list", "1993"]),
        ("Schindler´s List", ["schindlers", "list"]),
        ("L'Été à Paris", ["lete", "a", "paris"]),
        ("WALL·E, a_b", ["wall", "e", "a", "b"]),
        ("!?", []),
    ],
)
def test_words_are_compared_without_case_accents_and_signs(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_signs_that_join_are_for_the_caller_to_say() -> None:
    assert words_of("L.A. Story") == ["l", "a", "story"]
    assert words_of("L.A. Story", joining=".") == ["la", "story"]


def test_titles_that_items_share_get_their_ids_and_lose_them_again() -> None:
    titles, ids = pd.Series(["Emma", "Heat [uncut]", "Emma"]), pd.Series(["7", "8", "4107"])
    different = with_ids(titles, ids)
    assert different.tolist() == ["Emma [7]", "Heat [uncut]", "Emma [4107]"]
    assert without_id(different[2]) == "Emma"
