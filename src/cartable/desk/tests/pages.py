"""Pages as somebody reads them, and how many statements they cost."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cartable.accounts.models import Person


def signed_in(person: Person) -> Client:
    """Return the browser of somebody."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def read(person: Person, address: str) -> str:
    """Return the text of a page as somebody reads it."""
    return signed_in(person).get(address, follow=True).content.decode()


def statements(person: Person, address: str) -> int:
    """Return how many statements a page costs."""
    client = signed_in(person)
    client.get(address)  # What is kept from one page to the next is there.
    with CaptureQueriesContext(connection) as spent:
        assert client.get(address).status_code == 200
    return len(spent)
