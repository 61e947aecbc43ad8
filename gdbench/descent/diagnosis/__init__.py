"""Why a run ended as it did: the evidence collected while it went, and the verdicts that rest on it."""
