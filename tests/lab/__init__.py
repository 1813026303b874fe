"""A root zone, name servers and web servers of our own, on loopback only."""
