"""Addresses of rounds and visits."""

from django.urls import path

from bihuan.rounds.views import checklists, excuses, rounds, route, visits

app_name = "rounds"
urlpatterns = [
    path("rounds/", rounds.round_list, name="list"),
    path("rounds/open/", rounds.open_, name="open"),
    path("rounds/open/count/", rounds.count, name="count"),
    path("rounds/mine/", visits.mine, name="mine"),
    path("rounds/route/", route.day, name="route"),
    path("rounds/people/", route.people, name="people"),
    path("rounds/excuses/", excuses.waiting, name="excuses"),
    path("rounds/excuses/<uuid:pk>/", excuses.decide, name="decide"),
    path("rounds/<uuid:pk>/", rounds.detail, name="detail"),
    path("rounds/<uuid:pk>/export/", rounds.export_list, name="export_list"),
    path("rounds/<uuid:pk>/coverage/", rounds.coverage, name="coverage"),
    path("rounds/<uuid:pk>/assign/", rounds.assign, name="assign"),
    path("rounds/<uuid:pk>/join/", rounds.join, name="join"),
    path("rounds/<uuid:pk>/newcomers/", rounds.join_newcomers, name="join_newcomers"),
    path("rounds/<uuid:pk>/close/", rounds.close, name="close"),
    path("rounds/<uuid:pk>/cancel/", rounds.cancel, name="cancel"),
    path("rounds/entries/<uuid:pk>/", visits.entry, name="entry"),
    path("rounds/entries/<uuid:pk>/visit/", visits.visit_entry, name="visit_entry"),
    path("rounds/entries/<uuid:pk>/excuse/", excuses.ask, name="excuse"),
    path("visits/", visits.visit_list, name="visits"),
    path("visits/<uuid:pk>/", visits.visit, name="visit"),
    path("visits/new/<uuid:pk>/", visits.visit_dossier, name="visit_dossier"),
    path("checklists/", checklists.checklist_list, name="checklists"),
    path("checklists/<uuid:pk>/", checklists.checklist, name="checklist"),
]
