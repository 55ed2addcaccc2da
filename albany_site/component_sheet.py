from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consultations.forms import ConsultationForm
from pages.templatetags.citations import Citations

CALLOUTS = (
    ("note", "Good to know"),
    ("important", "Important"),
    ("caution", "Take care"),
    ("urgent", "Get help now"),
)


@require_safe
def component_sheet(request: HttpRequest) -> HttpResponse:
    """All parts of the public pages in one place, for whoever changes the styles; the form is one with mistakes."""
    context = {
        "callouts": CALLOUTS,
        "citations": Citations(),
        "conditions": ("depression", "anxiety"),
        "form": ConsultationForm(data={}),
    }
    return render(request, "component_sheet.html", context)
