"""What is said of drawn runs is tested: proofs and "converged" by going on, estimates by their remedy."""

from pathlib import Path
from typing import NamedTuple

import pytest

from gdbench.descent.diagnosis import CAUSES, PROVED, UNKNOWN, Cause
from gdbench.descent.errors import GdbenchError
from gdbench.judgement.sentences import sentence
from tests import sampling
from tests.battery.draws import drawn
from tests.battery.laws import CLAIM, LAWS, breaches, converged
from tests.battery.seen import Seen
from tests.judgement.told import ran

#: Draws that the gate tries; all with `-m exhaustive`.
EVERY_DAY = 48

CONFIGS = Path(__file__).parents[2] / "configs"
SHIPPED = sorted(path.stem for path in CONFIGS.glob("*.yaml"))

pytestmark = pytest.mark.exhaustive


class Told(NamedTuple):
    """A cause that was told of a run, and what breaks it."""

    seen: Seen
    cause: Cause
    broken: list

    @property
    def exact(self):
        """Whether nothing of it is an estimate."""
        remedy, gain = self.cause.remedy, self.cause.gain
        return self.cause.grade == PROVED and (remedy is None or bool(gain and gain.exact))

    def __str__(self):
        words = "; ".join(f"{part}: {words}" for part, words in self.broken)
        return f"{self.seen.drawn.name}: {sentence(self.cause)} BUT {words} [{self.seen.drawn.config}]"


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """The runs that were drawn; a few configs are refused, with reason."""
    folder, found, refused = tmp_path_factory.mktemp("battery"), [], 0
    draws = sampling.drawn(drawn(), EVERY_DAY, name=lambda draw: draw.name)
    for draw in draws:
        try:
            found.append(Seen(folder, draw))
        except GdbenchError:
            refused += 1
    assert refused <= 0.02 * len(draws) + 1
    return found


@pytest.fixture(scope="module")
def told(seen):
    return [Told(one, cause, breaches(one, cause)) for one in seen for cause in one.diagnosis.causes]


def listed(wrong):
    return "\n".join(map(str, wrong))


def test_every_cause_has_a_law():
    assert set(LAWS) == set(CAUSES)


def test_no_proof_is_false(told):
    proofs = [one for one in told if one.cause.grade == PROVED]
    false = [one for one in proofs if any(part == CLAIM or one.exact for part, _ in one.broken)]
    assert not false, listed(false)
    assert proofs


def test_no_run_that_is_called_converged_had_far_to_go(seen):
    wrong = [f"{one.drawn}: {words}" for one in seen for words in converged(one)]
    assert not wrong, "\n".join(wrong)


def test_at_most_one_estimate_in_twenty_is_wrong(told):
    """Estimated causes, and the remedies of proved ones where what they gain is no theorem."""
    estimates = [one for one in told if one.cause.grade != UNKNOWN and not one.exact]
    wrong = [one for one in estimates if one.broken]
    print(f"{len(told)} causes, {len(estimates)} estimates, {len(wrong)} wrong")
    assert len(wrong) <= 0.05 * len(estimates) + (0 if sampling.whole else 1), listed(wrong)


def test_of_ordinary_runs_at_most_one_in_ten_is_left_unknown(seen):
    ordinary = [one for one in seen if one.drawn.ordinary]
    unknown = [one for one in ordinary if one.diagnosis.grade == UNKNOWN]
    names = "\n".join(f"{one.drawn}: {one.diagnosis.sentence}" for one in unknown)
    assert len(unknown) <= 0.1 * len(ordinary) + (0 if sampling.whole else 1), names


def test_of_the_runs_of_shipped_configs_at_most_one_in_ten_is_left_unknown(tmp_path):
    told = []
    for name in sampling.drawn(SHIPPED, 1, kept=["quickstart"], name=str):
        (tmp_path / name).mkdir()
        text = (CONFIGS / f"{name}.yaml").read_text(encoding="utf-8")
        found = ran(tmp_path / name, text.replace("./plugins/", f"{CONFIGS}/plugins/"))
        told += [(name, diagnosis) for _, diagnosis, _ in found]
    unknown = [f"{name}: {diagnosis.sentence}" for name, diagnosis in told if diagnosis.grade == UNKNOWN]
    assert len(unknown) <= 0.1 * len(told), "\n".join(unknown)
