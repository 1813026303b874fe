"""The plan, held against the code: who may import whom, and who alone makes what."""

from __future__ import annotations

import ast
import graphlib
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pytest

import anchors
from anchors.consumers.registry import CONSUMERS
from tests.unit.known_syntaxes import every_syntax

PACKAGE = Path(str(anchors.__file__)).parent

# The rooms in their order: data walks through them once, and a room imports only from rooms before
# it.  Rooms of one step do not know each other.
ROOMS: Sequence[tuple[str, ...]] = (
    # The version alone; the public names are loaded when they are first used.
    ("__init__",),
    ("core",),
    ("grammars",),
    ("publication", "rootzone"),
    ("consumers",),
    ("pipeline",),
    ("auditing", "asking", "proving"),
    # What runs against what its files say: it knows both of these.
    ("joining",),
    ("report",),
    ("cli",),
    ("__main__",),
)
STEP = {room: step for step, rooms in enumerate(ROOMS) for room in rooms}

# The one module that knows every consumer's folder, and the folder of text that many read.
REGISTRY = "anchors.consumers.registry"
GENERIC = "anchors.consumers.zonefile"

# Who may import what is not in the standard library.
OWNERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cryptography": (
            "anchors.core.openssl",
            # For the name of an error alone.
            "anchors.core.records",
            "anchors.publication.",
            "anchors.proving.lab",
        ),
        "dns": (
            "anchors.asking.answers",
            "anchors.asking.dnstap",
            "anchors.core.records",
            "anchors.rootzone.",
            "anchors.consumers.query",
            "anchors.proving.lab",
        ),
        "lxml": ("anchors.grammars.xml",),
        # The second for the names of errors alone.
        "requests": ("anchors.publication.http", "anchors.publication.fetch_errors"),
        "dpkt": ("anchors.asking.capture",),
        "hyperscan": ("anchors.auditing.scan.engine",),
        "libarchive": ("anchors.auditing.scan.libarchive",),
        "yaml": ("anchors.grammars.yaml",),
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
        "CrossCheck": {"anchors.pipeline.crosscheck"},
        "AnchorSet": {"anchors.pipeline.crosscheck", "anchors.core.keys"},
        "Anchor": {"anchors.pipeline.crosscheck"},
        "Emission": {"anchors.pipeline.crosscheck"},
    }
)

# What looks on: what it changes is its own, and nothing that it makes is ever emitted.  Making
# files reads nothing but XML.
LOOKING_ON = re.compile(
    r"anchors\.(auditing|asking|joining|proving|report\.(audit|asking))\..+|anchors\.report\.plain"
    r"|anchors\.pipeline\.root_keys|anchors\.grammars\.(?!xml$).+|anchors\.consumers\.start"
)

# Rooms that know consumers by the registry alone, and so have no word for any of them.
KNOW_NONE = frozenset({"pipeline", "auditing", "asking", "joining", "proving", "report", "cli"})
# Words of the DNS and of the web, which are consumers' as well.
OF_THE_FIELD = frozenset({"ds", "dnskey", "json", "xml", "zone file"})
# Consumers that are no program.
NO_PROGRAM = frozenset({"zonefile", "documents", "source"})
# Where words for consumers are left: why, and which.
LEFT: Mapping[str, tuple[str, set[str]]] = MappingProxyType(
    {
        "anchors.cli.parser": (
            "whose channels are asked",
            {"bind", "unbound", "knot", "pdns"},
        ),
        "anchors.cli.epilogs": (
            "examples, and who announces and tells",
            {"bind", "BIND", "named.conf", "unbound", "Unbound", "Knot Resolver"},
        ),
        "anchors.auditing.detect": (
            "names of configurations, whatever their ending",
            {"unbound", "dnsmasq"},
        ),
    }
)

# Every format is written, and every module that is loaded by then is told.
MAKE_ALL = """
import sys
import anchors.cli.main
import anchors.pipeline.build
from anchors.consumers.registry import REGISTRY
from anchors.pipeline.verify import example
emission = example().emission
assert all(row.write(emission) for row in REGISTRY)
print(*(name for name in sys.modules if name.startswith("anchors.")))
"""

# Options of programs that are read, and what we call one of them.
OPTIONS = r"[a-z0-9_-]+[_-](?:insecure|to-insecure-?[a-z]*)|insecure-[a-z-]+|SetInsecure"

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


def folder_of(module: str) -> str:
    """The folder of a consumer that a module lies in, or the module's room."""
    parts = module.split(".")
    inside = parts[1] == "consumers" and f"{'.'.join(parts[:3])}.__init__" in MODULES
    return ".".join(parts[: 3 if inside else 2])


def is_consumers(folder: str) -> bool:
    """Whether a folder is the one of a consumer."""
    return folder.startswith("anchors.consumers.")


def runs_back(importer: str, imported: str) -> bool:
    """Whether an import leads to a later room, or to another one of the same step."""
    here, there = room_of(importer), room_of(imported)
    return here != there and STEP[there] >= STEP[here]


def knows_a_consumer(importer: str, imported: str) -> bool:
    """Whether an import reaches into a consumer's folder from without.

    The registry may import the folders themselves; and a consumer may use what belongs to no
    program.
    """
    here, there = folder_of(importer), folder_of(imported)
    if not is_consumers(there) or here == there:
        return False
    if importer == REGISTRY:
        return imported != f"{there}.__init__"
    return not (there == GENERIC and is_consumers(here))


def writes(name: str) -> bool:
    """Whether a module of a consumer's folder makes the rows of its formats."""
    return any(
        isinstance(node, ast.Assign | ast.AnnAssign)
        and "FORMATS" in {dotted(target) for target in _targets(node)}
        for node in MODULES[name].body
    )


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def looks_on(name: str) -> bool:
    """Whether nothing that a module makes is ever emitted."""
    return LOOKING_ON.fullmatch(name) is not None or (
        is_consumers(folder_of(name)) and not writes(name)
    )


def texts(tree: ast.Module) -> Iterator[str]:
    """Every string of a module, but for docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            if isinstance(node.value, bytes):
                yield node.value.decode("latin-1")
            elif isinstance(node.value, str):
                yield node.value


def names(tree: ast.Module) -> Iterator[str]:
    """Every name that a module uses or gives."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg


def words_for_consumers() -> set[str]:
    """Names, titles, identifiers of syntaxes and names of formats, as the registry has them."""
    words = {one.id for one in every_syntax() if one.consumer}
    for one in CONSUMERS:
        if one.name in NO_PROGRAM:
            continue
        words |= {one.name, one.title, *(row.name for row in one.formats)}
        words |= {row.alias for row in one.formats if row.alias}
    return words - OF_THE_FIELD


def words_in(module: str) -> set[str]:
    """The words for consumers in the strings and names of a module."""
    words = words_for_consumers()
    longest_first = sorted(words, key=len, reverse=True)
    word = rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])"
    found = {hit for text in texts(MODULES[module]) for hit in re.findall(word, text)}
    parts = {part for name in names(MODULES[module]) for part in name.lower().split("_")}
    return found | (parts & words)


def test_every_room_is_on_the_plan() -> None:
    assert {room_of(name) for name in MODULES} <= set(STEP)


def test_every_import_keeps_to_the_plan() -> None:
    broken = {
        (name, module)
        for name in MODULES
        for module in own_imports(name)
        if runs_back(name, module) or knows_a_consumer(name, module)
    }
    assert broken == set()


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("anchors.core.keys", "anchors.grammars.xml"),
        ("anchors.publication.document", "anchors.rootzone.rrset"),
        ("anchors.consumers.header", "anchors.pipeline.crosscheck"),
        ("anchors.auditing.run", "anchors.proving.run"),
        ("anchors.auditing.run", "anchors.asking.run"),
        ("anchors.asking.run", "anchors.joining.run"),
        ("anchors.auditing.run", "anchors.report.text"),
        ("anchors.report.text", "anchors.cli.terminal"),
    ],
)
def test_the_order_of_the_rooms_is_kept_in_one_direction(importer: str, imported: str) -> None:
    assert {importer, imported} <= set(MODULES)
    assert runs_back(importer, imported)


@pytest.mark.parametrize(
    ("importer", "imported", "reaches_in"),
    [
        ("anchors.pipeline.emit", "anchors.consumers.bind.writing", True),
        ("anchors.auditing.detect", "anchors.consumers.zonefile.reading", True),
        ("anchors.consumers.knot.reading", "anchors.consumers.unbound.reading", True),
        ("anchors.consumers.reading", "anchors.consumers.unbound.reading", True),
        ("anchors.consumers.ldns.running", "anchors.consumers.zonefile.content", False),
        ("anchors.consumers.knot.state", "anchors.consumers.knot.reading", False),
        ("anchors.consumers.registry", "anchors.consumers.bind.writing", True),
        ("anchors.consumers.registry", "anchors.consumers.bind.__init__", False),
        ("anchors.pipeline.build", "anchors.consumers.registry", False),
    ],
)
def test_a_consumers_folder_is_its_own(importer: str, imported: str, reaches_in: bool) -> None:
    assert {importer, imported} <= set(MODULES)
    assert knows_a_consumer(importer, imported) is reaches_in


def test_a_consumers_record_loads_nothing_but_what_writes() -> None:
    loaded = {
        (name, module)
        for name in MODULES
        if is_consumers(folder_of(name)) and name.endswith(".__init__")
        for module in own_imports(name)
        if folder_of(module) == folder_of(name) and not writes(module)
    }
    assert loaded == set()


def test_making_files_loads_no_reader_and_no_grammar_but_that_of_xml() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MAKE_ALL],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
        timeout=60,
    )
    loaded = set(done.stdout.split())
    assert "anchors.consumers.unbound.writing" in loaded
    folders = {
        name
        for name in loaded
        if is_consumers(folder_of(name)) and f"{name}.__init__" not in MODULES and not writes(name)
    }
    assert folders == set()
    grammars = {name for name in loaded if name.startswith("anchors.grammars.")}
    assert grammars <= {"anchors.grammars.xml"}


@pytest.mark.parametrize("name", [n for n in MODULES if n.split(".")[1] in KNOW_NONE])
def test_a_room_that_knows_no_consumer_has_no_word_for_one(name: str) -> None:
    # A word that is not there any more is to be taken out.
    assert words_in(name) == (LEFT[name][1] if name in LEFT else set())


def test_the_words_for_consumers_are_found() -> None:
    assert {"bind", "Unbound", "unbound-anchor-file", "named.conf"} <= words_for_consumers()
    assert "bind" in words_in("anchors.consumers.bind.__init__")
    assert set(LEFT) <= set(MODULES)


def test_no_module_looks_back() -> None:
    graph = {name: own_imports(name) - {name} for name in MODULES}
    # Raises where modules import each other in a circle.
    order = [*graphlib.TopologicalSorter(graph).static_order()]
    source, authenticate, document = (
        order.index(f"anchors.publication.{step}")
        for step in ("source", "authenticate", "document")
    )
    assert source < authenticate < document < order.index("anchors.pipeline.verify")


def test_only_what_iana_publishes_and_its_own_format_read_xml() -> None:
    readers = {name for name in MODULES if "anchors.grammars.xml" in own_imports(name)}
    assert readers == {
        "anchors.publication.document",
        "anchors.rootzone.skr",
        "anchors.consumers.documents.xml",
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
    # The bench alone runs the resolvers that are tried; an audit watches over its own workers.
    allowed = {
        ("anchors.consumers.bench", "subprocess"),
        ("anchors.auditing.workers", "multiprocessing"),
    }
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
        for function, call in calls(tree)
        if call.split(".")[-1] in {"_replace", "_make", "__new__", "__setattr__"}
        # There an object puts itself in order.
        and function != "__post_init__"
        and not looks_on(name)
    }
    assert changed <= set().union(*MAKERS.values())


def test_the_clock_is_read_in_one_place() -> None:
    read_in = {
        (name, function)
        for name, tree in MODULES.items()
        for function, call in calls(tree)
        if ".".join(call.split(".")[-2:]) in CLOCKS
    }
    assert read_in == {("anchors.cli.arguments", "time_of")}


def test_the_environment_is_read_for_the_terminal_alone() -> None:
    readers = {
        name
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and dotted(node) in {"os.environ", "os.getenv"}
    }
    assert readers == {"anchors.cli.terminal"}
    asked = {
        argument.value
        for node in ast.walk(MODULES["anchors.cli.terminal"])
        if isinstance(node, ast.Call) and dotted(node.func) in {"os.environ.get", "os.getenv"}
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }
    assert asked == {"NO_COLOR", "TERM"}


def test_nothing_ever_says_that_the_root_is_unsigned() -> None:
    """The word stands in nothing but the longer names of options that are read."""
    files = [path for path in PACKAGE.rglob("*") if path.suffix in {".rng", ".json"}]
    assert files
    said = [path.name for path in files if "insecure" in path.read_text(encoding="utf-8").lower()]
    for name, tree in MODULES.items():
        options = OPTIONS if is_consumers(folder_of(name)) else r"(?!)"
        said += [name for text in texts(tree) if "insecure" in re.sub(options, "", text).lower()]
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
