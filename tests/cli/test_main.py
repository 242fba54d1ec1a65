import json
import os
import shutil
import subprocess
import sys

import pytest

from recommender.bundle import MODEL_STORE, training_data
from recommender.bundle.indexes import KINDS
from recommender.cli import main
from recommender.errors import OUT_OF_MEMORY, FetchError
from tests.bundle.test_indexes import every_kind
from tests.cli.conftest import SHORT
from tests.sealing import reseal

FIGURES = (
    "n_repeated",
    "n_ties",
    "rmse",
    "mae",
    "nll",
    "interval_80_covers",
    "top_k_all",
    "top_k_unseen",
    "ndcg_at_10",
    "recall_at_10",
    "liked_ndcg_at_10",
    "below_own_mean_at_10",
)


def test_train_then_evaluate_afresh_gives_the_manifests_figures(run, checkerboard_folder, tmp_path):
    out = tmp_path / "store" / "flagship"
    options = ("--data", checkerboard_folder, *SHORT, "--epochs", 1, "--out", out, "--json")
    code, output, complaint = run("train", "flagship", *options)
    assert code == 0, complaint
    trained = json.loads(output)
    assert trained["epochs_run"] == 1
    code, output, _ = run("evaluate", out, "--json")
    assert code == 0
    found = json.loads(output)
    assert (found["model"], found["data"], found["split"], found["n_test"]) == (
        "flagship",
        "checkerboard",
        "random",
        58,
    )
    test = trained["metrics"]["test"]
    for figure in FIGURES:
        assert found[figure] == pytest.approx(test[figure], abs=1e-6)
        assert found["held_out"][figure] == pytest.approx(test["held_out"][figure], abs=1e-6)
    assert trained["metrics"]["validation"]["held_out"] is None


@pytest.mark.parametrize("kind", list(KINDS))
def test_training_for_an_index_without_its_library_is_refused_before_it_starts(
    run, checkerboard_folder, tmp_path, monkeypatch, kind
):
    monkeypatch.setitem(sys.modules, KINDS[kind].module, None)
    out = tmp_path / "flagship"
    code, _, complaint = run("train", "flagship", "--data", checkerboard_folder, "--index", kind, "--out", out)
    assert code == 2
    assert f"`pip install {KINDS[kind].package}`" in complaint
    assert "epoch" not in complaint
    assert not out.exists()


@every_kind
def test_index_is_shown_by_train_and_info_and_its_absence_by_recommend(
    run, checkerboard_folder, tmp_path, monkeypatch, kind
):
    out = tmp_path / "popularity"
    code, output, _ = run("train", "popularity", "--data", checkerboard_folder, "--index", kind, "--out", out)
    assert code == 0
    assert f"index: {kind} (" in output
    assert "recall@100 " in output
    _, output, _ = run("info", "--bundle", out, "--json")
    assert json.loads(output)["index"]["kind"] == kind
    assert "index recall_at_100" in run("info", "--bundle", out)[1]
    assert "exact index" not in run("recommend", "--bundle", out, "-k", 3)[2]
    monkeypatch.setitem(sys.modules, KINDS[kind].module, None)
    code, output, said = run("recommend", "--bundle", out, "-k", 3, "--json")
    assert (code, len(json.loads(output)["items"])) == (0, 3)
    assert f"The exact index answers: {kind} is not installed (`pip install {KINDS[kind].package}`)." in said


def test_evaluate_does_not_read_the_figures_from_the_manifest(run, checkerboard_bundle, checkerboard_folder, tmp_path):
    import shutil

    copy = shutil.copytree(checkerboard_bundle, tmp_path / "copy")
    true_rmse = json.loads((copy / "manifest.json").read_text())["metrics"]["test"]["rmse"]

    def lie(manifest):
        manifest["metrics"]["test"]["rmse"] = 0.001
        manifest["split"]["seed"] = 1

    reseal(copy, lie)
    _, output, _ = run("evaluate", copy, "--data", checkerboard_folder, "--json")
    assert json.loads(output)["rmse"] == pytest.approx(true_rmse, abs=1e-6)
    assert true_rmse > 0.01


def test_published_split_is_trained_on_and_evaluated(run, checkerboard_folder, tmp_path):
    rows = (checkerboard_folder / "u.data").read_text().splitlines(keepends=True)
    base, test = tmp_path / "u1.base", tmp_path / "u1.test"
    base.write_text("".join(rows[20:]))
    test.write_text("".join(rows[:20]))
    out = tmp_path / "ease"
    files = ("--train-file", base, "--test-file", test)
    arguments = ("--data", checkerboard_folder, "--split", "files", *files, "--out", out)
    assert run("train", "ease", *arguments)[0] == 0
    code, output, _ = run("evaluate", out, "--data", checkerboard_folder, "--json")
    assert code == 0
    assert json.loads(output)["n_test"] == 20
    test.write_text("".join(rows[:19]))
    code, _, errors = run("evaluate", out, "--data", checkerboard_folder)
    assert code == 2
    assert "u1.test" in errors
    assert "--test-file" in errors


def test_evaluate_on_other_data_is_refused(run, checkerboard_bundle, checkerboard_folder, tmp_path):
    import shutil

    other = shutil.copytree(checkerboard_folder, tmp_path / "other")
    rows = (other / "u.data").read_text().splitlines(keepends=True)
    (other / "u.data").write_text("".join(rows[:-1]))
    code, _, errors = run("evaluate", checkerboard_bundle, "--data", other)
    assert code == 2
    assert "not the data set the bundle was trained on" in errors


@pytest.mark.parametrize("at", ["880500000", "1997-11-25T23:20:00", "1997-11-26T00:20:00+01:00"])
def test_recommend_takes_seconds_or_a_date_time_in_utc(run, checkerboard_bundle, at):
    code, output, _ = run("recommend", "--bundle", checkerboard_bundle, "--at", at, "-k", 3, "--json")
    assert code == 0
    found = json.loads(output)
    assert found["at"] == 880500000
    assert [item["rank"] for item in found["items"]] == [1, 2, 3]
    assert set(found["items"][0]) == {"rank", "item_id", "title", "score", "stars", "seen", "retrieved", "future"}


def test_recommend_as_of_then_lists_what_was_seen_only_later(run, bundle_with_ratings):
    asked = ("recommend", "--bundle", bundle_with_ratings, "--user", 3, "--at", 880000000, "-k", 50, "--json")
    known, then = (json.loads(run(*asked, *more)[1])["items"] for more in ([], ["--as-of-then"]))
    known, then = ({item["title"] for item in items} for items in (known, then))
    assert known != then


def test_viewer_is_asked_at_their_last_known_moment_and_a_visitor_at_the_datas_last(
    run, checkerboard_bundle, checkerboard_folder, monkeypatch
):
    from recommender.data import read_ml100k, split_random

    ratings = read_ml100k(checkerboard_folder)
    monkeypatch.setattr(training_data, "load_ratings", lambda *_, **__: ratings)
    read = split_random(ratings, 1, validation_share=0.1).training_part
    known = read.interactions.groupby("user_id")["timestamp"].max()
    later = ratings.interactions.groupby("user_id")["timestamp"].max() > known
    user = later.index[later][0]  # whose last rating of all was held out
    theirs = known[user]
    assert theirs < read.timestamps.max()
    for command in (("recommend",), ("rate", "Title 3 (1990)")):
        for who, moment in ((("--user", user), theirs), ((), read.timestamps.max())):
            code, output, _ = run(*command, *who, "--bundle", checkerboard_bundle, "--json")
            assert (code, json.loads(output)["at"]) == (0, moment)


def test_rate_without_ratings_asks_at_the_datas_last_moment_and_says_so(run, checkerboard_bundle, monkeypatch):
    monkeypatch.setattr(training_data, "load_ratings", lambda *_, **__: (_ for _ in ()).throw(FetchError("no network")))
    code, _, complaint = run("rate", "Title 3 (1990)", "--user", 3, "--bundle", checkerboard_bundle)
    assert code == 0
    assert "the moment, if not given, is the data's last: no network" in complaint
    assert run("rate", "Title 3 (1990)", "--user", 3, "--at", 880500000, "--bundle", checkerboard_bundle)[2] == ""


def test_recommend_without_ratings_says_that_seen_titles_are_unknown(run, checkerboard_bundle, monkeypatch):
    monkeypatch.setattr(training_data, "load_ratings", lambda *_, **__: (_ for _ in ()).throw(FetchError("no network")))
    code, output, errors = run("recommend", "--user", 3, "--bundle", checkerboard_bundle, "--json")
    assert code == 0
    assert json.loads(output)["items"][0]["seen"] is None
    assert "no network" in errors


def test_recommend_hides_what_the_viewer_rated_unless_asked(run, checkerboard_bundle, checkerboard_folder, monkeypatch):
    from recommender.data import read_ml100k

    monkeypatch.setattr(training_data, "load_ratings", lambda *_, **__: read_ml100k(checkerboard_folder))
    _, output, _ = run("recommend", "--user", 3, "-k", 100, "--bundle", checkerboard_bundle, "--json")
    unseen = json.loads(output)["items"]
    assert len(unseen) == 12
    assert not any(item["seen"] for item in unseen)
    _, output, _ = run("recommend", "--user", 3, "-k", 100, "--include-seen", "--bundle", checkerboard_bundle, "--json")
    assert sum(item["seen"] for item in json.loads(output)["items"]) == 12


def test_visitor_is_served_by_rated_titles(run, checkerboard_bundle):
    rated = ("--rated", "Title 3 (1990)=5", "--rated", "Title 5 (1990)=1")
    code, output, _ = run("recommend", *rated, "-k", 100, "--bundle", checkerboard_bundle, "--json")
    assert code == 0
    titles = {item["title"] for item in json.loads(output)["items"]}
    assert len(titles) == 22
    assert "Title 3 (1990)" not in titles


def test_rate_predicts_stars_for_chosen_titles(run, checkerboard_bundle):
    titles = ["Title 3 (1990)", "Title 10 (1990)"]
    code, output, _ = run("rate", "--user", 3, "--at", 880500000, *titles, "--bundle", checkerboard_bundle, "--json")
    assert code == 0
    found = json.loads(output)
    assert (found["user_id"], found["at"]) == ("3", 880500000)
    assert [item["title"] for item in found["items"]] == titles
    assert all(1 <= item["stars"] <= 5 for item in found["items"])


def test_info_shows_the_manifest(run, checkerboard_bundle):
    code, output, _ = run("info", "--bundle", checkerboard_bundle, "--json")
    assert code == 0
    assert json.loads(output)["model"] == "flagship"
    assert "flagship" in run("info", "--bundle", checkerboard_bundle)[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("frobnicate",), "frobnicate"),
        (("train",), "'model'"),
        (("train", "flagship", "--epochs", "many"), "--epochs"),
        (("train", "flagship", "--epochs", "0"), "greater than or equal to 1"),
        (("recommend", "--usr", "3"), "--usr"),
        (("train", "flagshp"), "flagshp"),
        (("train", "flagship", "--split", "rndom"), "rndom"),
        (("train", "flagship", "--data", "ml-1m"), "ml-1m"),
        (("train", "flagship", "--train-file", "nowhere"), "files"),
        (("evaluate", "nowhere"), "there is no bundle here"),
        (("recommend", "--user", "99"), "'99'"),
        (("recommend", "--user", "3", "--at", "yesterday"), "'yesterday'"),
        (("recommend", "--user", "3", "--at", "-7"), "-7"),
        (("recommend", "--user", "3", "--at", "892839492000"), "looks like milliseconds"),
        (("recommend", "--user", "3", "-k", "0"), "'-k'"),
        (("rate", "--user", "3", "Titel 3 (1990)"), "'Title 3 (1990)'"),
        (("recommend", "--rated", "Title 3 (1990)"), "TITLE=STARS"),
        (("recommend", "--rated", "Title 3 (1990)=9"), "1-5"),
        (("info", "--bundle", "nowhere"), "there is no bundle here"),
        (("fetch", "--from", "nowhere"), "nowhere"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_users_mistakes_end_with_2_and_one_sentence(
    run, checkerboard_bundle, checkerboard_folder, monkeypatch, arguments, message
):
    from recommender.data import read_ml100k

    monkeypatch.setenv("MATINEE_BUNDLE", str(checkerboard_bundle))
    if "--data" not in arguments:
        monkeypatch.setattr(training_data, "load_ratings", lambda *_, **__: read_ml100k(checkerboard_folder))
    code, output, errors = run(*arguments)
    assert code == 2
    assert output == ""
    assert message in errors
    assert "Traceback" not in errors
    told = errors.strip().splitlines()
    assert sum(line.startswith("error: ") for line in told) == 1
    assert len(told) == 1 or " ratings of " in told[0]  # what was read by then


def test_module_runs_as_a_program_and_is_silent_about_tensorflow(checkerboard_bundle):
    command = [
        sys.executable,
        "-m",
        "recommender",
        "rate",
        "Title 3 (1990)",
        "--bundle",
        str(checkerboard_bundle),
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ}, check=False)
    assert done.returncode == 0
    assert len(json.loads(done.stdout)["items"]) == 1
    assert done.stderr == ""


def test_models_lists_the_zoo_with_tasks_inputs_and_presets(run):
    code, output, _ = run("models", "--json")
    assert code == 0
    listed = {row["name"]: row for row in json.loads(output)["models"]}
    assert {"flagship", "multitask", "two-tower", "deep-1", "deep-3", "deep-5"} <= set(listed)
    assert {"matrix-factorization", "cross", "ease", "popularity"} <= set(listed)
    assert listed["two-tower"]["tasks"] == ["retrieval"]
    assert listed["multitask"]["inputs"] == ["user_id", "timestamp", "title_id", "title_text"]
    assert listed["multitask"]["presets"] == ["default", "tutorial"]


def test_what_turning_dials_costs_is_measured_anew_and_printed(
    run, checkerboard_bundle, checkerboard_folder, tmp_path, monkeypatch
):
    monkeypatch.setattr("recommender.export.dial_prices._MOST_VIEWERS", 250)
    bundle = shutil.copytree(checkerboard_bundle, tmp_path / "flagship")
    code, output, complaint = run("dials", bundle, "--data", checkerboard_folder, "--json")
    assert code == 0, complaint
    found = json.loads(output)
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert found["personal"] == manifest["dials"]["personal"]
    assert [position["at"] for position in found["praise"]] == [-1, -0.5, 0, 0.5, 1]


def test_digest_of_a_bundle_is_printed_and_compared(run):
    bundle = MODEL_STORE / "matrix-factorization"
    _, output, _ = run("info", "--bundle", bundle, "--json")
    digest = json.loads(output)["seal"]
    assert run("info", "--bundle", bundle, "--digest", f"{digest[:16]} {digest[16:].upper()}")[0] == 0
    code, _, complaint = run("info", "--bundle", bundle, "--digest", "0" * 64)
    assert code == 2
    assert f"its digest is {digest}, and {'0' * 64} was expected; this is another bundle" in complaint


def test_bundle_of_an_earlier_version_is_sealed_from_the_command_line(run, tmp_path):
    bundle = shutil.copytree(MODEL_STORE / "matrix-factorization", tmp_path / "old")
    manifest = json.loads((bundle / "manifest.json").read_text())
    digest = manifest.pop("seal")
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    code, _, complaint = run("info", "--bundle", bundle)
    assert (code, "python -m recommender seal" in complaint) == (2, True)
    assert json.loads(run("seal", bundle, "--json")[1])["digest"] == digest
    assert run("info", "--bundle", bundle)[0] == 0


def test_memory_that_is_not_enough_is_a_sentence(run, monkeypatch):
    def fail(*_, **__):
        raise MemoryError

    monkeypatch.setattr(main, "app", fail)
    assert run("models") == (2, "", f"error: {OUT_OF_MEMORY}\n")


def test_error_that_nobody_expects_is_no_sentence(monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(main, "app", fail)
    with pytest.raises(ZeroDivisionError):
        main.main()
