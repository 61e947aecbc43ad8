"""Charts with a line or a mark for each method, over all problems of a study."""
