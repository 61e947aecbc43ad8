"""Registries: joining, looking up, and checking parameters against their domains."""

import pytest

from gdbench.descent.domains import natural, number, optional, positive
from gdbench.descent.errors import BadParameter, GdbenchError, UnknownName
from gdbench.descent.registry import Registry


@pytest.fixture
def dishes() -> Registry:
    dishes = Registry("dish", "dishes", given=1)

    @dishes.register("soup", facts={"hot": True}, salt=number, servings=natural)
    def soup(water: float, salt: float, servings: int = 4) -> tuple[float, float, int]:
        """water + salt.

        More about it.
        """
        return water, salt, servings

    @dishes.register("salad", oil=optional(positive))
    def salad(water: float, oil: float | None = None) -> None:
        pass

    return dishes


def test_a_registered_function_stays_the_function_it_was(dishes: Registry) -> None:
    def toast(water: float) -> float:
        return water

    assert dishes.register("toast")(toast) is toast
    assert dishes["toast"].function is toast


def test_parameters_are_those_after_the_given_arguments_in_order(dishes: Registry) -> None:
    salt, servings = dishes["soup"].parameters
    assert (salt.name, salt.required, salt.domain) == ("salt", True, number)
    assert (servings.name, servings.required, servings.default) == ("servings", False, 4)


def test_the_summary_is_the_first_line_of_the_docstring(dishes: Registry) -> None:
    assert dishes["soup"].summary == "water + salt."
    assert dishes["salad"].summary == ""


def test_facts_are_kept_with_the_entry(dishes: Registry) -> None:
    assert dict(dishes["soup"].facts) == {"hot": True}
    assert dict(dishes["salad"].facts) == {}


def test_names_and_entries_come_in_the_order_of_registration(dishes: Registry) -> None:
    assert dishes.names == ["soup", "salad"] == [entry.name for entry in dishes]
    assert "soup" in dishes
    assert "stew" not in dishes


def test_resolving_fills_in_defaults_and_makes_types_canonical(dishes: Registry) -> None:
    resolved = dishes["soup"].resolve({"servings": 2.0, "salt": 1})
    assert list(resolved.items()) == [("salt", 1.0), ("servings", 2)]
    assert [type(value) for value in resolved.values()] == [float, int]
    assert dishes["soup"].resolve({"salt": 1}) == {"salt": 1.0, "servings": 4}


def test_resolving_twice_changes_nothing(dishes: Registry) -> None:
    once = dishes["soup"].resolve({"salt": 3})
    assert dishes["soup"].resolve(once) == once


def test_an_optional_parameter_may_be_null(dishes: Registry) -> None:
    assert dishes["salad"].resolve({}) == dishes["salad"].resolve({"oil": None}) == {"oil": None}
    assert dishes["salad"].resolve({"oil": 2}) == {"oil": 2.0}


@pytest.mark.parametrize(
    ("name", "given", "parameter", "message"),
    [
        ("soup", {}, "salt", "dish 'soup' needs 'salt': a number."),
        (
            "soup",
            {"salt": 1, "serving": 2},
            "serving",
            "dish 'soup' has no parameter 'serving'. Did you mean servings?",
        ),
        (
            "soup",
            {"salt": 1, "pepper": 2},
            "pepper",
            "dish 'soup' has no parameter 'pepper'. Known: salt, servings.",
        ),
        ("soup", {"salt": "some"}, "salt", "'salt' of dish 'soup' must be a number, not 'some'."),
        ("soup", {"salt": None}, "salt", "'salt' of dish 'soup' must be a number, not null."),
        ("soup", {"salt": True}, "salt", "'salt' of dish 'soup' must be a number, not true."),
        ("soup", {"salt": 10**400}, "salt", f"'salt' of dish 'soup' must be a number, not 1{'0' * 56}…."),
        (
            "soup",
            {"salt": 1, "servings": 0},
            "servings",
            "'servings' of dish 'soup' must be a whole number of 1 or more, not 0.",
        ),
        ("salad", {"oil": 0}, "oil", "'oil' of dish 'salad' must be a number above 0 or null, not 0."),
    ],
)
def test_a_bad_parameter_is_named_with_what_was_expected(
    dishes: Registry, name: str, given: dict, parameter: str, message: str
) -> None:
    with pytest.raises(BadParameter) as caught:
        dishes[name].resolve(given)
    assert (caught.value.parameter, str(caught.value)) == (parameter, message)


def test_an_unknown_name_is_answered_with_the_nearest_and_where_to_look(dishes: Registry) -> None:
    with pytest.raises(UnknownName) as caught:
        dishes["soop"]
    assert str(caught.value) == "no dish is called 'soop'. Did you mean soup? (gdbench list dishes)"


def test_an_unknown_name_near_to_none_is_answered_with_all(dishes: Registry) -> None:
    with pytest.raises(UnknownName) as caught:
        dishes["x"]
    assert str(caught.value) == "no dish is called 'x'. Known: salad, soup. (gdbench list dishes)"


def test_a_name_taken_twice_tells_where_both_come_from(dishes: Registry) -> None:
    def soup(water: float) -> float:
        return water

    soup.__module__ = "my_kitchen"
    with pytest.raises(GdbenchError) as caught:
        dishes.register("soup")(soup)
    assert str(caught.value) == f"two dishes are called 'soup': one in {__name__}, one in my_kitchen."
    assert dishes["soup"].function.__module__ == __name__
