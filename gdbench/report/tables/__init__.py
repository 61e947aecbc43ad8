"""The tables of a report, each of typed cells under defined columns."""
