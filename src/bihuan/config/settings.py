"""Settings of one deployment. Everything a site may change comes from the environment."""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import bihuan.config.sqlite  # noqa: F401  must come before Django opens a database

PACKAGE = Path(__file__).resolve().parents[1]
DATA_DIR = Path(os.environ.get("BIHUAN_DATA", "var")).resolve()
DEMO = os.environ.get("BIHUAN_DEMO") == "1"
DEBUG = os.environ.get("BIHUAN_DEBUG") == "1"


def _secret_key() -> str:
    """Return the site's key; make and keep one at the first start."""
    if key := os.environ.get("BIHUAN_SECRET_KEY"):
        return key
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(os.urandom(48).hex())
    return path.read_text()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = os.environ.get("BIHUAN_HOSTS", "127.0.0.1,localhost").split(",")

INSTALLED_APPS = [
    "bihuan.ui",  # before the libraries: their templates and sentences give way to ours
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "bihuan.accounts",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "django_tasks",
    "django_tasks_db",
    "bihuan.config",
    "bihuan.ledger",
    "bihuan.zones",
    "bihuan.files",
    "bihuan.jobs",
    "bihuan.search",
    "bihuan.sheets",
    "bihuan.dossiers",
    "bihuan.enterprises",
    "bihuan.cases",
    "bihuan.rounds",
    "bihuan.safety",
    "bihuan.figures",
    "bihuan.home",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "bihuan.ui.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "bihuan.accounts.middleware.SessionLimitMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "bihuan.ui.middleware.GoMiddleware",
    "bihuan.ui.middleware.PlainAddressMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "bihuan.zones.middleware.StandingMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "bihuan.config.urls"
WSGI_APPLICATION = "bihuan.config.wsgi.application"
COMPOSITION = "bihuan.config.composition"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bihuan.ui.frame.frame",
            ],
        },
    }
]
FORM_RENDERER = "bihuan.ui.forms.Renderer"
CSRF_FAILURE_VIEW = "bihuan.ui.refusals.csrf_failure"
UI_GALLERY = DEBUG  # the page kit's parts on one page, at /ui/
MAP_TILES = os.environ.get("BIHUAN_MAP_TILES", "")  # a Leaflet tile address; none: outlines only


def _database() -> dict[str, object]:
    """Return the database of DATABASE_URL, or the SQLite file in the data directory."""
    if url := os.environ.get("DATABASE_URL"):
        parts = urlsplit(url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or "") or dict(parse_qsl(parts.query)).get("host", ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "db.sqlite3",
        "ATOMIC_REQUESTS": False,  # with IMMEDIATE every GET would take the write lock
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;"
            "PRAGMA cache_size=-20000;",
        },
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "bihuan.accounts.adapters.Backend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGGING = {  # what went wrong while answering stands in the server's output, with its traceback
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"output": {"class": "logging.StreamHandler"}},
    "loggers": {"django.request": {"handlers": ["output"], "level": "ERROR"}},
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "bihuan.accounts.views.Door"
ACCOUNT_FORMS = {"login": "bihuan.accounts.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]  # none may sign up; allauth wants it said
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_RATE_LIMITS = {"login_failed": "60/m/ip", "login": "120/m/ip"}  # an office is one address
MFA_ADAPTER = "bihuan.accounts.adapters.SecondFactor"
MFA_FORMS = {
    "authenticate": "bihuan.accounts.forms.CodeForm",
    "reauthenticate": "bihuan.accounts.forms.CodeAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Bihuan"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "bihuan.accounts.views.locked_out"
AXES_CLIENT_IP_CALLABLE = "bihuan.accounts.permissions.address_of"
AXES_USERNAME_CALLABLE = "bihuan.accounts.permissions.name_tried"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False
OIDC_ISSUER = os.environ.get("BIHUAN_OIDC_ISSUER", "")
OIDC_CLAIM = os.environ.get("BIHUAN_OIDC_CLAIM", "preferred_username")
SOCIALACCOUNT_ADAPTER = "bihuan.accounts.adapters.OtherDoor"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "office",
                "name": os.environ.get("BIHUAN_OIDC_NAME", "OIDC"),
                "client_id": os.environ.get("BIHUAN_OIDC_CLIENT_ID", ""),
                "secret": os.environ.get("BIHUAN_OIDC_SECRET", ""),
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}
SESSION_ENGINE = "bihuan.accounts.adapters"
SESSION_COOKIE_AGE = int(os.environ.get("BIHUAN_SESSION_HOURS", "12")) * 60 * 60
SESSION_IDLE_SECONDS = int(os.environ.get("BIHUAN_IDLE_MINUTES", "30")) * 60
HTTPS = os.environ.get("BIHUAN_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 180 * 24 * 60 * 60 if HTTPS else 0
PROXIES = int(os.environ.get("BIHUAN_PROXIES", "0"))  # how many of our own stand in front
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES and HTTPS else None
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
_TILES = urlsplit(MAP_TILES).netloc.replace("{s}", "*")
_ISSUER = urlsplit(OIDC_ISSUER)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:", *([_TILES] if _TILES else [])],
        "worker-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [
            "'self'",
            *([f"{_ISSUER.scheme}://{_ISSUER.netloc}"] if OIDC_ISSUER else []),
        ],
        "frame-ancestors": ["'none'"],
    }
}

# Language and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
LOCALE_PATHS = [PACKAGE / name / "locale" for name in ("core", "demo")]

# Files
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LEDGER_KEYS = Path(os.environ.get("BIHUAN_LEDGER_KEYS", DATA_DIR / "ledger"))

# Background work; a worker not heard of for the time of its lease is lost
JOB_LEASE = timedelta(seconds=max(1, int(os.environ.get("BIHUAN_JOB_LEASE_SECONDS", "60"))))
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
