"""Benchmarks: each module has a ``run`` that returns one figure beside its limit, measured in the same run."""
