"""Three desks of one lycée where a PC is photographed, and the phone that does it."""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cartable.accounts.models import Person
from cartable.photos.tests.pictures import jpeg


def of(person: Person) -> Client:
    """Return the browser of somebody."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def files(*contents: bytes) -> list[SimpleUploadedFile]:
    """Return files as a phone names them, whatever is in them."""
    return [SimpleUploadedFile(f"IMG_{n}.jpg", content, "image/jpeg") for n, content in enumerate(contents, start=2031)]


def shots(count: int) -> list[SimpleUploadedFile]:
    """Return that many different photos."""
    return files(*(jpeg(hue=n * 20) for n in range(count)))


def form_of(client: Client, address: str, action: str, **scanned: str) -> dict[str, Any]:
    """Open a page; return the hidden fields of one of its forms, and the first choice of its lists."""
    html = client.get(address, scanned).content.decode()
    form = html.split(f'action="{action}"')[1].split("</form>")[0]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    hidden.pop("csrfmiddlewaretoken", None)
    lists = re.findall(r'<select name="(\w+)".*?<option value="(\w+)" selected', form, re.DOTALL)
    return {**hidden, **dict(lists)}


def text_of(answer: Any) -> str:
    """Return what a page says, on one line."""
    return re.sub(r"\s+", " ", answer.content.decode()).replace("&#x27;", "’")
