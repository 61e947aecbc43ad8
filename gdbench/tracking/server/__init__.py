"""Where MLflow is and how it is opened: addresses, databases, ports, its own pages."""
