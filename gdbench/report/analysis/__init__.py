"""What the numbers of a study show, beyond one setting: effects, profiles, ranks."""
