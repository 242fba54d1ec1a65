import pytest

from recommender.bundle.figures import (
    REFERENCES,
    digits_apart,
    figure,
    lengths_shown,
    listed,
    reference_help,
    reference_name,
    references_said,
    remarks,
    verdict,
    written,
)
from recommender.models.zoo import ZOO

TEST = {
    "n_test": 9,
    "rmse": None,
    "ndcg_at_10": 0.21349,
    "recall_at_10": None,
    "coverage_at_10": None,
    "top_k_unseen": {"1": 0.5},
    "says_nothing": {"recall_at_10": "too few titles", "coverage_at_10": "too few titles"},
    "held_out": {"n_test": 9, "rmse": 1.25, "top_k_unseen": {"1": None}, "says_nothing": {"top_k_unseen": "why"}},
}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("ndcg_at_10",), "0.213"),
        (("top_k_unseen", "1"), "0.500"),
        (("top_k_unseen", "100"), ""),  # no length of list for this catalogue
        (("rmse",), ""),  # not predicted
        (("recall_at_10",), "says nothing"),
        (("liked_ndcg_at_10",), "not measured"),
        (("held_out", "rmse"), "1.250"),
        (("held_out", "top_k_unseen", "1"), "says nothing"),
        (("held_out", "mae"), "not measured"),
    ],
)
def test_figure_is_written_or_why_there_is_none(path, text):
    assert written(TEST, path, ".3f") == text


def test_row_that_is_no_examination_or_was_not_told_the_second_stays_blank():
    assert written({"rmse": 0.8}, ("ndcg_at_10",), ".3f") == ""
    assert written({"n_test": 4, "held_out": None}, ("held_out", "rmse"), ".3f") == ""


def test_figure_is_none_where_it_is_missing_or_no_number():
    row = {"a": {"b": 1}, "c": float("nan"), "d": "text"}
    assert figure(row, "a", "b") == 1.0
    assert figure(row, "a") is figure(row, "c") is figure(row, "d") is figure(row, "a", "b", "e") is None


@pytest.mark.parametrize(
    ("n_titles", "lengths"), [(3, (1,)), (24, (5,)), (40, (10,)), (200, (10, 50)), (1664, (10, 100))]
)
def test_tables_show_ten_and_the_longest_list_that_says_something(n_titles, lengths):
    assert lengths_shown(n_titles) == lengths


def test_references_that_are_as_good_to_three_decimals_are_named():
    references = {
        "popularity": {"ndcg_at_10": 0.2131},
        "ease": {"ndcg_at_10": 0.44},
        "worse": {"ndcg_at_10": 0.2},
        "told": {"rmse": 1},
    }
    assert remarks(TEST | {"says_nothing": {}}, references) == [
        "Its lists are no better than best-sellers (0.213) and EASE (0.440): right of ten (NDCG@10) 0.213."
    ]
    assert remarks({"ndcg_at_10": 0.45}, references) == []
    assert remarks({"ndcg_at_10": None}, references) == []


def test_figures_that_say_nothing_are_named_with_their_reason():
    assert remarks(TEST, {}) == [
        "On these data found of a viewer's titles in ten (recall@10) and catalogue covered (coverage@10) say nothing: "
        "too few titles."
    ]
    assert remarks({"says_nothing": {"novelty_at_10": "all is seen"}}, {}) == [
        "On these data how unusual the ten are (novelty@10, bits) says nothing: all is seen."
    ]


def test_references_have_one_name_and_their_help_the_term_of_the_field() -> None:
    assert [reference_name(name) for name in ("recent-popularity", "signed-ease", "told-the-title")] == [
        "recent best-sellers",
        "signed EASE",
        "told the title",
    ]
    assert set(REFERENCES) <= set(ZOO)
    assert reference_help("popularity").endswith("(popularity)")
    assert references_said(["told-the-title", "popularity", "ease"]) == (
        "Best-sellers: one list for everybody, of what most have watched (popularity); EASE: counts what is watched "
        "together (embarrassingly shallow autoencoder)."
    )
    assert reference_help("told-the-title") == references_said(["told-the-title"]) == ""


def test_names_are_listed_as_people_do():
    assert [listed(list(names)) for names in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]


def test_verdict_says_how_much_more_is_found_than_by_simple_lists_and_how_far_stars_are_off() -> None:
    references = {"popularity": {"recall_at_10": 0.1}, "ease": {"recall_at_10": 0.16}, "means": {"rmse": 0.9}}
    assert verdict("mine", {"recall_at_10": 0.123, "rmse": 0.876}, references) == (
        "Of a viewer's titles that were held back from it, mine finds 12.3% in its first ten: 23% more than "
        "best-sellers (10.0%) and 23% fewer than EASE, which counts what is watched together (16.0%). Its stars are "
        "off by 0.88."
    )
    assert verdict("starless", {"recall_at_10": 0.1}, {}) == (
        "Of a viewer's titles that were held back from it, starless finds 10% in its first ten."
    )
    assert not verdict("unexamined", {}, references)


def test_figures_that_differ_do_not_read_the_same() -> None:
    references = {"popularity": {"recall_at_10": 0.1196}, "ease": {"recall_at_10": 0.1231}}
    said = verdict("mine", {"recall_at_10": 0.1234}, references)
    assert "finds 12.3% in its first ten: 3% more than best-sellers (12.0%) and as many as EASE" in said
    assert digits_apart(0.1, [0.1001]) == 0  # said to be as good as
    assert digits_apart(1.64, [1.49], fewest=1) == 2  # 1.6 beside 1.5 would be 7% more, and 10% are said
    assert digits_apart(0.168, [0.0715], 100) == 2
    assert (digits_apart(3.04, [2.96], fewest=1), digits_apart(3.1, [2.9], fewest=1)) == (2, 1)
