"""What else decides whether Unbound answers anything: whom it asks, how often, and what it takes.

From unbound.conf(5); each was tried on Unbound 1.17.1 and 1.26.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from anchors.consumers.files import Files
from anchors.consumers.loading import not_judged
from anchors.consumers.root_servers import has_all, has_root_server
from anchors.consumers.unbound.clauses import At, Clause
from anchors.consumers.unbound.configuration import Configuration

__all__ = ["doubt_answers"]

_ROOT = "."
_SOURCES = ("primary", "master", "url")
# Unbound does not start where one of these is not there.
_FILES = frozenset({"tls-cert-bundle", "tls-service-key", "tls-service-pem"})


def doubt_answers(conf: Configuration, files: Files) -> None:
    """Doubt the start of an Unbound that may answer nothing, or only from a zone of its own."""
    for at, words in (*_of_settings(conf, files), *_of_clauses(conf, files)):
        conf.doubt(at, not_judged(words, "Unbound"))


def _of_settings(conf: Configuration, files: Files) -> Iterator[tuple[At, str]]:
    for name, at in conf.deciding:
        decides = _DECIDES.get(name)
        is_missing = name in _FILES and at.value and _is_absent(at, conf, files)
        if is_missing or (decides is not None and decides(at.value)):
            yield at, f"{name}: {at.value}"
    last = dict(conf.deciding)
    if all(name in last and last[name].value == "no" for name in ("do-ip4", "do-ip6")):
        yield last["do-ip6"], "do-ip4: no, do-ip6: no"
    forwards = any(one.name == "forward-zone" and one.zone == _ROOT for one in conf.clauses)
    for name in ("tls-upstream", "ssl-upstream"):
        # The root's servers speak no TLS.
        if name in last and last[name].value == "yes" and not forwards:
            yield last[name], f"{name}: yes"


def _of_clauses(conf: Configuration, files: Files) -> Iterator[tuple[At, str]]:
    for one in conf.clauses:
        # One without a name is passed over, or nothing starts with it.
        leaves = _CLAUSES.get(one.name) if "name" in one.options else None
        if leaves is not None and not leaves(one, conf, files):
            yield one.at, f'{one.name}: name: "{one.zone}"'


def _is_asked(one: Clause, _conf: Configuration, _files: Files) -> bool:
    kind = one.name.removesuffix("-zone")
    return one.zone != _ROOT or f"{kind}-addr" in one.options or one.has(f"{kind}-first", "yes")


def _is_loaded(one: Clause, conf: Configuration, files: Files) -> bool:
    # 1.26.2 does not start without the module.
    is_loaded = "respip" in conf.modules and _has_zone(one, conf, files)
    return is_loaded and not _is_of_every_name(one, conf, files)


def _is_of_every_name(one: Clause, conf: Configuration, files: Files) -> bool:
    """Whether the file of a policy zone has a rule for every name."""
    at = one.options.get("zonefile")
    file = None if at is None else files.find(conf.path(at), conf.main)
    content = b"" if file is None else file.content or b""
    owners = {line.split(None, 1)[0] for line in content.split(b"\n") if line[:1] in b".*" and line}
    return not owners.isdisjoint({b".", b"*", f"*.{one.zone.strip('.')}.".encode()})


def _is_beside(one: Clause, conf: Configuration, files: Files) -> bool:
    """Whether the root's servers are asked as well: RFC 8806 has it so."""
    is_asked = one.has("fallback-enabled", "yes") or one.has("for-upstream", "no")
    is_harmless = one.zone != _ROOT or (is_asked and one.has("for-downstream", "no"))
    return is_harmless and _has_zone(one, conf, files)


def _has_zone(one: Clause, conf: Configuration, files: Files) -> bool:
    """Whether its zone is there, or comes from a server: 1.17.1 does not start without a file."""
    if any(name in one.options for name in _SOURCES):
        return True
    at = one.options.get("zonefile")
    if at is None:
        return False
    # Where Unbound looks for a relative name is compiled in, and 1.26.2 starts without the file.
    return not at.value.startswith("/") or files.find(conf.path(at), conf.main) is not None


def _is_absent(at: At, conf: Configuration, files: Files) -> bool:
    path = conf.path(at)
    return files.find(path, conf.main) is None and files.is_absent(path, conf.main)


def _fewer(least: int, *, none_is_all: bool = False) -> Callable[[str], bool]:
    """Whether a number is lower than any look-up needs; 0 may mean that there is no bound."""

    def decides(value: str) -> bool:
        number = int(value) if value.isascii() and value.isdigit() else least
        return number < least and not (none_is_all and number == 0)

    return decides


# Whether a clause leaves the look-ups of the root as they are.
_CLAUSES: Mapping[str, Callable[[Clause, Configuration, Files], bool]] = MappingProxyType(
    {
        "auth-zone": _is_beside,
        "forward-zone": _is_asked,
        "rpz": _is_loaded,
        "stub-zone": _is_asked,
    }
)
# Unbound's own numbers are far higher, or have no bound.
_DECIDES: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "discard-timeout": _fewer(500, none_is_all=True),
        "do-not-query-address": has_root_server,
        "infra-cache-numhosts": _fewer(1),
        "max-sent-count": _fewer(8),
        "msg-buffer-size": _fewer(4096),
        "outbound-msg-retry": _fewer(1),
        "private-address": has_all,
        "ratelimit": _fewer(100, none_is_all=True),
        "response-ip": has_all,
    }
)
