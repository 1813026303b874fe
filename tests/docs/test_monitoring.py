"""docs/monitoring.md and its examples: the parser, systemd and a shell take all that is in them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anchors.cli.main import main
from anchors.cli.parser import make_parser
from anchors.grammars.yaml import load_yaml
from anchors.report.asking.metrics import render as render_asked
from anchors.report.audit.metrics import render as render_audit
from anchors.report.metrics import render
from tests.asking.samples import SAMPLES
from tests.docs.machine import new_place, run
from tests.docs.markdown import ROOT, code_blocks, code_spans, links, table_rows
from tests.docs.programs import need
from tests.frozen import COMMAND
from tests.unit.auditing.audits import everything
from tests.unit.report.exposed import Exposed, exposed
from tests.unit.report.test_text import real

DOCUMENT = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
EXAMPLES = ROOT / "docs" / "examples"
SERVICE = EXAMPLES / "root-anchors-verify.service"
TIMER = EXAMPLES / "root-anchors-verify.timer"
ASKING = EXAMPLES / "root-anchors-ask.service"
ASKING_TIMER = EXAMPLES / "root-anchors-ask.timer"
# Ten times what systemd-analyze calls the exposure level; a service without any of it has 96.
EXPOSURE = 12
UNDECIDED = 3
AT = "2026-10-11T00:00:00Z"
# Outside of `sudo` lines, which are about other programs.
COMMANDS = [
    line
    for block in code_blocks(DOCUMENT)
    for line in block.text.splitlines()
    if not line.startswith("sudo ")
]


def example(name: str) -> str:
    return (EXAMPLES / name).read_text(encoding="utf-8")


def settings(name: str) -> dict[str, list[str]]:
    """What a unit sets, in order."""
    found: dict[str, list[str]] = {}
    for line in example(name).splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def cron_commands() -> list[str]:
    """The command of each line that is a job (crontab(5): five fields, the user, the command)."""
    jobs = [line for line in example("root-anchors.cron").splitlines() if line[0].isdigit()]
    return [line.split(maxsplit=6)[6] for line in jobs]


def ours() -> Iterator[str]:
    """Every root-anchors command, in the document and in its examples."""
    yield from (line for line in COMMANDS if line.startswith("root-anchors "))
    for service in (SERVICE, ASKING):
        (start,) = settings(service.name)["ExecStart"]
        yield start
    for command in cron_commands():
        match = re.fullmatch(r'said=\$\((root-anchors [^)]*) 2>&1\) \|\| echo "\$said"', command)
        assert match, command
        yield match[1]
    yield from (step["run"] for step in steps() if step.get("run", "").startswith("root-anchors"))


def steps() -> list[dict[str, Any]]:
    workflow: Any = load_yaml(example("root-anchors.workflow.yml").encode())
    found: list[dict[str, Any]] = workflow["jobs"]["audit"]["steps"]
    return found


def linked(document: str) -> set[str]:
    return {Path(target).name for target in links(document) if target.startswith("examples/")}


def test_every_example_is_linked_and_every_link_is_an_example() -> None:
    fleet = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
    assert linked(DOCUMENT) | linked(fleet) == {path.name for path in EXAMPLES.iterdir()}


@pytest.mark.parametrize("command", [*ours()])
def test_the_parser_takes_every_command(command: str) -> None:
    make_parser().parse_args(shlex.split(command)[1:])


def test_there_are_commands_of_each_kind() -> None:
    assert [shlex.split(command)[1] for command in ours()] == [
        *("verify", "audit", "ask"),  # the document
        *("verify", "ask"),  # the services
        *("verify", "audit"),  # cron
        "audit",  # the workflow
    ]


def test_the_files_that_are_installed_exist() -> None:
    named = re.findall(r"docs/examples/[\w.-]+", DOCUMENT)
    assert len(named) >= len(linked(DOCUMENT)) - 1
    assert [name for name in named if not (ROOT / name).is_file()] == []


# What is measured.


def series() -> list[Exposed]:
    texts = render(real()), render_audit(everything()), render_asked(SAMPLES["everything"])
    return [one for text in texts for one in exposed(text)]


def test_the_tables_have_every_metric_with_its_labels() -> None:
    measured: dict[str, dict[str, set[str]]] = {}
    for one in series():
        labels = measured.setdefault(one.name, {})
        for label, value in one.labels.items():
            labels.setdefault(label, set()).add(value)
    rows = [row for row in table_rows(DOCUMENT) if row[0].startswith("`root_anchors")]
    told = {code_spans(row[0])[0]: code_spans(row[1]) for row in rows}
    assert [*told] == [*measured]
    for name, spans in told.items():
        assert set(measured[name]) <= set(spans), name
        # Where the table lists the states of a label, it lists all of them.
        assert set(spans) - set(measured[name]) <= set().union(*measured[name].values()), name


def verdict_in(path: Path) -> dict[str, int]:
    """The verdict that a file of metrics tells, by its words."""
    told = exposed(path.read_text(encoding="utf-8"))
    return {one.labels["verdict"]: one.value for one in told if one.name.endswith("verdict")}


def test_both_commands_write_their_metrics_whatever_the_verdict(tmp_path: Path) -> None:
    path = tmp_path / "x.prom"
    options = ["--offline", "--metrics", str(path), "--at"]
    (tmp_path / "root.ds").write_text(". IN DS 20326 8 2 " + "00" * 32 + "\n", encoding="ascii")
    for command in (["verify"], ["audit", str(tmp_path / "root.ds")]):
        main([*command, *options, AT])
        assert verdict_in(path) == {"verified": 1, "not-trusted": 0, "undecided": 0}
        main([*command, *options, "2035-01-01T00:00:00Z"])
        assert verdict_in(path)["verified"] == 0
        assert sum(verdict_in(path).values()) == 1
    assert main(["verify", "--offline", "--at", AT, "--metrics", str(path / "y.prom")]) == UNDECIDED


def test_the_alerts_ask_for_what_there_is() -> None:
    """promtool does not know which series there are."""
    rules: Any = load_yaml(example("root-anchors.rules.yml").encode())
    asked = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    assert len(asked) > 10
    names = {name for expression in asked for name in re.findall(r"root_anchors_\w+", expression)}
    assert names <= {one.name for one in series()}
    values = {value for one in series() for value in one.labels.values()}
    for text in (text for expression in asked for text in re.findall(r'="([^"]*)"', expression)):
        assert text in values
    for text in (text for expression in asked for text in re.findall(r'=~"([^"]*)"', expression)):
        assert set(text.split("|")) <= values


# systemd


@pytest.fixture(params=[(SERVICE, TIMER), (ASKING, ASKING_TIMER)], ids=["verify", "ask"])
def units(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """A service and its timer, with a program that is on this machine in the place of ours."""
    need("systemd-analyze", "systemd")
    for unit in request.param:
        text = unit.read_text(encoding="utf-8")
        changed = text.replace("ExecStart=root-anchors ", f"ExecStart={shutil.which('true')} ")
        assert (changed != text) == (unit.suffix == ".service")
        (tmp_path / unit.name).write_text(changed, encoding="utf-8")
    return [str(tmp_path / unit.name) for unit in request.param]


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_systemd_takes_the_units(units: list[str]) -> None:
    told = analyze("verify", "--man=no", *units)
    assert (told.returncode, told.stdout) == (0, "")
    service = Path(units[0])
    service.write_text(service.read_text(encoding="utf-8").replace("ProtectHome", "ProtectHomes"))
    assert "'ProtectHomes'" in analyze("verify", "--man=no", *units).stdout


def test_the_service_is_hardened(units: list[str]) -> None:
    asked = ("security", "--offline=yes", "--no-pager")
    told = analyze(*asked, f"--threshold={EXPOSURE}", units[0])
    if "unrecognized option" in told.stdout:
        pytest.skip("this systemd-analyze cannot do without a running systemd")
    assert told.returncode == 0, told.stdout
    service = Path(units[0])
    text = service.read_text(encoding="utf-8")
    service.write_text(text.replace("CapabilityBoundingSet=\n", ""))
    assert analyze(*asked, f"--threshold={EXPOSURE}", units[0]).returncode != 0


def allowed() -> set[str]:
    """The system calls that SystemCallFilter= of the service leaves."""
    calls: set[str] = set()
    for line in settings(SERVICE.name)["SystemCallFilter"]:
        named = {call for one in line.lstrip("~").split() for call in system_calls(one)}
        calls = calls - named if line.startswith("~") else calls | named
    return calls


def system_calls(name: str) -> Iterator[str]:
    if not name.startswith("@"):
        yield name
        return
    _, *lines = analyze("syscall-filter", "--no-pager", name).stdout.splitlines()
    for line in lines:
        if line.strip() and not line.strip().startswith("#"):
            yield from system_calls(line.strip())


def test_both_services_have_the_same_rights_and_directories_of_their_own() -> None:
    verifying, asking = settings(SERVICE.name), settings(ASKING.name)
    assert verifying.pop("StateDirectory") != asking.pop("StateDirectory")
    own = {"Description", "ExecStart"}
    assert {key for key in verifying | asking if verifying.get(key) != asking.get(key)} == own


@pytest.mark.parametrize(
    "words",
    [["verify", "--metrics"], ["ask", "127.0.0.1#9", "--report-format", "metrics", "--report"]],
    ids=["verify", "ask"],
)
def test_the_service_may_make_the_system_calls_that_it_makes(
    words: list[str], tmp_path: Path
) -> None:
    need("systemd-analyze", "systemd")
    log, metrics = tmp_path / "calls", tmp_path / "x.prom"
    traced = ["strace", "-f", "-qq", "-o", str(log), "true"]
    need("strace", "strace")
    if subprocess.run(traced, check=False).returncode != 0:
        pytest.skip("strace may not trace")
    command = [*COMMAND, *words, str(metrics), "--offline", "--at", AT]
    done = subprocess.run(
        [*traced[:-1], *command],
        cwd=ROOT,
        check=False,
        timeout=60,
        stdout=subprocess.DEVNULL,
    )
    # Nobody answers there, so that nothing can be told.
    assert done.returncode == (UNDECIDED if words[0] == "ask" else 0)
    assert exposed(metrics.read_text(encoding="utf-8"))
    made = set(re.findall(r"^\d+ +(\w+)\(", log.read_text(encoding="utf-8"), re.MULTILINE))
    assert {"openat", "fsync"} <= made
    # strace has the start of the program too, and prlimit64 only asks there.
    assert made - allowed() - {"prlimit64"} == set()


# What the workflow runs; cron's lines are in test_examples.py.


def test_the_workflow_runs_what_it_installs_and_sends_what_it_wrote(tmp_path: Path) -> None:
    machine = new_place(tmp_path)
    uses = [step["uses"] for step in steps() if "uses" in step]
    assert uses == ["actions/checkout@v4", "github/codeql-action/upload-sarif@v3"]
    install, command = [step["run"] for step in steps() if "run" in step]
    assert install == 'pipx install "$ROOT_ANCHORS"'
    told = run(command, machine)
    assert told.code == 0, told.errors
    (upload,) = [step for step in steps() if "upload-sarif" in step.get("uses", "")]
    assert (machine / upload["with"]["sarif_file"]).is_file()
    assert upload["if"] == "success() || failure()"
