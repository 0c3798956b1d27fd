"""Addresses of cases."""

from django.urls import path

from bihuan.cases import views

app_name = "cases"
urlpatterns = [
    path("cases/", views.case_list, name="list"),
    path("cases/find/", views.find, name="find"),
    path("cases/report/<uuid:pk>/", views.report, name="report"),
    path("cases/<uuid:pk>/", views.detail, name="detail"),
    path("cases/<uuid:pk>/move/<slug:name>/", views.move, name="move"),
]
