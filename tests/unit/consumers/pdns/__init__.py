"""Tests of what the PowerDNS recursor reads and does."""
