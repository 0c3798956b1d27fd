"""Every page of the platform, by app."""

from django.urls import include, path

urlpatterns = [
    path("", include("bihuan.ui.urls")),
    path("", include("bihuan.home.urls")),
    path("z/<slug:zone>/", include("bihuan.figures.urls")),
    path("z/<slug:zone>/", include("bihuan.cases.urls")),
    path("z/<slug:zone>/", include("bihuan.dossiers.urls")),
    path("z/<slug:zone>/", include("bihuan.enterprises.urls")),
    path("z/<slug:zone>/", include("bihuan.zones.urls")),
    path("z/<slug:zone>/", include("bihuan.files.urls")),
    path("z/<slug:zone>/", include("bihuan.ledger.urls")),
    path("account/", include("bihuan.accounts.urls")),
    path("z/<slug:zone>/", include("bihuan.jobs.urls")),
    path("z/<slug:zone>/", include("bihuan.search.urls")),
    path("z/<slug:zone>/", include("bihuan.sheets.urls")),
    path("z/<slug:zone>/", include("bihuan.rounds.urls")),
    path("z/<slug:zone>/", include("bihuan.safety.urls")),
]

handler400 = "bihuan.ui.refusals.bad_request"
handler403 = "bihuan.ui.refusals.forbidden"
handler404 = "bihuan.ui.refusals.not_found"
handler500 = "bihuan.ui.refusals.server_error"
