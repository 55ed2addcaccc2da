from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class FrontDesk(AppConfig):
    name = "front_desk"


class StaffAdmin(admin_apps.AdminConfig):
    """Django's admin app, with StaffSite as its default site."""

    default = False
    default_site = "front_desk.site.StaffSite"
