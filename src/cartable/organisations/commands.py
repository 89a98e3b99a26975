"""Enter organisations in the books."""

from collections.abc import Sequence

from cartable.organisations.models import Academy, Contractor, Departement, Ministry, Region, School, Sector


def open_region(*, code: str, name: str) -> Region:
    """Create a region."""
    return Region.objects.create(code=code, name=name)


def open_academy(*, region: Region, code: str, name: str) -> Academy:
    """Create an academy of a region."""
    return Academy.objects.create(region=region, code=code, name=name)


def open_departement(*, region: Region, academy: Academy, code: str, name: str) -> Departement:
    """Create a departement of an academy."""
    return Departement.objects.create(region=region, academy=academy, code=code, name=name)


def open_school(
    *,
    region: Region,
    departement: Departement,
    uai: str,
    name: str,
    town: str,
    postal_code: str = "",
    sector: Sector = Sector.PUBLIC,
    ministry: Ministry = Ministry.EDUCATION,
) -> School:
    """Create a school; the database refuses a UAI whose check letter is wrong."""
    return School.objects.create(
        region=region, departement=departement, uai=uai, name=name, town=town, postal_code=postal_code,
        sector=sector, ministry=ministry,
    )  # fmt: skip


def hire_contractor(*, region: Region, name: str, trades: Sequence[str]) -> Contractor:
    """Create a contractor with its trades."""
    return Contractor.objects.create(region=region, name=name, trades=list(trades))
