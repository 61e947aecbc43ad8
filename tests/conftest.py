"""What every test shares: property-based tests that do not depend on how fast the machine is."""

from hypothesis import HealthCheck, settings

# no deadline: a slow machine is not a mistake.  derandomize: a failure in CI is one that can be had again.
settings.register_profile(
    "gdbench", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("gdbench")
