from django.conf import settings
from django.urls import path

from bihuan.ui import gallery, views

app_name = "ui"
urlpatterns = [
    path("language/<slug:code>/", views.language, name="language"),
    path("who/", views.who, name="who"),
    path("waiting/", views.waiting, name="waiting"),
    path("worker.js", views.worker, name="worker"),
]
if settings.DEBUG or settings.UI_GALLERY:
    urlpatterns.append(path("ui/", gallery.gallery, name="gallery"))
