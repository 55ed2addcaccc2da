from django.contrib import admin
from django.http import HttpRequest

from consultations.models import ConsultationRequest


@admin.register(ConsultationRequest)
class ConsultationRequestAdmin(admin.ModelAdmin):
    """What the patient wrote is read, never edited, and nothing is deleted here."""

    list_display = ["reference", "status", "created_at", "contact_by"]
    list_filter = ["status"]
    search_fields = ["reference"]

    def get_readonly_fields(self, request: HttpRequest, obj: ConsultationRequest | None = None) -> list[str]:
        return [field.name for field in self.opts.fields if field.name != "status"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ConsultationRequest | None = None) -> bool:
        return False
