"""Data flows one way: which room may import which, read from all imports, lazy ones and those for types too."""

import ast
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "recommender"

# Which rooms a room may import. A room is a folder of the package, or of the dashboard, or of its pages.
DATA = {"errors", "data"}
SERVED = {"errors", "data", "bundle", "serving"}
SHARED_BY_PAGES = SERVED | {
    "charts",
    "dashboard.drawing",
    "dashboard.choices",
    "dashboard.bundles",
    "dashboard.answers",
    "dashboard.frame",
    "dashboard.parts",
    "dashboard.downloads",
}
ROOMS = {
    "": set(),
    "errors": set(),
    "data": {"errors"},
    "features": DATA | {"bundle"},
    "evaluation": DATA,
    "bundle": DATA,
    "models": DATA | {"features", "evaluation", "bundle"},
    "training": DATA | {"features", "models", "evaluation"},
    "replay": DATA | {"features", "models", "evaluation", "training", "bundle"},
    # What is added to a finished bundle is asked of it as it is served.
    "export": SERVED | {"", "features", "models", "evaluation", "training"},
    "serving": DATA | {"bundle"},
    "runs": DATA | {"bundle"},
    "replicas": {"errors"},
    "charts": set(),
    "dashboard": {""},
    "dashboard.drawing": DATA | {"charts"},
    "dashboard.choices": SERVED | {"charts", "dashboard.drawing"},
    "dashboard.bundles": SERVED,
    "dashboard.answers": SERVED | {"dashboard.drawing"},
    "dashboard.frame": SERVED | {"dashboard.drawing", "dashboard.choices", "dashboard.bundles", "dashboard.answers"},
    "dashboard.parts": SHARED_BY_PAGES - {"dashboard.parts", "dashboard.downloads"},
    "dashboard.downloads": SHARED_BY_PAGES - {"dashboard.parts", "dashboard.downloads"},
    "dashboard.pages": set(),
    "dashboard.pages.recommend": SHARED_BY_PAGES,
    "dashboard.pages.time_travel": SHARED_BY_PAGES,
    "dashboard.pages.movies": SHARED_BY_PAGES,
    "dashboard.pages.replay": SHARED_BY_PAGES | {"replay", "runs"},
    "dashboard.pages.models": SHARED_BY_PAGES | {"runs"},
    "dashboard.pages.you": SHARED_BY_PAGES | {"dashboard.web"},
    # The form names the models and settings that a process of its own will train.
    "dashboard.pages.training": SHARED_BY_PAGES | {"runs", "models", "dashboard.web"},
    "dashboard.web": {"errors", "replicas"},
    # It says its version, and takes as long lists as the pages do.
    "dashboard.api": SERVED | {"", "dashboard.bundles", "dashboard.choices"},
    "dashboard.server": {
        "errors",
        "data",
        "bundle",
        "runs",
        "replicas",
        "dashboard.bundles",
        "dashboard.web",
        "dashboard.api",
    },
}
# The command line and the shell of the pages may use everything, and nothing uses them.
DOORS = {"cli", "__main__", "dashboard.shell"}


@cache
def modules() -> dict[str, Path]:
    found = {}
    for file in sorted(ROOT.rglob("*.py")):
        parts = file.relative_to(ROOT.parent).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = file
    return found


def room_of(module: str) -> str:
    """The room of `recommender.a.b`: the longest name of ROOMS or DOORS that it lies in."""
    parts = module.split(".")[1:]
    names = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    return next((name for name in names if name in ROOMS or name in DOORS), parts[0] if parts else "")


@cache
def syntax_of(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


@cache
def imports_of(module: str) -> frozenset[str]:
    """What a module imports anywhere in it, also inside functions and under TYPE_CHECKING."""
    names = set()
    for node in ast.walk(syntax_of(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name in modules() else node.module for name in inside}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return frozenset(names)


@cache
def ours(module: str) -> frozenset[str]:
    """The modules of this package that a module imports."""
    return frozenset(imports_of(module) & modules().keys() - {module})


def reached_from(room: str) -> set[str]:
    """The modules that a room's modules import, and what these import, and so on."""
    waiting, reached = [name for name in modules() if room_of(name) == room], set()
    while waiting:
        new = ours(waiting.pop()) - reached
        reached |= new
        waiting += new
    return reached


def circles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """One way round for each arrow that closes a circle."""
    found, done, path = [], set(), []

    def walk(name: str) -> None:
        path.append(name)
        for after in sorted(arrows.get(name, ())):
            if after in path:
                found.append([*path[path.index(after) :], after])
            elif after not in done:
                walk(after)
        done.add(path.pop())

    for name in sorted(arrows):
        if name not in done:
            walk(name)
    return found


@pytest.mark.parametrize("module", modules())
def test_a_room_imports_only_the_rooms_below_it(module):
    room = room_of(module)
    if room in DOORS:
        return
    used = {room_of(name) for name in ours(module)} - {room}
    assert used <= ROOMS[room], f"{module} may not import {sorted(used - ROOMS[room])}"


def test_rooms_that_may_import_each_other_form_no_circle():
    assert not circles(ROOMS)


def test_every_room_named_here_is_there():
    assert ROOMS.keys() | DOORS == {room_of(module) for module in modules()}


def test_modules_form_no_circle():
    assert not circles({module: set(ours(module)) for module in modules()})


def test_neighbours_in_a_folder_form_no_circle():
    """In each folder its files and the folders in it, each folder as one, import each other one way."""
    neighbours: dict[str, dict[str, set[str]]] = {}
    for module in modules():
        for other in ours(module):
            parts, others = module.split("."), other.split(".")
            shared = next((n for n, (a, b) in enumerate(zip(parts, others, strict=False)) if a != b), 0)
            if shared:  # else one of them is the folder's own __init__
                arrows = neighbours.setdefault(".".join(parts[:shared]), {})
                arrows.setdefault(parts[shared], set()).add(others[shared])
    assert {folder: found for folder, arrows in neighbours.items() if (found := circles(arrows))} == {}


def test_nothing_inside_a_folder_asks_its_own_init_for_what_stands_beside_it():
    for module in modules():
        parts = module.split(".")
        folders = {".".join(parts[:n]) for n in range(2, len(parts))}
        assert not ours(module) & folders - {"recommender.bundle", "recommender.runs"}, module


def test_the_root_of_the_package_holds_folders_and_the_errors():
    assert {file.name for file in ROOT.glob("*.py")} == {"__init__.py", "__main__.py", "errors.py"}


@pytest.mark.parametrize(
    ("room", "barred"),
    [
        ("serving", {"models", "training", "export", "features", "evaluation"}),
        ("bundle", {"models", "training", "export", "features", "evaluation", "serving"}),
        ("data", {"bundle", "evaluation", "features", "models", "training", "serving"}),
        ("dashboard.answers", {"models", "training", "export", "features", "evaluation"}),
    ],
)
def test_a_room_does_not_reach_what_it_must_not_know(room, barred):
    assert not {name for name in reached_from(room) if room_of(name) in barred}


def test_no_function_of_a_page_takes_more_than_four_arguments():
    for module in modules():
        if room_of(module).startswith("dashboard.pages."):
            for node in ast.walk(syntax_of(module)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                    names = [argument.arg for argument in named if argument.arg not in {"self", "cls"}]
                    assert len(names) <= 4, f"{module}.{node.name} takes {', '.join(names)}"


def test_only_the_dashboard_imports_streamlit():
    for module in modules():
        if not room_of(module).startswith("dashboard"):
            assert "streamlit" not in {name.split(".")[0] for name in imports_of(module)}, module


@pytest.mark.parametrize("room", ["serving", "bundle", "charts", "data", "evaluation", "runs", "dashboard.shell"])
def test_serving_side_reaches_neither_keras_nor_tensorflow_recommenders(room):
    """The shell reaches every page; what the training's form names is read without them (see its settings)."""
    for module in reached_from(room) | {name for name in modules() if room_of(name) == room}:
        if room_of(module) not in {"models", "features", "evaluation"}:
            roots = {name.split(".")[0] for name in imports_of(module)}
            assert not roots & {"tf_keras", "keras", "tensorflow_recommenders"}, module


def test_charts_and_data_do_not_import_tensorflow():
    barred = {"charts", "data", "evaluation", "errors", "runs"}
    for module in modules():
        if room_of(module) in barred or module in {"recommender.bundle.indexes", "recommender.bundle.reader"}:
            assert "tensorflow" not in {name.split(".")[0] for name in imports_of(module)}, module


def test_every_chart_of_the_pages_is_drawn_with_the_house_settings():
    for module in modules():
        if room_of(module).startswith("dashboard") and module != "recommender.dashboard.drawing.pictures":
            called = {node.attr for node in ast.walk(syntax_of(module)) if isinstance(node, ast.Attribute)}
            assert "altair_chart" not in called, f"{module}: draw it with pictures.draw or pictures.show"


def test_a_circle_would_be_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == [["a", "b", "c", "a"]]
    assert not circles({first: {second} for first, second in pairwise("abcd")})
