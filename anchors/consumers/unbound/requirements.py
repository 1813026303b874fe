"""What else keeps an Unbound from starting: directories and files that are not there, and pairs.

Tried on Unbound 1.17.1 and 1.26.2.
"""

from __future__ import annotations

from anchors.consumers.files import Files
from anchors.consumers.loading import not_found, refused
from anchors.consumers.reading import Role
from anchors.consumers.unbound.configuration import CONTROL_FILES, Configuration
from anchors.consumers.unbound.paths import after_start
from anchors.core.findings import Severity

__all__ = ["require_control_files", "require_folders", "require_hints", "require_pairs"]


def require_control_files(conf: Configuration, files: Files) -> None:
    """Unbound does not start where unbound-control needs certificates that are not there."""
    control, main = conf.control, conf.main
    enabled = control.get("control-enable")
    over = control.get("control-interface")
    by_cert = control.get("control-use-cert")
    if enabled is None or enabled.value != "yes" or (by_cert and by_cert.value != "yes"):
        return
    if over is not None and over.value.startswith("/"):
        return
    for option, name in CONTROL_FILES.items():
        at = control.get(option, enabled._replace(value=f"/etc/unbound/{name}"))
        if not at.value.startswith("/") or files.find(at.value, main) is not None:
            continue
        if files.is_absent(at.value, main):
            words = f"control-enable is yes, but its {option} does not exist"
            conf.refuse(at, words, got=at.value, want="the files that unbound-control-setup makes")
        else:
            conf.doubt(at, not_found(at.value, Role.CONFIGURATION, inside=main.inside))


def require_hints(conf: Configuration, files: Files) -> None:
    """Unbound does not start without a file of root-hints that it is given."""
    for at in conf.hints:
        path = conf.path(at)
        is_there = files.find(path, conf.main) is not None
        if not (is_there or conf.main.inside) and files.is_absent(path, conf.main):
            words = "its root-hints file does not exist"
            conf.refuse(at, words, got=f"there is no {path}", want="a file of hints")


def require_pairs(conf: Configuration) -> None:
    """A size of keys and a number of iterations belong together."""
    at = conf.settings.get("val-nsec3-keysize-iterations")
    if at is not None and (not at.value.split() or len(at.value.split()) % 2):
        words = "the value of val-nsec3-keysize-iterations is no list of pairs"
        conf.refuse_anchors(at, words, got=at.value, want="pairs of numbers")


def require_folders(conf: Configuration, files: Files) -> None:
    """Unbound changes its root and its directory, and ends where one of them is not there."""
    chroot = conf.value("chroot")
    if "directory" in conf.settings and not conf.value("directory"):
        # With an empty name it stays where it was started.
        named = (at for ats in (conf.hints, *conf.named.values()) for at in ats)
        for at in named:
            if not at.value.startswith("/"):
                conf.doubt(at, not_found(at.value, Role.STATIC, inside=conf.main.inside))
    for name in ("chroot", "directory"):
        path = conf.value(name)
        if not path:
            continue
        where = path if name == "chroot" else after_start("", path, chroot)
        is_there = files.folder(where, conf.main) is not None
        is_file = files.find(where, conf.main) is not None
        if is_file or (not is_there and files.is_absent(where, conf.main)):
            words = f"its {name} does not exist"
            got = f"there is no directory {where}"
            conf.refuse(conf.settings[name], words, got=got, want="a directory")
    built_in = after_start("", conf.folder, chroot)
    is_needed = chroot and not conf.value("directory")
    if is_needed and files.folder(built_in, conf.main) is None:
        words = "Unbound does not start if the directory that is built into it is not in its chroot"
        finding = refused(words, got=f"there is no directory {built_in}", want="directory:")
        conf.doubt(conf.settings["chroot"], finding._replace(severity=Severity.WARNING))
