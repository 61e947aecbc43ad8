"""The charts that answer a question at a glance: the first picture of a page, starts, causes."""
