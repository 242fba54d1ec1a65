"""Makes a program smaller without changing an answer: steps that do the same with the same are done once."""

from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from recommender.bundle.program import functions_of


def merge_alike(file: Path) -> None:
    """Merges alike steps in each function of a SavedModel.

    Tracing writes every constant down as often as it is used. TensorFlow reads a program step by step whenever it
    loads a model, and somebody is waiting: half of the flagship's steps are such copies. (TensorFlow's own optimiser
    finds them too, but only once a function is called.)

    Args:
      file: the program, which is written anew.
    """
    program = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    for graph in program.meta_graphs:
        for function in functions_of(graph):
            _merge(function)
    file.write_bytes(program.SerializeToString(deterministic=True))


def _merge(function: Any) -> None:
    """Leaves the first of alike steps in a FunctionDef; its name stands for theirs."""
    nodes = {node.name: node for node in function.node_def}
    read = {name: [other for other in map(_node_of, node.input) if other in nodes] for name, node in nodes.items()}
    op_def_for_type = tf.Graph().op_def_for_type
    first: dict[bytes, str] = {}  # what a step does -> the step
    stands_for: dict[str, str] = {}
    for name in TopologicalSorter(read).static_order():
        node = nodes[name]
        node.input[:] = [_renamed(source, stands_for) for source in node.input]
        if not op_def_for_type(node.op).is_stateful:
            stands_for[name] = first.setdefault(_what_it_does(node), name)
    left = [_copy(node) for name, node in nodes.items() if stands_for.get(name, name) == name]
    del function.node_def[:]
    function.node_def.extend(left)
    for output, source in function.ret.items():
        function.ret[output] = _renamed(source, stands_for)
    for output, name in function.control_ret.items():
        function.control_ret[output] = stands_for.get(name, name)


def _node_of(source: str) -> str:
    """The node in "node:output:0", in "^node" (which waits for it), or an argument of the function."""
    return source.removeprefix("^").partition(":")[0]


def _renamed(source: str, names: Mapping[str, str]) -> str:
    name = _node_of(source)
    return source.replace(name, names.get(name, name), 1)


def _what_it_does(node: Any) -> bytes:
    """All of a NodeDef but its name and where it was written."""
    nameless = _copy(node)
    nameless.ClearField("name")
    nameless.ClearField("experimental_debug_info")
    what: bytes = nameless.SerializeToString(deterministic=True)
    return what


def _copy(node: Any) -> Any:
    return type(node).FromString(node.SerializeToString())
