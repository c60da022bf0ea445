"""How much heap is asked for."""

import pytest

from localelastic.errors import LocalElasticError
from localelastic.memory import choose_heap, machine_memory, parse_heap


@pytest.mark.parametrize(
    ("wanted", "memory", "heap"),
    [
        (None, 16_000, 1024),  # the usual one
        (None, 2_000, 500),  # a quarter of a small machine
        (None, 700, 256),  # never less than works
        ("512m", 16_000, 512),
        ("2G", 16_000, 2048),
    ],
)
def test_heap_suits_the_wish_or_the_machine(wanted: str | None, memory: int, heap: int) -> None:
    assert choose_heap(wanted, memory) == heap


@pytest.mark.parametrize(("wanted", "memory"), [("4g", 4_096), ("64g", 16_000)])
def test_heap_that_does_not_fit_is_refused_with_one_that_does(wanted: str, memory: int) -> None:
    with pytest.raises(LocalElasticError, match="does not fit") as caught:
        choose_heap(wanted, memory)
    assert f"at most {memory // 2}m" in caught.value.hint


@pytest.mark.parametrize("text", ["", "1", "1t", "-1g", "1.5g", "100m"])
def test_wrong_size_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="heap size|too small"):
        parse_heap(text)


def test_machine_has_memory() -> None:
    assert 256 < machine_memory() < 100_000_000
