"""The files that lie ready for hands: what was printed for the ready day, and lists and notes to try things with."""

import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.utils import timezone, translation

from cartable.distribution import printing
from cartable.distribution.models import DistributionDay
from cartable.distribution.paper.labels import DeviceLabel, device_label_sheets
from cartable.distribution.paper.sheets import PLAIN_A4
from cartable.distribution.queries.closing import leftover_tags
from cartable.simulation import demo_cast
from cartable.simulation.demo_cast import DemoSchool
from cartable.simulation.siecle_files import write_school_files

README = """\
# Ce qui est prêt pour vos mains · What lies ready for your hands

Tout est inventé : lycées, élèves, PC. `make demo` donne l’adresse et les comptes.
Everything is invented. `make demo` prints the address and the accounts.

`{ready}/` le lycée prêt · the lycée that is ready
- `carte-du-site.pdf` ouvre les postes · starts the stations (the 24 digits can be typed)
- `etiquettes-eleves.pdf`, `etiquettes-pc.pdf` les codes à scanner ou à taper · codes to scan, or to type and press Enter
- `carte-de-commande.pdf` annuler, sans charte, PC en défaut, appeler · undo, no charter, faulty PC, call
- `cartes-operateurs.pdf` qui prend un poste scanne la sienne · whoever takes a station over scans theirs
- `chartes.pdf`, `emargement.pdf`, `feuille-d-essai.pdf` chartes, listes sur papier, étiquettes d’essai · charters, paper lists, practice labels
- `ElevesSansAdresses.zip`, `ResponsablesAvecAdresses.zip` la liste, déjà chargée : la recharger ne change rien · the list, loaded already: loading it again changes nothing
- `liste-du-jour/ElevesSansAdresses.zip` la même liste aujourd’hui : arrivées, départ, changements de classe · the same list today: arrivals, a departure, class changes
- `bon-de-livraison.csv` déjà reçu · received already
- `bon-de-livraison-a-recevoir.csv`, `.xlsx` à recevoir : quatre lignes seront refusées · to be received: four lines will be refused

`a-refuser/` trois fichiers que l’import refuse en disant pourquoi · three files that the import refuses, saying why
"""


def print_papers(day: DistributionDay, directory: Path, *, address: str, now: datetime) -> None:
    """Print everything that the ready day needs on paper."""
    at = timezone.localtime(now)
    with translation.override("fr"):
        papers = {
            "etiquettes-eleves": printing.student_labels_pdf(day, setup=PLAIN_A4, now=at),
            "etiquettes-pc": device_labels_pdf(day, now=at),
            "chartes": printing.charters_pdf(day, now=at),
            "emargement": printing.sign_off_pdf(day, now=at),
            "carte-de-commande": printing.command_card_pdf(now=at),
            "cartes-operateurs": printing.operator_cards_pdf(now=at),
            "feuille-d-essai": printing.practice_sheet_pdf(day, now=at),
        }
    for name, content in papers.items():
        (directory / f"{name}.pdf").write_bytes(content)
    print_site_card(day, directory, address=address, now=now)


def print_site_card(day: DistributionDay, directory: Path, *, address: str, now: datetime) -> None:
    """Print the card that starts stations; its address and its window may change from one start to the next."""
    with translation.override("fr"):
        card = printing.site_card_pdf(day, address=address, now=timezone.localtime(now))
    (directory / "carte-du-site.pdf").write_bytes(card)


def device_labels_pdf(day: DistributionDay, *, now: datetime) -> bytes:
    """Return the labels of the PCs on the table, in the order of their tags."""
    owner = day.campaign.region.name
    labels = [DeviceLabel(tag, owner, demo_cast.DEVICE_MODEL, serial) for tag, serial in leftover_tags(day)]
    return device_label_sheets(labels, printed_at=now)


def write_files_to_refuse(directory: Path, school: DemoSchool, other: DemoSchool, *, year: int, now: datetime) -> None:
    """Write a list of last year, a list of another lycée, and a zip that holds two lists."""
    directory.mkdir(parents=True, exist_ok=True)
    today = timezone.localdate(now)

    def listed(folder: str, one: DemoSchool, school_year: int) -> Path:
        target = directory / folder
        target.mkdir(exist_ok=True)
        return write_school_files(
            target, uai=one.uai, school_year=school_year, student_count=30, seed=3, today=today, edge_cases=False
        ).students_path

    last_year = listed("annee-derniere", school, year - 1)
    listed("autre-lycee", other, year)
    both = directory / "deux-listes"
    both.mkdir(exist_ok=True)
    _zip_together(both / "ElevesSansAdresses.zip", [last_year, directory / "autre-lycee" / last_year.name])


def _zip_together(target: Path, sources: Sequence[Path]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, source in enumerate(sources, start=1):
            with zipfile.ZipFile(source) as one:
                archive.writestr(f"ElevesSansAdresses-{number}.xml", one.read(one.namelist()[0]))
