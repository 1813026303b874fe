"""Faults from outside: disks, kills, signals, clocks, environments, and bad connections."""
