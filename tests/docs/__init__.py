"""The documents, held to the product."""
