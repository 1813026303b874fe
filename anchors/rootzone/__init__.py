"""What the root zone says: whom to ask, how, and what an answer proves."""
