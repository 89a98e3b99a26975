"""Benchmarks are called by the names that people write."""

import io

import pytest
from django.core.management import CommandError, call_command

from cartable.simulation.management.commands.bench import benchmark_names


def test_benchmarks_are_named_with_hyphens() -> None:
    assert {"checkout", "labels", "roster-first", "roster-reload"} <= set(benchmark_names())


def test_an_unknown_benchmark_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(CommandError, match="roster-first"):
        call_command("bench", "roster-last", stdout=io.StringIO())
