"""One folder per program that reads trust anchors, and what all of them share."""
