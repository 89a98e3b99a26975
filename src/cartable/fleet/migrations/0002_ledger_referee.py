"""What makes the database the referee of the ledger: composite foreign keys, the trade's table, guards.

Every foreign key here is plain (not deferrable): a movement and the pointer that follows it are written by one statement,
at whose end they are checked. Triggers forbid; they never decide or compute.
"""

from django.db import migrations

ALLOWED_MOVEMENTS = """
ALTER TABLE fleet_movement ADD CONSTRAINT movement_is_known_to_the_trade CHECK ((reason, from_kind, to_kind) IN (
        ('allotment', 'depot', 'school_allotment'),
        ('arrival', 'transit', 'depot'),
        ('arrival', 'transit', 'emergency_stock'),
        ('arrival', 'transit', 'school_allotment'),
        ('arrival', 'transit', 'school_bench'),
        ('check_in', 'student', 'school_bench'),
        ('check_out', 'emergency_stock', 'student'),
        ('check_out', 'school_allotment', 'student'),
        ('check_out', 'school_bench', 'student'),
        ('claim', 'depot', 'claim'),
        ('claim', 'emergency_stock', 'claim'),
        ('claim', 'repairer', 'claim'),
        ('claim', 'school_allotment', 'claim'),
        ('claim', 'school_bench', 'claim'),
        ('claim', 'student', 'claim'),
        ('claim', 'transit', 'claim'),
        ('correction', 'claim', 'depot'),
        ('correction', 'claim', 'emergency_stock'),
        ('correction', 'claim', 'lost'),
        ('correction', 'claim', 'repairer'),
        ('correction', 'claim', 'school_allotment'),
        ('correction', 'claim', 'school_bench'),
        ('correction', 'claim', 'stolen'),
        ('correction', 'claim', 'student'),
        ('correction', 'claim', 'supplier'),
        ('correction', 'claim', 'transit'),
        ('correction', 'depot', 'claim'),
        ('correction', 'depot', 'disposed'),
        ('correction', 'depot', 'emergency_stock'),
        ('correction', 'depot', 'lost'),
        ('correction', 'depot', 'repairer'),
        ('correction', 'depot', 'school_allotment'),
        ('correction', 'depot', 'school_bench'),
        ('correction', 'depot', 'stolen'),
        ('correction', 'depot', 'supplier'),
        ('correction', 'depot', 'transit'),
        ('correction', 'disposed', 'depot'),
        ('correction', 'disposed', 'repairer'),
        ('correction', 'disposed', 'school_bench'),
        ('correction', 'disposed', 'supplier'),
        ('correction', 'emergency_stock', 'claim'),
        ('correction', 'emergency_stock', 'depot'),
        ('correction', 'emergency_stock', 'repairer'),
        ('correction', 'emergency_stock', 'school_allotment'),
        ('correction', 'emergency_stock', 'school_bench'),
        ('correction', 'emergency_stock', 'student'),
        ('correction', 'emergency_stock', 'supplier'),
        ('correction', 'emergency_stock', 'transit'),
        ('correction', 'given', 'student'),
        ('correction', 'given', 'supplier'),
        ('correction', 'lost', 'claim'),
        ('correction', 'lost', 'depot'),
        ('correction', 'lost', 'school_bench'),
        ('correction', 'lost', 'supplier'),
        ('correction', 'repairer', 'claim'),
        ('correction', 'repairer', 'depot'),
        ('correction', 'repairer', 'disposed'),
        ('correction', 'repairer', 'emergency_stock'),
        ('correction', 'repairer', 'school_bench'),
        ('correction', 'repairer', 'supplier'),
        ('correction', 'school_allotment', 'claim'),
        ('correction', 'school_allotment', 'depot'),
        ('correction', 'school_allotment', 'emergency_stock'),
        ('correction', 'school_allotment', 'school_bench'),
        ('correction', 'school_allotment', 'student'),
        ('correction', 'school_allotment', 'supplier'),
        ('correction', 'school_allotment', 'transit'),
        ('correction', 'school_bench', 'claim'),
        ('correction', 'school_bench', 'depot'),
        ('correction', 'school_bench', 'disposed'),
        ('correction', 'school_bench', 'emergency_stock'),
        ('correction', 'school_bench', 'lost'),
        ('correction', 'school_bench', 'repairer'),
        ('correction', 'school_bench', 'school_allotment'),
        ('correction', 'school_bench', 'stolen'),
        ('correction', 'school_bench', 'student'),
        ('correction', 'school_bench', 'supplier'),
        ('correction', 'school_bench', 'transit'),
        ('correction', 'stolen', 'claim'),
        ('correction', 'stolen', 'depot'),
        ('correction', 'stolen', 'school_bench'),
        ('correction', 'stolen', 'supplier'),
        ('correction', 'student', 'claim'),
        ('correction', 'student', 'emergency_stock'),
        ('correction', 'student', 'given'),
        ('correction', 'student', 'school_allotment'),
        ('correction', 'student', 'school_bench'),
        ('correction', 'student', 'student'),
        ('correction', 'student', 'supplier'),
        ('correction', 'supplier', 'claim'),
        ('correction', 'supplier', 'depot'),
        ('correction', 'supplier', 'disposed'),
        ('correction', 'supplier', 'emergency_stock'),
        ('correction', 'supplier', 'given'),
        ('correction', 'supplier', 'lost'),
        ('correction', 'supplier', 'repairer'),
        ('correction', 'supplier', 'school_allotment'),
        ('correction', 'supplier', 'school_bench'),
        ('correction', 'supplier', 'stolen'),
        ('correction', 'supplier', 'student'),
        ('correction', 'transit', 'claim'),
        ('correction', 'transit', 'depot'),
        ('correction', 'transit', 'emergency_stock'),
        ('correction', 'transit', 'school_allotment'),
        ('correction', 'transit', 'school_bench'),
        ('dispatch', 'depot', 'transit'),
        ('dispatch', 'emergency_stock', 'transit'),
        ('dispatch', 'school_allotment', 'transit'),
        ('dispatch', 'school_bench', 'transit'),
        ('disposal', 'depot', 'disposed'),
        ('disposal', 'repairer', 'disposed'),
        ('disposal', 'school_bench', 'disposed'),
        ('fault', 'emergency_stock', 'school_bench'),
        ('fault', 'school_allotment', 'school_bench'),
        ('found', 'claim', 'depot'),
        ('found', 'claim', 'school_bench'),
        ('found', 'lost', 'depot'),
        ('found', 'lost', 'school_bench'),
        ('found', 'stolen', 'depot'),
        ('found', 'stolen', 'school_bench'),
        ('gift', 'student', 'given'),
        ('identity', 'student', 'student'),
        ('leftover', 'school_allotment', 'depot'),
        ('leftover', 'school_allotment', 'emergency_stock'),
        ('loan', 'emergency_stock', 'student'),
        ('loss', 'claim', 'lost'),
        ('opening', 'supplier', 'claim'),
        ('opening', 'supplier', 'depot'),
        ('opening', 'supplier', 'disposed'),
        ('opening', 'supplier', 'emergency_stock'),
        ('opening', 'supplier', 'given'),
        ('opening', 'supplier', 'lost'),
        ('opening', 'supplier', 'repairer'),
        ('opening', 'supplier', 'school_allotment'),
        ('opening', 'supplier', 'school_bench'),
        ('opening', 'supplier', 'stolen'),
        ('opening', 'supplier', 'student'),
        ('receipt', 'supplier', 'depot'),
        ('reimaged', 'school_bench', 'depot'),
        ('reimaged', 'school_bench', 'emergency_stock'),
        ('rma_in', 'repairer', 'depot'),
        ('rma_in', 'repairer', 'emergency_stock'),
        ('rma_in', 'repairer', 'school_bench'),
        ('rma_out', 'depot', 'repairer'),
        ('rma_out', 'school_bench', 'repairer'),
        ('theft', 'claim', 'stolen'),
        ('top_up', 'depot', 'emergency_stock')
))
"""

FOREIGN_KEYS = """
ALTER TABLE fleet_movement ADD CONSTRAINT movement_can_be_pointed_at
    UNIQUE (device_id, sequence, to_custodian_id, to_kind, hash);
ALTER TABLE fleet_movement ADD CONSTRAINT movement_can_be_corrected
    UNIQUE (id, device_id, from_custodian_id, to_custodian_id);

-- Custodian and kind travel together, so that CHECK can speak about kinds.
ALTER TABLE fleet_movement ADD CONSTRAINT movement_goes_to_a_custodian_of_its_kind
    FOREIGN KEY (to_custodian_id, to_kind) REFERENCES fleet_custodian (id, kind);
ALTER TABLE fleet_movement ADD CONSTRAINT movement_comes_from_a_custodian_of_its_kind
    FOREIGN KEY (from_custodian_id, from_kind) REFERENCES fleet_custodian (id, kind);

-- The chain: what a movement takes from is what the one before gave to, and its hash follows that one's hash.
ALTER TABLE fleet_movement ADD CONSTRAINT movement_joins_up_with_the_one_before
    FOREIGN KEY (device_id, previous_sequence, from_custodian_id, from_kind, previous_hash)
    REFERENCES fleet_movement (device_id, sequence, to_custodian_id, to_kind, hash);

-- A correction restores what the movement that it names had taken away.
ALTER TABLE fleet_movement ADD CONSTRAINT a_correction_restores_what_was_before
    FOREIGN KEY (corrects_id, device_id, to_custodian_id, from_custodian_id)
    REFERENCES fleet_movement (id, device_id, from_custodian_id, to_custodian_id);

ALTER TABLE fleet_movement ADD CONSTRAINT movement_moves_a_device
    FOREIGN KEY (device_id) REFERENCES fleet_device (id);
ALTER TABLE fleet_device ADD CONSTRAINT device_is_where_a_movement_put_it
    FOREIGN KEY (id, last_sequence, custodian_id, custodian_kind, head_hash)
    REFERENCES fleet_movement (device_id, sequence, to_custodian_id, to_kind, hash);

-- Nobody's device is ever answered for by another region.
ALTER TABLE fleet_custodian ADD CONSTRAINT custodian_region_can_be_referenced UNIQUE (id, region_id);
ALTER TABLE fleet_device ADD CONSTRAINT a_device_stays_in_its_region
    FOREIGN KEY (custodian_id, region_id) REFERENCES fleet_custodian (id, region_id);

-- ISO 7064 MOD 97-10 over the ten digits. The check digits go from 02 to 98: 99, 00 and 01 share their remainder with
-- 02, 97 and 98, and one device would have two right labels.
ALTER TABLE fleet_device ADD CONSTRAINT asset_tag_check_digits_are_right
    CHECK (CASE WHEN asset_tag ~ '^P[0-9]{10}$'
        THEN substr(asset_tag, 2)::bigint % 97 = 1 AND substr(asset_tag, 10)::integer BETWEEN 2 AND 98
        ELSE false END);
"""

GUARDS = """
CREATE FUNCTION fleet_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: correct % with another movement', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'history_is_never_rewritten';
END $$;
CREATE TRIGGER history_is_never_rewritten BEFORE UPDATE OR DELETE ON fleet_movement
    FOR EACH STATEMENT EXECUTE FUNCTION fleet_refuse_rewriting();
CREATE TRIGGER roots_are_never_rewritten BEFORE UPDATE OR DELETE ON fleet_dailyroot
    FOR EACH STATEMENT EXECUTE FUNCTION fleet_refuse_rewriting();
CREATE TRIGGER affiliations_are_never_rewritten BEFORE UPDATE OR DELETE ON fleet_affiliation
    FOR EACH STATEMENT EXECUTE FUNCTION fleet_refuse_rewriting();

-- The foreign key holds the pointer to *a* movement of the device; these two hold it to the last one. Tables are named
-- with their schema: a temporary table of the same name, which any role may create, would be looked at instead.
CREATE FUNCTION fleet_refuse_pointer_left_behind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN public.fleet_device device ON device.id = added.device_id
               WHERE device.last_sequence < added.sequence) THEN
        RAISE EXCEPTION 'a movement was added without moving the device'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'device_points_at_its_last_movement';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER device_points_at_its_last_movement AFTER INSERT ON fleet_movement
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION fleet_refuse_pointer_left_behind();

CREATE FUNCTION fleet_refuse_pointer_moved_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM changed JOIN public.fleet_movement movement
               ON movement.device_id = changed.id AND movement.sequence = changed.last_sequence + 1) THEN
        RAISE EXCEPTION 'a device was moved without a movement'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'device_points_at_its_last_movement';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER device_points_at_its_last_movement AFTER UPDATE ON fleet_device
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION fleet_refuse_pointer_moved_back();
"""


class Migration(migrations.Migration):
    """Referee."""

    dependencies = [("fleet", "0001_initial")]

    operations = [
        migrations.RunSQL(ALLOWED_MOVEMENTS, "ALTER TABLE fleet_movement DROP CONSTRAINT movement_is_known_to_the_trade"),
        migrations.RunSQL(FOREIGN_KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
    ]
