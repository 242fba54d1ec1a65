"""What TensorFlow Serving is given answers with plain TensorFlow as the bundle itself does, to the last bit."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from recommender.bundle import MODEL_STORE
from recommender.bundle.reader import read_bundle, read_manifest
from recommender.errors import BundleError
from recommender.export import tf_serving
from recommender.export.tf_serving import export_for_tf_serving
from recommender.serving.recommender import History, Recommender

K = 10


@pytest.fixture(scope="module")
def own(checkerboard_bundle):
    return Recommender(read_bundle(checkerboard_bundle))


@pytest.fixture(scope="module")
def folder(checkerboard_bundle, tmp_path_factory):
    out = tmp_path_factory.mktemp("serving") / "flagship"
    assert export_for_tf_serving(checkerboard_bundle, out) == (out / "1", 1, "1")
    return out


@pytest.fixture(scope="module")
def served(folder):
    """Answers as TensorFlow Serving does: a session is fed what is asked, and the rest has its defaults."""
    with tf.Graph().as_default() as graph:
        session = tf.compat.v1.Session(graph=graph)
        signature = tf.compat.v1.saved_model.load(session, ["serve"], str(folder / "1")).signature_def[
            "serving_default"
        ]
    assert signature.inputs.keys() - signature.defaults.keys() == {"user_id"}
    outputs = {name: tensor.name for name, tensor in signature.outputs.items()}
    yield lambda **asked: session.run(outputs, {signature.inputs[name].name: asked[name] for name in asked})
    session.close()


def histories_as_asked(histories):
    """Titles and stars as the signature takes them, from a history (title -> stars) of each viewer."""
    width = max(map(len, histories))
    titles = [[*history, *[""] * (width - len(history))] for history in histories]
    stars = [[*history.values(), *[0.0] * (width - len(history))] for history in histories]
    return {"rated_titles": np.array(titles, object), "rated_stars": np.array(stars, np.float32)}


def assert_same(answer, row, found):
    """One viewer's list is the bundle's; behind its end there is nothing."""
    n = len(found)
    for name in ("title", "item_id"):
        assert [text.decode() for text in answer[name][row]] == [*found[name], *[""] * (K - n)]
    for name in {"score", "stars"} & answer.keys():
        assert answer[name][row].tobytes() == np.append(found[name], np.zeros(K - n)).astype(np.float32).tobytes()


def test_several_viewers_and_visitors_in_one_call_have_the_lists_of_the_bundle(own, served):
    users = ["3", "", "7", ""]
    rated = [f"Title {number} (1990)" for number in range(3, 20)]
    histories = [{}, {rated[0]: 5.0, rated[2]: 1.0}, {rated[1]: 2.0}, dict.fromkeys(rated, 4.0)]  # the last leaves 7
    at = [own.first_moment, own.last_moment, own.last_moment - 9999, own.last_moment]
    answer = served(user_id=users, at=at, k=K, **histories_as_asked(histories))
    for row, (user, moment, history) in enumerate(zip(users, at, histories, strict=True)):
        given = History(history) if history else None
        assert_same(answer, row, own.retrieve(user or None, moment, K, history=given))
    assert answer["title"][3].tolist().count(b"") == K - (len(own.titles) - len(rated))


def test_all_but_the_viewer_may_be_left_out(own, served):
    answer = served(user_id=["3", ""])
    for row, user in enumerate(("3", None)):
        assert_same(answer, row, own.retrieve(user, own.last_moment, K))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"user_id": ["3", "99"]}, "the model does not know this user; a visitor has no id:] [99]"),
        (histories_as_asked([{"Nothing": 3.0}]), "the model does not know this title:] [Nothing]"),
        (histories_as_asked([{"Title 3 (1990)": 9.0}]), "stars lie outside 1-5:] [9]"),
        (histories_as_asked([{"Title 3 (1990)": float("nan")}]), "stars lie outside 1-5:"),
        ({"at": [-1]}, "a moment is a number of seconds since 1970:] [-1]"),
        ({"k": 0}, "a list holds one title at least:] [0]"),
        (
            {"rated_titles": [["Title 3 (1990)", "Title 3 (1990)"]], "rated_stars": [[1.0, 5.0]]},
            "a title is rated twice by one viewer:] [Title 3 (1990)]",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_the_model_itself(served, asked, said):
    with pytest.raises(tf.errors.InvalidArgumentError) as refusal:
        served(**{"user_id": ["3"], "at": [0], "k": K, **histories_as_asked([{}]), **asked})
    assert said in str(refusal.value)


def test_what_is_there_gets_another_version_and_what_is_not_ours_is_left_as_it_is(
    run, checkerboard_bundle, folder, monkeypatch
):
    monkeypatch.setattr(tf_serving, "TitlesForViewers", lambda bundle: SimpleNamespace(recommend=None))
    monkeypatch.setattr(tf_serving, "save_program", lambda module, signatures, folder: None)
    mark = json.loads((folder / "1" / "assets.extra" / "matinee.json").read_text())
    assert mark["digest"] == read_manifest(checkerboard_bundle).seal
    before = (folder / "1" / "saved_model.pb").read_bytes()
    code, output, _ = run("export", checkerboard_bundle, "--tf-serving", folder)
    assert (code, sorted(path.name for path in folder.iterdir())) == (0, ["1", "2"])
    assert (folder / "1" / "saved_model.pb").read_bytes() == before
    start = f"docker run -t --rm -p 8501:8501 -v {folder}:/models/flagship -e MODEL_NAME=flagship tensorflow/serving"
    ask = """curl -d '{"inputs": {"user_id": ["1"]}}' http://localhost:8501/v1/models/flagship:predict"""
    assert {start, ask} <= set(output.splitlines())
    (folder / "notes.txt").touch()
    with pytest.raises(BundleError, match=r"holds 'notes.txt', which was not written here"):
        export_for_tf_serving(checkerboard_bundle, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["1", "2", "notes.txt"]


def test_a_folder_of_another_program_is_refused(run, checkerboard_bundle, tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "saved_model.pb").touch()
    code, _, complaint = run("export", checkerboard_bundle, "--tf-serving", tmp_path)
    assert (code, complaint.count("\n")) == (2, 1)
    assert "holds '1', which was not written here for TensorFlow Serving" in complaint


@pytest.mark.slow
def test_a_thousand_answers_are_those_of_the_committed_bundle(tmp_path: Path):
    bundle = MODEL_STORE / "flagship"
    own = Recommender.load(bundle)
    served = tf.saved_model.load(str(export_for_tf_serving(bundle, tmp_path).folder)).signatures["serving_default"]
    draw = np.random.default_rng(14)
    for _ in range(20):
        users = np.where(draw.random(50) < 0.2, "", draw.choice(own.user_ids, 50)).tolist()
        at = draw.integers(own.first_moment, own.last_moment + 1, 50)
        lengths = draw.integers(1, 30, 50) * (draw.random(50) < 0.6)
        histories = [
            {str(title): float(draw.integers(1, 11)) / 2 for title in draw.choice(own.titles, length, replace=False)}
            for length in lengths
        ]
        asked = {"user_id": users, "at": at, "k": np.int32(K), **histories_as_asked(histories)}
        answer = {
            name: column.numpy()
            for name, column in served(**{name: tf.constant(value) for name, value in asked.items()}).items()
        }
        for row, (user, moment, history) in enumerate(zip(users, at.tolist(), histories, strict=True)):
            given = History(history) if history else None
            assert_same(answer, row, own.retrieve(user or None, moment, K, history=given))
