"""The installed wheel: it runs where there is no source tree and no network."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import anchors
from tests.frozen import CARRIED_AT, SNAPSHOT
from tests.packaging.building import ROOT
from tests.packaging.conftest import Installed

AT = "2026-11-24T00:00:00Z"
NETWORK = {"asyncio", "http.client", "requests", "socket", "ssl", "urllib.request", "urllib3"}

# Import everything, and tell what it does beside that.
IMPORT_ALL = """
import json, os, pkgutil, sys
done = []
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
WATCHED = ("socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.", "os.system",
           "os.exec", "os.fork", "os.posix_spawn", "os.mkdir", "os.remove", "os.rename",
           "os.putenv", "os.kill", "shutil.", "tempfile.", "urllib.")
def watch(event, arguments):
    if event.startswith(WATCHED) or event == "open" and (arguments[2] or 0) & WRITES:
        done.append([event, repr(arguments)])
sys.addaudithook(watch)
import anchors
names = [part.name for part in pkgutil.walk_packages(anchors.__path__, "anchors.")]
for name in names:
    if name != "anchors.__main__":
        __import__(name)
print(json.dumps([len(names), done]))
"""

IPV6_PROBE = ("socket.bind", True)

CONSUMER = """
import anchors

report = anchors.verify(anchors.Request(policy=anchors.VerificationPolicy(at=None)))
reveal_type(report.verdict)
report.nonsense
"""


def test_it_is_the_installed_one_that_runs(installed: Installed) -> None:
    home = installed.run("python", "-I", "-c", "import anchors; print(anchors.__file__)").strip()
    assert Path(home).is_relative_to(installed.prefix)
    assert not Path(home).is_relative_to(ROOT)


def test_it_says_its_version(installed: Installed) -> None:
    assert installed.run("root-anchors", "--version").split()[-1] == anchors.__version__
    script = "from importlib.metadata import version; print(version('root-anchors'))"
    assert installed.run("python", "-I", "-c", script).strip() == anchors.__version__


def test_it_builds_and_verifies(installed: Installed) -> None:
    offline = ("--offline", "--at", CARRIED_AT)
    recorded = ("--source", str(SNAPSHOT), "--dns", "recorded", "--at", AT)
    told = installed.run("root-anchors", "build", *recorded, "-o", "out")
    assert told.startswith("VERIFIED: KSK-2017 (20326), KSK-2024 (38696)")
    golden = ROOT / "fixtures" / "golden"
    for name in ("root.ds", "bind.keys"):
        assert (installed.cwd / "out" / name).read_bytes() == (golden / name).read_bytes()
    for arguments in (offline, ("--source", "out", "--dns", "recorded", "--at", AT)):
        report = installed.run("root-anchors", "verify", "--report-format", "json", *arguments)
        assert json.loads(report)["verdict"] == "verified"


def test_it_shows_what_it_trusts(installed: Installed) -> None:
    told = installed.run("root-anchors", "pinned")
    assert "ICANN Root CA" in told
    assert "ICANN Root CA v2" in told


def test_what_a_finding_cites_can_be_read_there(installed: Installed) -> None:
    told = installed.run("root-anchors", "verify", "--offline", "--at", CARRIED_AT)
    assert "docs/" not in told
    told = installed.run("root-anchors", "verify", "--offline", "--at", AT, "--ca", "none", code=2)
    (command,) = re.findall(r"\((root-anchors explain [a-z.-]+)\)", told)
    told = installed.run(*command.split())
    assert told.startswith("choice.ca: The pinned roots were replaced by --ca\n")
    page = Path(told.split()[-1])
    assert page.is_relative_to(installed.prefix)
    assert "| `choice.ca` |" in page.read_text(encoding="utf-8")
    for file in ("docs/audit.schema.json", "docs/examples/root-anchors.cron"):
        assert (page.parents[1] / file).read_bytes() == (ROOT / file).read_bytes()


def test_it_runs_as_a_module(installed: Installed) -> None:
    assert "bind.keys" in installed.run("python", "-I", "-m", "anchors", "formats")


def test_importing_it_loads_nothing_of_the_network(installed: Installed) -> None:
    told = installed.run("python", "-I", "-X", "importtime", "-c", "import anchors")
    loaded = {line.rpartition("|")[2].strip() for line in told.splitlines()}
    assert "anchors" in loaded
    assert loaded & NETWORK == set()


def test_importing_all_of_it_does_nothing_else(installed: Installed) -> None:
    number, done = json.loads(installed.run("python", "-I", "-B", "-c", IMPORT_ALL))
    modules = [path for path in (ROOT / "anchors").rglob("*.py") if path.parent.name != "anchors"]
    assert number > len(modules)
    # urllib3 tries whether there is IPv6, on loopback.
    assert [what for event, what in done if (event, "('::1', 0)" in what) != IPV6_PROBE] == []


@pytest.mark.parametrize(
    ("act", "event"),
    [
        ("open('x', 'w')", "open"),
        ("__import__('socket').socket().connect(('127.0.0.1', 1))", "socket.connect"),
        ("__import__('subprocess').run('true')", "subprocess.Popen"),
    ],
)
def test_what_an_import_might_do_would_be_seen(act: str, event: str, installed: Installed) -> None:
    watching = IMPORT_ALL.partition("import anchors\n")[0]
    script = f"{watching}try: {act}\nexcept OSError: pass\nprint(done[0][0])"
    assert installed.run("python", "-I", "-c", script) == f"{event}\n"


def test_a_type_checker_sees_the_types(installed: Installed) -> None:
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed")
    consumer = installed.cwd / "consumer.py"
    consumer.write_text(CONSUMER, encoding="utf-8")
    told = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--no-incremental"),
            *("--python-executable", str(installed.prefix / "bin" / "python"), consumer.name),
        ],
        cwd=installed.cwd,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    ).stdout
    assert 'Revealed type is "anchors.pipeline.report.Verdict"' in told
    assert '"Report" has no attribute "nonsense"' in told
    assert '"at" to "VerificationPolicy" has incompatible type "None"' in told
    assert "Found 2 errors in 1 file" in told


def test_it_needs_what_it_says_it_needs(installed: Installed) -> None:
    """Every module imports with the dependencies alone: the tools of the tests are not needed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    script = IMPORT_ALL.replace("import anchors\n", "import anchors\n" + BARRIER, 1)
    lines = [*project["dependencies"], "urllib3", "certifi", "idna", "charset_normalizer", "cffi"]
    names = {line.partition(">")[0] for line in lines}
    number, _ = json.loads(installed.run("python", "-I", "-B", "-c", script, *sorted(names)))
    assert number > 0


BARRIER = """
from importlib import metadata
allowed = {name.lower().replace("-", "_") for name in [*sys.argv[1:], "root-anchors"]}
owners = metadata.packages_distributions()
class Barrier:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in owners and not allowed & {o.lower().replace("-", "_") for o in owners[top]}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Barrier())
"""
