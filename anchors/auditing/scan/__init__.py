"""Find every file below a PATH that concerns trust anchors."""
