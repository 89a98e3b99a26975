"""A lycée that has closed takes no PC in and answers for nobody new: what is forbidden here cannot be forgotten elsewhere."""

from django.db import migrations

# By row and with a condition, so that a check-out, which goes to a student, calls nothing. After the foreign keys: who waits
# there for the act that closes the lycée (`fleet.commands.hold_stocks`) sees, once it may go on, that it has closed. Tables are
# named with their schema: a temporary table of the same name would be looked at instead.
GUARDS = """
CREATE FUNCTION fleet_refuse_stock_of_closed_lycee() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM public.fleet_custodian custodian
               JOIN public.organisations_school school ON school.id = custodian.school_id
               WHERE custodian.id = NEW.to_custodian_id AND school.closed_on IS NOT NULL) THEN
        RAISE EXCEPTION 'a closed lycee takes no device in'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_closed_lycee_takes_no_pc_in';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER a_closed_lycee_takes_no_pc_in AFTER INSERT ON fleet_movement FOR EACH ROW
    WHEN (NEW.to_kind IN ('school_allotment', 'emergency_stock', 'school_bench'))
    EXECUTE FUNCTION fleet_refuse_stock_of_closed_lycee();

CREATE FUNCTION fleet_refuse_affiliation_to_closed_lycee() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN public.organisations_school school ON school.id = added.school_id
               WHERE school.closed_on IS NOT NULL) THEN
        RAISE EXCEPTION 'a closed lycee answers for nobody new'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_closed_lycee_answers_for_nobody_new';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER a_closed_lycee_answers_for_nobody_new AFTER INSERT ON fleet_affiliation
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION fleet_refuse_affiliation_to_closed_lycee();
"""
NO_GUARDS = """
DROP TRIGGER a_closed_lycee_takes_no_pc_in ON fleet_movement;
DROP FUNCTION fleet_refuse_stock_of_closed_lycee();
DROP TRIGGER a_closed_lycee_answers_for_nobody_new ON fleet_affiliation;
DROP FUNCTION fleet_refuse_affiliation_to_closed_lycee();
"""


class Migration(migrations.Migration):
    """Closed lycées."""

    dependencies = [("fleet", "0007_read_at_any_size"), ("organisations", "0003_moves_of_lycees")]

    operations = [migrations.RunSQL(GUARDS, NO_GUARDS)]
