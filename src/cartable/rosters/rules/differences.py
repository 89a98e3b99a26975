"""What a list says otherwise than what is kept, said once when the difference is judged: a code for each kind."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from datetime import date

from cartable.kernel.names import folded
from cartable.rosters.rules.people import FormerEnrolment, KnownEnrolment, KnownStudent, ListedLine, keeps_number

# In the order in which they are shown. "from:<UAI>" goes with them: the lycée that a transfer comes from.
CHANGES = (
    "surname", "usage_name", "given_name", "spelling", "birth_date", "ine_arrived", "ine_changed", "class", "level",
    "status", "programme", "number", "new_year", "returning", "leaving", "left",
)  # fmt: skip
FROM_SCHOOL = "from:"
MARKS = ("twin", "homonym", "ine_missing", "ine_doubtful")
# Whoever leaves from June on has finished the school year: coming in September is no return.
_YEAR_IS_OVER = 6


def says_nothing_new(line: ListedLine, student: KnownStudent, here: KnownEnrolment) -> bool:
    """Compare all that is kept; what a list has no word for (number, birth date, INE, study, status) takes nothing away."""
    return (
        (line.eleve_id == here.eleve_id or keeps_number(here.eleve_id, line.eleve_id))
        and (line.division, line.ends_on) == (here.division, here.ends_on)
        and line.level in ("", here.level)
        and line.mef in ("", here.mef)
        and line.status in ("", here.status)
        and (line.family_name, line.usage_name, line.given_name)
        == (student.family_name, student.usage_name, student.given_name)
        and line.birth_on in (None, student.birth_on)
        and line.ine_fingerprint in (None, student.ine_fingerprint)
    )


def changes_of(
    line: ListedLine,
    student: KnownStudent,
    here: KnownEnrolment | None,
    former: FormerEnrolment | None = None,
    *,
    from_uai: str = "",
    today: date,
) -> tuple[str, ...]:
    """Name what a line changes about a student; nothing exactly where `says_nothing_new` (`here` this year's enrolment).

    `former` is the latest enrolment of an earlier year in this lycée, `from_uai` the lycée that a transfer comes from.
    """
    codes = {*_identity(line, student), *_schooling(line, here, former), *_presence(line, here, today)}
    if here is None and former is not None and (from_uai or _had_left(former, line)):
        codes.add("returning")
    origin = (f"{FROM_SCHOOL}{from_uai}",) if from_uai else ()
    return (*origin, *(code for code in CHANGES if code in codes))


def departure_of(line: ListedLine, *, today: date) -> str:
    """Say whether a line announces a departure ("leaving") or reports one ("left"); "" where it does neither."""
    if line.ends_on is None:
        return ""
    return "leaving" if line.ends_on > today else "left"


def _identity(line: ListedLine, student: KnownStudent) -> Iterator[str]:
    for code, listed, known in (
        ("surname", line.family_name, student.family_name),
        ("usage_name", line.usage_name, student.usage_name),
        ("given_name", line.given_name, student.given_name),
    ):
        if listed != known:
            # Case, accents and hyphens are another spelling, not another name.
            yield code if folded(listed) != folded(known) else "spelling"
    if line.birth_on not in (None, student.birth_on):
        yield "birth_date"
    if line.ine_fingerprint not in (None, student.ine_fingerprint):
        yield "ine_changed" if student.ine_fingerprint else "ine_arrived"


def _schooling(line: ListedLine, here: KnownEnrolment | None, former: FormerEnrolment | None) -> Iterator[str]:
    if here is None:
        yield "new_year"
        if former is not None and former.level != line.level:
            yield "level"
        return
    if line.division != here.division:
        yield "class"
    for code, listed, known in (
        ("level", line.level, here.level),
        ("status", line.status, here.status),
        ("programme", line.mef, here.mef),
    ):
        if listed not in ("", known):
            yield code
    if line.eleve_id != here.eleve_id and not keeps_number(here.eleve_id, line.eleve_id):
        yield "number"


def _presence(line: ListedLine, here: KnownEnrolment | None, today: date) -> Iterator[str]:
    known_end = here.ends_on if here is not None else None
    if line.ends_on != known_end:
        yield departure_of(line, today=today) or "returning"


def _had_left(former: FormerEnrolment, line: ListedLine) -> bool:
    """Say whether somebody was away: for a year at least, or since before the end of the last one."""
    skipped_a_year = line.starts_on >= date(former.first_year + 2, 8, 1)
    return skipped_a_year or (
        former.ends_on is not None and former.ends_on < date(former.first_year + 1, _YEAR_IS_OVER, 1)
    )


def list_marks(lines: Sequence[ListedLine], doubtful: Set[int | None]) -> list[tuple[str, ...]]:
    """Say of each line what its list alone says: twins, namesakes, an INE that is missing or in doubt (by line number).

    Twins share surname and birth date, namesakes both names with different birth dates.
    """
    families = Counter((line.match_key.partition("|")[0], line.birth_on) for line in lines)
    people = Counter((line.match_key, line.birth_on) for line in lines)
    names = Counter(key for key, _birth_on in people)
    marks = []
    for line in lines:
        family = line.match_key.partition("|")[0], line.birth_on
        found = []
        if line.birth_on and families[family] > people[line.match_key, line.birth_on]:
            found.append("twin")
        if names[line.match_key] > 1:
            found.append("homonym")
        if line.line in doubtful:
            found.append("ine_doubtful")
        elif line.ine_fingerprint is None:
            found.append("ine_missing")
        marks.append(tuple(found))
    return marks
