"""The states of the root zone's keys: those that happened, and those that will."""
