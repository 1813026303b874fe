"""Prove: test anchor files with the real programs, each on a bench of its own."""
