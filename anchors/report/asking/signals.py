"""What clients announce, for people: those that lack the newest key first, one line for each."""

from __future__ import annotations

from collections.abc import Sequence

from anchors.asking.signals import NEWEST, Client, Signals
from anchors.core.escape import printable
from anchors.core.root_facts import KNOWN_KEYS
from anchors.report.layout import table

__all__ = ["render", "summary_line"]

_NAMES = {known.key_tag: f"{known.name} ({known.key_tag})" for known in KNOWN_KEYS}


def render(found: Signals) -> str:
    """All clients as text."""
    if not found.clients:
        return f"{summary_line(found)}\n"
    rows = sorted(found.clients.items(), key=lambda row: not row[1].is_late)
    head = ("Client", "Announces", "Since", "Last", "Signals")
    blocks = [
        [summary_line(found)],
        table([head, *(_cells(address, client) for address, client in rows)]),
        _notes(found),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def summary_line(found: Signals) -> str:
    """The answer in one line."""
    name = _NAMES[NEWEST.key_tag]
    if not found.clients:
        return "CANNOT TELL: no client announces any key (many validators never do)"
    late = sum(client.is_late for client in found.clients.values())
    number = f"{len(found.clients):,} client{'s' if len(found.clients) > 1 else ''}"
    if not late:
        return f"ANNOUNCED: {number}, each of which announces {name}"
    return f"ATTENTION: {late:,} of {number} announce only old keys, not {name}"


def _cells(address: str, client: Client) -> Sequence[str]:
    names = ", ".join(_NAMES.get(tag, f"key {tag}") for tag in client.tags)
    alone = " only" if client.is_late else ""
    times = (printable(client.since) or "-", printable(client.last) or "-")
    return address, names + alone, *times, str(client.signals)


def _notes(found: Signals) -> list[str]:
    notes = [
        "One address may stand for many clients, and anybody can forge a signal: ask each client."
    ]
    if found.unplaced:
        notes.append(f"{found.unplaced:,} signals have no client, such as the resolver's own.")
    if found.left_out:
        notes.append(f"{found.left_out:,} signals of more clients than are kept were left out.")
    return notes
