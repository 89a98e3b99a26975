"""What the audit asks of the ledger, invariant by invariant (the I-numbers of the verification programme).

I10, I11, I15 and I16 speak about scans and charters: ``distribution.audit`` asks them. I14, I20 and I22 to I26 come
with the packages that hold their facts.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from cartable.config.grants import append_only_tables
from cartable.fleet.audit import Check, Cursor, named_constraints
from cartable.fleet.models import HASHED_CONTENT
from cartable.fleet.rules import ALLOWED_MOVEMENTS, SCHOOL_KINDS, CustodianKind

# What ``migrations/0002_ledger_referee.py`` adds to the constraints that the models name.
REFEREE_CONSTRAINTS = {
    "movement_is_known_to_the_trade": "fleet_movement",
    "movement_can_be_pointed_at": "fleet_movement",
    "movement_can_be_corrected": "fleet_movement",
    "movement_goes_to_a_custodian_of_its_kind": "fleet_movement",
    "movement_comes_from_a_custodian_of_its_kind": "fleet_movement",
    "movement_joins_up_with_the_one_before": "fleet_movement",
    "a_correction_restores_what_was_before": "fleet_movement",
    "movement_moves_a_device": "fleet_movement",
    "device_is_where_a_movement_put_it": "fleet_device",
    "custodian_region_can_be_referenced": "fleet_custodian",
    "a_device_stays_in_its_region": "fleet_device",
    "asset_tag_check_digits_are_right": "fleet_device",
}
GUARDS = {
    ("fleet_movement", "history_is_never_rewritten"),
    ("fleet_dailyroot", "roots_are_never_rewritten"),
    ("fleet_affiliation", "affiliations_are_never_rewritten"),
    ("fleet_movement", "device_points_at_its_last_movement"),
    ("fleet_device", "device_points_at_its_last_movement"),
    ("fleet_device", "an_old_tag_is_never_given_again"),
    ("fleet_movement", "a_closed_lycee_takes_no_pc_in"),
    ("fleet_affiliation", "a_closed_lycee_answers_for_nobody_new"),
}
_STOCK_KINDS = sorted(map(str, SCHOOL_KINDS - {CustodianKind.STUDENT}))
# The same bytes as the generated column's cast, but it never fails on what a vandal wrote.
_HASH_AGAIN = HASHED_CONTENT.replace(
    "(reason || '/' || evidence)::bytea", "convert_to(reason || '/' || evidence, 'UTF8')"
)

_LAST = """(
    SELECT DISTINCT ON (device_id) device_id, sequence, to_custodian_id, to_kind, hash
    FROM fleet_movement ORDER BY device_id, sequence DESC, position DESC
) AS last"""
# What came in minus what went out, by account. A birth comes from outside: the supplier gives what nobody had counted.
_FLOWS = """(
    SELECT device_id, to_custodian_id AS custodian_id, 1 AS change FROM fleet_movement
    UNION ALL
    SELECT device_id, from_custodian_id, -1 FROM fleet_movement WHERE sequence > 1
) AS flow"""


def _trade() -> dict[str, Any]:
    columns = zip(*((str(r), str(f), str(t)) for r, f, t in sorted(ALLOWED_MOVEMENTS)), strict=True)
    return dict(zip(("reasons", "givers", "takers"), map(list, columns), strict=True))


def _runtime_role() -> dict[str, Any]:
    return {"role": connection.settings_dict["USER"], "tables": append_only_tables()}


def _guards() -> dict[str, Any]:
    tables, names = zip(*sorted(GUARDS), strict=True)
    return {"tables": list(tables), "names": list(names)}


def _constraints() -> dict[str, Any]:
    expected = named_constraints("fleet") | REFEREE_CONSTRAINTS
    return {"names": list(expected), "tables": list(expected.values())}


def heads_by_root(cursor: Cursor) -> Iterator[tuple[int, bytes, int, bytes, int]]:
    """Yield for each kept root: id, root, device count, and both recomputed from the movements up to its position.

    Folded here rather than in SQL: a region keeps a root per closing report, some 355 a year, and a query per root
    would read 1.2 M movements each time. Heads lie side by side in the order of device ids, as they are hashed.
    """
    cursor.execute("SELECT id, root, device_count, last_position FROM fleet_dailyroot ORDER BY last_position, id")
    roots = cursor.fetchall()
    movements = _by_position(cursor, roots[-1][3]) if roots else iter(())
    upcoming = next(movements, None)
    heads = bytearray()
    places: dict[int, int] = {}
    newborn: dict[int, bytes] = {}
    for pk, root, device_count, last_position in roots:
        while upcoming is not None and upcoming[1] <= last_position:
            device_id, _position, head = upcoming
            place = places.get(device_id)
            if place is None:
                newborn[device_id] = head
            else:
                heads[place : place + 32] = head
            upcoming = next(movements, None)
        heads, places = _with_newborn(heads, places, newborn)
        newborn = {}
        yield pk, bytes(root), device_count, hashlib.sha256(heads).digest(), len(places)


def _with_newborn(
    heads: bytearray, places: dict[int, int], newborn: dict[int, bytes]
) -> tuple[bytearray, dict[int, int]]:
    if newborn and places and min(newborn) < max(places):
        # Born out of the order of ids (two deliveries at once): lay everything out again.
        newborn = {device_id: bytes(heads[place : place + 32]) for device_id, place in places.items()} | newborn
        heads, places = bytearray(), {}
    for device_id in sorted(newborn):
        places[device_id] = len(heads)
        heads += newborn[device_id]
    return heads, places


def _by_position(cursor: Cursor, last_position: int) -> Iterator[tuple[int, int, bytes]]:
    cursor.execute(
        "DECLARE audited_heads NO SCROLL CURSOR FOR SELECT device_id, position, hash FROM fleet_movement"
        f" WHERE position <= {int(last_position)} ORDER BY position"
    )
    while True:
        cursor.execute("FETCH 20000 FROM audited_heads")
        rows = cursor.fetchall()
        if not rows:
            break
        yield from rows
    cursor.execute("CLOSE audited_heads")


def _altered_roots(cursor: Cursor) -> list[str]:
    return [
        f"root {pk}"
        for pk, root, device_count, again, count in heads_by_root(cursor)
        if (root, device_count) != (again, count)
    ]


CHECKS = (
    Check("I01", "a_device_has_its_birth", _("Chaque PC a un mouvement d’entrée."), """
        SELECT 'device ' || device.asset_tag FROM fleet_device device
        WHERE NOT EXISTS (SELECT FROM fleet_movement m WHERE m.device_id = device.id AND m.sequence = 1)"""),
    Check("I01", "a_birth_comes_first_and_once", _("Un mouvement d’entrée est le premier de son PC, et le seul."), """
        SELECT 'movement ' || id FROM fleet_movement
        WHERE (sequence = 1) <> (reason IN ('receipt', 'opening')) OR (sequence = 1 AND from_kind <> 'supplier')"""),
    Check("I01", "a_movement_has_its_device", _("Chaque mouvement est celui d’un PC connu."), """
        SELECT 'movement ' || m.id FROM fleet_movement m
        WHERE NOT EXISTS (SELECT FROM fleet_device device WHERE device.id = m.device_id)"""),
    Check("I02", "movements_join_up", _("Chaque mouvement part de là où le précédent est arrivé, sans trou."), """
        SELECT 'movement ' || id FROM (
            SELECT id, sequence, previous_sequence, from_custodian_id, row_number() OVER chain AS place,
                lag(to_custodian_id) OVER chain AS held_by
            FROM fleet_movement WINDOW chain AS (PARTITION BY device_id ORDER BY sequence, position)) AS m
        WHERE sequence <> place OR coalesce(previous_sequence, 0) <> place - 1
            OR (place > 1 AND from_custodian_id <> held_by)"""),
    Check("I03", "a_device_is_where_its_history_ends", _("Chaque PC est chez le détenteur que dit son dernier mouvement."),
        f"""
        SELECT 'device ' || device.asset_tag FROM fleet_device device JOIN {_LAST} ON last.device_id = device.id
        WHERE (device.custodian_id, device.custodian_kind, device.last_sequence)
            IS DISTINCT FROM (last.to_custodian_id, last.to_kind, last.sequence)"""),
    Check("I04", "a_student_holds_one_device", _("Un élève détient au plus un PC."), f"""
        SELECT 'custodian ' || custodian_id FROM (
            SELECT 'books' AS told_by, custodian_id FROM fleet_device
            UNION ALL SELECT 'ledger', last.to_custodian_id FROM {_LAST}) AS held
        JOIN fleet_custodian custodian ON custodian.id = held.custodian_id AND custodian.kind = 'student'
        GROUP BY told_by, custodian_id HAVING count(*) > 1"""),
    Check("I05", "a_lot_adds_up", _("Reçus = stocks + élèves + réparateurs + sorties, pour chaque lot."), f"""
        SELECT 'lot ' || coalesce(moved.lot_id, held.lot_id) || ' ' || coalesce(moved.kind, held.kind) FROM (
            SELECT device.lot_id, custodian.kind, sum(flow.change) AS balance FROM {_FLOWS}
            JOIN fleet_device device ON device.id = flow.device_id
            JOIN fleet_custodian custodian ON custodian.id = flow.custodian_id
            GROUP BY device.lot_id, custodian.kind) AS moved
        FULL JOIN (
            SELECT lot_id, custodian_kind AS kind, count(*) AS balance FROM fleet_device GROUP BY lot_id, custodian_kind
        ) AS held ON held.lot_id = moved.lot_id AND held.kind = moved.kind
        WHERE coalesce(moved.balance, 0) <> coalesce(held.balance, 0)"""),
    Check("I05", "a_school_adds_up", _("Ouverture + entrées − sorties = clôture, pour chaque lycée."), f"""
        SELECT 'school ' || school.uai FROM (
            SELECT custodian.school_id, sum(flow.change) AS balance FROM {_FLOWS}
            JOIN fleet_custodian custodian ON custodian.id = flow.custodian_id
            WHERE custodian.school_id IS NOT NULL GROUP BY custodian.school_id) AS moved
        FULL JOIN (
            SELECT custodian.school_id, count(*) AS balance FROM fleet_device device
            JOIN fleet_custodian custodian ON custodian.id = device.custodian_id
            WHERE custodian.school_id IS NOT NULL GROUP BY custodian.school_id) AS held USING (school_id)
        JOIN organisations_school school ON school.id = school_id
        WHERE coalesce(moved.balance, 0) <> coalesce(held.balance, 0)"""),
    Check("I06", "history_cannot_be_rewritten", _("Le rôle de l’application ne peut ni modifier ni effacer l’historique."), """
        SELECT 'table ' || name || ' ' || lower(right_to) FROM unnest(%(tables)s::text[]) AS name,
            unnest('{UPDATE,DELETE,TRUNCATE}'::text[]) AS right_to
        WHERE CASE right_to WHEN 'UPDATE' THEN has_any_column_privilege(%(role)s::name, name, 'UPDATE')
            ELSE has_table_privilege(%(role)s::name, name, right_to) END""", _runtime_role),
    Check("I06", "guards_stand", _("Les gardiens de l’historique sont en place et actifs."), """
        SELECT 'trigger ' || name || ' on ' || place FROM unnest(%(tables)s::text[], %(names)s::text[]) AS t (place, name)
        WHERE NOT EXISTS (
            SELECT FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
            WHERE tgrelid = place::regclass AND tgname = name AND tgenabled IN ('O', 'A')
                AND prosrc LIKE '%%RAISE EXCEPTION%%')
        UNION ALL
        SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass FROM pg_trigger
        WHERE tgrelid = ANY(%(tables)s::text[]::regclass[]) AND tgisinternal AND tgenabled NOT IN ('O', 'A')""", _guards),
    Check("I06", "constraints_stand", _("Aucune contrainte du registre ne manque."), """
        SELECT 'constraint ' || name || ' on ' || place
        FROM unnest(%(tables)s::text[], %(names)s::text[]) AS t (place, name)
        WHERE NOT EXISTS (SELECT FROM pg_constraint
                WHERE conrelid = place::regclass AND conname = name AND convalidated)
            AND NOT EXISTS (SELECT FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
                WHERE indrelid = place::regclass AND relname = name AND indisunique AND indisvalid)""", _constraints),
    Check("I07", "a_correction_undoes_what_it_names", _("Une correction défait le mouvement qu’elle nomme, une seule fois."), """
        SELECT 'movement ' || c.id FROM fleet_movement c LEFT JOIN fleet_movement m ON m.id = c.corrects_id
        WHERE (c.reason = 'correction') <> (c.corrects_id IS NOT NULL)
            OR (c.corrects_id IS NOT NULL AND (m.id IS NULL OR m.sequence >= c.sequence
                OR (m.device_id, m.from_custodian_id, m.to_custodian_id)
                    <> (c.device_id, c.to_custodian_id, c.from_custodian_id)))
        UNION ALL
        SELECT 'movement ' || corrects_id FROM fleet_movement WHERE corrects_id IS NOT NULL
        GROUP BY corrects_id HAVING count(*) > 1"""),
    Check("I08", "a_hash_covers_its_movement", _("L’empreinte de chaque mouvement est celle de son contenu."),
        f"SELECT 'movement ' || id FROM fleet_movement WHERE hash IS DISTINCT FROM {_HASH_AGAIN}"),
    Check("I08", "hashes_form_a_chain", _("Les empreintes s’enchaînent du premier au dernier mouvement de chaque PC."), """
        SELECT 'movement ' || id FROM (
            SELECT id, previous_hash, coalesce(lag(hash) OVER chain, ''::bytea) AS hash_before
            FROM fleet_movement WINDOW chain AS (PARTITION BY device_id ORDER BY sequence, position)) AS m
        WHERE previous_hash <> hash_before"""),
    Check("I08", "a_device_keeps_its_head", _("Chaque PC porte l’empreinte de son dernier mouvement."), f"""
        SELECT 'device ' || device.asset_tag FROM fleet_device device JOIN {_LAST} ON last.device_id = device.id
        WHERE device.head_hash IS DISTINCT FROM last.hash"""),
    Check("I08", "daily_roots_come_out_again", _("Chaque racine gardée se recalcule à l’identique."), fold=_altered_roots),
    Check("I09", "an_id_names_one_movement", _("Un identifiant désigne un seul mouvement."),
        "SELECT 'movement ' || id FROM fleet_movement GROUP BY id HAVING count(*) > 1"),
    Check("I13", "movements_are_known_to_the_trade", _("Il n’arrive que ce que le métier connaît."), """
        SELECT 'movement ' || m.id FROM fleet_movement m
        LEFT JOIN unnest(%(reasons)s::text[], %(givers)s::text[], %(takers)s::text[]) AS known (reason, giver, taker)
            ON (m.reason, m.from_kind, m.to_kind) = (known.reason, known.giver, known.taker)
        WHERE known.reason IS NULL OR m.from_custodian_id = m.to_custodian_id""", _trade),
    Check("I13", "kinds_are_those_of_the_custodians", _("La nature écrite est celle du détenteur."), """
        SELECT 'movement ' || m.id FROM fleet_movement m
        LEFT JOIN fleet_custodian giver ON giver.id = m.from_custodian_id
        LEFT JOIN fleet_custodian taker ON taker.id = m.to_custodian_id
        WHERE (giver.kind, taker.kind) IS DISTINCT FROM (m.from_kind, m.to_kind)"""),
    Check("I17", "a_device_stays_in_its_region", _("PC, lot, modèle et détenteurs sont de la même région."), """
        SELECT 'device ' || device.asset_tag FROM fleet_device device
        LEFT JOIN fleet_lot lot ON lot.id = device.lot_id AND lot.region_id = device.region_id
        LEFT JOIN fleet_devicemodel model ON model.id = device.device_model_id AND model.region_id = device.region_id
        LEFT JOIN fleet_custodian custodian
            ON custodian.id = device.custodian_id AND custodian.region_id = device.region_id
        WHERE lot.id IS NULL OR model.id IS NULL OR custodian.id IS NULL
        UNION ALL
        SELECT 'movement ' || m.id FROM fleet_movement m JOIN fleet_device device ON device.id = m.device_id
        JOIN fleet_custodian giver ON giver.id = m.from_custodian_id
        JOIN fleet_custodian taker ON taker.id = m.to_custodian_id
        WHERE giver.region_id <> device.region_id OR taker.region_id <> device.region_id"""),
    Check("I17", "a_custodian_belongs_somewhere", _("Chaque détenteur compte pour un lycée ou une entreprise de sa région."), """
        SELECT 'custodian ' || custodian.id FROM fleet_custodian custodian
        LEFT JOIN organisations_school school ON school.id = custodian.school_id
        LEFT JOIN organisations_contractor contractor ON contractor.id = custodian.contractor_id
        WHERE school.region_id <> custodian.region_id OR contractor.region_id <> custodian.region_id
            OR (custodian.kind = ANY(%(school_kinds)s) AND school.id IS NULL)
            OR (custodian.kind IN ('supplier', 'repairer') AND contractor.id IS NULL)""",
        lambda: {"school_kinds": sorted(map(str, SCHOOL_KINDS))}),
    Check("I17", "a_student_counts_where_last_affiliated", _("Un élève compte pour le lycée de sa dernière affectation."), """
        SELECT 'custodian ' || custodian.id FROM fleet_custodian custodian LEFT JOIN (
            SELECT DISTINCT ON (custodian_id) custodian_id, school_id FROM fleet_affiliation ORDER BY custodian_id, id DESC
        ) AS last ON last.custodian_id = custodian.id
        WHERE (custodian.kind = 'student' OR last.custodian_id IS NOT NULL)
            AND last.school_id IS DISTINCT FROM custodian.school_id"""),
    Check("I18", "server_order_increases", _("L’ordre du serveur est strictement croissant."), """
        SELECT 'movement ' || id FROM (
            SELECT id, position, lag(position) OVER (PARTITION BY device_id ORDER BY sequence, position) AS before
            FROM fleet_movement) AS m
        WHERE position <= before
        UNION ALL
        SELECT 'position ' || position FROM fleet_movement GROUP BY position HAVING count(*) > 1"""),
    Check("I19", "a_stock_is_what_it_holds", _("Le stock d’un lycée est le nombre de PC qu’il détient, jamais négatif."), f"""
        SELECT 'custodian ' || custodian.id FROM fleet_custodian custodian
        LEFT JOIN (SELECT custodian_id, sum(change) AS balance FROM {_FLOWS} GROUP BY custodian_id) AS moved
            ON moved.custodian_id = custodian.id
        LEFT JOIN (SELECT custodian_id, count(*) AS balance FROM fleet_device GROUP BY custodian_id) AS held
            ON held.custodian_id = custodian.id
        WHERE custodian.kind = ANY(%(stock_kinds)s)
            AND (coalesce(moved.balance, 0) <> coalesce(held.balance, 0) OR moved.balance < 0)""",
        lambda: {"stock_kinds": _STOCK_KINDS}),
    Check("I19", "nothing_is_left_at_a_closed_lycee", _("Un lycée fermé n’a plus de PC, ni en stock ni chez ses élèves."), """
        SELECT 'device ' || device.asset_tag FROM organisations_school school
        JOIN fleet_custodian custodian ON custodian.school_id = school.id
        JOIN fleet_device device ON device.custodian_id = custodian.id
        WHERE school.closed_on IS NOT NULL"""),
    Check("I21", "asset_tags_are_right", _("Chaque étiquette est unique et sa clé est juste."), """
        SELECT 'device ' || asset_tag FROM fleet_device
        WHERE CASE WHEN asset_tag ~ '^P[0-9]{10}$'
            THEN 98 - substr(asset_tag, 2, 8)::bigint * 100 %% 97 <> substr(asset_tag, 10)::bigint ELSE true END
        UNION ALL SELECT 'device ' || asset_tag FROM fleet_device GROUP BY asset_tag HAVING count(*) > 1"""),
    Check("I21", "serial_numbers_are_unique", _("Chaque numéro de série est unique et sous sa forme normale."), """
        SELECT 'device ' || asset_tag FROM (
            SELECT asset_tag, serial_number, count(*) OVER (PARTITION BY upper(trim(serial_number))) AS bearers
            FROM fleet_device) AS device
        WHERE bearers > 1 OR serial_number !~ '^[A-Z0-9][A-Z0-9/.-]{3,29}$'"""),
)  # fmt: skip
