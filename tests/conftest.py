"""Fixtures for all tests: one real Elasticsearch node per session, started by whichever test asks first."""

import pytest

pytest_plugins = ["localelastic.fixture", "localorg.fixture"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--kills`, `--scenarios`, `--mutants` and others: how much the long tests do; `--seed`: which ones."""
    parser.addoption("--inputs", type=int, default=2_000, help="texts that the parser of searches is fuzzed with")
    parser.addoption("--questions", type=int, default=5_000, help="questions of the differential permission test")
    parser.addoption("--scenarios", type=int, default=100, help="scenarios of the oracle")
    parser.addoption("--calls", type=int, default=800, help="calls of the service by its description")
    parser.addoption("--kills", type=int, default=6, help="SIGKILLs of the kill sweep")
    parser.addoption("--mutants", choices=("half", "all"), default="half", help="how many planted bugs are tried")
    parser.addoption(
        "--seed", type=int, default=None, help="seed of the kill sweep; another one each time if not given"
    )
