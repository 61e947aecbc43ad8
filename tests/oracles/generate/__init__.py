"""Where the numbers in tests/oracles come from: a script for each file, which makes it again."""
