"""What Django cannot express: a shipment that may not close while a PC of it is neither here nor missing."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION supply_refuse_closing_over_undecided_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM supply_shipmentline line WHERE line.shipment_id = NEW.id AND line.dispatch_id IS NOT NULL
               AND line.arrival_id IS NULL AND line.difference = '') THEN
        RAISE EXCEPTION 'a shipment is closed when each of its PCs has arrived or is missing'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_closed_shipment_has_no_undecided_line';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_closed_shipment_has_no_undecided_line BEFORE INSERT OR UPDATE ON supply_shipment
    FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION supply_refuse_closing_over_undecided_lines();

CREATE FUNCTION supply_refuse_undecided_line_of_closed_shipment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM supply_shipment shipment WHERE shipment.id = NEW.shipment_id AND shipment.closed_at IS NOT NULL
               FOR SHARE) THEN
        RAISE EXCEPTION 'a closed shipment takes no undecided PC'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_closed_shipment_has_no_undecided_line';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_closed_shipment_has_no_undecided_line BEFORE INSERT OR UPDATE ON supply_shipmentline
    FOR EACH ROW WHEN (NEW.dispatch_id IS NOT NULL AND NEW.arrival_id IS NULL AND NEW.difference = '')
    EXECUTE FUNCTION supply_refuse_undecided_line_of_closed_shipment();
"""


class Migration(migrations.Migration):
    """Referee."""

    dependencies = [("supply", "0003_shipments")]

    operations = [migrations.RunSQL(GUARDS, migrations.RunSQL.noop)]
