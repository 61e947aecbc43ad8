"""A sweep from plan to answer: run, recorded, tracked and judged, and told to a listener."""
