"""The data that a config names: bundled sets, files and seeded generators, ready for descent."""
