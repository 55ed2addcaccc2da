from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("pages.urls")),
    path("consultation/", include("consultations.urls")),
    path(settings.STAFF_PATH, admin.site.urls),
]
