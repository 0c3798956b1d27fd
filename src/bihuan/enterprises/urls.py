"""Addresses of the enterprise register."""

from django.urls import path

from bihuan.enterprises import views

app_name = "enterprises"
urlpatterns = [
    path("enterprises/", views.enterprise_list, name="list"),
    path("enterprises/new/", views.new, name="new"),
    path("enterprises/names/", views.names, name="names"),
    path("enterprises/<uuid:pk>/edit/", views.edit, name="edit"),
    path("enterprises/<uuid:pk>/sectors/", views.sectors, name="sectors"),
    path("enterprises/<uuid:pk>/landlord/", views.landlord, name="landlord"),
    path("enterprises/<uuid:pk>/sites/add/", views.add_site, name="add_site"),
    path("enterprises/sites/<uuid:pk>/close/", views.close_site, name="close_site"),
    path("enterprises/<uuid:pk>/show/<slug:name>/", views.show, name="show"),
]
