"""Find anchors anywhere, and compare them with the verified set."""
