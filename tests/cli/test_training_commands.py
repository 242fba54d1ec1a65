"""Training and evaluating by command on data of one's own. The command `train` itself is tested in test_main.py too."""

import json
import re

import pandas as pd
import pytest
from rich.console import Console

from recommender.cli import terminal
from tests.checkerboard import checkerboard
from tests.cli.conftest import SHORT

MAPPED = ["--user", "who", "--item", "film", "--rating", "points"]
SMALL = {
    "flagship": [*SHORT, "--epochs", 1],
    "multitask": ["--epochs", 1, "--set", "embedding_size=4"],
    "popularity": [],
}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """The checkerboard as a csv of ten points, with names of columns of its own."""
    data = checkerboard()
    path = tmp_path_factory.mktemp("tables") / "films.csv"
    pd.DataFrame(
        {
            "who": data.interactions["user_id"],
            "film": data.interactions["item_id"],
            "points": data.interactions["rating"].astype(int) * 2,
            "when": data.interactions["timestamp"],
            "kind": ["even" if row % 2 == 0 else "odd" for row in data.item_rows],
        }
    ).to_csv(path, index=False)
    return path


def test_setting_that_is_no_pair_is_refused(run, checkerboard_folder):
    code, _, complaint = run("train", "flagship", "--data", checkerboard_folder, "--set", "epochs")
    assert code == 2
    assert "--set 'epochs': expected SETTING=VALUE" in complaint


def test_model_solved_in_closed_form_is_trained_and_examined_like_the_others(run, checkerboard_folder, tmp_path):
    out = tmp_path / "store" / "ease"
    code, output, _ = run("train", "ease", "--data", checkerboard_folder, "--set", "ease_l2=2", "--out", out, "--json")
    assert code == 0
    trained = json.loads(output)
    assert trained["epochs_run"] == 0
    assert trained["metrics"]["test"]["rmse"] is None
    code, output, _ = run("evaluate", out, "--json")
    assert code == 0
    assert json.loads(output)["ndcg_at_10"] == pytest.approx(trained["metrics"]["test"]["ndcg_at_10"], abs=1e-6)


def test_how_a_table_is_written_is_said_and_what_was_said_of_it_remembered(run, table, tmp_path):
    rows = pd.read_csv(table)
    data = tmp_path / "films.txt.gz"
    rows.assign(points=rows["points"] + 0.5).to_csv(data, sep="~", decimal=",", header=False, index=False)
    out = tmp_path / "store" / "popularity"
    numbered = ("--user", "1", "--item", "2", "--rating", "3", "--timestamp", "4")
    asked = ("train", "popularity", "--data", data, *numbered, "--out", out)
    code, _, complaint = run(*asked)
    assert code == 2
    assert "there is no column '1'" in " ".join(complaint.split())
    code, _, said = run(*asked, "--separator", "~", "--decimal", ",", "--no-header")
    assert code == 0
    read = "Read films.txt.gz as gzip of text in UTF-8, '~' between values, decimal commas; no row names the columns"
    assert read in " ".join(said.split())
    _, output, _ = run("info", "--bundle", out, "--json")
    assert json.loads(output)["data"]["columns"]["form"] == {
        "separator": "~",
        "decimal": ",",
        "encoding": None,
        "header": False,
    }
    assert run("evaluate", out, "--json")[0] == 0


def test_rare_titles_are_left_out_said_and_left_out_again_when_the_bundle_is_examined(run, table, tmp_path):
    rows = pd.read_csv(table)
    rare = rows.iloc[[0]].assign(film="rare")
    data = tmp_path / "more.csv"
    pd.concat([rows, rare]).to_csv(data, index=False)
    out = tmp_path / "store" / "popularity"
    asked = ("train", "popularity", "--data", data, *MAPPED, "--out", out)
    code, _, said = run(*asked, "--min-ratings", 2)
    assert code == 0
    assert "Left out: 1 title rated fewer than 2 times, with 1 rating." in " ".join(said.split())
    code, output, _ = run("info", "--bundle", out, "--json")
    facts = json.loads(output)["data"]
    assert (facts["min_ratings"], facts["n_titles"]) == (2, rows["film"].nunique())
    assert run("evaluate", out, "--json")[0] == 0
    code, _, complaint = run(*asked, "--min-ratings", 999)
    assert code == 2
    assert "no title was rated 999 times" in complaint


@pytest.mark.parametrize("more", [[], ["--timestamp", "when", "--features", "kind:category"]])
@pytest.mark.parametrize("model", list(SMALL))
def test_foreign_table_trains_and_evaluates_with_and_without_times_and_features(run, table, tmp_path, model, more):
    out = tmp_path / "store" / "mine"
    code, output, complaint = run(
        "train", model, "--data", table, *MAPPED, "--scale", "1-10", *more, *SMALL[model], "--out", out, "--json"
    )
    assert code == 0, complaint
    trained = json.loads(output)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["data"]["scale"] == {"low": 1.0, "high": 10.0, "step": 1.0}
    assert manifest["data"]["has_timestamps"] == bool(more)
    code, output, complaint = run("evaluate", out, "--json")
    assert code == 0, complaint
    assert json.loads(output)["ndcg_at_10"] == pytest.approx(trained["metrics"]["test"]["ndcg_at_10"], abs=1e-6)


def test_table_without_named_columns_is_refused_with_those_it_has(run, table):
    code, _, complaint = run("train", "popularity", "--data", table)
    assert code == 2
    assert "who, film, points, when, kind" in complaint


def test_half_a_mapping_is_refused(run, table):
    code, _, complaint = run("train", "popularity", "--data", table, "--user", "who")
    assert code == 2
    assert "--item missing" in complaint
    code, _, complaint = run("train", "popularity", "--data", table, *MAPPED, "--repeats", "some")
    assert (code, "--repeats some is not known; give one of last, first, mean, each" in complaint) == (2, True)


def test_table_without_ratings_trains_what_ranks_and_refuses_what_predicts_stars(run, table, tmp_path):
    out = tmp_path / "ease"
    named = ["--data", table, "--user", "who", "--item", "film"]
    code, output, said = run("train", "ease", *named, "--out", out, "--json")
    assert code == 0, said
    assert "without ratings" in said
    assert "if the column points holds them, name it with --rating" in said
    figures = json.loads(output)
    assert json.loads((out / "manifest.json").read_text())["data"]["has_ratings"] is False
    test = figures["metrics"]["test"]
    assert test["ndcg_at_10"] > 0
    assert [test[name] for name in ("rmse", "liked_ndcg_at_10", "below_own_mean_at_10")] == [None] * 3
    assert "no ratings" in figures["references"]["means"]["left_out"]
    code, output, complaint = run("evaluate", out, "--json")
    assert code == 0, complaint
    assert json.loads(output)["ndcg_at_10"] == pytest.approx(test["ndcg_at_10"])
    code, _, complaint = run("train", "flagship", *named, "--out", tmp_path / "flagship")
    assert code == 2
    assert (
        "flagship learns to predict ratings, and films has none; choose a model that only ranks: two-tower" in complaint
    )


def test_bundle_remembers_how_its_table_was_read(run, table, tmp_path):
    rows = pd.read_csv(table)
    days = pd.to_datetime(rows["when"], unit="s").dt.strftime("%m/%d/%Y")
    again = rows.assign(points=rows["points"].map(lambda points: f"{points}/10"), when=days)
    data, out = tmp_path / "again.csv", tmp_path / "popularity"
    pd.concat([again, again.head(5)]).to_csv(data, index=False)
    options = ["--timestamp", "when", "--month-first", "--repeats", "first", "--out", out]
    code, _, said = run("train", "popularity", "--data", data, *MAPPED, *options)
    assert code == 0, said
    assert "5 rows repeat a viewer and title of another row: the first one counts." in said
    assert "were read as stars on a scale of 1-10" in said
    assert run("evaluate", out, "--json")[0] == 0


def test_model_that_the_data_cannot_feed_is_refused_with_the_reason(run, table, tmp_path):
    code, _, complaint = run("train", "cross", "--data", table, *MAPPED, "--out", tmp_path / "cross")
    assert code == 2
    assert "describes its titles by no feature" in complaint
    assert not (tmp_path / "cross").exists()


def test_model_that_reads_descriptions_stands_beside_queries_that_give_the_target_away(run, table, tmp_path):
    small = ["--epochs", 1, "--set", "embedding_size=4", "--set", "query_layers=[8]", "--set", "rating_layers=[8]"]
    described = ["--features", "kind:category", "--preset", "tutorial"]
    out = tmp_path / "cross"
    code, output, complaint = run(
        "train", "cross", "--data", table, *MAPPED, *described, *small, "--out", out, "--json"
    )
    assert code == 0, complaint
    references = json.loads(output)["references"]
    assert {"popularity", "ease", "cross, told the target", "popularity, told the target"} <= set(references)
    assert references["cross, told the target"]["rmse"] > 0
    told, plain = references["popularity, told the target"], references["popularity"]
    assert told["top_k_unseen"]["5"] > plain["top_k_unseen"]["5"]


def test_split_by_counts_is_made_again_for_evaluation(run, checkerboard_folder, tmp_path):
    out = tmp_path / "popularity"
    counts = ["--n-train", 200, "--n-validation", 40]
    code, output, complaint = run("train", "popularity", "--data", checkerboard_folder, *counts, "--out", out, "--json")
    assert code == 0, complaint
    split = json.loads((out / "manifest.json").read_text())["split"]
    assert (split["name"], split["n_train"], split["n_validation"], split["n_test"]) == ("counts", 200, 40, 48)
    code, again, _ = run("evaluate", out, "--json")
    assert code == 0
    trained = json.loads(output)["metrics"]["test"]
    assert json.loads(again)["top_k_unseen"] == pytest.approx(trained["top_k_unseen"])


def test_split_without_a_validation_part_is_refused(run, checkerboard_folder, tmp_path):
    counts = ["--n-train", 200, "--n-validation", 0]
    code, _, complaint = run(
        "train", "popularity", "--data", checkerboard_folder, *counts, "--out", tmp_path / "popularity"
    )
    assert code == 2
    assert "leaves nothing for validation" in complaint


@pytest.fixture(scope="module")
def one_day(tmp_path_factory):
    """Twenty viewers who rate half of thirty films each, all on one day, in a file sorted by film."""
    path = tmp_path_factory.mktemp("tables") / "day.csv"
    rows = [(viewer, (viewer * 7 + place) % 30) for viewer in range(20) for place in range(15)]
    frame = pd.DataFrame(sorted(rows), columns=["who", "film"]).assign(points=3, day="2023-05-01")
    frame.to_csv(path, index=False)
    return path


def test_split_through_ratings_of_one_second_says_how_many_it_drew(run, one_day, tmp_path):
    out = tmp_path / "popularity"
    options = ["--data", one_day, *MAPPED, "--timestamp", "day", "--split", "per-user-last", "--scale", "1-5"]
    code, _, said = run("train", "popularity", *options, "--seed", 3, "--out", out)
    assert code == 0, said
    assert "60 of the 60 ratings to test share viewer and second with one that is learned from" in said
    assert "drawn with seed 3" in said
    code, output, _ = run("evaluate", out, "--json")
    assert json.loads(output)["n_ties"] == 60


def test_model_no_better_than_a_reference_is_said_to_be_so(run, checkerboard_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(terminal, "_out", Console(highlight=False, width=200))  # so that no row's name is broken in two
    out = tmp_path / "popularity"
    code, output, complaint = run("train", "popularity", "--data", checkerboard_folder, "--out", out, "--json")
    assert code == 0, complaint
    trained = json.loads(output)
    ours, theirs = (row["ndcg_at_10"] for row in (trained["metrics"]["test"], trained["references"]["ease"]))
    assert ours < theirs
    for command in (("evaluate", out), ("info", "--bundle", out)):
        output = " ".join(run(*command)[1].split())
        said = re.search(r"Its lists are no better than (.*?): right of ten \(NDCG@10\) (\S+)\.", output)
        assert f"EASE ({theirs:.3f})" in said[1]
        assert said[2] == f"{ours:.3f}"
        assert "Found in the first 5 unseen" in output  # of 24 titles a list of ten or a hundred would say nothing
        assert "Held-out: Found in the first 5 unseen" in output
        assert "first 10" not in output


def test_table_of_one_viewer_shows_no_perfect_score_and_says_why(run, tmp_path):
    table = tmp_path / "alone.csv"
    rows = pd.DataFrame({"who": "me", "film": range(40), "points": [1, 5, 3, 4] * 10, "when": range(10**9, 10**9 + 40)})
    rows.to_csv(table, index=False)
    out = tmp_path / "popularity"
    code, output, complaint = run("train", "popularity", "--data", table, *MAPPED, "--timestamp", "when", "--out", out)
    assert code == 0, complaint
    assert "1.000" not in output
    assert "100.0%" not in output
    said = " ".join(output.split())
    assert "(novelty@10, bits) say nothing: the data have one viewer, so nothing says what others would like." in said


def test_training_whose_bundle_finds_the_disk_full_is_gone_on_with_by_resume(
    run, checkerboard_folder, tmp_path, monkeypatch
):
    from recommender.export import export

    def save(*_):
        raise OSError("No space left on device")

    out, other = tmp_path / "store" / "mine", tmp_path / "store" / "other"
    asked = ("train", "matrix-factorization", "--data", checkerboard_folder, "--epochs", 2, "--set", "n_factors=4")
    with monkeypatch.context() as patch:
        patch.setattr(export, "save_program", save)
        code, _, complaint = run(*asked, "--out", out)
    assert code == 2
    assert "cannot be written (No space left on device)" in " ".join(complaint.split())
    assert "once there is room, the same command with --resume goes on" in " ".join(complaint.split())
    assert not out.exists()
    code, _, complaint = run(*asked, "--out", out, "--resume", "--seed", 1)
    assert (code, "the seed and the split differ" in " ".join(complaint.split())) == (2, True)
    code, resumed, complaint = run(*asked, "--out", out, "--resume", "--json")
    assert code == 0, complaint
    assert "epoch" not in complaint
    code, trained, _ = run(*asked, "--out", other, "--json")
    assert code == 0
    same = ("metrics", "references", "epochs_run", "best_epoch")
    assert {name: json.loads(resumed)[name] for name in same} == {name: json.loads(trained)[name] for name in same}
    code, _, complaint = run(*asked, "--out", out, "--resume")
    assert (code, "no training of it is kept" in " ".join(complaint.split())) == (2, True)
