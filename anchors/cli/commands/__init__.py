"""One module per command: ``run(arguments) -> int``, its exit code."""
