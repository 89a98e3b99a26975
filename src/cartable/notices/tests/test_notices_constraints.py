"""Every constraint of the outbox is attacked around the code, and refuses by its name."""

from typing import Any
from uuid import uuid4

import pytest

from cartable.conftest import Cast
from cartable.organisations.tests.attacks import (
    Kit,
    Values,
    attack_what_postgresql_names,
    insert,
    refused_by,
    unattacked,
)


@pytest.fixture
def kits(cast: Cast) -> dict[str, Kit]:
    """Right rows of each table."""

    def text(n: int) -> Values:
        return {
            "campaign_id": cast.campaign.pk, "kind": "charter_reminder", "language": ("fr", "en", "fr", "en")[n],
            "version": n + 1, "subject": "Charte", "body": "Bonjour", "sms": "", "written_at": cast.now,
            "written_by_id": cast.sonia.actor_id,
        }  # fmt: skip

    def notice(n: int) -> Values:
        return {
            "id": uuid4(), "region_id": cast.region.pk, "school_id": cast.school.pk, "kind": "charter_reminder",
            "channel": "mail", "address": f"{n}@example.org", "address_fingerprint": bytes([n]), "subject": "Charte",
            "body": "Bonjour", "queued_at": cast.now, "due_at": cast.now, "attempts": 0, "sent_at": None,
            "given_up_at": None, "refusal": "",
        }  # fmt: skip

    def stop(n: int) -> Values:
        return {"address_fingerprint": bytes([n]), "kind": "charter_reminder", "stopped_at": cast.now}

    rows: dict[str, Any] = {"notices_noticetext": text, "notices_notice": notice, "notices_stop": stop}
    return {table: Kit(row, insert(table)) for table, row in rows.items()}


WRONG: dict[str, tuple[str, Values]] = {
    "notice_text_kind_is_known": ("notices_noticetext", {"kind": "gossip"}),
    "notice_text_language_is_known": ("notices_noticetext", {"language": "de"}),
    "a_notice_text_has_subject_and_body_or_neither": ("notices_noticetext", {"body": ""}),
    "a_short_form_goes_with_a_text": ("notices_noticetext", {"subject": "", "body": "", "sms": "Court"}),
    "notice_text_versions_begin_at_one": ("notices_noticetext", {"version": 0}),
    "notice_kind_is_known": ("notices_notice", {"kind": "gossip"}),
    "notice_channel_is_known": ("notices_notice", {"channel": "fax"}),
    "a_notice_that_waits_has_address_and_words": ("notices_notice", {"address": ""}),
    "stop_kind_is_known": ("notices_stop", {"kind": "gossip"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_row_with_one_thing_wrong_is_refused_by(name: str, kits: dict[str, Kit]) -> None:
    table, wrong = WRONG[name]
    row, write = kits[table]
    write(row(0))
    with refused_by(name):
        write({**row(1), **wrong})


def test_a_notice_is_not_sent_and_given_up(kits: dict[str, Kit], cast: Cast) -> None:
    row, write = kits["notices_notice"]
    with refused_by("a_notice_is_sent_or_given_up_not_both"):
        write({**row(1), "sent_at": cast.now, "given_up_at": cast.now})


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("a_notice_text_has_one_text_per_version", "notices_noticetext"),
        ("an_address_stops_a_kind_once", "notices_stop"),
    ],
)
def test_a_thing_is_there_once(name: str, table: str, kits: dict[str, Kit]) -> None:
    row, write = kits[table]
    write(row(1))
    with refused_by(name):
        write(row(1))


ONCE = {"a_notice_text_has_one_text_per_version", "an_address_stops_a_kind_once"}


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    assert attack_what_postgresql_names("notices", kits) > 20


def test_no_constraint_stands_unattacked(db: None) -> None:
    assert unattacked("notices", {*WRONG, *ONCE, "a_notice_is_sent_or_given_up_not_both"}) == set()
