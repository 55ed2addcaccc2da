from django.urls import path
from django.views.generic import TemplateView

from consultations import views

app_name = "consultations"

urlpatterns = [
    path("", views.request_consultation, name="request"),
    path("under-18/", TemplateView.as_view(template_name="consultations/under_18.html"), name="under_18"),
    path("received/<str:token>/", views.received, name="received"),
    path("change/<str:token>/", views.change, name="change"),
    path("withdraw/<str:token>/", views.withdraw, name="withdraw"),
]
