"""What the codes of this package say to people: the cause, then what to do."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartable.organisations.words import unreadable_file
from cartable.programme.prices import HIGHEST_PRICE, LONGEST_ITEM, MOST_ITEMS, PriceProblem
from cartable.ui.figures import thin

PRICE_PROBLEMS = {
    "price_missing": gettext_lazy("il n’y a pas de prix. Écrivez l’article, deux-points, puis le prix."),
    "price_is_a_date": gettext_lazy("le tableur a fait du prix une date. Mettez la colonne au format Nombre."),
    "price_unreadable": gettext_lazy(
        "ce n’est pas un prix. Écrivez l’article, deux-points, puis 350, 350,50 ou 1 234,50."
    ),
    "price_negative": gettext_lazy("le prix est négatif. Écrivez ce que la famille paie, sans signe moins."),
    "price_too_fine": gettext_lazy(
        "un prix a deux décimales au plus. Écrivez 1234 si vous vouliez dire mille, 1,23 sinon."
    ),
    "price_too_high": gettext_lazy("le prix dépasse %(highest)s €. Vérifiez-le."),
    "item_missing": gettext_lazy("il n’y a pas d’article devant le prix. Nommez-le, ou supprimez la ligne."),
    "item_too_long": gettext_lazy("le nom de l’article dépasse %(longest)s signes. Raccourcissez-le."),
    "item_doubled": gettext_lazy("cet article a déjà un prix plus haut. Gardez une seule des deux lignes."),
}
UNREADABLE_PRICES = {
    "price_columns_missing": gettext_lazy(
        "Il faut une colonne Article et une colonne Prix. Donnez ces titres à la première ligne."
    ),
    "too_many_prices": gettext_lazy("La liste dépasse %(most)s articles. Gardez ceux que la région facture."),
}
REFUSALS = {
    "campaign_already_open": gettext_lazy("Cette année scolaire a déjà sa campagne. Choisissez-en une autre."),
    "rules_have_changed": gettext_lazy(
        "Une autre version vient d’être publiée. Relisez les différences avec elle, puis publiez."
    ),
}
SHOWN_PROBLEMS = 20


def price_problem(problem: PriceProblem) -> str:
    """Say which line of a price list is not taken, why, and what to do."""
    words = str(PRICE_PROBLEMS[problem.code]) % {"highest": thin(HIGHEST_PRICE, 2), "longest": LONGEST_ITEM}
    if problem.item:
        named = {"line": problem.line, "item": problem.item, "words": words}
        return _("Ligne %(line)s, « %(item)s » : %(words)s") % named
    return _("Ligne %(line)s : %(words)s") % {"line": problem.line, "words": words}


def price_problems(problems: tuple[PriceProblem, ...]) -> list[str]:
    """Say the first problems, and how many more there are."""
    said = [price_problem(problem) for problem in problems[:SHOWN_PROBLEMS]]
    more = len(problems) - SHOWN_PROBLEMS
    return [*said, _("Et %(count)s autres lignes à corriger.") % {"count": more}] if more > 0 else said


def unreadable_prices(code: str, *, line: int | None, detail: str) -> str:
    """Say why a price list could not be read as a whole, where, and what to do."""
    if code in UNREADABLE_PRICES:
        return str(UNREADABLE_PRICES[code]) % {"most": MOST_ITEMS}
    return unreadable_file(code, line=line, detail=detail)
