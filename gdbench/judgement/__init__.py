"""What the record means: settings, their ranking, the answer, the causes and the next experiment."""
