"""Where a plan runs: profiles, the kinds of place, and what each can be told."""
