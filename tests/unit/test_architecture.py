"""The plan, held against the code: who may import whom, and who alone makes what."""

from __future__ import annotations

import ast
import graphlib
import importlib
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

import anchors

PACKAGE = Path(str(anchors.__file__)).parent

# Which room may import which; data walks through them once and no room looks back.
ROOMS: Mapping[str, str] = MappingProxyType(
    {
        "__init__": "",
        "checks": "",
        "escape": "",
        "files": "checks errors",
        "policy": "",
        "records": "",
        "times": "",
        "errors": "checks",
        "model": "addresses checks errors",
        "xml": "checks errors",
        "http": "__init__ checks errors openssl",
        "openssl": "checks errors",
        "addresses": "",
        "manifest": "addresses checks errors model times",
        "publication": "checks errors files http manifest model policy records times xml",
        "rootzone": "addresses checks errors model records times xml",
        "crosscheck": "checks errors model policy publication rootzone",
        "rollback": "checks errors model policy publication times",
        "ceremony": "checks crosscheck errors files model rootzone times",
        "formats": "__init__ checks crosscheck errors escape model records times xml",
        "output": "checks errors files manifest",
        "compare": "checks errors escape files",
        "report": "__init__ checks crosscheck escape model publication rootzone times",
        "timeline": "__init__ crosscheck escape model publication report rootzone times",
        "parser": "__init__ escape policy",
        "interrupts": "",
        "terminal": "checks errors escape",
        "request": "checks errors policy rootzone",
        "pipeline": "ceremony checks crosscheck errors files formats manifest model output policy "
        "publication report request rollback rootzone times",
        "commands": "auditing checks compare errors escape files formats interrupts output "
        "pipeline policy prove publication report request rootzone terminal timeline times",
        "cli": "commands errors escape interrupts openssl parser terminal",
        # Reads what is found anywhere; nothing that it makes is ever emitted.
        "auditing": "__init__ checks crosscheck errors escape files formats model pipeline policy "
        "publication records report rootzone times",
        # Tries the files on real resolvers, in a lab of its own; nothing but the command uses it.
        "prove": "checks crosscheck errors escape files formats model output pipeline policy "
        "publication records report rootzone times",
        "__main__": "cli",
    }
)

# Who may import what is not in the standard library.
OWNERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # The records for the name of an error alone.
        "cryptography": (
            "anchors.openssl",
            "anchors.publication.",
            "anchors.prove.",
            "anchors.records",
        ),
        "dns": ("anchors.records", "anchors.rootzone.", "anchors.prove."),
        "lxml": ("anchors.xml",),
        "requests": ("anchors.http",),
        "libarchive": ("anchors.auditing.members",),
        "yaml": ("anchors.formats.yaml",),
    }
)

# Who alone makes the product of a stage.
MAKERS: Mapping[str, set[str]] = MappingProxyType(
    {
        "Publication": {"anchors.publication.source"},
        "Authenticated": {"anchors.publication.authenticate"},
        "TrustAnchors": {"anchors.publication.document"},
        "Observation": {"anchors.rootzone.rrset"},
        "Evidence": {"anchors.rootzone.rrset"},
        "CrossCheck": {"anchors.crosscheck"},
        "AnchorSet": {"anchors.crosscheck", "anchors.model"},
        "Anchor": {"anchors.crosscheck"},
    }
)

CLOCKS = {
    *(f"datetime.{name}" for name in ("now", "today", "utcnow")),
    "date.today",
    *(f"time.{name}" for name in ("time", "time_ns", "localtime", "gmtime", "ctime", "strftime")),
}


def _modules() -> dict[str, ast.Module]:
    """Every module of the package, by its dotted name; a package is its ``__init__``."""
    return {
        ".".join(("anchors", *path.relative_to(PACKAGE).with_suffix("").parts)): ast.parse(
            path.read_text(encoding="utf-8")
        )
        for path in sorted(PACKAGE.rglob("*.py"))
    }


MODULES = _modules()


def dotted(node: ast.expr) -> str:
    """``a.b.c`` as it is written, as far as it is names and attributes."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def imported(tree: ast.Module) -> Iterator[str]:
    """The modules that a module imports, wherever in it; the package's own names are a facade."""
    if tree is MODULES["anchors.__init__"]:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a name comes from"
            module = node.module or ""
            for alias in node.names:
                name = f"{module}.{alias.name}"
                if name in MODULES or f"{name}.__init__" in MODULES:
                    yield name
                else:
                    yield module


def own_imports(name: str) -> set[str]:
    """The modules of this package that a module imports, packages by their ``__init__``."""
    own = {m for m in imported(MODULES[name]) if m.split(".")[0] == "anchors"}
    return {m if m in MODULES else f"{m}.__init__" for m in own}


def room_of(module: str) -> str:
    return module.split(".")[1]


def calls(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Every call as ``(the innermost function around it, what is called)``."""

    def visit(node: ast.AST, function: str) -> Iterator[tuple[str, str]]:
        for child in ast.iter_child_nodes(node):
            inside = function
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                inside = child.name
            if isinstance(child, ast.Call):
                yield inside, dotted(child.func)
            yield from visit(child, inside)

    return visit(tree, "")


def test_every_room_is_on_the_plan() -> None:
    assert {room_of(name) for name in MODULES} <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_comes_before_it(room: str) -> None:
    found = defaultdict(set)
    for name in MODULES:
        if room_of(name) == room:
            for module in own_imports(name):
                found[room_of(module)].add(name)
    allowed = {room, *ROOMS[room].split()}
    assert {other: by for other, by in found.items() if other not in allowed} == {}


def test_the_plan_itself_points_one_way() -> None:
    plan = {room: set(before.split()) for room, before in ROOMS.items()}
    assert set().union(*plan.values()) <= set(ROOMS)
    assert [*graphlib.TopologicalSorter(plan).static_order()][-1] == "__main__"


def test_no_module_looks_back() -> None:
    graph = {name: own_imports(name) - {name} for name in MODULES}
    # Raises where modules import each other in a circle.
    order = [*graphlib.TopologicalSorter(graph).static_order()]
    source, authenticate, document = (
        order.index(f"anchors.publication.{step}")
        for step in ("source", "authenticate", "document")
    )
    assert source < authenticate < document < order.index("anchors.pipeline")


def test_only_what_iana_publishes_and_its_own_format_read_xml() -> None:
    readers = {name for name in MODULES if "anchors.xml" in own_imports(name)}
    assert readers == {
        "anchors.publication.document",
        "anchors.rootzone.skr",
        "anchors.formats.xml",
    }


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_is_for_its_owners(library: str) -> None:
    users = {
        name
        for name, tree in MODULES.items()
        if library in {m.split(".")[0] for m in imported(tree)}
    }
    assert users
    assert {name for name in users if not name.startswith(OWNERS[library])} == set()


def test_there_is_no_other_library() -> None:
    known = sys.stdlib_module_names | {"anchors", *OWNERS}
    others = {
        (name, module)
        for name, tree in MODULES.items()
        for module in imported(tree)
        if module.split(".")[0] not in known
    }
    assert others == set()


def test_no_other_program_is_run() -> None:
    forbidden = {"subprocess", "pickle", "marshal", "shelve", "multiprocessing"}
    found = {
        (name, module)
        for name, tree in MODULES.items()
        for module in imported(tree)
        if module in forbidden
    }
    # The lab alone runs the resolvers that it tries; an audit watches over its own workers.
    allowed = {("anchors.prove.bench", "subprocess"), ("anchors.auditing.scan", "multiprocessing")}
    assert found <= allowed
    assert {call for tree in MODULES.values() for _, call in calls(tree)}.isdisjoint(
        {"eval", "exec", "os.system", "os.popen"}
    )


@pytest.mark.parametrize("product", MAKERS)
def test_a_product_is_made_in_its_room_alone(product: str) -> None:
    made_in = {
        name
        for name, tree in MODULES.items()
        for _, call in calls(tree)
        if product in call.split(".")[-2:]
    }
    assert made_in
    assert made_in <= MAKERS[product]


def test_no_product_is_changed_behind_its_room() -> None:
    changed = {
        name
        for name, tree in MODULES.items()
        for _, call in calls(tree)
        if call.split(".")[-1] in {"_replace", "_make", "__new__", "__setattr__"}
        # Neither makes anything that is emitted, and what they change is their own.
        and room_of(name) not in {"auditing", "prove"}
    }
    assert changed <= set().union(*MAKERS.values())


def test_the_clock_is_read_in_one_place() -> None:
    read_in = {
        (name, function)
        for name, tree in MODULES.items()
        for function, call in calls(tree)
        if ".".join(call.split(".")[-2:]) in CLOCKS
    }
    assert read_in == {("anchors.commands.request", "time_of")}


def test_the_environment_is_read_for_the_terminal_alone() -> None:
    readers = {
        name
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and dotted(node) in {"os.environ", "os.getenv"}
    }
    # A lab's programs get an environment of its own making.
    assert {name for name in readers if room_of(name) != "prove"} == {"anchors.terminal"}
    asked = {
        argument.value
        for node in ast.walk(MODULES["anchors.terminal"])
        if isinstance(node, ast.Call) and dotted(node.func) in {"os.environ.get", "os.getenv"}
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }
    assert asked == {"NO_COLOR", "TERM"}


def test_nothing_ever_says_that_the_root_is_unsigned() -> None:
    files = [path for path in PACKAGE.rglob("*") if path.suffix in {".py", ".rng", ".json"}]
    assert len(files) > len(MODULES)
    said = [path.name for path in files if "insecure" in path.read_text(encoding="utf-8").lower()]
    assert said == []


@pytest.mark.parametrize("name", [name for name in MODULES if name != "anchors.__main__"])
def test_a_module_lists_what_is_public(name: str) -> None:
    tree = MODULES[name]
    public = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
    }
    module = importlib.import_module(name.removesuffix(".__init__"))
    listed = getattr(module, "__all__", [])
    assert public <= set(listed)
    assert [entry for entry in listed if not hasattr(module, entry)] == []


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_it_is_for(name: str) -> None:
    text = ast.get_docstring(MODULES[name]) or ""
    assert text.splitlines()[0].endswith((".", ":"))
