"""What each verb may be told; the first call of its work imports that, so that `--help` answers at once."""
