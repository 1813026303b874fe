"""Hold what runs against its files: auditing and asking together."""
