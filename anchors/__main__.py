"""``python -m anchors``: the same as the command ``root-anchors``."""

from __future__ import annotations

from anchors.cli.main import run

if __name__ == "__main__":
    run()
