"""Which bundles may be compared, and their figures side by side."""

import pytest

from recommender.bundle.manifest import Manifest
from recommender.dashboard.bundles import exams
from tests.dashboard.doubles import manifest


def with_split(**changes: object) -> Manifest:
    said = manifest()
    return said.model_copy(update={"split": said.split.model_copy(update=changes)})


def test_bundles_of_one_exam_differ_in_nothing() -> None:
    assert exams.exam_of(manifest()).unlike(exams.exam_of(manifest(model="other"))) == ""


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (manifest(data_name="anime"), "other data, anime"),
        (with_split(name="temporal"), "another split, temporal"),
        (with_split(train_file_checksum="aa"), "another split, random"),
        (with_split(seed=7), "seed 7 of the split"),
        (with_split(name="per-user-last", ties="file order"), "another split, per-user-last"),
        (with_split(n_test=9), "a test part of 9 ratings"),
        (
            manifest().model_copy(update={"data": manifest().data.model_copy(update={"checksum": "cd"})}),
            "another edition of ml-100k",
        ),
    ],
)
def test_exam_says_what_differs(other: Manifest, says: str) -> None:
    assert exams.exam_of(other).unlike(exams.exam_of(manifest())) == says
    assert exams.exam_of(other) != exams.exam_of(manifest())


def test_bundles_are_grouped_by_exam_the_shown_one_first() -> None:
    manifests = {"a": manifest(data_name="anime"), "b": manifest(), "c": manifest(data_name="anime"), "d": manifest()}
    groups = exams.by_exam(manifests, exams.exam_of(manifests["b"]))
    assert list(groups.values()) == [["b", "d"], ["a", "c"]]


def test_table_is_best_first_and_blank_where_nothing_was_measured() -> None:
    starless = manifest(tasks=("retrieval",))
    unmeasured = manifest().model_copy(update={"metrics": {}})
    frame = exams.table({"none": unmeasured, "plain": manifest(), "starless": starless}, ["none", "plain", "starless"])
    assert frame["name"].tolist() == ["plain", "starless", "none"]
    assert frame["rmse"].tolist()[0] == 0.9
    assert frame["rmse"].isna().tolist() == [False, True, True]
    assert frame["in_longest"].tolist()[:2] == [0.65, 0.65]


def test_references_come_from_whoever_measured_them() -> None:
    silent = manifest().model_copy(update={"references": {}})
    assert exams.references({"a": silent, "b": manifest()}, ["a", "b"]) == {"popularity": 0.41}
    assert exams.references({"a": silent}, ["a"]) == {}


def test_split_through_one_second_by_file_order_is_another_exam_than_one_drawn() -> None:
    drawn, by_file = (exams.exam_of(with_split(name="per-user-last", ties=ties)) for ties in ("seed", "file order"))
    assert by_file.unlike(drawn) == "ratings of one second cut by file order"
    assert exams.exam_of(with_split(ties="file order")) == exams.exam_of(manifest())  # random: no time decides


def test_shares_are_those_of_the_longest_list_that_says_something() -> None:
    said = manifest()
    small = said.model_copy(update={"data": said.data.model_copy(update={"n_titles": 30})})
    assert exams.exam_of(said).longest == 100
    assert exams.exam_of(small).longest == 5
    frame = exams.table({"small": small}, ["small"])
    assert frame["in_longest"].tolist() == pytest.approx([0.65 * 0.2])
    assert frame["told"].tolist() == pytest.approx([0.65 * 0.2 * 1.1])
    assert exams.references({"small": small}, ["small"]) == {"popularity": pytest.approx(0.41 * 0.2)}


def test_bundle_that_was_told_the_second_alone_is_named_and_ranked_by_what_it_has() -> None:
    earlier = manifest()
    test = {name: earlier.metrics["test"][name] for name in ("n_test", "ndcg_at_10", "held_out")}
    earlier = earlier.model_copy(update={"metrics": {"test": test}})
    better = earlier.model_copy(update={"metrics": {"test": {**test, "ndcg_at_10": 0.9}}})
    manifests = {"a": earlier, "b": better, "c": manifest()}
    assert exams.table(manifests, manifests)["name"].tolist() == ["c", "b", "a"]
    assert exams.not_measured(manifests, manifests) == ["a", "b"]
