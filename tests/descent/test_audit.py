"""The audit tells a right gradient from a wrong one, by comparison and by how the cost really changes."""

import pytest

from gdbench.descent.diagnosis.audit import audit
from gdbench.descent.execute import execute
from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.kernels.kernel import compiled
from gdbench.descent.problems.problem_constants import ProblemConstants
from tests.descent.problems import PAIRS, definition, spec, table

W = [0.3, -0.2, 0.5, 0.1]


def audited(objective, wrong=lambda g: g, against="central"):
    def gradient(w):
        cost, g = objective.cost_and_gradient(w)
        return cost, wrong(g)

    return audit(objective.cost, gradient, GRADIENTS[against].function()(objective), against, W)


@pytest.mark.parametrize(("model", "cost"), PAIRS)
def test_a_right_gradient_agrees_and_its_taylor_remainder_is_of_second_order(model, cost):
    found = audited(compiled(definition(model, cost, 3), table()))
    assert found["relative_error"] < 1e-8
    assert found["taylor_order"] == pytest.approx(2.0, abs=0.05)


def test_a_gradient_without_its_factor_two_is_caught_by_both():
    found = audited(compiled(definition("linear", "mse", 3), table()), lambda g: [g_j / 2 for g_j in g])
    assert found["relative_error"] == pytest.approx(0.5, rel=1e-6)
    assert found["taylor_order"] == pytest.approx(1.0, abs=0.1)


def test_the_wrong_component_is_named():
    found = audited(compiled(definition("linear", "mse", 3), table()), lambda g: [*g[:2], -g[2], g[3]])
    assert found["worst_parameter"] == 2


def test_a_run_carries_the_audit_that_its_spec_asks_for():
    result = execute(spec(gradient={"forward": {}}, audit={"complex_step": {}}), table(), ProblemConstants())
    assert result.audit["against"] == "complex_step"
    assert 1e-12 < result.audit["relative_error"] < 1e-5
    assert result.cost_evaluations == 51 * 5  # the audit's own evaluations are not the run's
    assert execute(spec(), table(), ProblemConstants()).audit is None
