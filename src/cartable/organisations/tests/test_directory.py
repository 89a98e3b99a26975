"""The school directory: read by header name, shown as a difference, applied only when confirmed."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from cartable.conftest import NOW, Cast
from cartable.kernel.tables import UnreadableTable
from cartable.kernel.uai import check_letter
from cartable.organisations import commands, queries
from cartable.organisations.models import Academy, Departement, School
from cartable.organisations.rules import Difference, reading_as_values, reading_from_values

HEADER = (
    "Identifiant_de_l_etablissement;Nom_etablissement;Type_etablissement;Statut_public_prive;Code_postal;Nom_commune;"
    "Code_departement;Code_academie;Code_region;Libelle_departement;Libelle_academie;etat;ministere_tutelle;code_nature"
)


def uai(number: int) -> str:
    """Return a valid UAI of these seven digits."""
    return f"{number:07d}{check_letter(f'{number:07d}')}"


def line(code: str, name: str = "Lycée des Mirabelles", **changes: str) -> str:
    """Return one line of the directory, of a public lycée in Moselle."""
    cells = {
        "uai": code, "name": name, "type": "Lycée", "sector": "Public", "postal": "57000", "town": "Metz",
        "departement": "057", "academy": "12", "region": "44", "departement_name": "Moselle",
        "academy_name": "Nancy-Metz", "state": "OUVERT", "ministry": "MINISTERE DE L'EDUCATION NATIONALE",
        "nature": "302", **changes,
    }  # fmt: skip
    return ";".join(cells.values())


THE_CAST = [
    line("0579901C", "Lycée des Trois-Rivières", postal=""),
    line("0579902D", "Lycée du Warndt", sector="Privé", town="Forbach", postal=""),
]


BAS_RHIN = {"departement": "067", "departement_name": "Bas-Rhin", "academy": "15", "academy_name": "Strasbourg"}


def found(cast: Cast, *lines: str, header: str = HEADER, encoding: str = "utf-8-sig") -> Difference:
    """Compare a file of these lines with the books."""
    content = "\n".join([header, *lines]).encode(encoding)
    return queries.directory_difference(cast.region, queries.read_directory_of(cast.region, content))


def test_a_new_a_changed_and_an_unchanged_school_are_told_apart(cast: Cast) -> None:
    difference = found(cast, THE_CAST[0], THE_CAST[1].replace("Forbach", "Freyming"), line(uai(570123)))
    assert [school.uai for school in difference.new] == [uai(570123)]
    assert [(c.field, c.before, c.after) for c in difference.changed[0].changes] == [("town", "Forbach", "Freyming")]
    assert difference.unchanged_count == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_export_of_the_directory_is_read(cast: Cast, encoding: str, separator: str) -> None:
    content = "\n".join([HEADER, *THE_CAST]).replace(";", separator).encode(encoding)
    difference = queries.directory_difference(cast.region, queries.read_directory_of(cast.region, content))
    assert (difference.unchanged_count, difference.is_empty, difference.refused) == (2, True, ())


def test_the_lower_case_keys_of_the_api_are_the_same_columns(cast: Cast) -> None:
    assert found(cast, *THE_CAST, header=HEADER.lower()).unchanged_count == 2


def test_a_missing_column_leaves_what_is_known_as_it_is(cast: Cast) -> None:
    difference = found(
        cast, "0579901C;Lycée des Trois-Rivières", header="identifiant_de_l_etablissement;nom_etablissement"
    )
    assert (difference.unchanged_count, difference.is_empty) == (1, True)


def test_without_region_column_the_departement_or_the_number_tells_the_region(cast: Cast) -> None:
    header = "Identifiant_de_l_etablissement;Nom_etablissement;Nom_commune;Statut_public_prive"
    difference = found(cast, f"{uai(570123)};A;Metz;Public", f"{uai(750123)};B;Paris;Public", header=header)
    assert [school.name for school in difference.new] == ["A"]
    assert difference.ignored_count == 1


def test_other_regions_and_other_kinds_of_schools_are_counted_and_left_out(cast: Cast) -> None:
    difference = found(
        cast, line(uai(750123), region="11"), line(uai(570124), type="Collège", nature="340"), line(uai(570125))
    )
    assert (len(difference.new), difference.ignored_count) == (1, 2)


def test_P27_a_wrong_check_letter_is_refused_with_its_line(cast: Cast) -> None:
    difference = found(cast, line("0570123A"), line(uai(570124)))
    assert [(r.line, r.code) for r in difference.refused] == [(2, "uai_wrong")]
    assert len(difference.new) == 1


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (line(""), "uai_missing"),
        (line("0579901C") + "\n" + line("0579901C"), "uai_doubled"),
        (line(uai(570124), town=""), "town_missing"),
        (line(uai(570124), sector=""), "sector_missing"),
        (line(uai(570124), name="x" * 151), "text_unfit"),
        (line(uai(570124), name="Lycée 🎒"), "text_unfit"),
        (line(uai(570124)) + ";reste", "too_many_cells"),
        (line(uai(880124), departement="088", departement_name=""), "departement_unknown"),
        (line(uai(880124), departement="088", departement_name="Vosges", academy="99", academy_name=""), "academy_unknown"),
    ],
)  # fmt: skip
def test_a_line_that_says_too_little_or_wrong_is_refused(cast: Cast, bad: str, code: str) -> None:
    assert [refused.code for refused in found(cast, bad).refused] == [code]


def test_a_file_without_the_number_column_is_refused_as_a_whole(cast: Cast) -> None:
    with pytest.raises(UnreadableTable) as caught:
        found(cast, "1;2", header="Nom;Commune")
    assert caught.value.code == "uai_column_missing"


def test_a_school_that_the_file_does_not_name_stays_and_is_counted(cast: Cast) -> None:
    difference = found(cast, THE_CAST[0])
    assert (difference.absent_count, difference.is_empty) == (1, True)


def test_a_school_that_closed_is_a_change_and_a_closed_one_is_never_new(cast: Cast) -> None:
    difference = found(cast, THE_CAST[0].replace("OUVERT", "FERME"), line(uai(570123), state="FERME"))
    assert [(c.field, c.after) for c in difference.changed[0].changes] == [("is_closed", "closed")]
    assert difference.new == ()


def test_a_new_departement_and_its_academy_stand_in_the_difference(cast: Cast) -> None:
    difference = found(cast, line(uai(670123), **BAS_RHIN))
    assert difference.new_departements == (("67", "Bas-Rhin", "15"),)
    assert difference.new_academies == (("15", "Strasbourg"),)


def test_sending_a_file_writes_no_school(cast: Cast) -> None:
    content = "\n".join([HEADER, line(uai(570123))]).encode()
    commands.keep_directory(region=cast.region, file_name="annuaire.csv", content=content, sent_at=NOW)
    assert School.objects.count() == 2


def _sent(cast: Cast, *lines: str) -> tuple[int, str]:
    content = "\n".join([HEADER, *lines]).encode()
    directory = commands.keep_directory(region=cast.region, file_name="annuaire.csv", content=content, sent_at=NOW)
    difference = queries.directory_difference(cast.region, queries.reading_of(directory))
    return directory.pk, difference.fingerprint


def test_a_confirmed_difference_is_written_once(cast: Cast) -> None:
    pk, fingerprint = _sent(
        cast,
        line(uai(670123), **BAS_RHIN),
        THE_CAST[0].replace("Metz", "Woippy"),
        THE_CAST[1].replace("OUVERT", "FERME"),
    )
    first = commands.apply_directory(directory_id=pk, fingerprint=fingerprint, applied_at=NOW)
    again = commands.apply_directory(directory_id=pk, fingerprint=fingerprint, applied_at=NOW)
    assert (first.new_count, first.changed_count, first.already_applied) == (1, 2, False)
    assert (again.new_count, again.changed_count, again.already_applied) == (1, 2, True)
    assert School.objects.get(uai=uai(670123)).departement == Departement.objects.get(code="67")
    assert Academy.objects.filter(code="15").exists()
    assert School.objects.get(uai="0579901C").town == "Woippy"
    assert str(School.objects.get(uai="0579902D").closed_on) == "2026-09-15"


def test_a_difference_that_is_no_longer_the_one_looked_at_is_not_written(cast: Cast) -> None:
    pk, fingerprint = _sent(cast, line(uai(570123)), THE_CAST[0].replace("Metz", "Woippy"))
    School.objects.filter(uai="0579901C").update(town="Nancy")
    with pytest.raises(commands.SchoolsHaveChanged):
        commands.apply_directory(directory_id=pk, fingerprint=fingerprint, applied_at=NOW)
    assert School.objects.count() == 2


def test_a_reading_survives_its_storage(cast: Cast) -> None:
    content = "\n".join([HEADER, *THE_CAST, line("0570123A")]).encode()
    reading = queries.read_directory_of(cast.region, content)
    assert reading_from_values(json.loads(json.dumps(reading_as_values(reading)))) == reading


def _attack(statement: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_an_applied_directory_must_say_what_it_changed(cast: Cast) -> None:
    pk, _ = _sent(cast, line(uai(570123)))
    with pytest.raises(IntegrityError, match="an_applied_directory_says_what_it_changed"):
        _attack("UPDATE organisations_directoryimport SET applied_at = now() WHERE id = %s", pk)


def test_the_database_refuses_a_wrong_check_letter(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="uai_check_letter_is_right"):
        _attack("UPDATE organisations_school SET uai = '0579901A' WHERE uai = %s", "0579901C")


def _terminal(cast: Cast, tmp_path: Path, *lines: str, options: tuple[str, ...] = ()) -> dict[str, object]:
    file = tmp_path / "annuaire.csv"
    file.write_text("\n".join([HEADER, *lines]))
    out = StringIO()
    try:
        call_command("schools", "import", str(file), "--json", *options, stdout=out)
    except CommandError as error:
        return {**json.loads(out.getvalue()), "exit_code": error.returncode}
    return {**json.loads(out.getvalue()), "exit_code": 0}


def test_the_terminal_shows_the_difference_and_writes_nothing_unless_asked(cast: Cast, tmp_path: Path) -> None:
    shown = _terminal(cast, tmp_path, line(uai(570123)))
    assert (shown["new"], shown["applied"], shown["exit_code"], School.objects.count()) == (1, False, 0, 2)


def test_the_terminal_applies_what_is_right_and_fails_for_what_was_refused(cast: Cast, tmp_path: Path) -> None:
    shown = _terminal(cast, tmp_path, line(uai(570123)), line("0570123A"), options=("--apply",))
    assert (shown["new"], shown["applied"], shown["exit_code"], School.objects.count()) == (1, True, 3, 3)


def test_the_terminal_says_in_words_why_a_file_is_unreadable(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "annuaire.csv"
    file.write_text('identifiant_de_l_etablissement;nom\n0579901C;"Lycée')
    with pytest.raises(CommandError, match="Ligne 2 : Un guillemet"):
        call_command("schools", "import", str(file))
