"""What the closing of a lycée says to people: what moves, what stands in the way, why it was refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from cartable.desk.queries.closings import Load, Obstacle
from cartable.desk.rules import InTheWay
from cartable.fleet.models import CONDITION_NAMES, CUSTODIAN_KIND_NAMES
from cartable.ui.figures import thin

# Each count of a plan, in the order of reading, and where what it counts goes.
MOVES: dict[str, tuple[Promise, Promise]] = {
    "students": (_("Élèves de l’année"), _("Inscrits dans l’autre lycée, sans classe jusqu’à sa prochaine liste.")),
    "earlier_students": (_("Élèves d’une liste plus ancienne"), _("Leur inscription suit, pour son année seulement.")),
    "leavers": (_("Élèves partis avec un PC"), _("L’autre lycée réclame leur PC.")),
    "held": (_("PC chez les élèves"), _("Ils suivent leur élève ; aucun mouvement.")),
    "to_emergency_stock": (_("PC vers la réserve (FUP)"), _("En route : ils comptent à l’arrivée, au scan.")),
    "to_school_allotment": (_("PC vers le lot de la journée"), _("En route : ils comptent à l’arrivée, au scan.")),
    "to_school_bench": (_("PC vers l’atelier"), _("À remastériser, en panne ou cassés : en route jusqu’au scan.")),
    "to_depot": (_("PC vers le dépôt"), _("En route : ils comptent à l’arrivée, au scan.")),
    "loans": (_("Prêts en cours"), _("Ils continuent ; le PC prêté se rend à l’autre lycée.")),
    "incidents": (_("Incidents ouverts"), _("L’autre lycée les règle.")),
    "repairs": (_("Réparations en cours"), _("Le réparateur renvoie à l’autre lycée.")),
    "top_ups": (_("Demandes de réassort"), _("Refusées, avec la fermeture pour motif.")),
    "planned_days": (_("Journées prévues"), _("Annulées : rien n’y est encore figé.")),
    "review": (_("Questions de la dernière liste"), _("Laissées : la liste de l’autre lycée les posera à nouveau.")),
}
_WAYS: dict[InTheWay, tuple[Promise, Promise, Promise]] = {
    InTheWay.DAY: (
        ngettext_lazy(
            "%(count)s journée a sa liste figée ou est ouverte",
            "%(count)s journées ont leur liste figée ou sont ouvertes", "count",
        ),
        _("Ouvrez-la si besoin, puis clôturez-la."), _("Voir la journée"),
    ),
    InTheWay.DISPUTE: (
        ngettext_lazy("%(count)s litige d’une journée attend", "%(count)s litiges d’une journée attendent", "count"),
        _("Réglez-les : tant que des scans se contredisent, personne ne sait qui a le PC."), _("Régler"),
    ),
    InTheWay.ROAD: (
        ngettext_lazy(
            "%(count)s transfert est en route ou a un écart ouvert",
            "%(count)s transferts sont en route ou ont un écart ouvert", "count",
        ),
        _("Recevez-le et réglez ses écarts, ou annulez-le."), _("Voir le transfert"),
    ),
    InTheWay.LISTS: (
        ngettext_lazy("%(count)s liste attend", "%(count)s listes attendent", "count"),
        _("Appliquez-la ou abandonnez-la."), _("Voir les listes"),
    ),
    InTheWay.IN_REPAIR: (
        ngettext_lazy(
            "%(count)s PC en réparation est encore à l’atelier",
            "%(count)s PC en réparation sont encore à l’atelier", "count",
        ),
        _("Envoyez-les au réparateur, rendez-les à leur élève, ou annulez le dossier."), _("Voir les réparations"),
    ),
    InTheWay.CONTESTED: (
        ngettext_lazy("%(count)s PC du stock est contesté", "%(count)s PC du stock sont contestés", "count"),
        _("Réglez d’abord le litige."), _("Voir les litiges"),
    ),
    InTheWay.STUDENTS: (
        ngettext_lazy("%(count)s élève est encore inscrit", "%(count)s élèves sont encore inscrits", "count"),
        _("Choisissez le lycée qui les reprend, ou déclarez leurs départs."), _("Voir les élèves"),
    ),
    InTheWay.HOLDERS: (
        ngettext_lazy("%(count)s PC est encore chez un élève", "%(count)s PC sont encore chez des élèves", "count"),
        _("Faites-les rendre, ou choisissez le lycée qui reprend."), _("Voir les PC"),
    ),
    InTheWay.OPEN_CASES: (
        ngettext_lazy(
            "%(count)s prêt, incident ou réparation est ouvert",
            "%(count)s prêts, incidents ou réparations sont ouverts", "count",
        ),
        _("Réglez-les, ou choisissez le lycée qui reprend."), _("Voir ce qui attend"),
    ),
    InTheWay.NO_DEPOT: (
        ngettext_lazy("%(count)s PC n’a pas de dépôt où aller", "%(count)s PC n’ont pas de dépôt où aller", "count"),
        _("La région n’a pas encore de dépôt : choisissez le lycée qui reprend."), _("Voir les livraisons"),
    ),
}  # fmt: skip
REFUSALS: dict[str, Promise] = {
    "books_moved": _("Les livres ont changé depuis cette page : rien n’est fait. Relisez ce qui part, puis confirmez."),
    "in_the_way": _("Quelque chose empêche encore la fermeture : rien n’est fait. Réglez-le, puis confirmez."),
    "already_closed": _("Ce lycée est déjà fermé."),
    "successor_closed": _("Le lycée qui reprend est fermé lui-même. Choisissez-en un autre."),
    "day_to_come": _("Ce jour n’est pas encore venu. Revenez le jour de la fermeture."),
    "id_reused": _("Cette page a déjà servi : ouvrez-la de nouveau."),
    "lists_contradict": _(
        "Un élève aurait deux lycées à la fois : une autre liste le nomme déjà. Rien n’est fait ; examinez cette liste d’abord."
    ),
}


@dataclass(frozen=True)
class MoveInWords:
    """How many of what moves, and where to."""

    name: str
    count: str
    text: str


@dataclass(frozen=True)
class ObstacleInWords:
    """What stands in the way, why, the way to its remedy."""

    title: str
    reason: str
    url: str
    verb: str
    asset_tags: tuple[str, ...]


def moves_in_words(counts: Mapping[str, int]) -> list[MoveInWords]:
    """Return what moves, without what there is none of; the students are always named."""
    return [
        MoveInWords(str(name), thin(counts.get(key, 0)), str(text))
        for key, (name, text) in MOVES.items()
        if counts.get(key, 0) or key == "students"
    ]


def stock_in_words(loads: Iterable[Load]) -> list[MoveInWords]:
    """Return the stock account by account and state by state, and which account takes it in."""
    return [
        MoveInWords(
            f"{CUSTODIAN_KIND_NAMES[one.origin]} → {CUSTODIAN_KIND_NAMES[one.goal]}",
            thin(len(one.device_ids)),
            str(CONDITION_NAMES[one.condition]),
        )
        for one in loads
    ]


def obstacle_in_words(one: Obstacle) -> ObstacleInWords:
    """Say what stands in the way and what to do."""
    title, reason, verb = _WAYS[one.what]
    return ObstacleInWords(
        str(title % {"count": one.count}), str(reason), one.url, str(verb), one.asset_tags  # type: ignore[operator]
    )  # fmt: skip
