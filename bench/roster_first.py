"""The first load of a region's lists: SIECLE files of every lycée, students and guardians, previewed and applied.

The limit is what any importer must do at least: parse the same XML once (lxml, nothing kept), and COPY the same rows into
the same tables with all their constraints and indexes. Aim: at most three times that. Then a lycée of 2,500 is loaded
into the full region: preview at most 3 s, application at most 2 s.
"""

import tempfile
from pathlib import Path
from typing import Any

from django_scopes import scopes_disabled

from bench.roster_lists import limit_of, load, measured, region_lists, row_count, school_lists
from bench.scratch import scratch_database, settle
from cartable.organisations.models import Departement

_LARGE_SCHOOL = 2_500


def run(size: int = 20_000) -> dict[str, Any]:
    """Load the lists of ``size`` students; return the ratio to the limit, and students per second."""
    with tempfile.TemporaryDirectory() as directory, scratch_database(), scopes_disabled():
        lists = region_lists(Path(directory), size)
        loading = load(lists, "first load")
        student_count = row_count("rosters_student")
        result = measured("roster-first", student_count, loading, limit_of(lists))
        settle()  # The limit emptied the tables and filled them again: a region that lives has statistics.
        departement = Departement.objects.select_related("region").get()
        large = school_lists(Path(directory), departement.region, departement, len(lists), _LARGE_SCHOOL)
        one = load([large], "one large lycée")
    return result | {
        "one_lycee_of_2500": {"preview_s": round(one.previews[0], 2), "apply_s": round(one.applications[0], 2)}
    }
