"""docs/fleet.md and its examples: their commands are run on three hosts, of which two answer.

Neither Ansible nor a cluster is there: the commands of the playbook are run in its order, and a
stand-in for kubectl runs the command of each Job.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from anchors.auditing import merge
from anchors.auditing.result import SCHEMA as AUDIT
from anchors.auditing.result import Audit, Outcome
from anchors.cli.main import main
from anchors.cli.parser import make_parser
from anchors.grammars.yaml import load_yaml
from anchors.report.audit.json import render
from anchors.report.merge import json as merge_json
from tests.docs.machine import AT, Done, examples, furnish, new_place, run
from tests.docs.markdown import ROOT, code_spans, links
from tests.unit.auditing import audits

DOCUMENT = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
COMMANDS = [example.command for example in examples(DOCUMENT)]
EXAMPLES = ROOT / "docs" / "examples"
PLAYBOOK, JOB = EXAMPLES / "root-anchors.playbook.yml", EXAMPLES / "root-anchors.job.yml"
SCHEMA: dict[str, Any] = json.loads((ROOT / "docs/merge.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
# Two that answer, the second without KSK-2024, and one that does not.
HOSTS = {"ready": None, "late": "38696", "silent": None}
ANSWERING = [*HOSTS][:2]
HOME = "/var/lib/root-anchors"
KUBECTL = f"""#!{sys.executable}
import pathlib, subprocess, sys, yaml
match sys.argv[1:]:
    case ["get", "nodes", "-o", "name"]:
        print(*(f"node/{{name}}" for name in {[*HOSTS]}), sep="\\n")
    case ["create", "configmap", name, *files]:
        pathlib.Path(name).mkdir()
        for file in files:
            source = pathlib.Path(file.removeprefix("--from-file="))
            pathlib.Path(name, source.name).write_bytes(source.read_bytes())
    case ["apply", "-f", "-"]:
        for job in filter(None, yaml.safe_load_all(sys.stdin)):
            pod = job["spec"]["template"]["spec"]
            (container,) = pod["containers"]
            places = {{
                "/host": f"{{pod['nodeName']}}/machine",
                "/basis": pod["volumes"][1]["configMap"]["name"],
            }}
            command = [places.get(word, word) for word in container["command"]]
            if pod["nodeName"] in {ANSWERING}:
                done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                pathlib.Path(job["metadata"]["name"]).write_bytes(done.stdout)
    case ["logs", job]:
        sys.stdout.write(pathlib.Path(job.removeprefix("job/")).read_text())
    case other:
        sys.exit(f"no such command: {{other}}")
"""


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our command and the examples, and a machine of each host in a folder of its name."""
    place = new_place(tmp_path_factory.mktemp("fleet"))
    shutil.copytree(EXAMPLES, place / "docs" / "examples")
    for name, without in HOSTS.items():
        shutil.copytree(place / "anchors", place / name / "anchors")
        furnish(place / name, without=without)
    return place


@pytest.fixture
def fleet(machines: Path, tmp_path: Path) -> Path:
    """A copy of these for one test."""
    return Path(shutil.copytree(machines, tmp_path / "fleet"))


def outcomes(place: Path) -> dict[str, str]:
    done = run("root-anchors merge --report-format json reports/*.json", place)
    assert done.code == 1, done.told
    content = json.loads(done.output)
    assert VALIDATOR.is_valid(content)
    assert (len(content["publications"]), len(content["days"]), content["twice"]) == (1, 1, [])
    return {host["name"]: host["outcome"] for host in content["hosts"]}


def is_told(place: Path) -> bool:
    found = outcomes(place)
    assert found.pop("ready") in {"right", "attention"}
    return [*found.items()] == [("late", "fails"), ("silent", "undecided")]


# The first commands, and those about Kubernetes.


def test_the_first_commands(fleet: Path) -> None:
    (fleet / "late" / "machine").rename(fleet / "machine")
    folder, build, audit, text, page = COMMANDS[:5]
    assert run(folder, fleet).code == run(build, fleet).code == 0
    assert run(audit, fleet).code == 1
    told = run(text, fleet)
    assert told.output.startswith("FAILS: 1 host (1 fails)"), told.told
    assert run(page, fleet).code == 1
    assert "web1" in (fleet / "fleet.html").read_text(encoding="utf-8")


def test_the_commands_for_kubernetes(fleet: Path) -> None:
    script = fleet / "bin" / "kubectl"
    script.write_text(KUBECTL, encoding="utf-8")
    script.chmod(stat.S_IRWXU)
    *commands, merging = COMMANDS[6:]
    for command in commands:
        # What a Job runs is given the time too.
        added = {"ADDED": f"--at {AT}"} if " apply " in command else {}
        done = run(command, fleet, **added)
        assert done.code == 0, (command, done.told)
    assert run(merging, fleet).code == 1
    assert is_told(fleet)


def test_a_job_reads_all_and_changes_nothing() -> None:
    job: Any = load_yaml(JOB.read_bytes())
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    rights = container["securityContext"]
    assert (rights["readOnlyRootFilesystem"], rights["allowPrivilegeEscalation"]) == (True, False)
    assert rights["capabilities"] == {"drop": ["ALL"], "add": ["DAC_READ_SEARCH"]}
    assert all(mount["readOnly"] for mount in container["volumeMounts"])
    assert {mount["name"] for mount in container["volumeMounts"]} == {
        volume["name"] for volume in pod["volumes"]
    }
    # A bare tag would be run as root on every node, whoever moves it.
    assert re.fullmatch(r"\S+/\S+@sha256:[0-9a-f]{64}", container["image"])


# The playbook.


def test_the_playbook(fleet: Path) -> None:
    verify, audit, put = plays()
    for task in verify["tasks"]:
        assert here(task, fleet).code == 0
    assert {path.name for path in (fleet / "reports").iterdir()} == {f"{n}.json" for n in HOSTS}
    for host in ANSWERING:
        for task in audit["tasks"]:
            there(task, fleet, host)
    done = here(put["tasks"][0], fleet)
    assert (done.code, done.errors.partition(":")[0]) == (1, "FAILS")
    assert (fleet / "fleet.html").is_file()
    assert is_told(fleet)


def plays() -> list[dict[str, Any]]:
    content: Any = load_yaml(PLAYBOOK.read_bytes())
    assert [play["hosts"] for play in content] == ["localhost", "all", "localhost"]
    found: list[dict[str, Any]] = content
    return found


def here(task: dict[str, Any], place: Path) -> Done:
    """Run a task of localhost."""
    (module,) = [task[name] for name in task if name.startswith("ansible.builtin.")]
    assert module["chdir"] == "{{ playbook_dir }}"
    command = str(module["cmd"])
    if "stdin" in module:
        assert module["stdin"] == "{{ groups['all'] | join('\n') }}"
        command = f"printf '%s\\n' {shlex.join(HOSTS)} | ({command})"
    return run(command, place)


def there(task: dict[str, Any], place: Path, host: str) -> None:
    """Run a task of a host, whose root is its machine's."""
    home = place / host / "machine" / HOME.lstrip("/")
    if "ansible.builtin.copy" in task:
        module = task["ansible.builtin.copy"]
        assert (module["src"], module["dest"]) == ("{{ playbook_dir }}/basis/", f"{HOME}/basis/")
        shutil.copytree(place / "basis", home / "basis")
    elif "ansible.builtin.fetch" in task:
        module = task["ansible.builtin.fetch"]
        assert module["src"] == f"{HOME}/report.json"
        assert module["dest"] == "{{ playbook_dir }}/reports/{{ inventory_hostname }}.json"
        shutil.copy(home / "report.json", place / "reports" / f"{host}.json")
    else:
        shutil.copytree(place / "bin", place / host / "bin")
        command = task["ansible.builtin.command"]["cmd"]
        # No shell takes it.
        assert not re.search(r"[|&;<>$`]", command)
        done = run(command.removeprefix("nice "), place / host)
        assert task["failed_when"] == "audit.rc not in [0, 1, 3]"
        assert done.code == (0 if host == "ready" else 1), done.told


# The page itself.


def test_the_examples_are_linked() -> None:
    assert {f"examples/{path.name}" for path in (PLAYBOOK, JOB)} <= {*links(DOCUMENT)}


def test_every_command_is_run_by_one_of_these() -> None:
    assert len(COMMANDS) == 13
    assert COMMANDS[5].startswith("ansible-playbook ")
    assert COMMANDS[5].endswith(f" docs/examples/{PLAYBOOK.name}")


def test_the_limits_and_exit_codes_are_those_of_the_code() -> None:
    assert f"{merge.MAX_REPORT >> 20} MiB and {merge.MAX_HOSTS:,} root file systems" in DOCUMENT
    assert SCHEMA["$defs"]["host"]["properties"]["seen"]["maxItems"] == merge.MOST_SEEN
    (commands,) = [action for action in make_parser()._actions if action.choices]
    assert isinstance(commands.choices, dict)
    codes = re.findall(r"(?:^| {2,})(\d+) [a-z]", commands.choices["merge"].epilog, re.MULTILINE)
    assert codes == ["0", "1", "2", "3", "4", "130"]


# The schema.


@pytest.mark.parametrize("audit", [audits.everything(), audits.unverified()])
def test_every_report_follows_the_schema(audit: Audit, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.json", "b.json", "none")]
    for file in files[:2]:
        file.write_text(render(audit), encoding="utf-8")
    report = tmp_path / "fleet.json"
    main(["merge", "--report-format", "json", "--report", str(report), *map(str, files)])
    content = json.loads(report.read_text(encoding="utf-8"))
    assert [error.message for error in VALIDATOR.iter_errors(content)] == []
    changes: list[dict[str, object]] = [
        {"more": -1},
        {"outcome": "fine"},
        {"other": 1},
        {"next": {}},
    ]
    for change in changes:
        wrong = {**content, "hosts": [{**content["hosts"][0], **change}]}
        assert not VALIDATOR.is_valid(wrong)


def test_the_words_are_those_of_the_code_and_explained() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    kinds = SCHEMA["$defs"]
    assert SCHEMA["title"] == SCHEMA["properties"]["schema"]["const"] == merge_json.SCHEMA
    assert kinds["outcome"]["enum"] == kinds["by_outcome"]["required"] == [*Outcome]
    names = {*SCHEMA["properties"]}
    for name, kind in kinds.items():
        names |= {*kind.get("properties", ())} if name != "by_outcome" else set()
    assert names | {AUDIT} <= {*code_spans(DOCUMENT)}
