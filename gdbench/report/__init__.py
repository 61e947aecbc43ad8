"""The report: what the store remembers, told so that a reader knows which setting to use and why."""
