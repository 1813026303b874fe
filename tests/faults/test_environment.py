"""No variable, limit, locale, or closed stream changes what is written or what is believed.

Whoever sets PYTHONPATH, PYTHONSTARTUP's kin or LD_PRELOAD runs their code in the place of ours;
against that nothing is promised.
"""

from __future__ import annotations

import re
import resource
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.faults.process import Done, contents, run
from tests.faults.sets import AT, Sets, build, held
from tests.faults.warm import Warm
from tests.pipeline.test_stories_signature import stranger
from tests.simulator.cms import Signing
from tests.simulator.publication import publish

# Everything but line ends.
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")

# Lowers OpenSSL's own demands as far as they go.
WEAK = """
openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = weak
[weak]
MinProtocol = None
CipherString = ALL:@SECLEVEL=0
VerifyMode = None
"""
Environment = Mapping[str, str | None]
ENVIRONMENTS: dict[str, Environment] = {
    "a CA bundle": dict.fromkeys(
        ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), "{store}"
    ),
    "a CA directory": {"SSL_CERT_DIR": "{folder}", "REQUESTS_CA_BUNDLE": "{folder}"},
    "an OpenSSL configuration": {"OPENSSL_CONF": "{weak}", "OPENSSL_CONF_INCLUDE": "{folder}"},
    "OpenSSL's modules from elsewhere": {
        "OPENSSL_MODULES": "{folder}",
        "OPENSSL_ENGINES": "{folder}",
    },
    "optimisation": {"PYTHONOPTIMIZE": "2"},
    "Python's own debugging": {
        "PYTHONDEVMODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONMALLOC": "debug",
    },
    "an old openness": {"PYTHONHTTPSVERIFY": "0", "PYTHONLEGACYWINDOWSSTDIO": "1"},
    "warnings are errors": {"PYTHONWARNINGS": "error"},
    "another encoding": {"PYTHONIOENCODING": "utf-16", "PYTHONUTF8": "0"},
    "ASCII": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "a locale of other letters": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    "no locale at all": {"LC_ALL": "\x1b[31m/../x", "LANG": "nonsense"},
    "another time zone": {"TZ": "Pacific/Kiritimati"},
    "a time zone that is none": {"TZ": ":/etc/passwd"},
    "proxies": dict.fromkeys(("http_proxy", "https_proxy", "ALL_PROXY"), "http://127.0.0.1:1"),
    "no home": {"HOME": None, "USER": None, "XDG_CACHE_HOME": None},
    "a home that is none": {"HOME": "/nonexistent", "NETRC": "/dev/zero"},
    "no place for temporary files": {"TMPDIR": "/proc", "TMP": "/proc", "TEMP": "/proc"},
    "a terminal's wishes": {"TERM": "\x1b[2J", "COLUMNS": "1", "LINES": "0", "FORCE_COLOR": "1"},
    "no path": {"PATH": None},
    "a time of our own": {"SOURCE_DATE_EPOCH": "0", "FAKETIME": "@2009-01-01 00:00:00"},
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A publication by a stranger, and a store and configurations that favour it."""
    place = tmp_path_factory.mktemp("environment")
    signer = stranger()
    (place / "folder").mkdir()
    (place / "folder" / "0.pem").write_bytes(signer.path[0].pem)
    (place / "store.pem").write_bytes(signer.path[0].pem)
    (place / "weak.cnf").write_text(WEAK, "ascii")
    return {
        "forged": publish(Signing(signer=signer)).write(place / "forged"),
        "folder": place / "folder",
        "store": place / "store.pem",
        "weak": place / "weak.cnf",
    }


def assert_clean(done: Done, encoding: str = "utf-8") -> None:
    """Nothing raw, nothing of Python's, and no defect of ours in what was told."""
    told = done.err.decode(encoding or "utf-8")
    assert not CONTROL.search(told)
    assert "Traceback" not in told
    assert "internal error" not in told
    assert done.out == b""


def new_files(sets: Sets) -> dict[str, bytes]:
    return {name: content for name, (mode, content) in sets.new.items() if stat.S_ISREG(mode)}


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS.keys())
def test_a_variable_changes_nothing(
    environment: Environment, files: dict[str, Path], sets: Sets, tmp_path: Path
) -> None:
    """The same bytes are written; what a stranger signed is refused by the same check."""
    env = {
        name: value if value is None else value.format(**files)
        for name, value in environment.items()
    }
    built = run(*build(tmp_path / "set"), cwd=tmp_path, env=env)
    assert built.code == 0, built.err
    assert_clean(built, env.get("PYTHONIOENCODING") or "")
    assert contents(tmp_path / "set") == new_files(sets)
    forged = ("--source", files["forged"], "--dns", "none", "--at", AT)
    refused = run("build", *forged, "-o", tmp_path / "forged", cwd=tmp_path, env=env)
    assert refused.code == 1, refused.err
    assert_clean(refused, env.get("PYTHONIOENCODING") or "")
    assert not (tmp_path / "forged").exists()


@pytest.mark.parametrize(
    "close", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full"]
)
def test_a_stream_that_is_not_there(close: str, sets: Sets, tmp_path: Path) -> None:
    """What is opened next gets its number: nothing that is told may land in a file of the set."""
    built = run(*build(tmp_path / "set"), cwd=tmp_path, close=close)
    assert built.code == 0, built.err
    assert contents(tmp_path / "set") == new_files(sets)
    assert_clean(built)
    verified = run("verify", "--offline", "--at", AT, cwd=tmp_path, close=close)
    assert verified.code == (3 if ">&-" in close.replace("2>&-", "") or "full" in close else 0)
    assert b"Traceback" not in verified.err


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o277, 0o777])
def test_a_umask(mask: int, warm: Warm, sets: Sets, memory: Path) -> None:
    assert warm.run(build(memory / "set"), umask=mask).code == 0
    modes = {stat.S_IMODE(mode) for mode, _ in held(memory / "set").values()}
    assert modes == {0o755, 0o644}
    assert contents(memory / "set") == new_files(sets)
    # The old set's own mode stays, whatever the mask.
    directory = sets.put_old(memory / "place")
    assert warm.run(build(directory), umask=mask).code == 0
    assert sets.which(directory) == "new"


@pytest.mark.parametrize("size", [0, 1, 100, 600, 1500, 2000, 100_000])
def test_a_limit_on_the_size_of_files(size: int, warm: Warm, sets: Sets, memory: Path) -> None:
    directory = sets.put_old(memory / "place")
    # The report goes to a file here as well, and is cut short.
    ended = warm.run([*build(directory), "-q"], fsize=size)
    assert (ended.code, sets.which(directory)) == ((0, "new") if size > 3000 else (3, "old"))
    assert [*directory.parent.iterdir()] == [directory]


@pytest.mark.parametrize("number", [4, 5, 6, 8, 10, 12, 64])
def test_a_limit_on_open_files(number: int, warm: Warm, sets: Sets, memory: Path) -> None:
    directory = sets.put_old(memory / "place")
    ended = warm.run(build(directory), nofile=number)
    assert ended.code in ({0} if number > 16 else {0, 3}), ended
    assert "Traceback" not in ended.told
    assert sets.which(directory) == ("new" if ended.code == 0 else "old")
    if ended.code:
        assert warm.run(build(directory)).code == 0
    assert [*directory.parent.iterdir()] == [directory]


def limited(limit: int, value: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(limit, (value, value))


def test_little_memory(tmp_path: Path) -> None:
    """Whatever runs out where: no set, or a whole one, and a true exit code."""
    codes = []
    for megabytes in (80, 1000):
        target = tmp_path / f"set-{megabytes}"
        before = limited(resource.RLIMIT_AS, megabytes << 20)
        codes.append(run(*build(target), cwd=tmp_path, before=before).code)
        assert (codes[-1] == 0) == (target / "manifest.json").exists()
    assert codes[-1] == 0
