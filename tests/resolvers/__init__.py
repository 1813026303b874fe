"""A resolver is started with a tree of files, and watched: what models of it must tell."""
