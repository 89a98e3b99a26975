"""Who and what the demo shows: three invented lycées in real towns, their people, one password for all.

The lycées do not exist: no school of these departements has a number from 9900 on. Addresses end in ``.example``.
"""

from dataclasses import dataclass

from cartable.accounts.models import Role
from cartable.kernel.uai import check_letter
from cartable.organisations.models import Ministry, Sector
from cartable.programme.models import WaveKind
from cartable.simulation.invented_students import SchoolForm

REGION_CODE = "44"
# The name is what tells a demo from a region's own database: nothing else may be built over, or reset.
REGION_NAME = "Région Grand Est (démonstration)"
PASSWORD = "demo-cartable"
SUPPLIER = "Fournitures de l’Est"
REPAIRER = "Ateliers de la Seille"
DEVICE_MODEL = "HP 240 G10"
ENTRY = ("2211", "2381", "2321")
EVERY_LEVEL = ("2211", "2212", "2213", "2321", "2322", "2381", "2382", "2383")


@dataclass(frozen=True)
class DemoSchool:
    """One invented lycée: how large, whom it equips this year, and how many PCs lie on its table."""

    key: str
    number: str
    name: str
    town: str
    postal_code: str
    departement: str
    sector: Sector
    ministry: Ministry
    form: SchoolForm
    student_count: int
    wave: WaveKind
    wave_levels: tuple[str, ...]
    head: str
    leader: str

    @property
    def uai(self) -> str:
        """Return the number with its check letter."""
        return self.number + check_letter(self.number)


FINISHED = DemoSchool(
    "epinal", "0889931", "Lycée agricole de la Vôge", "Épinal", "88000", "88", Sector.PUBLIC, Ministry.AGRICULTURE,
    "LP", 104, WaveKind.EVERYONE, (), "Marc Houot", "Élodie Vautrin",
)  # fmt: skip
RUNNING = DemoSchool(
    "reims", "0519921", "Lycée privé des Crayères", "Reims", "51100", "51", Sector.PRIVATE, Ministry.EDUCATION,
    "LEGT", 480, WaveKind.LEVELS, ("2211",), "Anne Brisset", "Tiago Ferreira",
)  # fmt: skip
READY = DemoSchool(
    "metz", "0579911", "Lycée des Trois-Rivières", "Metz", "57000", "57", Sector.PUBLIC, Ministry.EDUCATION,
    "LPO", 360, WaveKind.LEVELS, ENTRY, "Hélène Durand", "Paul Meyer",
)  # fmt: skip
SCHOOLS = (FINISHED, RUNNING, READY)
# Departement → name and academy; academy → name (DOMAIN 3.1).
DEPARTEMENTS = {"51": ("Marne", "19"), "57": ("Moselle", "12"), "88": ("Vosges", "12")}
ACADEMIES = {"12": "Nancy-Metz", "19": "Reims"}


@dataclass(frozen=True)
class DemoAccount:
    """Somebody who can sign in, and for which lycées: none for the region and for whoever works for a company."""

    email: str
    full_name: str
    role: Role
    school_keys: tuple[str, ...] = ()


def accounts() -> list[DemoAccount]:
    """Return the accounts of the demo; all have the same password."""
    everybody = [DemoAccount("region@demo.example", "Sonia Antoine", Role.REGION_MANAGER)]
    for school in reversed(SCHOOLS):
        everybody += [
            DemoAccount(f"direction.{school.key}@demo.example", school.head, Role.HEAD_OF_SCHOOL, (school.key,)),
            DemoAccount(f"site.{school.key}@demo.example", school.leader, Role.DISTRIBUTION_LEADER, (school.key,)),
        ]
    public = tuple(school.key for school in reversed(SCHOOLS) if school.sector == Sector.PUBLIC)
    return [
        *everybody,
        DemoAccount("secretariat.metz@demo.example", "Claire Weber", Role.SCHOOL_OFFICE, ("metz",)),
        DemoAccount("technicien@demo.example", "Karim Haddad", Role.TECHNICIAN, public),
        DemoAccount("reparateur@demo.example", "Lina Rossi", Role.REPAIRER),
    ]


CHARTER_TITLE = "Charte de prêt d’un ordinateur portable"
CHARTER_TEXT = """\
La région prête à l’élève un ordinateur portable, une clé de stockage et une pochette pour la durée de son cycle d’études au lycée. Le prêt est gratuit.

L’élève prend soin du matériel, l’apporte en classe chargé, et ne le prête ni ne le vend. L’étiquette collée sous l’ordinateur reste en place.

Une panne est réparée gratuitement. Une casse ou une perte ne donne pas droit à un autre ordinateur. En cas de vol, la famille porte plainte : sur présentation du récépissé, le lycée remet un ordinateur de sa réserve.

L’élève qui change de lycée dans la région garde son ordinateur. L’élève qui quitte la région le rend à son lycée avant de partir.

À la fin du cycle, l’ordinateur est donné à l’élève, sauf refus de sa part.

La région conserve le nom, la classe et les dates de prêt tant que le prêt dure, pour savoir qui répond de quel ordinateur. Chacun peut demander ce qui le concerne à son lycée."""
