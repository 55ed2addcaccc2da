from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from albany_site.component_sheet import component_sheet
from albany_site.health import healthz

handler500 = "albany_site.errors.server_error"
handler400 = "albany_site.errors.bad_request"
handler403 = "albany_site.errors.permission_denied"
handler404 = "albany_site.errors.page_not_found"

urlpatterns = [
    # First, because Django tries one pattern after the other, and the pages are prerendered.
    path("consultation/", include("consultations.urls")),
    path("", include("pages.urls")),
    path("healthz", healthz),
    path(settings.STAFF_PATH + "components/", admin.site.admin_view(component_sheet), name="component_sheet"),
    path(settings.STAFF_PATH, admin.site.urls),
]
