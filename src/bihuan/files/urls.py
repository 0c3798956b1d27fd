"""Pages of evidence."""

from django.urls import path

from bihuan.files import views

app_name = "files"
urlpatterns = [
    path("files/keep/", views.keep, name="keep"),
    path("files/<uuid:pk>/", views.show, name="show"),
    path("files/<uuid:pk>/original/", views.original, name="original"),
]
