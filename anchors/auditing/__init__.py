"""Anchors found anywhere, held against the verified set."""
