"""``root-anchors formats``."""

from __future__ import annotations

import argparse

from anchors.cli.terminal import put
from anchors.consumers.format import Format
from anchors.consumers.registry import REGISTRY, find_formats
from anchors.report.layout import table

__all__ = ["run"]


def run(arguments: argparse.Namespace) -> int:
    """Print the formats there are, or all about one."""
    if arguments.name is not None:
        for row in find_formats([arguments.name]):
            put(_described(row))
        return 0
    rows = [("name", "file", "form", "for")]
    for row in REGISTRY:
        name = f"{row.name} ({row.alias})" if row.alias else row.name
        consumer = f"{row.consumer} [unproven]" if row.unproven else row.consumer
        rows.append((name, row.file_name, row.form.value, consumer))
    put("".join(f"{line}\n" for line in table(rows)))
    return 0


def _described(row: Format) -> str:
    from anchors.pipeline.verify import example  # noqa: PLC0415 - the list verifies nothing

    unproven = f"not tried: the syntax comes from {row.unproven}\n" if row.unproven else ""
    return (
        f"{row.name}: {row.file_name} ({row.media_type}, {row.form.value})\n"
        f"for {row.consumer}\n{unproven}"
        f"\n{row.install}\n"
        f"\nexample, from the embedded snapshot:\n\n{row.write(example().emission).decode()}"
    )
