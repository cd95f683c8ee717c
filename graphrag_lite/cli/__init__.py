"""The command line: parse, one SDK call, print."""
