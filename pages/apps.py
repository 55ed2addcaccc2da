from django.apps import AppConfig


class Pages(AppConfig):
    name = "pages"

    def ready(self) -> None:
        from pages import checks  # noqa: F401 to register the checks
