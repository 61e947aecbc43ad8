"""From plan to record: engines run the specs, the store remembers every result."""
