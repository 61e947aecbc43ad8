"""The charts of a report, each a description that any Vega-Lite viewer draws."""
