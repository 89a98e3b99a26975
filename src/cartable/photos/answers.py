"""A photo as an answer: shown to whoever asked, kept by no cache."""

from django.http import Http404, HttpResponse

from cartable.documents.answers import private_file
from cartable.documents.queries import FileErased
from cartable.photos.models import ConditionPhoto
from cartable.photos.queries import picture_of


def photo_answer(photo: ConditionPhoto) -> HttpResponse:
    """Answer with a photo that `access` found in scope; one that is erased is not there."""
    try:
        return private_file(picture_of(photo), "image/jpeg", "photo.jpeg")
    except FileErased as erased:
        raise Http404 from erased
