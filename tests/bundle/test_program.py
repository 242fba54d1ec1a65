"""Programs that do more than compute are refused before anything of them is run."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from recommender.bundle import MODEL_STORE
from recommender.bundle.manifest import GRAPH, SAVED_MODEL
from recommender.bundle.program import check_graph, functions_of
from recommender.bundle.reader import read_bundle
from recommender.errors import BundleError
from recommender.runs.bundle_names import COMMITTED
from recommender.serving.recommender import Recommender
from tests.sealing import reseal

HERE = Path("saved_model.pb")
OURS = MODEL_STORE / "matrix-factorization"


def asked(graph: Any) -> Any:
    """A function that is called by a signature."""
    return next(f for f in functions_of(graph) if f.signature.name.startswith("__inference_retrieve"))


def add(nodes: Any, operation: str, **attributes: Any) -> Any:
    node = nodes.add(name=f"added_{len(nodes)}", op=operation)
    for name, value in attributes.items():
        node.attr[name].CopyFrom(value)
    return node


def calling(*names: str) -> Any:
    """An attribute that names functions."""
    attribute = tf.compat.v1.AttrValue()
    for name in names:
        attribute.list.func.add(name=name)
    return attribute


def inside(attribute: Any) -> Any:
    """The same within the attributes of a function that is there."""
    outer = tf.compat.v1.AttrValue()
    outer.func.name = "outer"
    outer.func.attr["inner"].CopyFrom(attribute)
    return outer


def read_a_file(graph: Any) -> None:
    add(asked(graph).node_def, "ReadFile")


def read_a_file_when_it_is_loaded(graph: Any) -> None:
    add(graph.graph_def.node, "ReadFile")


def restore_a_file(graph: Any) -> None:
    add(asked(graph).node_def, "RestoreV2")


def write_a_file_in_a_function_that_a_branch_calls(graph: Any) -> None:
    add(functions_of(graph).add().node_def, "WriteFile")
    functions_of(graph)[-1].signature.name = "outer"
    add(asked(graph).node_def, "If", then_branch=calling("outer"))


def save_in_a_function_that_both_call(graph: Any) -> None:
    added = functions_of(graph).add()
    added.signature.name = "outer"
    add(added.node_def, "SaveV2")
    add(graph.graph_def.node, "StatefulPartitionedCall", f=calling("outer"))
    add(asked(graph).node_def, "StatefulPartitionedCall", f=calling("outer"))


def call_what_is_not_there(graph: Any) -> None:
    functions_of(graph).add().signature.name = "outer"
    add(asked(graph).node_def, "StatefulPartitionedCall", f=inside(calling("elsewhere")))


def call_itself(graph: Any) -> None:
    add(asked(graph).node_def, "StatefulPartitionedCall", f=calling(asked(graph).signature.name))


def double_and_double_again(graph: Any) -> None:
    for n in range(60):
        function = functions_of(graph).add()
        function.signature.name = f"double_{n}"
        add(function.node_def, "StatefulPartitionedCall", f=calling(*[f"double_{n + 1}"] * 2 if n < 59 else []))


def hold_many_numbers(graph: Any) -> None:
    many = tf.compat.v1.AttrValue()
    many.tensor.tensor_shape.dim.add(size=10**6)
    many.tensor.tensor_shape.dim.add(size=-(10**6))
    add(asked(graph).node_def, "Const", value=many)


def hold_a_file(graph: Any) -> None:
    graph.object_graph_def.nodes.add().asset.asset_file_def_index = 0


def be_a_class_of_its_own(graph: Any) -> None:
    graph.object_graph_def.nodes.add().user_object.identifier = "optimizer"


def be_restored_in_its_own_way(graph: Any) -> None:
    graph.object_graph_def.nodes[0].registered_saver = "mine"


def be_of_the_first_kind(graph: Any) -> None:
    graph.ClearField("object_graph_def")


@pytest.fixture(scope="module")
def content() -> bytes:
    return (OURS / GRAPH).read_bytes()


@pytest.mark.parametrize("name", sorted(COMMITTED))
def test_committed_bundles_only_compute(name: str) -> None:
    check_graph((MODEL_STORE / name / GRAPH).read_bytes(), HERE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (read_a_file, "the operation ReadFile"),
        (read_a_file_when_it_is_loaded, "the operation ReadFile"),
        (restore_a_file, "the operation RestoreV2"),
        (write_a_file_in_a_function_that_a_branch_calls, "the operation WriteFile"),
        (save_in_a_function_that_both_call, "the operation SaveV2"),
        (call_what_is_not_there, "calls the function elsewhere, which is not in it"),
        (call_itself, "calls itself"),
        (double_and_double_again, "more than 500,000 steps"),
        (hold_many_numbers, "constants hold more than"),
        (hold_a_file, "of the kind asset"),
        (be_a_class_of_its_own, "of the class 'optimizer'"),
        (be_restored_in_its_own_way, "restored in a way of its own"),
        (be_of_the_first_kind, "SavedModel of another kind"),
    ],
)
def test_graph_that_could_do_more_than_compute_is_refused_by_name(
    content: bytes, change: Callable[[Any], None], message: str
) -> None:
    model = saved_model_pb2.SavedModel.FromString(content)
    change(model.meta_graphs[0])
    with pytest.raises(BundleError, match=message):
        check_graph(model.SerializeToString(), HERE)


def test_two_graphs_in_one_are_refused(content: bytes) -> None:
    model = saved_model_pb2.SavedModel.FromString(content)
    model.meta_graphs.add().CopyFrom(model.meta_graphs[0])
    with pytest.raises(BundleError, match="SavedModel of another kind"):
        check_graph(model.SerializeToString(), HERE)


def test_program_that_writes_a_file_is_not_run_though_its_bundle_is_sealed(tmp_path: Path) -> None:
    bundle, written = Path(shutil.copytree(OURS, tmp_path / "theirs")), tmp_path / "written"

    class Theirs(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)])
        def embed(self, items: tf.Tensor) -> dict[str, tf.Tensor]:
            with tf.control_dependencies([tf.io.write_file(str(written), "here")]):
                return {"candidates": tf.zeros([tf.size(items), 50])}

    theirs = Theirs()
    shutil.rmtree(bundle / SAVED_MODEL)
    tf.saved_model.save(theirs, str(bundle / SAVED_MODEL), signatures={"embed": theirs.embed})
    reseal(bundle)
    read_bundle(bundle)
    with pytest.raises(BundleError, match=r"the operation WriteFile.*Nothing of it was run"):
        Recommender.load(bundle)
    assert not written.exists()
