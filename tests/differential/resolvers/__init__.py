"""Trees of files as people have them, given to a resolver and to the audit: both say the same."""
