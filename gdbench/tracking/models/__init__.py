"""What a run has learned as a model of MLflow's: one that is loaded, asked and served without gdbench."""
