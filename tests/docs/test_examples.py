"""docs/examples: what cron runs on a machine with resolvers, and what the workflow installs."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from anchors import __version__
from anchors.grammars.yaml import load_yaml
from tests.docs.machine import furnish, new_place, run
from tests.docs.markdown import ROOT

EXAMPLES = ROOT / "docs" / "examples"
CRON = (EXAMPLES / "root-anchors.cron").read_text(encoding="utf-8")
# As Debian's package has it: the state lies in another folder than the file that names it.
UNBOUND = 'server:\n    auto-trust-anchor-file: "/var/lib/unbound/root.key"\n'
UNBOUNDS_USER = 101
WRONG = ". IN DS 20326 8 2 " + "00" * 32 + "\n"


# The command of each line that is a job (crontab(5): five fields, the user, the command).
VERIFY, AUDIT = [line.split(maxsplit=6)[6] for line in CRON.splitlines() if line[0].isdigit()]
WELL, ILL = (f"--offline --at {at}" for at in ("2026-10-11T00:00:00Z", "2035-01-01T00:00:00Z"))


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with all resolvers, and our program."""
    place = new_place(tmp_path)
    furnish(place)
    named = place / "machine" / "etc/unbound/unbound.conf.d/root-auto-trust-anchor-file.conf"
    named.parent.mkdir(parents=True)
    named.write_text(UNBOUND, encoding="ascii")
    if os.geteuid() == 0:
        for path in (place / "machine/var/lib/unbound", place / "machine/var/lib/unbound/root.key"):
            os.chown(path, UNBOUNDS_USER, -1)
    return place


@pytest.mark.parametrize("command", [VERIFY, AUDIT], ids=["verify", "audit"])
def test_cron_has_something_to_mail_only_where_something_is_wrong(
    command: str, machine: Path
) -> None:
    done = run(command, machine, ADDED=WELL)
    assert (done.code, done.told) == (0, "")
    done = run(command, machine, ADDED=ILL)
    assert "NOT TRUSTED" in done.output or "UNDECIDED" in done.output


def test_cron_mails_where_a_file_is_gone_that_a_resolver_names(machine: Path) -> None:
    (machine / "machine/var/lib/unbound/root.key").unlink()
    assert "/var/lib/unbound/root.key" in run(AUDIT, machine, ADDED=WELL).output


def test_cron_mails_where_an_anchor_is_wrong(machine: Path) -> None:
    (machine / "machine/var/lib/unbound/root.key").write_text(WRONG, encoding="ascii")
    told = run(AUDIT, machine, ADDED=WELL).output
    assert re.search(r"^FAILS  Unbound  machine/etc/unbound/", told, re.MULTILINE)


def test_nobody_who_takes_the_name_in_an_index_is_run_by_the_workflow() -> None:
    workflow: Any = load_yaml((EXAMPLES / "root-anchors.workflow.yml").read_bytes())
    place = Path(workflow["jobs"]["audit"]["env"]["ROOT_ANCHORS"])
    assert len(place.parts) > 1
    assert place.name == f"root_anchors-{__version__}-py3-none-any.whl"
