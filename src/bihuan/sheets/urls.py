"""Addresses of imports."""

from django.urls import path

from bihuan.sheets import views

app_name = "sheets"
urlpatterns = [
    path("imports/", views.batches, name="batches"),
    path("imports/template/<slug:code>/", views.template, name="template"),
    path("imports/<uuid:pk>/", views.batch, name="batch"),
    path("imports/<uuid:pk>/confirm/", views.confirm, name="confirm"),
    path("imports/<uuid:pk>/discard/", views.discard, name="discard"),
    path("imports/<uuid:pk>/refused/", views.refused, name="refused"),
]
