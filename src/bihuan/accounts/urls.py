"""Signing in and out. allauth's pages by their own names, only those in use."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.urls import include, path

from bihuan.accounts import views
from bihuan.ui.pages import for_everyone_signed_in, open_to_strangers

own = [
    path("", views.mine, name="mine"),
    path("welcome/<str:key>/<str:token>/", views.welcome, name="welcome"),
]

urlpatterns = [
    path("", include((own, "accounts"))),
    path("sign-in/", views.sign_in, name="account_login"),
    path("sign-out/", open_to_strangers(account.logout), name="account_logout"),
    path("inactive/", open_to_strangers(account.account_inactive), name="account_inactive"),
    path("sign-up/", open_to_strangers(account.signup), name="account_signup"),
    path(
        "password/", for_everyone_signed_in(account.password_change), name="account_change_password"
    ),
    path(
        "password/set/", for_everyone_signed_in(account.password_set), name="account_set_password"
    ),
    path("again/", for_everyone_signed_in(account.reauthenticate), name="account_reauthenticate"),
    # second factor
    path("second/", for_everyone_signed_in(mfa.index), name="mfa_index"),
    path("second/code/", open_to_strangers(mfa.authenticate), name="mfa_authenticate"),
    path("second/again/", for_everyone_signed_in(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("second/app/", for_everyone_signed_in(totp.activate_totp), name="mfa_activate_totp"),
    path(
        "second/app/off/", for_everyone_signed_in(totp.deactivate_totp), name="mfa_deactivate_totp"
    ),
    path(
        "second/spare/",
        for_everyone_signed_in(codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "second/spare/new/",
        for_everyone_signed_in(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "second/spare/file/",
        for_everyone_signed_in(codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    # the office's identity provider
    path("oidc/<str:provider_id>/", open_to_strangers(oidc.login), name="openid_connect_login"),
    path(
        "oidc/<str:provider_id>/callback/",
        open_to_strangers(oidc.callback),
        name="openid_connect_callback",
    ),
    path("oidc-error/", open_to_strangers(social.login_error), name="socialaccount_login_error"),
    path(
        "oidc-cancelled/",
        open_to_strangers(social.login_cancelled),
        name="socialaccount_login_cancelled",
    ),
    path("oidc-unknown/", open_to_strangers(social.signup), name="socialaccount_signup"),
]
