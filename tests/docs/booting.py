"""A machine of its own, with systemd as its first process, in namespaces that end with it.

``boot`` runs ``tests.docs.booted`` in it as a service.  The machine has this one's ``/usr``, read
only, a network with nothing but loopback, and no disk: all that is written there is in memory.
"""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

from tests.docs.markdown import ROOT

__all__ = ["PLACE", "Ended", "boot", "lacking"]

SYSTEMD = "/lib/systemd/systemd"
TOOLS = ("ip", "mount", "pivot_root", "systemctl", "umount", "unshare")
NAMESPACES = ("pid", "mount", "cgroup", "uts", "ipc", "net")
FILE_SYSTEMS = ("usr", "dev", "run", "proc", "sys", "opt/python", "opt/packages", "opt/product")
# Where the machine has the folder that the test gave it.
PLACE = "/opt/place"
PATIENCE = 45

# Our command as a person would have installed it; AT and ADDED come from the story.
COMMAND = """\
#!/bin/sh
export LD_LIBRARY_PATH=/opt/python/lib PYTHONPATH=/opt/product:/opt/packages
exec /opt/python/bin/python3 -P /opt/product/tests/frozen.py "$@" --at "$AT" $ADDED
"""
TARGET = """\
[Unit]
Requires=story.service
Wants=systemd-journald.service
"""
STORY = f"""\
[Unit]
DefaultDependencies=no
After=systemd-journald.service
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
WorkingDirectory=/opt/product
Environment=LD_LIBRARY_PATH=/opt/python/lib PYTHONPATH=/opt/product:/opt/packages
Environment=PYTHONDONTWRITEBYTECODE=1
ExecStart=/opt/python/bin/python3 -m tests.docs.booted
TimeoutStartSec={PATIENCE}
StandardOutput=append:{PLACE}/errors
StandardError=inherit
"""
FILES = {
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/hosts": "127.0.0.1 localhost data.iana.org\n",
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "etc/os-release": "ID=lab\n",
    "etc/passwd": "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n",
    "etc/systemd/system/story.service": STORY,
    "etc/systemd/system/story.target": TARGET,
}


class Ended(NamedTuple):
    """The first process's exit code, and what was on the console."""

    code: int
    console: str


def lacking() -> str | None:
    """What keeps this machine from having another inside, as far as that can be known before."""
    if os.geteuid() != 0:
        return "only root can make a machine of its own"
    missing = [name for name in (SYSTEMD, *TOOLS) if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    if not Path("/bin").is_symlink():
        return "/usr alone is not a whole system here"
    return None if _cgroups() else "there is no cgroup v2 file system"


def boot(place: Path) -> Ended:
    """Run the story; what it learns is in ``place``.

    Raises:
        subprocess.TimeoutExpired: it did not end.
    """
    parent = _cgroups()
    assert parent is not None
    group = parent / f"root-anchors-test-{os.getpid()}"
    group.mkdir()
    leader, follower = pty.openpty()
    script = 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"'
    unshare = ["unshare", "--fork", "--kill-child", *(f"--{name}" for name in NAMESPACES)]
    inside = [sys.executable, "-m", "tests.docs.booting", str(place)]
    try:
        with (place / "console").open("wb") as console:
            done = subprocess.run(
                ["sh", "-c", script, "sh", str(group), *unshare, *inside],
                cwd=ROOT,
                env={"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"},
                stdin=follower,
                stdout=console,
                stderr=console,
                timeout=PATIENCE + 10,
                check=False,
            )
    finally:
        os.close(leader)
        os.close(follower)
        _remove(group)
    return Ended(done.returncode, (place / "console").read_text(errors="replace"))


def _cgroups() -> Path | None:
    """Our own group in the hierarchy of cgroup v2, wherever that is mounted."""
    own = [one for one in Path("/proc/self/cgroup").read_text().splitlines() if one[:3] == "0::"]
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        words = line.split()
        if own and "cgroup2" in words and words[3] == "/":
            return Path(words[4] + own[0][3:])
    return None


def _remove(group: Path) -> None:
    """Remove a control group, the innermost first."""
    for folder, _, _ in os.walk(group, topdown=False):
        Path(folder).rmdir()


def _furnish(root: Path, place: Path) -> None:
    """Mount and write all that the machine has, below ``root``."""
    _run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", root)
    for name in (*FILE_SYSTEMS, "tmp", "root", "var/lib", "var/log", "old"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    _show("/usr", root / "usr")
    _show(sys.base_prefix, root / "opt/python")
    _show(sysconfig.get_path("purelib"), root / "opt/packages")
    _show(ROOT, root / "opt/product")
    (root / PLACE[1:]).mkdir()
    _run("mount", "--bind", place, root / PLACE[1:])
    _run("mount", "-t", "proc", "proc", root / "proc")
    _run("mount", "--bind", root / "proc/sys", root / "proc/sys")
    _run("mount", "-o", "remount,bind,ro", root / "proc/sys")
    _run("mount", "-t", "sysfs", "-o", "ro", "sysfs", root / "sys")
    _run("mount", "-t", "cgroup2", "cgroup2", root / "sys/fs/cgroup")
    # What comes up on every machine has no part in this: no modules, no devices, no other services.
    hidden = ("usr/local", "usr/lib/systemd/system/sysinit.target.wants")
    for name in ("dev", "run", *hidden):
        _run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", root / name)
    _devices(root / "dev")
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="ascii")
    for name, text in (("root-anchors", COMMAND), ("sudo", '#!/bin/sh\nexec "$@"\n')):
        program = root / "usr/local/bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text, encoding="ascii")
        program.chmod(0o755)
    (root / "tmp").chmod(0o1777)


def _devices(folder: Path) -> None:
    """The few that every program needs; the console is the terminal that we were started with."""
    named = {name: f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty")}
    for name, where in (named | {"console": os.ttyname(0)}).items():
        (folder / name).touch()
        _run("mount", "--bind", where, folder / name)
    (folder / "shm").mkdir()
    (folder / "pts").mkdir()
    _run("mount", "-t", "devpts", "-o", "newinstance,ptmxmode=666", "devpts", folder / "pts")
    (folder / "ptmx").symlink_to("pts/ptmx")
    (folder / "fd").symlink_to("/proc/self/fd")


def _show(what: str | Path, where: Path) -> None:
    """Make a folder seen there too, read-only."""
    _run("mount", "--bind", what, where)
    _run("mount", "-o", "remount,bind,ro", where)


def _run(*command: str | Path) -> None:
    subprocess.run([str(word) for word in command], check=True)


def _main(place: Path) -> None:
    """Become the first process of the machine."""
    root = place / "machine"
    root.mkdir()
    _run("ip", "link", "set", "lo", "up")
    _run("mount", "--make-rprivate", "/")
    _furnish(root, place)
    os.chdir(root)
    _run("pivot_root", ".", "old")
    _run("umount", "--lazy", "/old")
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
    options = ["--system", "--unit=story.target", "--show-status=no"]
    os.execve(SYSTEMD, ["systemd", *options], {"container": "lab", "PATH": path})  # noqa: S606


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
