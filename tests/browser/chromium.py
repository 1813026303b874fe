"""A real browser without a window: pages from loopback, and what became of them.

It resolves no name, so that a page which asks for anything elsewhere is told, never served.
"""

from __future__ import annotations

import functools
import html
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["DARK", "LIGHT", "PROGRAM", "Seen", "look", "print_pdf", "screenshot", "unfolded"]

PROGRAM = shutil.which("chromium")
LIGHT, DARK = 1, 0
_SECONDS = 60

# The frame is as wide as the screen that is tried: a window has a least width of its own.
_FRAME = """<!DOCTYPE html><title>frame</title><link rel="icon" href="data:,">
<iframe src="/page" style="border:0;width:{width}px;height:900px"></iframe>
<pre id="seen"></pre>
<script>
addEventListener("load", () => {{
  const view = document.querySelector("iframe").contentWindow, page = view.document;
  const shown = (one) => view.getComputedStyle(one).display !== "none";
  const svgs = [...page.querySelectorAll("svg")].filter(shown);
  const outside = svgs.flatMap((svg) => [...svg.querySelectorAll("text")].filter((text) => {{
    const box = text.getBBox(), all = svg.viewBox.baseVal;
    return box.x < 0 || box.y < 0 || box.x + box.width > all.width
      || box.y + box.height > all.height;
  }})).map((text) => text.textContent);
  document.getElementById("seen").textContent = JSON.stringify({{
    title: page.title,
    width: page.documentElement.clientWidth,
    needs: page.documentElement.scrollWidth,
    paper: view.getComputedStyle(page.body).backgroundColor,
    pictures: svgs.map((svg) => svg.getAttribute("class")),
    papers: svgs.map((svg) => view.getComputedStyle(svg.querySelector("rect")).fill),
    outside: outside,
  }});
}});
</script>
"""
_UNFOLDED = """<!DOCTYPE html><title>frame</title><link rel="icon" href="data:,">
<iframe src="/page{fragment}"></iframe>
<pre id="seen"></pre>
<script>
addEventListener("load", () => setTimeout(() => {{
  const page = document.querySelector("iframe").contentWindow.document;
  const open = [...page.querySelectorAll("details[open] > div")].map((one) => one.id);
  document.getElementById("seen").textContent = JSON.stringify(open);
}}, 200));
</script>
"""


class Seen(NamedTuple):
    """What became of a page.

    Attributes:
        title: its title.
        width: the width it had, in CSS pixels.
        needs: the width it took.
        paper: the colour behind it.
        pictures: the classes of the SVG elements that are shown.
        papers: the colours behind those.
        outside: the texts that stick out of them.
        console: what the browser had to say.
        asked: every URL that a page asked for.
    """

    title: str
    width: int
    needs: int
    paper: str
    pictures: list[str]
    papers: list[str]
    outside: list[str]
    console: list[str]
    asked: set[str]


def look(page: str, place: Path, *, width: int, theme: int) -> Seen:
    """Show ``page`` in a frame of ``width`` CSS pixels, and tell what is seen."""
    log = place / "net.json"
    with _served({"/": _FRAME.format(width=width), "/page": page}) as url:
        done = _run(
            place,
            f"--blink-settings=preferredColorScheme={theme}",
            f"--log-net-log={log}",
            "--enable-logging=stderr",
            "--virtual-time-budget=5000",
            "--window-size=1600,1000",
            "--dump-dom",
            url,
        )
        found = re.search(r'<pre id="seen">(.+?)</pre>', done.stdout)
        assert found, done.stderr
        told: dict[str, Any] = json.loads(html.unescape(found[1]))
        console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
        asked = {one.removeprefix(url) for one in _requested(log, url.removesuffix("/"))}
    return Seen(**told, console=console, asked=asked)


def unfolded(page: str, place: Path, fragment: str) -> list[str]:
    """The ids of the details that are open where the page was asked for with this fragment."""
    frame = _UNFOLDED.format(fragment=fragment)
    with _served({"/": frame, "/page": page}) as url:
        done = _run(place, "--virtual-time-budget=5000", "--dump-dom", url)
    found = re.search(r'<pre id="seen">(.+?)</pre>', done.stdout)
    assert found, done.stderr
    ids: list[str] = json.loads(html.unescape(found[1]))
    return ids


def screenshot(page: str, place: Path, *, theme: int) -> bytes:
    """The page as a picture, PNG, on a desktop."""
    target = place / "page.png"
    with _served({"/": page}) as url:
        scheme = f"--blink-settings=preferredColorScheme={theme}"
        _run(place, scheme, "--window-size=1100,1000", f"--screenshot={target}", url)
    return target.read_bytes()


def print_pdf(page: str, place: Path) -> bytes:
    """The page as it is printed, PDF."""
    target = place / "page.pdf"
    with _served({"/": page}) as url:
        _run(place, "--no-pdf-header-footer", f"--print-to-pdf={target}", url)
    return target.read_bytes()


def _run(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    assert PROGRAM is not None
    return subprocess.run(
        [
            PROGRAM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--hide-scrollbars",
            "--no-default-browser-check",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            f"--user-data-dir={place / 'profile'}",
            *arguments,
        ],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=True,
    )


def _requested(log: Path, origin: str) -> set[str]:
    """Every URL of the browser's own log that a page asked for; the browser asks for updates."""
    told = json.loads(log.read_text(encoding="utf-8"))
    kind = told["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    started = (event.get("params", {}) for event in told["events"] if event["type"] == kind)
    return {params["url"] for params in started if params.get("initiator") == origin}


@contextmanager
def _served(pages: Mapping[str, str]) -> Iterator[str]:
    """A server on loopback with these pages alone."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Pages, pages))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class _Pages(BaseHTTPRequestHandler):
    def __init__(self, pages: Mapping[str, str], *rest: Any) -> None:  # noqa: ANN401 - the library's
        self._pages = pages
        super().__init__(*rest)

    def do_GET(self) -> None:
        page = self._pages.get(self.path)
        content = (page or "").encode()
        self.send_response(404 if page is None else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""
