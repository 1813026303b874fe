"""The lives of the root's key-signing keys and of what vouches for them, as a picture."""
