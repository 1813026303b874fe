"""One module per syntax: bytes -> statements with their lines; none knows a program or a key."""
