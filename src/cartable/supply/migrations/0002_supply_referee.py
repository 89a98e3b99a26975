"""What Django cannot express: the numbers of our own labels, and a delivery that may not close over open lines."""

from django.db import migrations

NUMBERS = """
-- Numbers of the asset tags that the region makes itself: eight digits. Suppliers number from below, in practice;
-- a number that is taken is drawn again.
CREATE SEQUENCE supply_asset_tag_number MINVALUE 10000000 MAXVALUE 99999999;
"""
GUARDS = """
CREATE FUNCTION supply_refuse_closing_over_open_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM supply_refusedline line WHERE line.delivery_id = NEW.id AND line.settled_at IS NULL) THEN
        RAISE EXCEPTION 'a delivery is closed when each of its refused lines is settled'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_closed_delivery_has_no_open_line';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_closed_delivery_has_no_open_line BEFORE INSERT OR UPDATE ON supply_delivery
    FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION supply_refuse_closing_over_open_lines();

CREATE FUNCTION supply_refuse_open_line_of_closed_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM supply_delivery delivery WHERE delivery.id = NEW.delivery_id AND delivery.closed_at IS NOT NULL
               FOR SHARE) THEN
        RAISE EXCEPTION 'a closed delivery takes no open line'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_closed_delivery_has_no_open_line';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_closed_delivery_has_no_open_line BEFORE INSERT OR UPDATE ON supply_refusedline
    FOR EACH ROW WHEN (NEW.settled_at IS NULL) EXECUTE FUNCTION supply_refuse_open_line_of_closed_delivery();
"""


class Migration(migrations.Migration):
    """Referee."""

    dependencies = [("supply", "0001_initial")]

    operations = [
        migrations.RunSQL(NUMBERS, "DROP SEQUENCE supply_asset_tag_number"),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
    ]
