"""Judge: compare the found anchors with the verified keys."""
