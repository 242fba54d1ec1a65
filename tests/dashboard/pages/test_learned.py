"""The page Training as it shows what a model learned."""

import re

import pytest

from recommender.bundle.manifest import IndexFacts
from recommender.dashboard.drawing.markdown import escape
from tests.dashboard.drawn import words


def test_curves_mark_the_best_epoch(open_app) -> None:
    app = open_app("training")
    assert not app.exception
    charts = [chart.proto.alt for chart in app.get("vega_lite_chart")]
    assert [alt for alt in charts if "best epoch 3" in alt] == [
        f"{name} by epoch, training and validation; best epoch 3"
        for name in ("Both errors together (loss)", "Stars off (RMSE)", "Found in the first 100 unseen")
    ]
    assert "The amber rule is epoch 3, the best of 4" in words(app)


def test_final_figures_stand_beside_the_reference(open_app) -> None:
    app = open_app("training")
    table = next(t.value for t in app.dataframe if "Final figures" in t.proto.alt).set_index("Figure")
    assert list(table.columns) == ["Train", "Validation", "Test", "Best-sellers"]
    assert table.loc["Stars off (RMSE)"].tolist() == ["0.800", "0.910", "0.900", ""]
    assert table.loc["Found in the first 100 unseen", ["Test", "Best-sellers"]].tolist() == ["65.0%", "41.0%"]
    assert "**65%**" in words(app)
    assert "(best\\-sellers: 41%)" in words(app)
    assert "told the target" not in words(app)


def test_columns_asked_with_the_target_are_explained(open_app, recommender) -> None:
    references = {**recommender.manifest.references, "cross, told the target": {"top_k_unseen": {"100": 0.9}}}
    recommender.manifest = recommender.manifest.model_copy(update={"references": references})
    assert "not what is known of a viewer" in words(open_app("training"))


def test_provenance_says_what_was_trained_on_what_when_and_how(open_app) -> None:
    app = open_app("training")
    assert "**ml\\-100k**: 51 ratings of 400 titles by 8 viewers, 20 Sep 1997 to 22 Apr 1998" in words(app)
    assert "Split `random`, seed 42: 40 to train, 4 to validate, 7 to test" in words(app)
    tables = " ".join(t.value.to_string() for t in [*app.table, *app.dataframe]).replace("\\", "")
    for fact in (
        "21 Nov 2026, 20:41 UTC",
        "1,234 parameters",
        "abababababababab",
        "learning_rate",
        "tensorflow 2.21.0",
    ):
        assert fact in tables


@pytest.mark.parametrize("note", ["", "The exact index answers: faiss is not installed."])
def test_provenance_names_the_index_and_says_when_the_exact_one_answers_in_its_place(
    open_app, recommender, note
) -> None:
    index = IndexFacts(
        kind="faiss",
        recall_at_100=0.9514,
        n_queries=8,
        build_seconds=1.27,
        bytes=1_110_000,
        parameters={"n_lists": 41, "n_probe": 19},
        candidate_size=161,
    )
    recommender.manifest = recommender.manifest.model_copy(update={"index": index})
    recommender.index_note = note
    facts = next(t.value for t in open_app("training").table if "What was trained" in t.proto.alt)
    shown = re.sub(r"[\\\u2060]", "", str(facts.loc["Index"].iloc[0]))  # what keeps it from being Markdown
    expected = "faiss (n_lists 41, n_probe 19), recall@100 0.951 against exact, built in 1.27 s, 1.11 MB"
    assert shown == (f"{expected}. {note}" if note else expected)


def test_the_moment_is_shown_against_the_data(open_app) -> None:
    app = open_app("training", at="1997-09-25T00:00")
    found = re.search(r"the moment in the bar: (\d+) of the ratings", words(app))
    assert found is not None
    assert 0 < int(found[1]) < 51


def test_every_table_and_chart_has_an_accessible_name(open_app) -> None:
    app = open_app("training")
    assert all(element.proto.alt for element in [*app.table, *app.dataframe, *app.get("vega_lite_chart")])


def test_choices_of_the_list_stay_in_the_url(open_app) -> None:
    app = open_app("training", k="3", titles=["Fargo (1996)", "Heat (1995)"], pin="1998-01-01T00:00", user="4")
    assert app.query_params["k"] == "3"
    assert app.query_params["titles"] == ["Fargo (1996)", "Heat (1995)"]
    assert app.query_params["pin"] == "1998-01-01T00:00"


def test_pages_stand_in_the_order_of_a_visit() -> None:
    from recommender.dashboard.shell import PAGES

    assert [page.title for page in PAGES] == [
        "Recommend",
        "Time travel",
        "Replay",
        "Movies",
        "Models",
        "Training",
        "You",
    ]


def test_markdown_in_a_name_is_text() -> None:
    assert escape("M*A*S*H") == "M\\*A\\*S\\*H"
    assert escape("[x](y)") == "\\[x\\]\\(y\\)"
