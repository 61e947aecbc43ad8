"""From record to MLflow: an idempotent copy that may lag, may be refused, and catches up.

Only `address` is light; every other module here may import MLflow, so import them when they are needed.
"""
