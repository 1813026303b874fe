"""Tests of root-anchors."""
