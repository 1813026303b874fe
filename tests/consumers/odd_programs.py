"""How each program is asked what it makes of an odd file.

A program that does not start with the file, or that says the file is not loaded, refuses it.  What
it holds it tells itself while it runs:

    Unbound             CH TXT trustanchor.unbound
    named               rndc secroots; its own keys, to which it turns without a word, count as none
    kresd               trust_anchors.summary()
    PowerDNS Recursor   rec_control get-tas; Lua and zone files by rec_control reload-lua-config in
                        one server, which begins with its own keys: a case begins with clearTA()
    dnsmasq             the log of its start; without any anchor of the root it does not start
    ldns                drill tells the number, ldns-read-zone the records
    getdns              getdns_query -k
    systemd-resolved    the log of its start; its own keys count as none
"""

from __future__ import annotations

import base64
import functools
import json
import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import dns.rdata
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from anchors.consumers.bench import (
    Bench,
    ConsumerFailed,
    Running,
    find_program,
    free_port,
    last_words,
    on_bench,
)
from anchors.consumers.dnsmasq.running import configure as configure_dnsmasq
from anchors.consumers.dnsmasq.running import parse_log
from anchors.consumers.driver import NOWHERE
from anchors.consumers.query import Endpoint, Question, ask
from anchors.consumers.resolved.running import serving as serving_resolved
from anchors.core.records import dnskey, key_tag
from tests.odd_inputs import Answer, real_ds, real_keys

__all__ = ["ASKED", "Asked", "version"]

_ABREAST = 4
_BATCH_SECONDS = 30.0
_SAID_SECONDS = 10.0
_REFUSED = Answer(refuses=True)
_ENDED = "ended at once"

_UNBOUND = """\
{anchors}
server:
    directory: "{directory}"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    logfile: ""
    do-ip6: no
    num-threads: 1
    outgoing-range: 16
    num-queries-per-thread: 16
    incoming-num-tcp: 1
    outgoing-num-tcp: 0
    msg-cache-size: 64k
    rrset-cache-size: 64k
    module-config: "validator iterator"
    interface: {here.address}
    port: {here.port}
    do-daemonize: no
remote-control:
    control-enable: no
forward-zone:
    name: "."
    forward-addr: {nowhere.address}@{nowhere.port}
"""
_NAMED = """\
options {{
    directory "{directory}";
    managed-keys-directory "{directory}";
    pid-file none;
    session-keyfile none;
{options}\
    listen-on port {here.port} {{ {here.address}; }};
    listen-on-v6 {{ none; }};
    recursion yes;
    forward only;
    forwarders {{ {nowhere.address} port {nowhere.port}; }};
}};
key "odd" {{ algorithm hmac-sha256; secret "b2Rk"; }};
controls {{ inet 127.0.0.1 port {control} allow {{ 127.0.0.1; }} keys {{ "odd"; }}; }};
{statements}
"""
_RNDC = """\
key "odd" {{ algorithm hmac-sha256; secret "b2Rk"; }};
options {{ default-server 127.0.0.1; default-port {control}; default-key "odd"; }};
"""
# The keyset of each file in turn; what is left of it does not touch the next one.
_ADD_FILES = """\
for number = 0, {number} - 1 do
    for owner in pairs(trust_anchors.keysets) do trust_anchors.keysets[owner] = nil end
    local ok = pcall(trust_anchors.add_file, number .. '.key', {read_only})
    io.stdout:write('\\n-- ', number, ' ', tostring(ok), '\\n')
    if ok then io.stdout:write(trust_anchors.summary(), '\\n') end
    io.stdout:write('-- end\\n')
end
os.exit(0)
"""
_TELL_KRESD = r"""
local root = trust_anchors.keysets['\0']
local held = root and root.filename and '' or trust_anchors.summary()
io.stdout:write('\n-- 0 true\n', held, '\n-- end\n')
os.exit(0)
"""
_TOLD = re.compile(r"^-- (\d+) (.*?)^-- end$", re.DOTALL | re.MULTILINE)
_KRESD_TAG = re.compile(r"^\.\s.*; (?:Valid|Missing):.*; KeyTag:(\d+)", re.MULTILINE)
_RECURSOR = """\
socket-dir={directory}
local-address={here.address}
local-port={here.port}
daemon=no
setuid=
setgid=
threads=1
security-poll-suffix=
dnssec=validate
hint-file=no
lua-config-file={directory}/empty.lua
"""
_GETDNS = re.compile(r'"name":"(.*?)","rdata":(\{.*?\}),"ttl":\d+,"type":(\d+)')
# With any other list than this one, systemd-resolved and the recursor hold something of the file.
_BUILT_IN = [20326, 38696]
_LISTED = re.compile(
    r"^Positive Trust Anchors:\n((?:\S+ \w+ D.*\n)*)", re.IGNORECASE | re.MULTILINE
)
_LISTED_DS = re.compile(r"^\. IN DS (\d+) ", re.MULTILINE)
_LISTED_DNSKEY = re.compile(r"^\. IN DNSKEY (\d+) \d+ \w+ (\S+)", re.MULTILINE)
_KNOT_YAML = """\
rundir: {folder}
cache: {{storage: {folder}/cache, size-max: 10M}}
management: {{unix-socket: {folder}/management.sock}}
network: {{listen: [{{interface: 127.0.0.1@{port}}}]}}
"""
_CONVERT = """\
import sys
from pathlib import Path
from types import SimpleNamespace
from knot_resolver.client.commands.convert import ConvertCommand

for folder in map(Path, sys.argv[1:]):
    lua, files = folder / "odd.lua", (folder / "own.yaml", folder / "odd.yaml")
    args = SimpleNamespace(strict=False, type="worker", output_file=lua, input_file=files)
    try:
        ConvertCommand(args).run()
    except (Exception, SystemExit) as error:
        print(folder, repr(error))
print("converted")
"""
_LUA_FILE = b"/etc/powerdns/recursor.lua"
_RECURSOR_YAML = """\
incoming:
  listen: ['{here.address}:{here.port}']
recursor:
  socket_dir: {directory}
  include_dir: {directory}
  security_poll_suffix: ''
  daemon: false
  threads: 1
  hint_file: 'no'
dnssec:
  validation: validate
"""
_NUMBER_OF_KEYS = re.compile(r"Number of trusted keys: (\d+)")
_RECORD = re.compile(r"^(\S+)\t\d+\t\w+\t(DS|DNSKEY)\t(.*)", re.MULTILINE)
_TA = re.compile(r"^\s+(\d+) \d+ \d+ [0-9a-f]*\s*$", re.IGNORECASE)
_SECURE_ROOT = re.compile(r"^\./\w+/(\d+) ;", re.MULTILINE)
# A state is of no use without an anchor; nobody has the key of this one, whose tag is 1.
_OTHER_ANCHOR = f'trust-anchors {{ . initial-ds 1 8 2 "{"0" * 64}"; }};'
# From 9.20 on it is read with auto alone.
_OF_STATE = '    dnssec-validation auto;\n    bindkeys-file "other.keys";\n'
# Before that named 9.20 answers without having read its state.
_LOADED = "all zones loaded"
_OWN_KEYS = "using built-in root key for view"


class Asked(NamedTuple):
    """How a program is asked.

    Attributes:
        programs: what must be there; the first one tells the version.
        version: the argument that makes it tell, and where its version stands in the output.
        answers: its answers to these contents, in their order.
        newest_only: whether no release of Debian has the program yet.
        since: the major version from which on the program reads such a file.
    """

    programs: tuple[str, ...]
    version: tuple[str, str]
    answers: Callable[[Sequence[bytes]], list[Answer | None]]
    since: int = 0
    newest_only: bool = False


def _each(
    file: str, ask_it: Callable[[Bench], Answer | None]
) -> Callable[[Sequence[bytes]], list[Answer | None]]:
    """Ask a new process for each file, which has this name."""

    def one(content: bytes) -> Answer | None:
        with on_bench("", file, content) as bench:
            return ask_it(bench)

    def answers(contents: Sequence[bytes]) -> list[Answer | None]:
        with ThreadPoolExecutor(_ABREAST) as pool:
            return list(pool.map(one, contents))

    return answers


def version(asked: Asked) -> str:
    """The version of the program that is found now."""
    argument, pattern = asked.version
    with on_bench("", "odd", b"") as bench:
        output = bench.run(asked.programs[0], argument).output
    match = re.search(pattern, output)
    return match[1] if match else "unknown"


def _unbound(statement: str) -> Callable[[Bench], Answer]:
    def ask_it(bench: Bench) -> Answer:
        def configure(here: Endpoint) -> list[str]:
            text = _UNBOUND.format(
                directory=bench.directory,
                here=here,
                nowhere=NOWHERE,
                anchors=statement.format(file=bench.file),
            )
            return ["-d", "-c", str(bench.write("main.conf", text))]

        try:
            with bench.serving("unbound", configure) as (here, _):
                reply = ask(here, Question("trustanchor.unbound.", "TXT", "CH"))
        except ConsumerFailed as error:
            return _refusal(error)
        if reply is None or reply.rcode != "NOERROR":
            raise ConsumerFailed("it does not answer CH TXT trustanchor.unbound")
        points = [text.strip('"').split() for text in reply.answer]
        return _held(tag for name, *tags in points if name == "." for tag in tags)

    return ask_it


def _named(options: str, statements: str) -> Callable[[Bench], Answer]:
    def ask_it(bench: Bench) -> Answer:
        bench.write("other.keys", _OTHER_ANCHOR)
        lock = _lock(find_program("named"))

        def configure(here: Endpoint) -> list[str]:
            # Both ports anew at each try: named ends where somebody else took one meanwhile.
            control = free_port("127.0.0.1")
            bench.write("rndc.conf", _RNDC.format(control=control))
            text = _NAMED.format(
                directory=bench.directory,
                here=here,
                nowhere=NOWHERE,
                control=control,
                options=lock + options.format(file=bench.file),
                statements=statements.format(file=bench.file),
            )
            return ["-g", "-n", "1", "-c", str(bench.write("main.conf", text))]

        try:
            with bench.serving("named", configure) as (_, running):
                _wait_for(_LOADED, running)
                rndc = bench.directory / "rndc.conf"
                ran = bench.run("rndc", "-c", rndc, "secroots", "-")
                if _OWN_KEYS in running.output:
                    return Answer()
        except ConsumerFailed as error:
            return _refusal(error)
        if ran.code != 0:
            raise ConsumerFailed(f"rndc: {last_words(ran.output)}")
        return _held(tag for tag in _SECURE_ROOT.findall(ran.output) if tag != "1")

    return ask_it


def _wait_for(words: str, running: Running) -> None:
    """Wait until a program says this; it says so soon, or never."""
    until = time.monotonic() + _SAID_SECONDS
    while words not in running.output:
        if running.ended or time.monotonic() > until:
            raise ConsumerFailed(f"it does not say {words!r}: {last_words(running.output)}")
        time.sleep(0.01)


@functools.cache
def _lock(named: str | None) -> str:
    """The option by which several can run at a time; from 9.20 on there is none."""
    with on_bench("", "odd", b"") as bench:
        output = bench.run(named or "named", "-v").output
    match = re.search(r"(\d+)\.(\d+)\.", output)
    return "    lock-file none;\n" if match and (int(match[1]), int(match[2])) < (9, 20) else ""


def _refusal(error: ConsumerFailed) -> Answer:
    """A program that ended by itself refuses the file; anything else is no answer."""
    if _ENDED not in str(error):
        raise error
    return _REFUSED


def _held(tags: Iterable[str | int]) -> Answer:
    return Answer(tuple(sorted(int(tag) for tag in tags)))


def _all_on_one_bench(
    ask_them: Callable[[Bench, Sequence[Path]], list[Answer | None]],
) -> Callable[[Sequence[bytes]], list[Answer | None]]:
    """Ask one process for all files, which are numbered."""

    def answers(contents: Sequence[bytes]) -> list[Answer | None]:
        with on_bench("", "odd", b"") as bench:
            files = [bench.directory / f"{number}.key" for number in range(len(contents))]
            for file, content in zip(files, contents, strict=True):
                file.write_bytes(content)
            return ask_them(bench, files)

    return answers


def _kresd_files(*, managed: bool) -> Callable[[Bench, Sequence[Path]], list[Answer | None]]:
    def ask_them(bench: Bench, files: Sequence[Path]) -> list[Answer | None]:
        text = _ADD_FILES.format(number=len(files), read_only=str(not managed).lower())
        conf = bench.write("kresd.conf", text)
        with bench.running("kresd", "-n", "-c", str(conf), ".", SYSTEMD_INSTANCE="1") as running:
            running.wait(_BATCH_SECONDS)
            running.stop()
        told = dict(_TOLD.findall(running.output))
        if len(told) != len(files):
            raise ConsumerFailed(f"kresd: {last_words(running.output)}")
        return [_summary(told[str(number)]) for number in range(len(files))]

    return ask_them


def _kresd(bench: Bench) -> Answer:
    """The file as its configuration, and behind it one more that tells."""
    tell = bench.write("tell.conf", _TELL_KRESD)
    arguments = ("-n", "-c", str(bench.file), "-c", str(tell), ".")
    with bench.running("kresd", *arguments, SYSTEMD_INSTANCE="1") as running:
        code = running.wait(_BATCH_SECONDS)
        running.stop()
    told = dict(_TOLD.findall(running.output))
    if "0" in told:
        return _summary(told["0"])
    if code == 0:
        raise ConsumerFailed(f"kresd: {last_words(running.output)}")
    return _REFUSED


def _summary(text: str) -> Answer:
    """Of what ``trust_anchors.summary()`` has those of the root that are trusted now."""
    if text.startswith("false"):
        return _REFUSED
    return _held(_KRESD_TAG.findall(text))


def _recursor(lua: str) -> Callable[[Bench, Sequence[Path]], list[Answer | None]]:
    """One server, which loads ``lua`` (or the file itself) anew for each file."""

    def ask_them(bench: Bench, files: Sequence[Path]) -> list[Answer | None]:
        def configure(here: Endpoint) -> list[str]:
            bench.write("empty.lua", "")
            text = _RECURSOR.format(directory=bench.directory, here=here)
            bench.write("conf/recursor.conf", text)
            old = ["--enable-old-settings"] if _is_recursor_5(find_program("pdns_recursor")) else []
            return [f"--config-dir={bench.directory / 'conf'}", *old]

        socket = f"--socket-dir={bench.directory}"
        answers: list[Answer | None] = []
        with bench.serving("pdns_recursor", configure):
            for file in files:
                path = bench.write("read.lua", lua.format(file=file)) if lua else file
                loaded = bench.run("rec_control", socket, "reload-lua-config", path)
                if loaded.code == 0:
                    answers.append(_get_tas(bench.run("rec_control", socket, "get-tas").output))
                elif "nable to load" in loaded.output:
                    answers.append(_REFUSED)
                else:
                    raise ConsumerFailed(f"rec_control: {last_words(loaded.output)}")
        return answers

    return ask_them


@functools.cache
def _is_recursor_5(program: str | None) -> bool:
    with on_bench("", "odd", b"") as bench:
        return re.search(r"Recursor 5", bench.run(program or "", "--version").output) is not None


def _get_tas(output: str) -> Answer:
    """Of what ``rec_control get-tas`` prints the tags below the root."""
    owner, tags = "", []
    for line in output.splitlines():
        if match := _TA.match(line):
            tags += [match[1]] if owner == "." else []
        else:
            owner = line.strip()
    return _held(tags)


def _getdns(bench: Bench) -> Answer:
    """It reads what it can, and says nothing of the rest."""
    output = bench.run("getdns_query", "-k", "-j", "-f", bench.file).output
    # Of an odd name it prints what is no JSON.
    return _held(
        _TAG_OF[int(rdtype)](json.loads(rdata))
        for name, rdata, rdtype in _GETDNS.findall(output)
        if name == "." and int(rdtype) in _TAG_OF
    )


_TAG_OF: dict[int, Callable[[dict[str, Any]], int]] = {
    43: lambda rdata: rdata["key_tag"],
    48: lambda rdata: key_tag(
        dnskey(rdata["flags"], rdata["algorithm"], bytes(rdata["public_key"]))
    ),
}


def _dnsmasq(bench: Bench) -> Answer:
    try:
        with bench.serving("dnsmasq", lambda here: configure_dnsmasq(bench, here, NOWHERE)) as (
            _,
            running,
        ):
            pass
    except ConsumerFailed as error:
        # It does not start without any anchor of the root, whatever is in the file.
        return Answer() if "no root trust anchor" in str(error) else _refusal(error)
    # All of its output is there when it has ended.
    return _held(parse_log(running.output).tags)


def _drill(bench: Bench) -> Answer | None:
    """Its number of trusted keys, and their tags where ldns-read-zone has as many records.

    ``None``: it has another number, so that nobody knows which ones drill took.
    """
    at = ("-p", str(NOWHERE.port), f"@{NOWHERE.address}")
    # Over TCP nobody is waited for.
    output = bench.run("drill", "-4", "-t", "-k", bench.file, "-S", ".", "A", *at).output
    number = _NUMBER_OF_KEYS.search(output)
    if number is None:
        return _REFUSED
    records = _RECORD.findall(bench.run("ldns-read-zone", "-z", bench.file).output)
    if len(records) != int(number[1]):
        return None
    return _held(_tag(rdtype, rdata) for owner, rdtype, rdata in records if owner == ".")


def _tag(rdtype: str, rdata: str) -> int:
    if rdtype == "DS":
        return int(rdata.split(maxsplit=1)[0])
    key = dns.rdata.from_text("IN", "DNSKEY", rdata.partition(" ;")[0])
    return key_tag(key) if isinstance(key, DNSKEY) else 0


def _resolved(bench: Bench) -> Answer:
    """The list in the log of its start; of a key the log has no more than the beginning."""
    try:
        with serving_resolved(bench, NOWHERE) as (_, running):
            pass
    except ConsumerFailed as error:
        return _refusal(error)
    # All of its output is there when it has ended.
    listed = _LISTED.search(running.output)
    if listed is None:
        raise ConsumerFailed(f"systemd-resolved: {last_words(running.output)}")
    tags = [int(tag) for tag in _LISTED_DS.findall(listed[1])]
    for flags, begin in _LISTED_DNSKEY.findall(listed[1]):
        (key,) = [key for key in real_keys() if key.startswith(begin)]
        tags.append(key_tag(dnskey(int(flags), 8, base64.b64decode(key))))
    return Answer() if sorted(tags) == _BUILT_IN else _held(tags)


def _knot_yaml(bench: Bench, files: Sequence[Path]) -> list[Answer | None]:
    """kresctl's own code converts all of them at once, for it takes a second to start."""
    folders = []
    for file in files:
        folder = bench.directory / file.stem
        (folder / "cache").mkdir(parents=True)
        file.rename(folder / "odd.yaml")
        own = _KNOT_YAML.format(folder=folder, port=free_port("127.0.0.1"))
        bench.write(f"{file.stem}/own.yaml", own)
        folders.append(folder)
    convert = bench.write("convert.py", _CONVERT)
    ran = bench.run("python3", convert, *folders, seconds=_BATCH_SECONDS)
    if "converted" not in ran.output:
        raise ConsumerFailed(f"kresctl convert: {last_words(ran.output)}")

    def one(folder: Path) -> Answer:
        lua = folder / "odd.lua"
        return _kresd(Bench(folder, "", lua)) if lua.exists() else _REFUSED

    with ThreadPoolExecutor(_ABREAST) as pool:
        return list(pool.map(one, folders))


def _recursor_conf(bench: Bench) -> Answer:
    """The file with settings of ours behind it; the Lua file that it names adds KSK-2024 alone."""
    lua = bench.write("own.lua", f'clearTA()\naddTA(".", "{real_ds()[1]}")\n')
    content = bench.file.read_bytes().replace(_LUA_FILE, str(lua).encode())
    # A value that goes on in the next line.
    head, tail = _LUA_FILE[:-4], str(lua.with_suffix("")).encode()
    content = content.replace(head, tail)

    def configure(here: Endpoint) -> list[str]:
        own = _RECURSOR.format(directory=bench.directory, here=here).encode()
        own = own.replace(b"lua-config-file", b"# ").replace(b"dnssec=", b"# ")
        bench.write("conf/recursor.conf", "").write_bytes(content + b"\n" + own)
        old = ["--enable-old-settings"] if _is_recursor_5(find_program("pdns_recursor")) else []
        return [f"--config-dir={bench.directory / 'conf'}", *old]

    try:
        with bench.serving("pdns_recursor", configure):
            ran = bench.run("rec_control", f"--socket-dir={bench.directory}", "get-tas")
    except ConsumerFailed as error:
        return _refusal(error)
    answer = _get_tas(ran.output)
    # Without it there are the keys that the program has by itself.
    return answer if answer.tags == (38696,) else Answer()


def _recursor_yaml(bench: Bench) -> Answer:
    """The file as one that recursor.yml includes."""
    bench.file.rename(bench.directory / "odd.yml")

    def configure(here: Endpoint) -> list[str]:
        text = _RECURSOR_YAML.format(directory=bench.directory, here=here)
        bench.write("conf/recursor.yml", text)
        return [f"--config-dir={bench.directory / 'conf'}"]

    try:
        with bench.serving("pdns_recursor", configure):
            ran = bench.run("rec_control", f"--socket-dir={bench.directory}", "get-tas")
    except ConsumerFailed as error:
        return _refusal(error)
    answer = _get_tas(ran.output)
    return Answer() if [*answer.tags] == _BUILT_IN else answer


_OF_UNBOUND = (("unbound", "unbound"), ("-V", r"Version (\S+)"))
_OF_NAMED = (("named", "rndc"), ("-v", r"(\d+\.\d+\.\d+)"))
_OF_KRESD = (("kresd",), ("--version", r"version (\S+)"))
_OF_RECURSOR = (("pdns_recursor", "rec_control"), ("--version", r"Recursor (\d\S+)"))
_OF_GETDNS = (("getdns_query",), ("-v", r"[Vv]ersion (\S+)"))
_OF_DNSMASQ = (("dnsmasq",), ("--version", r"version (\S+)"))
_OF_DRILL = (("drill", "ldns-read-zone"), ("-v", r"drill version (\S+)"))
_OF_RESOLVED = (("systemd-resolved",), ("--version", r"systemd \d+ \((\d[\d.]*)"))

# By syntax and program, as the tables name them.
ASKED = {
    ("unbound.conf", "unbound"): Asked(
        *_OF_UNBOUND, _each("odd.conf", _unbound('include: "{file}"'))
    ),
    ("zone file", "unbound trust-anchor-file"): Asked(
        *_OF_UNBOUND, _each("root.key", _unbound('server:\n    trust-anchor-file: "{file}"'))
    ),
    ("zone file", "unbound auto-trust-anchor-file"): Asked(
        *_OF_UNBOUND, _each("root.key", _unbound('server:\n    auto-trust-anchor-file: "{file}"'))
    ),
    ("named.conf", "named"): Asked(
        *_OF_NAMED, _each("odd.conf", _named("    dnssec-validation yes;\n", 'include "{file}";'))
    ),
    ("bind.keys", "named bindkeys-file"): Asked(
        *_OF_NAMED,
        _each(
            "bind.keys", _named('    dnssec-validation auto;\n    bindkeys-file "{file}";\n', "")
        ),
    ),
    ("zone file", "kresd add_file, read-only"): Asked(
        *_OF_KRESD, _all_on_one_bench(_kresd_files(managed=False))
    ),
    ("zone file", "kresd add_file, managed"): Asked(
        *_OF_KRESD, _all_on_one_bench(_kresd_files(managed=True))
    ),
    ("zone file", "pdns_recursor readTrustAnchorsFromFile"): Asked(
        *_OF_RECURSOR,
        _all_on_one_bench(_recursor('clearTA()\nreadTrustAnchorsFromFile("{file}", 0)\n')),
    ),
    ("zone file", "getdns"): Asked(*_OF_GETDNS, _each("root.key", _getdns)),
    ("kresd.conf", "kresd"): Asked(*_OF_KRESD, _each("odd.conf", _kresd)),
    ("recursor.lua", "pdns_recursor"): Asked(*_OF_RECURSOR, _all_on_one_bench(_recursor(""))),
    ("dnsmasq.conf", "dnsmasq"): Asked(*_OF_DNSMASQ, _each("odd.conf", _dnsmasq)),
    ("zone file", "drill -k"): Asked(*_OF_DRILL, _each("root.key", _drill)),
    (".positive", "systemd-resolved"): Asked(*_OF_RESOLVED, _each("root.positive", _resolved)),
    ("config.yaml of Knot Resolver", "kresd by kresctl convert"): Asked(
        ("kresd", "kresctl", "python3"),
        _OF_KRESD[1],
        _all_on_one_bench(_knot_yaml),
        newest_only=True,
    ),
    ("YAML of PowerDNS Recursor", "pdns_recursor"): Asked(
        *_OF_RECURSOR, _each("odd.yaml", _recursor_yaml), since=5
    ),
    ("state of Unbound", "unbound auto-trust-anchor-file"): Asked(
        *_OF_UNBOUND, _each("root.key", _unbound('server:\n    auto-trust-anchor-file: "{file}"'))
    ),
    ("state of Knot Resolver", "kresd add_file, managed"): Asked(
        *_OF_KRESD, _all_on_one_bench(_kresd_files(managed=True))
    ),
    ("state of BIND", "named managed-keys.bind"): Asked(
        *_OF_NAMED,
        _each("managed-keys.bind", _named(_OF_STATE, "")),
    ),
    ("recursor.conf", "pdns_recursor"): Asked(*_OF_RECURSOR, _each("odd.conf", _recursor_conf)),
}
