"""Constants in source code: each compiler takes them, and the program says the verified set."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from anchors.consumers.registry import find_formats
from anchors.core.emission import Emission
from anchors.core.keys import Anchor, AnchorSet
from anchors.pipeline.crosscheck import CrossCheck
from anchors.pipeline.verify import example
from tests.docs.programs import need
from tests.unit.consumers import test_registry

C = r"""
#include <stdio.h>
#include "root_anchors.h"
int main(void) {
    for (unsigned int i = 0; i < ROOT_ANCHORS_COUNT; i++)
        printf("%u %u %u %s\n", root_anchors[i].key_tag, root_anchors[i].algorithm,
               root_anchors[i].digest_type, root_anchors[i].digest);
    return 0;
}
"""
GO = """
package main

import (
\t"fmt"

\t"example.org/test/rootanchors"
)

func main() {
\tfor _, a := range rootanchors.Anchors {
\t\tfmt.Println(a.KeyTag, a.Algorithm, a.DigestType, a.Digest)
\t}
}
"""
RUST = """
mod root_anchors;
fn main() {
    for a in root_anchors::ROOT_ANCHORS {
        println!("{} {} {} {}", a.key_tag, a.algorithm, a.digest_type, a.digest);
    }
}
"""
JAVA = """
public class Main {
    public static void main(String[] arguments) {
        for (RootAnchor a : RootAnchor.ALL)
            System.out.println(a.keyTag + " " + a.algorithm + " " + a.digestType + " " + a.digest);
    }
}
"""
PYTHON = """
from root_anchors import ROOT_ANCHORS
for anchor in ROOT_ANCHORS:
    print(*anchor)
"""
JAVASCRIPT = """
import { ROOT_ANCHORS } from "./root-anchors.mjs";
for (const { keyTag, algorithm, digestType, digest } of ROOT_ANCHORS)
  console.log(keyTag, algorithm, digestType, digest);
"""


class Language(NamedTuple):
    """How a source is made to say its anchors.

    Attributes:
        program: what must be there, and what brings it in Debian.
        files: the program that uses the source.
        commands: what compiles and runs it.
        folder: where the source lies.
    """

    program: tuple[str, str]
    files: Mapping[str, str]
    commands: Sequence[Sequence[str]]
    folder: str = "."


STRICT_C = ("-Wall", "-Wextra", "-Wpedantic", "-Werror")
LANGUAGES = {
    "source-c": Language(
        ("gcc", "gcc"),
        {"main.c": C},
        [["gcc", "-std=c99", *STRICT_C, "-o", "main", "main.c"], ["./main"]],
    ),
    "source-go": Language(
        ("go", "golang-go"),
        {"main.go": GO, "go.mod": "module example.org/test\n\ngo 1.19\n"},
        [["go", "vet", "./..."], ["go", "run", "."]],
        folder="rootanchors",
    ),
    "source-rust": Language(
        ("rustc", "rustc"),
        {"main.rs": RUST},
        [["rustc", "--edition=2021", "-D", "warnings", "main.rs"], ["./main"]],
    ),
    "source-java": Language(
        ("javac", "default-jdk-headless"),
        {"Main.java": JAVA},
        # 8 is the oldest that there still are programs for, and newer compilers warn of it.
        [
            ["javac", "--release", "8", "-Xlint:all,-options", "-Werror", "Main.java"],
            ["java", "Main"],
        ],
    ),
    "source-python": Language(
        ("python3", "python3"),
        {"main.py": PYTHON},
        [[sys.executable, "-W", "error", "main.py"]],
    ),
    "source-javascript": Language(
        ("node", "nodejs"),
        {"main.mjs": JAVASCRIPT},
        [["node", "main.mjs"]],
    ),
}
EACH = pytest.mark.parametrize("name", LANGUAGES)


def said(name: str, emission: Emission, place: Path) -> list[str]:
    """What a program that has these constants compiled in says of them."""
    language = LANGUAGES[name]
    need(*language.program)
    (row,) = find_formats([name])
    (place / language.folder).mkdir(exist_ok=True)
    (place / language.folder / row.file_name).write_bytes(row.write(emission))
    for file, content in language.files.items():
        (place / file).write_text(content, encoding="ascii")
    output = ""
    for command in language.commands:
        output = run(command, place)
    return output.splitlines()


def run(command: Sequence[str], place: Path) -> str:
    own = {"GOPATH": str(place / "go"), "GOCACHE": str(place / "cache"), "GO111MODULE": "on"}
    done = subprocess.run(
        ["env", *(f"{key}={value}" for key, value in own.items()), *command],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def held(emission: Emission) -> list[str]:
    return [
        f"{key.key_tag} {key.algorithm} {key.digest_type} {key.digest.hex().upper()}"
        for key, _ in emission.anchors
    ]


@EACH
def test_a_program_has_the_verified_set(name: str, tmp_path: Path) -> None:
    emission = example().emission
    assert said(name, emission, tmp_path) == held(emission)


@EACH
def test_a_key_whose_time_has_not_come_is_there_too(name: str, tmp_path: Path) -> None:
    emission = test_registry.TestFutureKeys.MADE.emission
    assert said(name, emission, tmp_path) == held(emission)


@EACH
def test_no_words_break_out_of_the_comment(name: str, tmp_path: Path) -> None:
    """The document's source and the signer's address stand in it, and one is as long as a line."""
    words = [
        *test_registry.HOSTILE,
        "\\",
        "??/",
        "\\u000a class Evil {}",
        "\\u",
        " coding: utf-7",
        "\u00e9\u4e2d",
        "x" * 3000,
    ]
    made = hostile(example(), " ".join(words), words[-1])
    for word in ["\\", "??/", "\\u000a class Evil {}", " coding: utf-7"]:
        last = hostile(example(), word, word)
        assert said(name, last.emission, tmp_path) == held(made.emission)
    assert said(name, made.emission, tmp_path) == held(made.emission)


def hostile(good: CrossCheck, source: str, mail: str) -> CrossCheck:
    signer = good.authenticated.signer._replace(email=mail)
    return good._replace(
        document=good.document._replace(source=source),
        authenticated=good.authenticated._replace(signer=signer),
    )


@EACH
def test_a_program_that_lacks_a_key_is_not_taken_for_one_that_has_it(
    name: str, tmp_path: Path
) -> None:
    good = example()
    first: Anchor = good.anchors.anchors[0]
    alone = good._replace(anchors=AnchorSet.of([first]))
    assert said(name, alone.emission, tmp_path) == held(good.emission)[:1]


def test_it_is_cplusplus_as_well(tmp_path: Path) -> None:
    need("g++", "g++")
    emission = example().emission
    (row,) = find_formats(["source-c"])
    (tmp_path / row.file_name).write_bytes(row.write(emission))
    (tmp_path / "main.cc").write_text(C, encoding="ascii")
    run(["g++", "-std=c++98", *STRICT_C, "-o", "main", "main.cc"], tmp_path)
    assert run(["./main"], tmp_path).splitlines() == held(emission)


def test_go_is_as_gofmt_has_it(tmp_path: Path) -> None:
    need("gofmt", "golang-go")
    (row,) = find_formats(["source-go"])
    (tmp_path / row.file_name).write_bytes(row.write(example().emission))
    assert run(["gofmt", "-l", "."], tmp_path) == ""
