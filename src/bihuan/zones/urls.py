"""Addresses of a zone's set-up."""

from django.urls import path

from bihuan.zones.views import cells, people, setup

app_name = "zones"
urlpatterns = [
    path("setup/", setup.overview, name="setup"),
    path("setup/zone/", setup.describe, name="describe"),
    path("setup/roles/", setup.roles, name="roles"),
    path("setup/calendar/", setup.calendar, name="calendar"),
    path("setup/calendar/<int:year>/", setup.year, name="year"),
    path("setup/units/", setup.units, name="units"),
    path("setup/units/<uuid:pk>/", setup.unit, name="unit"),
    path("setup/units/<uuid:pk>/close/", setup.close_unit, name="close_unit"),
    path("setup/cells/", cells.tree, name="cells"),
    path("setup/cells/add/", cells.add, name="add_cell"),
    path("setup/cells/<uuid:pk>/", cells.cell, name="cell"),
    path("setup/cells/<uuid:pk>/set/<slug:what>/", cells.change, name="change_cell"),
    path("setup/cells/<uuid:pk>/close/", cells.close, name="close_cell"),
    path("setup/people/", people.people_list, name="people"),
    path("setup/people/appoint/", people.appoint, name="appoint"),
    path("setup/people/<uuid:pk>/", people.person, name="person"),
    path("setup/people/<uuid:pk>/change/", people.change, name="change_person"),
    path("setup/people/<uuid:pk>/active/", people.switch, name="switch_person"),
    path("setup/people/<uuid:pk>/access/", people.access, name="access"),
    path("setup/posts/<uuid:pk>/end/", people.end_post, name="end_post"),
    path("setup/posts/<uuid:pk>/move/", people.move_post, name="move_post"),
]
