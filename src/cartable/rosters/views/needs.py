"""What the year to come needs, as a page and as an order proposal."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import xlsxwriter
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.kernel.tables import inert
from cartable.programme.models import CampaignRules
from cartable.programme.queries import list_campaigns, school_year_label
from cartable.rosters.access import rules_for, school_for
from cartable.rosters.queries.needs import SchoolNeed, absent_holders, school_needs, totals_of

STAFF = (Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE)


@open_to(*STAFF)
def needs(request: CartableRequest) -> HttpResponse:
    """Show what each lycée needs for a school year, and what is to be ordered."""
    rules = _rules(request)
    values: dict[str, Any] = {"rules": rules}
    if rules is not None:
        found = school_needs(rules, today=timezone.localdate())
        values |= {
            "year": school_year_label(rules.campaign.first_year),
            "first_year": rules.campaign.first_year,
            "needs": found,
            "totals": totals_of(found),
        }
        values["years"] = [
            (one.first_year, one.school_year, one.first_year == rules.campaign.first_year)
            for one in list_campaigns()
            if one.version_count
        ]
    return render(request, "rosters/needs.html", values)


def _rules(request: CartableRequest) -> CampaignRules | None:
    return rules_for(request.GET.get("annee", ""))


@open_to(*STAFF)
def needs_of_school(request: CartableRequest, uai: str) -> HttpResponse:
    """Show what one lycée needs, and who of the earlier lists holds a PC and is in no list of the year."""
    school, rules = school_for(uai), _rules(request)
    values: dict[str, Any] = {"school": school, "rules": rules}
    if rules is not None:
        today, first_year = timezone.localdate(), rules.campaign.first_year
        values |= {
            "year": school_year_label(first_year),
            "first_year": first_year,
            "one": next(iter(school_needs(rules, today=today, uai=school.uai)), None),
            "holders": absent_holders(school_id=school.pk, first_year=first_year, today=today),
            "keeps": rules.keep_policy == "unless_refused",
        }
    return render(request, "rosters/needs_school.html", values)


@open_to(*STAFF)
def needs_csv(request: CartableRequest) -> HttpResponseBase:
    """Give the order proposal as a CSV, row by row; cells that look like formulas become text."""
    rules = rules_for(request.GET.get("annee", ""), is_needed=True)
    assert rules is not None
    found = school_needs(rules, today=timezone.localdate())
    # The mark tells spreadsheets that this is UTF-8.
    lines = (("\ufeff" if number == 0 else "") + _delimited(row) for number, row in enumerate(_table(found)))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="besoins-{rules.campaign.first_year}.csv"'
    return response


def _delimited(row: list[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerow([inert(cell) if isinstance(cell, str) else cell for cell in row])
    return buffer.getvalue()


@open_to(*STAFF)
def needs_xlsx(request: CartableRequest) -> HttpResponseBase:
    """Give the order proposal as a spreadsheet: texts are texts, whatever they begin with."""
    rules = rules_for(request.GET.get("annee", ""), is_needed=True)
    assert rules is not None
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet(rules.campaign.name[:31].translate(_NOT_IN_SHEET_NAMES) or "Cartable")
        for line, row in enumerate(_table(school_needs(rules, today=timezone.localdate()))):
            for column, cell in enumerate(row):
                (sheet.write_string if isinstance(cell, str) else sheet.write_number)(line, column, cell)
    buffer.seek(0)
    return FileResponse(buffer, as_attachment=True, filename=f"besoins-{rules.campaign.first_year}.xlsx")


_NOT_IN_SHEET_NAMES = str.maketrans("[]:*?/\\'", "        ")


def _table(needs: list[SchoolNeed]) -> Iterator[list[Any]]:
    yield [
        _("UAI"), _("Lycée"), _("Commune"), _("Élèves de la liste"), _("À équiper"), _("Cible de la réserve"),
        _("En réserve"), _("Complément de réserve"), _("Retours réutilisables"), _("Déjà affectés"),
        _("À commander"), _("Retours attendus"), _("Absents de la nouvelle liste"),
    ]  # fmt: skip
    for one in needs:
        yield [
            one.uai, one.name, one.town, one.student_count, one.need.to_equip, one.need.reserve_target,
            one.on_site.reserve, one.need.top_up, one.on_site.reusable, one.on_site.allotted,
            one.need.to_order if one.has_list else _("Aucune liste"), one.expected_back, one.absent,
        ]  # fmt: skip
    whole = totals_of(needs)
    yield [
        "", _("Total"), "", sum(one.student_count for one in needs), whole.to_equip,
        sum(one.need.reserve_target for one in needs), sum(one.on_site.reserve for one in needs), whole.top_up,
        whole.reusable, whole.allotted, whole.to_order, whole.expected_back, whole.absent,
    ]  # fmt: skip
