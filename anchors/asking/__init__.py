"""Questions to running resolvers; no resolver is known by its name here."""
