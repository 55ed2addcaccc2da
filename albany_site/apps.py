from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class AlbanySite(AppConfig):
    name = "albany_site"

    def ready(self) -> None:
        from albany_site import checks  # noqa: F401  registers them


class StaffAdmin(AdminConfig):
    """Django's admin, with our own site object in place of the stock one."""

    default_site = "albany_site.staff.StaffSite"
