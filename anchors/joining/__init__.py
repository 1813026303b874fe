"""Compare running programs with their files, with auditing and asking."""
