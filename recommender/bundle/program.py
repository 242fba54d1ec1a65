"""The program in a bundle: its graph is read, and known to do nothing but compute, before TensorFlow runs any of it.

A SavedModel can hold operations that read and write files. So all that can be asked of one, and all that this calls,
may use what our own exports use and nothing else; see `operations`.
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from recommender.bundle.checks import refusal
from recommender.bundle.manifest import GRAPH, sha256_of
from recommender.bundle.operations import BESIDE, CLASSES, OBJECTS, OPERATIONS
from recommender.bundle.plain_file import read_plain
from recommender.bundle.reader import Bundle
from recommender.errors import BundleError

_MOST_BYTES = 64_000_000  # of a graph; ours have less than one million, as weights lie beside it
_MOST_NODES = 500_000  # once functions stand where they are called; ours have a few thousand
_MOST_NUMBERS = 50_000_000  # in constants, which a graph can write down in a few bytes

_Calls = Mapping[str, Sequence[str]]  # function -> those it names, as often as it does


def load_program(bundle: Bundle) -> Any:
    """The SavedModel of a bundle, loaded after its graph was checked.

    Args:
      bundle: whose files were verified.

    Raises:
      BundleError: if the graph does anything but compute, or TensorFlow cannot load it.
    """
    file, checksum = bundle.path / GRAPH, bundle.manifest.files[GRAPH]
    try:
        content = read_plain(file, _MOST_BYTES)
        if hashlib.sha256(content).hexdigest() != checksum:
            raise refusal(f"{file}: was replaced while it was read")
        check_graph(content, file)
        model = tf.saved_model.load(str(bundle.saved_model))
        if sha256_of(file) != checksum:
            raise refusal(f"{file}: was replaced while it was loaded")
    except BundleError:
        raise
    except Exception as error:  # whatever TensorFlow raises of a graph that no export wrote
        raise refusal(f"{bundle.path}: it cannot be loaded ({_first_line(error)})") from error
    return model


def signatures_of(program: Any) -> dict[str, Callable[..., dict[str, tf.Tensor]]]:
    """The functions of a loaded program by name, each asked with the inputs of this version's.

    Bundles of the schema before this one read histories without times: what a function does not take is left out.
    """
    return {name: _with_inputs_of(function) for name, function in program.signatures.items()}


def _with_inputs_of(function: Any) -> Callable[..., dict[str, tf.Tensor]]:
    names = function.structured_input_signature[1]
    return lambda **inputs: function(**{name: value for name, value in inputs.items() if name in names})


def check_graph(content: bytes, file: Path) -> None:
    """Refuses a graph that could do anything but compute.

    Args:
      content: a SavedModel as protocol buffer.
      file: where it was read, for messages.

    Raises:
      BundleError: for the first thing that no export of ours holds; the message names it.
      DecodeError: of protobuf, if it is no SavedModel.
    """
    graphs = saved_model_pb2.SavedModel.FromString(content).meta_graphs
    if len(graphs) != 1 or not graphs[0].HasField("object_graph_def"):
        raise refusal(f"{file}: is a SavedModel of another kind than is written here")
    reason = next(_complaints(graphs[0]), None)
    if reason:
        raise BundleError(
            f"{file}: {reason}. Nothing of it was run. Do not use this bundle unless you know who made it; train it "
            "again with `python -m recommender train MODEL --out DIR`, or name another."
        )


def functions_of(graph: Any) -> Any:
    """The functions of a MetaGraphDef, those that only other functions call among them; the list can be changed."""
    return _defined_in(graph).function


def _defined_in(graph: Any) -> Any:
    return graph.graph_def.library  # TensorFlow's name for where functions and gradients stand


def _complaints(graph: Any) -> Iterator[str]:
    """What is wrong with a MetaGraphDef, in sentences without a full stop."""
    yield from _wrong_objects(graph)
    functions = {function.signature.name: function.node_def for function in functions_of(graph)}
    calls = {name: _called(nodes) for name, nodes in functions.items()}
    by_graph = _called(graph.graph_def.node)
    for name in {*by_graph, *chain.from_iterable(calls.values())} - functions.keys():
        yield f"it calls the function {name}, which is not in it"
    beside = _reached(by_graph, calls)
    served = functions.keys() - beside | _reached(_asked(graph.object_graph_def), calls)
    for nodes in [graph.graph_def.node, *(functions[name] for name in functions.keys() - served)]:
        yield from _wrong_operations(nodes, BESIDE)
    for name in served:
        yield from _wrong_operations(functions[name], OPERATIONS)
    yield from _wrong_sizes([graph.graph_def.node, *functions.values()])
    yield from _wrong_lengths({name: len(nodes) for name, nodes in functions.items()}, calls)


def _wrong_objects(graph: Any) -> Iterator[str]:
    defined = _defined_in(graph)
    if graph.asset_file_def or defined.gradient or defined.registered_gradients:
        yield "it holds files or gradients beside its graph, which no export does"
    for node in graph.object_graph_def.nodes:
        kind = node.WhichOneof("kind")
        if kind not in OBJECTS:
            yield f"it holds an object of the kind {kind}, which no export does"
        if kind == "user_object" and node.user_object.identifier not in CLASSES:
            yield f"it holds an object of the class {node.user_object.identifier!r}, which no export does"
        if node.registered_name not in ("", "tf.TrackableConstant"):
            yield f"it holds an object of the class {node.registered_name!r}, which no export does"
        if node.registered_saver or node.saveable_objects or node.slot_variables:
            yield "it holds an object that is restored in a way of its own, which no export does"


def _wrong_operations(nodes: Iterable[Any], allowed: frozenset[str]) -> Iterator[str]:
    for node in nodes:
        if node.op not in allowed:
            yield f"its graph uses the operation {node.op}, which no export does and which may do more than compute"


def _wrong_sizes(graphs: Iterable[Iterable[Any]]) -> Iterator[str]:
    left = _MOST_NUMBERS
    for nodes in graphs:
        for node in nodes:
            if node.op == "Const":
                left -= math.prod(abs(dimension.size) for dimension in node.attr["value"].tensor.tensor_shape.dim)
                if left < 0:
                    yield f"its constants hold more than {_MOST_NUMBERS:,} numbers"
                    return


def _wrong_lengths(n_nodes: Mapping[str, int], calls: _Calls) -> Iterator[str]:
    """Looks for functions that call themselves, or each other so often that no memory holds it."""
    try:
        order = list(TopologicalSorter(calls).static_order())
    except CycleError as error:
        yield f"its function {error.args[1][0]} calls itself"
        return
    lengths: dict[str, int] = {}
    for name in order:
        lengths[name] = n_nodes[name] + sum(lengths[other] for other in calls[name])
        if lengths[name] > _MOST_NODES:
            yield f"its function {name} has more than {_MOST_NODES:,} steps"
            return


def _asked(objects: Any) -> set[str]:
    """The functions that the objects of a SavedModel hand out."""
    held = set(objects.concrete_functions)
    for node in objects.nodes:
        held.update(node.function.concrete_functions)
        held.add(node.bare_concrete_function.concrete_function_name)
    return held


def _called(nodes: Iterable[Any]) -> list[str]:
    """The functions that nodes name, by whatever attribute, also inside another attribute."""
    return [name for node in nodes for name in _named(node.attr.values())]


def _named(attributes: Iterable[Any]) -> Iterator[str]:
    for attribute in attributes:
        kind = attribute.WhichOneof("value")
        if kind == "func":
            yield attribute.func.name
            yield from _named(attribute.func.attr.values())
        elif kind == "list":
            for function in attribute.list.func:
                yield function.name
                yield from _named(function.attr.values())


def _reached(names: Iterable[str], calls: _Calls) -> set[str]:
    """Functions and all that they call."""
    reached: set[str] = set()
    waiting = [name for name in names if name in calls]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += calls[name]
    return reached


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), "")[:300] or type(error).__name__
