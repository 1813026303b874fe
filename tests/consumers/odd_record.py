"""Ask the programs of this machine for all odd inputs and write their answers into the tables.

``python -m tests.consumers.odd_record [SYNTAX...]``: look at the difference before it is kept.
A version is asked anew; the answers of the versions that are not here are lost.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from anchors.consumers.bench import find_program
from tests.consumers.conftest import FOLDERS
from tests.consumers.odd_programs import ASKED, Asked, version
from tests.odd_inputs import filled, tables, told


def main(syntaxes: list[str]) -> None:
    """Write every table of these syntaxes (or of all) anew."""
    for path in tables():
        table = json.loads(path.read_text(encoding="utf-8"))
        if not syntaxes or table["syntax"] in syntaxes:
            _renew(table)
            path.write_text(_text(table), encoding="utf-8")


def _renew(table: dict[str, Any]) -> None:
    """Put the answers of the programs that are here into the table."""
    contents = [filled(case["content"]) for case in table["cases"]]
    for program in table["programs"]:
        asked = ASKED[table["syntax"], program]
        by_version = {}
        for folder in (None, *FOLDERS):
            if _is_there(asked, folder) and int(version(asked).split(".")[0]) >= asked.since:
                by_version[version(asked)] = [told(one) for one in asked.answers(contents)]
        table["programs"][program] = [*by_version]
        for case, *each in zip(table["cases"], *by_version.values(), strict=True):
            same = all(one == each[0] for one in each)
            case["answers"][program] = each[0] if same else dict(zip(by_version, each, strict=True))


def _text(table: dict[str, Any]) -> str:
    """The table as JSON, each part of a case on a line of its own."""
    cases = [
        ",\n   ".join(f"{json.dumps(name)}: {json.dumps(part)}" for name, part in case.items())
        for case in table["cases"]
    ]
    head = (
        f' "syntax": {json.dumps(table["syntax"])},\n "programs": {json.dumps(table["programs"])}'
    )
    return f'{{\n{head},\n "cases": [\n  {{' + "},\n  {".join(cases) + "}\n ]\n}\n"


_PATH = os.environ["PATH"]


def _is_there(asked: Asked, folder: Path | None) -> bool:
    """Whether the folder (or the machine) has all that is asked, which is then in the path."""
    if folder is None:
        os.environ["PATH"] = _PATH
        return all(find_program(name) for name in asked.programs)
    os.environ["PATH"] = f"{folder}:{_PATH}"
    return all((folder / name).exists() for name in asked.programs)


if __name__ == "__main__":
    main(sys.argv[1:])
