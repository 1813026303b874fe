"""Make: verify the publication, cross-check the keys, and write anchor files, all or nothing."""
