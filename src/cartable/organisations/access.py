"""The road from an address to a school or a directory. Unknown and out of scope look the same: 404."""

from django.http import Http404

from cartable.organisations.models import DirectoryImport, Region, School


def school_of(uai: str) -> School:
    """Return the school that bears this UAI, or bore it before, with its departement and academy loaded."""
    schools = School.objects.select_related("departement__academy")
    school = schools.filter(uai=uai).first() or schools.filter(former_uais__uai=uai).first()
    if school is None:
        raise Http404
    return school


def directory_of(pk: int) -> DirectoryImport:
    """Return a directory that was sent, with its region loaded."""
    directory = DirectoryImport.objects.filter(pk=pk).select_related("region").first()
    if directory is None:
        raise Http404
    return directory


def region_of(pk: int) -> Region:
    """Return the region of the person who is signed in."""
    return Region.objects.get(pk=pk)
