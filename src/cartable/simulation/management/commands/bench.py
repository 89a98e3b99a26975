"""Run the benchmarks of ``bench/`` from the terminal."""

import json
import sys
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cartable.config.environment import PROJECT_DIRECTORY

BENCH_DIRECTORY = PROJECT_DIRECTORY / "bench"


def benchmark_names() -> list[str]:
    """List the modules of ``bench/`` that measure something, those with a ``run``, as people write them: a-name."""
    modules = (path for path in BENCH_DIRECTORY.glob("*.py") if "\ndef run(" in path.read_text())
    return sorted(path.stem.replace("_", "-") for path in modules)


class Command(BaseCommand):
    """Measure, print for people, and with --json one object last."""

    help = "Runs a benchmark, or `all`, in a database of its own and prints its figure beside its limit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask which, how large, and for whom."""
        parser.add_argument("name", help=f"one of: {', '.join(benchmark_names())}; or all")
        parser.add_argument("--size", type=int, help="how much work per measure (each benchmark has its own unit)")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object per benchmark")

    def handle(self, *args: Any, name: str, size: int | None, as_json: bool, **options: Any) -> None:
        """Run; a benchmark that breaks ends the command with its reason."""
        names, name = benchmark_names(), name.replace("_", "-")
        if name not in {"all", *names}:
            raise CommandError(f"No benchmark is called {name}. There are: {', '.join(names)}.")
        if size is not None and size < 1:
            raise CommandError("--size starts at 1.")
        for one in names if name == "all" else [name]:
            result = _run(one, size)
            self.stderr.write(_for_people(result))
            if as_json:
                self.stdout.write(json.dumps(result))


def _run(name: str, size: int | None) -> dict[str, Any]:
    # bench/ stands beside src/, outside the installed packages: it is found from the checkout.
    if str(PROJECT_DIRECTORY) not in sys.path:
        sys.path.insert(0, str(PROJECT_DIRECTORY))
    run = import_module(f"bench.{name.replace('-', '_')}").run
    result: dict[str, Any] = run() if size is None else run(size=size)
    return result


def _for_people(result: dict[str, Any]) -> str:
    lines = [
        f"{result['name']}: {result['figure']} {result['unit']}, limit {result['limit']}"
        f" → {100 * result['ratio']:.1f} % (size {result['size']},"
        f" p95 {result['p95_ms']} ms, p99 {result['p99_ms']} ms, {result['peak_mb']} MB)"
    ]
    for key, value in result.items():
        if isinstance(value, dict):
            lines += [f"  {key} {part}: {_row(row)}" for part, row in value.items()]
    return "\n".join(lines)


def _row(row: Any) -> str:
    return ", ".join(f"{key} {value}" for key, value in row.items()) if isinstance(row, dict) else str(row)
