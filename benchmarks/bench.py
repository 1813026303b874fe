"""Time the offline build of everything against the imports it cannot do without.

Both are whole processes of the same Python, measured in the same run: with hyperfine where it is
installed, else in turns by this script.  Exits 1 when the aim is missed.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

AIM = 1.5
RUNS = 20
WARMUP = 2
# The embedded signature ends one day.
BUILDING = Path(__file__).parents[1] / "docs" / "building.md"
(AT,) = re.findall(r"build --offline --at (\S+)", BUILDING.read_text(encoding="utf-8"))

Command = list[str]


def with_hyperfine(hyperfine: str, commands: list[Command], output: Path) -> list[float]:
    """The median wall time of each command in seconds, measured by hyperfine."""
    result = output.with_name("hyperfine.json")
    arguments = ["--shell=none", f"--warmup={WARMUP}", f"--runs={RUNS}", "--style=none"]
    arguments += [f"--prepare={shlex.join(['rm', '-rf', str(output)])}", f"--export-json={result}"]
    arguments += [shlex.join(command) for command in commands]
    subprocess.run([hyperfine, *arguments], check=True, stdout=subprocess.DEVNULL)
    return [row["median"] for row in json.loads(result.read_text())["results"]]


def in_turns(commands: list[Command], output: Path) -> list[float]:
    """The median wall time of each command in seconds, the commands taking turns."""
    seconds: list[list[float]] = [[] for _ in commands]
    for turn in range(WARMUP + RUNS):
        for command, times in zip(commands, seconds, strict=True):
            shutil.rmtree(output, ignore_errors=True)
            start = time.perf_counter()
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
            if turn >= WARMUP:
                times.append(time.perf_counter() - start)
    return [statistics.median(times) for times in seconds]


def main() -> int:
    """Measure, print, and judge."""
    with tempfile.TemporaryDirectory(prefix="root-anchors-bench-") as directory:
        output = Path(directory, "out")
        imports = "import cryptography.x509, lxml.etree, dns.dnssec"
        program = str(Path(sys.executable).with_name("root-anchors"))
        commands = [
            [sys.executable, "-c", imports],
            [program, "build", "--offline", "--at", AT, "--quiet", "-o", str(output)],
        ]
        hyperfine = shutil.which("hyperfine")
        if hyperfine is None:
            bare, build = in_turns(commands, output)
        else:
            bare, build = with_hyperfine(hyperfine, commands, output)
    ratio = build / bare
    print(f"measured by    {'this script, in turns' if hyperfine is None else 'hyperfine'}")
    print(f"bare imports   {bare * 1000:7.1f} ms")
    print(f"offline build  {build * 1000:7.1f} ms")
    print(f"ratio          {ratio:7.2f}     aim: at most {AIM}")
    return 0 if ratio <= AIM else 1


if __name__ == "__main__":
    sys.exit(main())
