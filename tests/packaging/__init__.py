"""Our own wheel and sdist: how they are built, what is in them, and that they run elsewhere."""
