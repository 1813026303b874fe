"""What keys and digests are, for people and programs: renderers of one Identified object."""
