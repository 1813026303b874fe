"""One self-contained HTML page: no script, no request, light and dark, for screens and paper."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from anchors.core.escape import printable

__all__ = ["definitions", "details", "element", "page", "section", "table", "text"]

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --soft: #57606a;
  --line: #d0d7de; --shade: #f6f8fa; --good: #116329; --look: #7d4e00; --bad: #a40e26; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --soft: #9da7b1;
  --line: #30363d; --shade: #161b22; --good: #56d364; --look: #e3b341; --bad: #ff7b72; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 64rem; color: var(--ink);
  background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.15rem; margin-top: 2rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.25rem; overflow-wrap: anywhere; }
p, li, dd { overflow-wrap: anywhere; }
code { font-family: ui-monospace, monospace; font-size: 0.9em; overflow-wrap: anywhere; }
.verdict { font-size: 1.15rem; padding: 0.75rem 1rem; border-left: 0.4rem solid;
  background: var(--shade); }
.good { border-color: var(--good); } .good strong, strong.good { color: var(--good); }
.look { border-color: var(--look); } .look strong, strong.look { color: var(--look); }
.bad { border-color: var(--bad); } .bad strong, strong.bad { color: var(--bad); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.6rem;
  border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; }
td:last-child { white-space: nowrap; } .prose td { min-width: 6rem; }
.prose td:last-child { min-width: 16rem; white-space: normal; }
dl { display: grid; gap: 0.25rem 1rem;
  grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr);
  margin: 0.5rem 0; }
dt { color: var(--soft); } dd { margin: 0; grid-column: 2; }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: 0.2em; }
details { border-bottom: 1px solid var(--line); padding: 0.5rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; } summary + div { padding-left: 1rem; }
summary + div { scroll-margin-top: 4rem; }
pre { margin: 0.25rem 0; padding: 0.5rem 0.75rem; white-space: pre-wrap; overflow-wrap: anywhere;
  background: var(--shade); font: 0.9em/1.5 ui-monospace, monospace; }
footer { margin-top: 2.5rem; color: var(--soft); border-top: 1px solid var(--line); }
@media (max-width: 44rem) {
  dl { grid-template-columns: minmax(0, 1fr); } dd { grid-column: 1; margin-bottom: 0.5rem; }
  thead { display: none; } tr, td { display: block; }
  tr { padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
  td, td:last-child { border: 0; padding: 0.1rem 0; white-space: normal; }
  .prose td, .prose td:last-child { min-width: 0; }
  td::before { content: attr(data-name) ": "; color: var(--soft); } }
@media print { :root { --ink: #000; --paper: #fff; --soft: #444; --line: #999; --shade: #fff; }
  body { max-width: none; padding: 0; font-size: 10pt; } h2, h3 { break-after: avoid; }
  tr, dl { break-inside: avoid; } details::details-content { content-visibility: visible; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(title: str, body: Iterable[str], *, tool: str) -> str:
    """The whole page; ``body`` is HTML made by the functions of this module."""
    content = "\n".join(body)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<main>\n<h1>{text(title)}</h1>\n{content}\n</main>\n"
        f"<footer><p>{text(tool)}</p></footer>\n</body>\n</html>\n"
    )


def text(content: str) -> str:
    """Text from anywhere as nothing but text."""
    return html.escape(printable(content))


def element(name: str, content: str, *, kind: str | None = None) -> str:
    """An element around text; ``kind`` is its class."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<{name}{attribute}>{text(content)}</{name}>"


def section(title: str, body: Sequence[str], *, level: int = 2, id_: str = "") -> str:
    """A section with its heading, which is HTML, or nothing where its body is empty."""
    content = "\n".join(body)
    if not content:
        return ""
    return f"<section{_id(id_)}>\n<h{level}>{title}</h{level}>\n{content}\n</section>"


def details(title: str, body: Sequence[str], *, id_: str = "") -> str:
    """A section that is folded; who follows a link to what is in it finds it unfolded."""
    content = "\n".join(body)
    if not content:
        return ""
    return f"<details>\n<summary>{title}</summary>\n<div{_id(id_)}>\n{content}\n</div>\n</details>"


def _id(name: str) -> str:
    return f' id="{text(name)}"' if name else ""


def table(
    head: Sequence[str],
    rows: Iterable[tuple[Sequence[str], str]],
    *,
    last_is_prose: bool = False,
) -> str:
    """A table in a box that scrolls by itself where it is too wide.

    Args:
        head: the names of the columns.
        rows: of each row its cells, which are HTML, and the id that its first cell links to.
        last_is_prose: the last column is sentences, and may be broken.
    """
    columns = "".join(f'<th scope="col">{text(name)}</th>' for name in head)
    lines = "\n".join(_line(head, cells, link) for cells, link in rows)
    kind = ' class="prose"' if last_is_prose else ""
    return (
        f'<div class="wide" tabindex="0">\n<table{kind}>\n<thead><tr>{columns}</tr></thead>\n'
        f"<tbody>\n{lines}\n</tbody>\n</table>\n</div>"
    )


def _line(head: Sequence[str], cells: Sequence[str], link: str) -> str:
    first, *rest = cells
    shown = [f'<a href="#{text(link)}">{first}</a>' if link else first, *rest]
    # Where there is no room for columns, each cell tells the name of its own.
    cells = [
        f'<td data-name="{text(name)}">{cell}</td>' for name, cell in zip(head, shown, strict=True)
    ]
    return f"<tr>{''.join(cells)}</tr>"


def definitions(rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Names, each with what it stands for, which is HTML."""
    lines = "\n".join(
        f"<dt>{text(name)}</dt>{''.join(f'<dd>{value}</dd>' for value in values)}"
        for name, values in rows
    )
    return f"<dl>\n{lines}\n</dl>" if lines else ""
