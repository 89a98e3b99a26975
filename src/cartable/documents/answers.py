"""A stored file as an answer: shown to whoever asked, kept by no cache, and nothing in it runs."""

from django.http import HttpResponse


def private_file(content: bytes, media_type: str, name: str) -> HttpResponse:
    """Answer with the bytes of a file that somebody sent, or that names somebody."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    # Somebody else's file: nothing in it runs, whatever it is.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
