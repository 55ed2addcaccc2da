from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class FrontDesk(AppConfig):
    name = "front_desk"


class StaffAdmin(admin_apps.AdminConfig):
    """Django's admin with our site object instead of the stock one."""

    default = False
    default_site = "front_desk.site.StaffSite"
