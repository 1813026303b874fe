"""The packages of Debian's suites, audited as files."""
