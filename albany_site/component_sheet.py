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
    """Show every component of the public pages on one page, for work on the styles. The form is shown with errors."""
    context = {
        "callouts": CALLOUTS,
        "citations": Citations(),
        "conditions": ("depression", "anxiety"),
        "form": ConsultationForm(data={}),
    }
    return render(request, "component_sheet.html", context)
