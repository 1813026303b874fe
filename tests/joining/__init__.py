"""Tests of what runs, held against its files."""
