"""Start, accept and revoke stations: two gestures for staff, one for the leader."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max
from django.utils.crypto import salted_hmac

from cartable.accounts.commands import open_actor
from cartable.accounts.models import ActorKind
from cartable.distribution.models import DayState, DistributionDay, SiteCard, Station, Workshop
from cartable.distribution.queries.prepared import StationPlace

# A card is printed the day before and thrown away the day after.
SEEN_AGAIN_AFTER = timedelta(seconds=5)


class StationRefused(Exception):
    """The station may not talk to the server; ``code`` says why."""

    code = "station_unknown"


class StationUnknown(StationRefused):
    """No station has this token."""


class StationWaiting(StationRefused):
    """The leader has not accepted the station yet."""

    code = "station_waiting"


class StationRevoked(StationRefused):
    """The leader has revoked the station."""

    code = "station_revoked"


class StationPractises(StationRefused):
    """A practice station writes nothing."""

    code = "station_practises"


class SiteCardRefused(Exception):
    """The scanned card starts no station; ``code`` says why: unknown, or outside its day."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class StartedStation:
    """A station that asked to serve, with the token that it keeps (the database holds its hash only)."""

    station: Station
    token: str


def token_sha256(token: str) -> bytes:
    """Return what the database keeps of a station's token."""
    return hashlib.sha256(token.encode()).digest()


def site_card_digits(day_id: int) -> str:
    """Return the 24 digits of a day's site card.

    Derived under the server's secret, not stored: the card can be printed again, and a copy of the database starts no
    station. 24 digits are 80 bits.
    """
    digest = salted_hmac("cartable.site-card", str(day_id), algorithm="sha256").digest()
    return f"{int.from_bytes(digest, 'big') % 10**24:024d}"


def issue_site_card(*, day: DistributionDay, valid_from: datetime, valid_until: datetime) -> str:
    """Make the day's site card valid for a window; return its digits."""
    digits = site_card_digits(day.pk)
    SiteCard.objects.update_or_create(
        day=day,
        defaults={
            "digits_sha256": hashlib.sha256(digits.encode()).digest(),
            "valid_from": valid_from,
            "valid_until": valid_until,
        },
    )
    return digits


def request_station(*, digits: str, workshop: Workshop, now: datetime, is_practice: bool = False) -> StartedStation:
    """Ask for a station with the digits of a site card.

    Runs without anybody signed in: the card is the right. Raises SiteCardRefused ("card_unknown", "card_not_valid_now",
    "day_not_open").
    """
    plain = "".join(character for character in digits if character.isdigit())
    card = (
        SiteCard.objects.with_scopes_disabled()
        .filter(digits_sha256=hashlib.sha256(plain.encode()).digest())
        .select_related("day")
        .first()
    )
    if card is None:
        raise SiteCardRefused("card_unknown")
    if not card.valid_from <= now <= card.valid_until:
        raise SiteCardRefused("card_not_valid_now")
    if card.day.state not in {DayState.OPEN, DayState.FROZEN}:
        raise SiteCardRefused("day_not_open")
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        # Two stations that start together queue here for their numbers.
        day = DistributionDay.objects.with_scopes_disabled().select_for_update().get(pk=card.day_id)
        highest = Station.objects.with_scopes_disabled().filter(day=day).aggregate(highest=Max("number"))["highest"]
        station = Station.objects.create(
            actor=open_actor(ActorKind.STATION),
            day=day,
            workshop=workshop,
            number=(highest or 0) + 1,
            token_sha256=token_sha256(token),
            is_practice=is_practice,
            requested_at=now,
        )
    return StartedStation(station, token)


def accept_station(*, station: Station, accepted_by_id: int, now: datetime) -> None:
    """Let a station serve; saying so twice changes nothing."""
    Station.objects.filter(pk=station.pk, accepted_at__isnull=True).update(
        accepted_at=now, accepted_by_id=accepted_by_id
    )


def revoke_station(*, station: Station, now: datetime) -> None:
    """Stop a station at once: its next request is refused."""
    Station.objects.filter(pk=station.pk, revoked_at__isnull=True).update(revoked_at=now)


def switch_workshop(*, station_id: int, workshop: Workshop) -> None:
    """Say that a station now serves the other workshop."""
    Station.objects.with_scopes_disabled().filter(pk=station_id).update(workshop=workshop)


@dataclass(frozen=True)
class Contact:
    """Where a station says that it stands: its clock, the last event it made, how many wait on its disk."""

    clock: datetime
    sequence: int
    waiting: int
    workshop: Workshop
    is_durable: bool | None


def note_contact(place: StationPlace, said: Contact, *, known_through: int, now: datetime) -> None:
    """Note where a station stands; at most one write every five seconds, or at once for another workshop."""
    if said.workshop == place.workshop and place.last_seen_at and now - place.last_seen_at < SEEN_AGAIN_AFTER:
        return
    skew_ms = round((said.clock - now).total_seconds() * 1000)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE distribution_station SET last_seen_at = %s, clock_skew_ms = %s, waiting_count = %s,
                last_sequence = greatest(last_sequence, %s), known_through = greatest(known_through, %s),
                is_durable = %s, workshop = %s
            WHERE id = %s
            """,
            [
                now, skew_ms, said.waiting, said.sequence, known_through, said.is_durable, said.workshop,
                place.station_id,
            ],
        )  # fmt: skip


def note_station_seen(place: StationPlace, *, now: datetime) -> None:
    """Note that a station is alive; at most one write every five seconds."""
    if place.last_seen_at and now - place.last_seen_at < SEEN_AGAIN_AFTER:
        return
    with connection.cursor() as cursor:
        cursor.execute("UPDATE distribution_station SET last_seen_at = %s WHERE id = %s", [now, place.station_id])
