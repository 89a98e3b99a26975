"""Pages look rows up: how PostgreSQL plans is said with each connection, and a connection string has the last word."""

import pytest
from django.db import connection

from cartable.config.environment import django_database


@pytest.mark.parametrize(("name", "value"), [("random_page_cost", "1.1"), ("jit", "off")])
def test_every_connection_plans_for_looking_rows_up(name: str, value: str, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        assert cursor.fetchone() == (value,)


def test_what_a_connection_string_says_of_planning_comes_last() -> None:
    options = django_database("postgresql://a@b/c?options=-c%20random_page_cost%3D2")["OPTIONS"]["options"]
    assert options.endswith("-c random_page_cost=2")
    assert options.count("random_page_cost") == 2
