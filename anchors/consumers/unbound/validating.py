"""Settings of Unbound that decide whether anything validates, beside the anchors themselves.

From unbound.conf(5); each was tried on Unbound 1.17.1 and 1.26.2.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from anchors.consumers.files import Files
from anchors.consumers.loading import switched_off
from anchors.consumers.unbound import debian
from anchors.consumers.unbound.clauses import At
from anchors.consumers.unbound.configuration import Configuration
from anchors.consumers.unbound.findings import (
    fedoras_module,
    not_near_known,
    other_date,
    other_module,
    wrong_order,
)
from anchors.core.escape import printable
from anchors.core.findings import Severity

__all__ = ["has_validation"]

_VALIDATOR = 'module-config: "validator iterator"'
# Of the others, not every build has each (python, cachedb), nor in each place.
_KNOWN_MODULES = frozenset({"validator", "iterator", "respip", "subnetcache", "dns64"})
# Fedora and RHEL build Unbound with it, and name it in the configuration that they ship.
_FEDORAS_MODULES = frozenset({"ipsecmod"})
_NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_DATE = re.compile(r"[0-9]{14}", re.ASCII)
# The root zone's signatures hold for two or three weeks.
_NEAR = timedelta(days=30)
# With these, what no local-data answers is resolved as ever.
_RESOLVES = frozenset(
    {"transparent", "typetransparent", "inform", "nodefault", "always_transparent", "noview"}
)


def has_validation(conf: Configuration, files: Files, at: datetime) -> bool:
    """Whether validation is on; what switches it off, or fails it, is told.

    Args:
        conf: all that was read.
        files: the root file system.
        at: the time of judgement.
    """
    modules = conf.settings.get("module-config")
    if modules is not None:
        _judge_modules(conf, files, modules)
        if not conf.loads_anchors:
            got = printable(f"module-config: {modules.value}")
            conf.note(modules, switched_off(got, _VALIDATOR))
            return False
    permissive = conf.settings.get("val-permissive-mode")
    if permissive is not None and permissive.value == "yes":
        words = "and data that fails validation is returned nevertheless"
        off = switched_off("val-permissive-mode: yes", "val-permissive-mode: no", words)
        conf.note(permissive, off)
        return False
    if modules is not None and _is_behind(conf.modules):
        conf.note(modules, wrong_order(modules.value))
    _judge_date(conf, at)
    return not _answers_for_root(conf)


def _judge_modules(conf: Configuration, files: Files, at: At) -> None:
    """Refuse what cannot answer, and tell of modules that not every Unbound was built with."""
    names = {*conf.modules}
    if "iterator" not in names:
        words = "Unbound answers nothing without the iterator"
        conf.refuse(at, words, got=at.value, want='"validator iterator"')
    if len(names) < len(conf.modules):
        # 1.17.1 does not always start with a module that is there twice.
        conf.doubt(at, other_module(at.value))
    for name in sorted(names - _KNOWN_MODULES - _FEDORAS_MODULES):
        conf.doubt(at, other_module(name))
    for name in sorted(names & _FEDORAS_MODULES):
        if debian.is_here(files, conf.main):
            conf.doubt(at, fedoras_module(name, Severity.WARNING))
        else:
            conf.note(at, fedoras_module(name, Severity.NOTICE))


def _is_behind(modules: list[str]) -> bool:
    """Whether the validator is asked after the iterator."""
    both = {"validator", "iterator"} <= {*modules}
    return both and modules.index("validator") > modules.index("iterator")


def _judge_date(conf: Configuration, at: datetime) -> None:
    date = conf.settings.get("val-override-date")
    if date is None or date.value in {"", "0"}:
        return
    # Seconds since 1970, or a date of 14 digits.
    moment = _moment(date.value) if _NUMBER.fullmatch(date.value) else None
    if moment is None:
        words = "the value of val-override-date is no date"
        conf.refuse(date, words, got=date.value, want="no such option")
    elif abs(moment - at) < _NEAR:
        # Today's signatures may hold at that date.
        conf.doubt(date, not_near_known(date.value))
    else:
        conf.note(date, other_date(date.value))


def _moment(value: str) -> datetime | None:
    try:
        if _DATE.fullmatch(value):
            return datetime.strptime(value, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return datetime.fromtimestamp(int(value), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _answers_for_root(conf: Configuration) -> bool:
    """Whether Unbound answers for the root itself, by a local-zone; that is told."""
    of_root = [kind for at, kind in conf.local if at.value == "." and kind not in _RESOLVES]
    if not of_root:
        return False
    words = "and Unbound answers every name without a look-up, except those of other local-zones"
    got = printable(f'local-zone: "." {of_root[-1]}')
    conf.note(conf.local[-1][0], switched_off(got, "no such local-zone", words))
    return True
