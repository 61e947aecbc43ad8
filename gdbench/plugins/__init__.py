"""Plug-ins: a user's file, or an installed package, that adds choices to any of the rooms."""
