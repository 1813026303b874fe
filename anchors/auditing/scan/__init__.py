"""Find: every file below a PATH that has to do with trust anchors."""
