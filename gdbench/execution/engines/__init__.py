"""Where runs execute: one seam, and an adapter for each engine that exists."""
