"""The command as a process, against servers on loopback."""
