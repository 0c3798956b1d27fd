"""Addresses of safety."""

from django.urls import path

from bihuan.safety import views

app_name = "safety"
urlpatterns = [
    path("hazards/", views.hazards, name="hazards"),
    path("hazards/major/", views.majors, name="majors"),
    path("papers/record/<uuid:pk>/", views.record, name="record"),
    path("papers/notice/<uuid:pk>/", views.notice, name="notice"),
    path("papers/opinion/<uuid:pk>/", views.opinion, name="opinion"),
    path("papers/transfer/<uuid:pk>/", views.transfer, name="transfer"),
    path("checklists/supplied/", views.load_checklists, name="load_checklists"),
    path("powers/", views.powers, name="powers"),
    path("powers/new/", views.delegate, name="delegate"),
    path("powers/<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("powers/<uuid:pk>/statutory/", views.statutory, name="statutory"),
]
