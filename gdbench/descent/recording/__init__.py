"""What is remembered of a run while it goes, and what it leaves behind."""
