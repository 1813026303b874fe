"""Stories of good days and hostile input, each told through the command line."""
