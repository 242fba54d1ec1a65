"""Data flows one way: these are the only imports between the packages."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "recommender"
LAYERS = {
    "errors": set(),
    "data": {"errors"},
    "features": {"errors", "data"},
    "history": set(),
    "models": {"errors", "data", "features", "evaluation", "history"},
    "evaluation": {"errors", "data"},
    "training": {"errors", "data", "features", "models", "evaluation"},
    "bundle.manifest": {"bundle"},
    "bundle.reader": {"errors", "bundle.manifest"},
    "bundle.writer": {"errors", "bundle.manifest"},
    "approximate": {"errors"},
    "bundle.indexing": {"approximate", "history", "data", "evaluation", "models", "training", "bundle.manifest"},
    "catalogue_map": set(),
    "bundle.mapping": {"catalogue_map", "errors", "history", "bundle.manifest", "bundle.reader", "bundle.writer"},
    "bundle.references": {"data", "features", "models", "evaluation", "training"},
    "bundle.export": {
        "",
        "approximate",
        "bundle.indexing",
        "bundle.mapping",
        "errors",
        "data",
        "features",
        "models",
        "evaluation",
        "training",
        "bundle.manifest",
        "bundle.references",
        "bundle.writer",
    },
    "bundle": set(),
    "seen": {"data"},
    "title_space": set(),
    "title_search": set(),
    "attribution": {"history", "serving"},
    "retrieval": {"approximate", "bundle.reader"},
    "model_rows": {"errors", "bundle.manifest"},
    "questions": {"errors", "data", "history", "model_rows"},
    "serving": {
        "errors",
        "data",
        "bundled_data",
        "history",
        "model_rows",
        "questions",
        "seen",
        "title_space",
        "retrieval",
        "bundle.manifest",
        "bundle.reader",
    },
    "time_travel": {"history", "serving"},
    "clock_grain": {"errors", "bundled_data", "features", "serving"},
    "charts": set(),
    "bundled_data": {"errors", "data", "bundle.manifest"},
    "runs.settings": {"approximate", "data", "errors", "models"},
    "runs": {"errors", "data", "bundle", "bundle.manifest"},
    "dashboard": {
        "",
        "attribution",
        "errors",
        "data",
        "bundled_data",
        "charts",
        "history",
        "serving",
        "title_search",
        "time_travel",
        "clock_grain",
        "bundle",
        "bundle.manifest",
        "bundle.reader",
        "runs",
        "runs.settings",
    },
}
FREE = {
    "cli",
    "training_commands",
    "terminal",
    "bundle_scorer",
    "__main__",
    "",
}  # the command line may use everything, and nothing uses it


def layer_of(module: str) -> str:
    """The layer of `recommender.a.b`; the package itself is ""."""
    path = module.removeprefix("recommender").lstrip(".")
    candidates = [".".join(path.split(".")[:n]) for n in (2, 1)]
    return next((name for name in candidates if name in LAYERS), path.split(".")[0])


def modules() -> list[tuple[str, Path]]:
    found = []
    for file in sorted(ROOT.rglob("*.py")):
        parts = file.relative_to(ROOT.parent).with_suffix("").parts
        found.append((".".join(part for part in parts if part != "__init__"), file))
    return found


def imports_of(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names if node.module == "recommender"}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


@pytest.mark.parametrize(("module", "file"), modules(), ids=[name for name, _ in modules()])
def test_imports_run_one_way(module, file):
    layer = layer_of(module)
    if layer in FREE:
        return
    ours = {name for name in imports_of(file) if name.startswith("recommender.")}
    known = {other for other, _ in modules()}
    used = {layer_of(name) for name in ours if name in known} - {layer}
    assert used <= LAYERS[layer], f"{module} may not import {sorted(used - LAYERS[layer])}"


@pytest.mark.parametrize(("module", "file"), modules(), ids=[name for name, _ in modules()])
def test_only_the_dashboard_imports_streamlit(module, file):
    if layer_of(module) != "dashboard":
        assert not any(name.split(".")[0] == "streamlit" for name in imports_of(file))


@pytest.mark.parametrize(
    "layer",
    [
        "approximate",
        "history",
        "questions",
        "retrieval",
        "serving",
        "time_travel",
        "clock_grain",
        "bundle.reader",
        "charts",
        "dashboard",
        "data",
        "evaluation",
    ],
)
def test_serving_side_imports_neither_keras_nor_tensorflow_recommenders(layer):
    for module, file in modules():
        if layer_of(module) == layer:
            roots = {name.split(".")[0] for name in imports_of(file)}
            assert not roots & {"tf_keras", "keras", "tensorflow_recommenders"}, module


def test_charts_and_data_do_not_import_tensorflow():
    for module, file in modules():
        if layer_of(module) in {"approximate", "charts", "data", "evaluation", "errors", "bundle.reader", "runs"}:
            assert "tensorflow" not in {name.split(".")[0] for name in imports_of(file)}, module


def test_no_file_is_long():
    long = {str(file): n for _, file in modules() if (n := len(file.read_text("utf-8").splitlines())) > 350}
    assert not long


def test_every_chart_of_the_pages_is_drawn_with_the_house_settings():
    for module, file in modules():
        if layer_of(module) == "dashboard" and module != "recommender.dashboard.pictures":
            called = {
                node.attr for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Attribute)
            }
            assert "altair_chart" not in called, f"{module}: draw it with pictures.draw or pictures.show"
