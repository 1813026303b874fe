"""The command as a process, live, but against servers on loopback in the place of IANA's."""
