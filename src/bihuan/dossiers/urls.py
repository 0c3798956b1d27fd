"""Addresses of dossiers, their documents and who answers for what."""

from django.urls import path

from bihuan.dossiers import views

app_name = "dossiers"
urlpatterns = [
    path("dossiers/<uuid:pk>/", views.detail, name="detail"),
    path("dossiers/<uuid:pk>/history/", views.history, name="history"),
    path("dossiers/<uuid:pk>/set/<slug:what>/", views.change, name="change"),
    path("dossiers/<uuid:pk>/documents/add/", views.add_document, name="add_document"),
    path("dossiers/<uuid:pk>/account/", views.give_account, name="give_account"),
    path("documents/", views.document_list, name="documents"),
    path("documents/<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("contacts/", views.contacts, name="contacts"),
    path("contacts/hand-over/", views.hand_over, name="hand_over"),
    path("contacts/<uuid:pk>/", views.held_by, name="held"),
]
