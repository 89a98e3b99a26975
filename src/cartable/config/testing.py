"""The environment of every test, set before Django's settings are read (`-p cartable.config.testing` in pyproject)."""

import os

os.environ.setdefault("CARTABLE_TESTING", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cartable.config.settings")
# Playwright's synchronous API keeps an event loop in the main thread; the database is not used from it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
