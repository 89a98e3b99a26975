"""Replace a worn tag: the PC by its serial number or what is left of the tag, then the new one."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cartable.accounts.access import CartableRequest, open_to
from cartable.emergency_stock.access import scanned_device
from cartable.fleet.access import device_of
from cartable.fleet.queries.codes import hot_device
from cartable.returns.commands.tags import TagRefused, replace_tag
from cartable.returns.forms import BenchScanForm, NewTagForm
from cartable.returns.printing import tags_pdf
from cartable.returns.views.answers import pdf
from cartable.returns.views.audience import SEES_BENCH
from cartable.returns.words import refusal_words

TEMPLATE = "returns/tag.html"


@open_to(*SEES_BENCH)
def tag(request: CartableRequest) -> HttpResponse:
    """Find the PC, then take its new tag."""
    text = request.GET.get("pc", "").strip()
    if not text:
        return render(request, TEMPLATE, {"form": BenchScanForm()})
    scan = BenchScanForm(request.GET)
    device = scanned_device(text) if scan.is_valid() else None
    if device is None:
        is_alarm = scan.is_valid() and hot_device(text, region_id=request.signed_in.region_id) is not None
        refusal = refusal_words("in_claim" if is_alarm else "unknown_device")
        values = {"form": BenchScanForm(), "refusal": refusal, "is_alarm": is_alarm}
        return render(request, TEMPLATE, values, status=422)
    form = NewTagForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            new = replace_tag(
                device=device,
                new_tag=form.cleaned_data["nouvelle"],
                replaced_at=timezone.now(),
                replaced_by_id=request.signed_in.actor_id,
            )
        except TagRefused as refused:
            form.add_error("nouvelle", refusal_words(refused.code))
        else:
            messages.success(
                request, _("Nouvelle étiquette : %(code)s. L’ancienne mène toujours à ce PC.") % {"code": new}
            )
            return redirect(f"{reverse('returns:tag')}?pc={new}&fait=1")
    values = {"device": device, "new_form": form, "is_done": request.GET.get("fait") == "1"}
    return render(request, TEMPLATE, values, status=422 if form.errors else 200)


@open_to(*SEES_BENCH)
def tag_paper(request: CartableRequest, asset_tag: str) -> HttpResponse:
    """Print the tag that a PC bears."""
    device = device_of(asset_tag)
    if device.asset_tag != asset_tag:
        raise Http404
    return pdf(
        tags_pdf([device.asset_tag], region=request.signed_in.region_name, printed_at=timezone.localtime()),
        f"etiquette-{asset_tag}",
    )
