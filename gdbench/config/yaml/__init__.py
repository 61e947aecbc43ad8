"""YAML as plain values that know their line and column."""
