"""Prove: try anchor files on the real programs, on a bench of their own."""
