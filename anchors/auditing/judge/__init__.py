"""Judge: what is found, held against the verified keys."""
