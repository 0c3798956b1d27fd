"""Addresses of the ledger."""

from django.urls import path

from bihuan.ledger import views

app_name = "ledger"
urlpatterns = [
    path("ledger/", views.event_list, name="list"),
    path("ledger/<int:seq>/", views.event, name="event"),
    path("ledger/verify/", views.verify, name="verify"),
    path("ledger/bundle/", views.bundle, name="bundle"),
    path("ledger/checkpoints/<int:size>/", views.checkpoint, name="checkpoint"),
]
