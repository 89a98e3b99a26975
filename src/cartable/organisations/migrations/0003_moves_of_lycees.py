import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

# A unique index speaks about one table only. After the row, not before: whoever waits in the unique index of the current
# numbers for the lycée that gives its number up sees, once it may go on, that the number is a former one. Tables are named
# with their schema: a temporary table of the same name would be looked at instead.
GUARDS = """
CREATE FUNCTION organisations_refuse_uai_of_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM public.organisations_school school JOIN public.organisations_formeruai former
               ON former.uai = school.uai WHERE school.uai = NEW.uai) THEN
        RAISE EXCEPTION 'this number is current of a lycee and a former one'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'a_former_uai_is_current_nowhere';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER a_former_uai_is_current_nowhere AFTER INSERT OR UPDATE OF uai ON organisations_school
    FOR EACH ROW EXECUTE FUNCTION organisations_refuse_uai_of_two();
CREATE TRIGGER a_former_uai_is_current_nowhere AFTER INSERT OR UPDATE OF uai ON organisations_formeruai
    FOR EACH ROW EXECUTE FUNCTION organisations_refuse_uai_of_two();
"""
NO_GUARDS = """
DROP TRIGGER a_former_uai_is_current_nowhere ON organisations_school;
DROP TRIGGER a_former_uai_is_current_nowhere ON organisations_formeruai;
DROP FUNCTION organisations_refuse_uai_of_two();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0002_school_directory'),
    ]

    operations = [
        migrations.AddField(
            model_name='school',
            name='successor',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.school'),
        ),
        migrations.AddConstraint(
            model_name='school',
            constraint=models.CheckConstraint(condition=Q(('successor', None), ('closed_on__isnull', False), _connector='OR'), name='only_a_closed_lycee_has_a_successor'),
        ),
        migrations.AddConstraint(
            model_name='school',
            constraint=models.CheckConstraint(condition=Q(('successor', None), Q(('successor', F('id')), _negated=True), _connector='OR'), name='a_lycee_is_not_its_own_successor'),
        ),
        migrations.CreateModel(
            name='FormerUai',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uai', models.CharField(max_length=8, unique=True)),
                ('ended_on', models.DateField(help_text='The first day on which the lycée bore another number.')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='former_uais', to='organisations.school')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=Q(('uai__regex', '^\\d{7}[A-Z]$')), name='former_uai_has_seven_digits_and_a_letter')],
            },
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
