"""The vocabulary of all rooms: errors, checks, findings, keys and facts."""
