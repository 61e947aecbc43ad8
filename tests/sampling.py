"""What is too large for every day: the gate runs a seeded sample of it, `pytest -m exhaustive` all of it."""

import hashlib

import pytest

#: Changes which members the gate runs; printed at the head of its output.
SEED = 13

#: Whether all is wanted: tests/conftest.py sets it before any test is collected.
whole = False


def drawn(members, count, kept=(), name=repr):
    """`count` members in their order, those named in `kept` among them; all where all is wanted.

    A member is drawn by its name alone, so that one that is added or goes changes nothing for the others.
    """
    members = list(members)
    if whole:
        return members
    names = [name(member) for member in members]
    assert set(kept) <= set(names), f"to be kept, but not there: {sorted(set(kept) - set(names))}"
    order = sorted(names, key=lambda one: (one not in kept, hashlib.sha256(f"{SEED} {one}".encode()).digest()))
    chosen = set(order[: max(count, len(set(kept)))])
    return [member for member, named in zip(members, names, strict=True) if named in chosen]


def sampled(argument, members, count, kept=(), name=str):
    """`parametrize` with as many members of a family."""
    chosen = drawn(members, count, kept, name)
    return lambda test: pytest.mark.exhaustive(
        pytest.mark.parametrize(argument, chosen, ids=[name(member) for member in chosen])(test)
    )


def most(count, exhaustive):
    """How many examples a property is tried on."""
    return exhaustive if whole else count
