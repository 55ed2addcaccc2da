from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from consultations.forms import ConsultationForm
from consultations.models import RECEIPT_SALT, ConsultationRequest
from consultations.notifications import notify_staff


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def request_consultation(request: HttpRequest) -> HttpResponse:
    """Show the form; store what it brings, then tell staff, then lead to the receipt."""
    form = ConsultationForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return render(request, "consultations/request.html", {"form": form})
    if not form.is_valid():
        return render(request, "consultations/request.html", {"form": form}, status=422)
    if form.is_for_minor:
        return redirect("consultations:under_18")
    consultation = form.save()
    notify_staff(consultation)
    return redirect(consultation.receipt_url)


@never_cache
@require_safe
def received(request: HttpRequest, token: str) -> HttpResponse:
    try:
        reference = signing.loads(token, salt=RECEIPT_SALT)
    except signing.BadSignature:
        raise Http404("the receipt's address is not ours") from None
    consultation = get_object_or_404(ConsultationRequest, reference=reference)
    return render(request, "consultations/received.html", {"consultation": consultation})
