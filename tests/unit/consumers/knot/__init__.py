"""Tests of what Knot Resolver reads and does."""
