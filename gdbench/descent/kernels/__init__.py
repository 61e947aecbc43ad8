"""How a problem is evaluated: a definition is traced, differentiated, printed, compiled; or read as loops."""
