"""Addresses of the first pages."""

from django.urls import path

from bihuan.home import views

app_name = "home"
urlpatterns = [
    path("", views.start, name="start"),
    path("zones/", views.zones, name="zones"),
    path("offers/<str:token>/", views.offer, name="offer"),
    path("z/<slug:zone>/", views.mine, name="mine"),
    path("z/<slug:zone>/work/<slug:code>/", views.work, name="work"),
    path("z/<slug:zone>/cockpit/", views.cockpit, name="cockpit"),
]
