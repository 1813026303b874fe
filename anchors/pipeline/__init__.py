"""Verify the publication, cross-check the keys, and write all anchor files or none."""
