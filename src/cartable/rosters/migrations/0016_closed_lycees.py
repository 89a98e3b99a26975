"""A lycée that has closed enrols nobody: no list, ruling or merge brings a student back there unseen."""

from django.db import migrations

# Tables are named with their schema: a temporary table of the same name would be looked at instead.
GUARD = """
CREATE FUNCTION rosters_refuse_enrolment_in_closed_lycee() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM public.organisations_school school WHERE school.id = NEW.school_id
               AND school.closed_on IS NOT NULL AND (NEW.ends_on IS NULL OR NEW.ends_on > school.closed_on)) THEN
        RAISE EXCEPTION 'a closed lycee enrols nobody'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_closed_lycee_enrols_nobody';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER a_closed_lycee_enrols_nobody AFTER INSERT OR UPDATE ON rosters_enrolment FOR EACH ROW
    WHEN (NEW.ends_on IS NULL OR NEW.ends_on > NEW.starts_on)
    EXECUTE FUNCTION rosters_refuse_enrolment_in_closed_lycee();
"""
NO_GUARD = """
DROP TRIGGER a_closed_lycee_enrols_nobody ON rosters_enrolment;
DROP FUNCTION rosters_refuse_enrolment_in_closed_lycee();
"""


class Migration(migrations.Migration):
    """Closed lycées."""

    dependencies = [("rosters", "0015_guardians_who_accept_sms"), ("organisations", "0003_moves_of_lycees")]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
