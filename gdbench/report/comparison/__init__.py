"""Several experiments side by side, the first with each other one."""
