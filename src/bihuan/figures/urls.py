"""Addresses of figures."""

from django.urls import path

from bihuan.figures import views

app_name = "figures"
urlpatterns = [
    path("figures/", views.figure_list, name="list"),
    path("figures/<slug:code>/", views.rows, name="rows"),
]
