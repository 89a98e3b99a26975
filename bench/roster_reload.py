"""The lists of a region again: another HORODATAGE, another order, one student in a hundred in another class.

The limit is the same as for the first load: the XML parsed once, the rows copied into their tables. Aim: at most twice
that; a reload that writes nothing must still read everything.
"""

import tempfile
from pathlib import Path
from typing import Any

from django_scopes import scopes_disabled

from bench.roster_lists import export_again, limit_of, load, measured, region_lists, row_count
from bench.scratch import scratch_database


def run(size: int = 20_000) -> dict[str, Any]:
    """Load the lists of ``size`` students twice; return the ratio of the second time to the limit."""
    with tempfile.TemporaryDirectory() as directory, scratch_database(), scopes_disabled():
        lists = region_lists(Path(directory), size)
        load(lists, "first load")
        student_count = row_count("rosters_student")
        export_again(lists)
        loading = load(lists, "reload")
        if row_count("rosters_student") != student_count:
            raise RuntimeError("a reload entered students: the same list must change nothing of the kind")
        return measured("roster-reload", student_count, loading, limit_of(lists))
