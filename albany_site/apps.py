from django.apps import AppConfig


class AlbanySite(AppConfig):
    name = "albany_site"

    def ready(self) -> None:
        from albany_site import checks  # noqa: F401  registers the checks
