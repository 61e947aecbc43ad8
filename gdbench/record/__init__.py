"""The record: what was asked for and what came out, safe to kill at any instant, and read back as frames."""
