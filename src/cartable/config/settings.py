"""Settings: wiring, read from the environment (``environment.py``), safe by default."""

import os

from csp.constants import NONE, SELF

from cartable.config.environment import (
    PROJECT_DIRECTORY,
    VAR_DIRECTORY,
    comma_list,
    database_urls,
    django_database,
    flag,
    secret,
    web_address,
)

DEBUG = flag("CARTABLE_DEBUG")
SECRET_KEY = secret("CARTABLE_SECRET_KEY")
# The INE is kept as a keyed hash only: this key must outlive backups and never enter the database (DOMAIN 2.2).
INE_KEY = secret("CARTABLE_INE_KEY").encode()
# Master keys of stored files, the one in force first; see documents/README.md for how to change it.
DOCUMENT_KEYS = [key.strip().encode() for key in secret("CARTABLE_DOCUMENT_KEYS").split(",") if key.strip()]
ALLOWED_HOSTS = comma_list("CARTABLE_HOSTS", "localhost,127.0.0.1,[::1]")
BEHIND_HTTPS = flag("CARTABLE_HTTPS")
# Where people reach Cartable, for links in mails: "https://cartable.region.example".
CARTABLE_ADDRESS = os.environ.get("CARTABLE_ADDRESS", "http://localhost:8000").rstrip("/")

# Mail leaves through the region's own server. Without one it is laid in a folder, to be looked at (demo, first steps).
EMAIL_HOST = os.environ.get("CARTABLE_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("CARTABLE_SMTP_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("CARTABLE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("CARTABLE_SMTP_PASSWORD", "")
EMAIL_USE_TLS = flag("CARTABLE_SMTP_TLS")
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = VAR_DIRECTORY / "mail"
DEFAULT_FROM_EMAIL = os.environ.get("CARTABLE_MAIL_FROM", "cartable@localhost")
# SMS leave through a provider's HTTP gateway, whose form the region writes here (notices/README.md). Without an address
# nobody is written to by SMS. Another protocol is a context manager of one's own that yields a `notices.channels.Road`.
CARTABLE_SMS_URL = web_address("CARTABLE_SMS_URL")
CARTABLE_SMS_HEADERS = os.environ.get("CARTABLE_SMS_HEADERS", "")
CARTABLE_SMS_BODY = os.environ.get("CARTABLE_SMS_BODY", '{"to": "${number}", "from": "${sender}", "text": "${text}"}')
CARTABLE_SMS_SENDER = os.environ.get("CARTABLE_SMS_SENDER", "Cartable")
CARTABLE_SMS_ACCEPTED = os.environ.get("CARTABLE_SMS_ACCEPTED", "")
CARTABLE_SMS_PER_MINUTE = int(os.environ.get("CARTABLE_SMS_PER_MINUTE", "60"))
CARTABLE_SMS_ROAD = os.environ.get("CARTABLE_SMS_ROAD", "cartable.notices.sms.http_road" if CARTABLE_SMS_URL else "")

# In the order things happen (docs/ARCHITECTURE.md): a package imports upstream only.
CARTABLE_APPS = [
    "cartable.config",
    "cartable.ui",
    "cartable.organisations",
    "cartable.accounts",
    "cartable.documents",
    "cartable.programme",
    "cartable.notices",
    "cartable.fleet",
    "cartable.photos",
    "cartable.supply",
    "cartable.rosters",
    "cartable.distribution",
    "cartable.emergency_stock",
    "cartable.incidents",
    "cartable.repairs",
    "cartable.returns",
    "cartable.desk",
    "cartable.simulation",
]
INSTALLED_APPS = [
    *CARTABLE_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    # Cotton and partials fight over the loaders when left automatic: both plain, loaders written below.
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "axes",
    "csp",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "cartable.accounts.middleware.ScopeMiddleware",
    "cartable.config.middleware.PrivatePagesMiddleware",
    "cartable.config.middleware.ReadOnlyGetMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "cartable.config.urls"
WSGI_APPLICATION = "cartable.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "cartable.ui.template_engine.CartableTemplates",
        "NAME": "django",
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cartable.accounts.context.signed_in_person",
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
            ],
        },
    }
]
# Rendering must not query: N+1 is impossible rather than detected.
RAISE_ON_SQL_IN_TEMPLATES = DEBUG or flag("CARTABLE_TESTING")

_runtime_url, _owner_url = database_urls()
DATABASES = {"default": django_database(_runtime_url), "owner": django_database(_owner_url)}
DATABASE_ROUTERS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What surrounds every page: navigation, search, the way out.
CARTABLE_SHELL = "cartable.desk.shell.build_shell"

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]  # Argon2 costs 60 ms on purpose; tests open many accounts.
    if flag("CARTABLE_TESTING")
    else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
# A lycée shares one address: count by account, and by account and address, never by address alone.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# Our form names the address "username"; by default axes would look for "email", count every account of a lycée
# together, and let the right password in during a lockout.
AXES_USERNAME_FORM_FIELD = "username"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_LOCKOUT_CALLABLE = "cartable.accounts.views.too_many_attempts"
LOGIN_URL = "accounts:log-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:log-in"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS
SESSION_COOKIE_NAME = "__Host-session" if BEHIND_HTTPS else "cartable_session"
CSRF_COOKIE_NAME = "__Host-csrf" if BEHIND_HTTPS else "cartable_csrf"
SESSION_COOKIE_AGE = 12 * 3600
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [PROJECT_DIRECTORY / "src" / "cartable" / "locale"]
LANGUAGE_COOKIE_NAME = "cartable_language"
TIME_ZONE = "Europe/Paris"
USE_TZ = True
# Ids and years stand in forms and addresses: only what is written by `fin` gets its thin spaces.
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIRECTORY / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or flag("CARTABLE_TESTING")
        else "cartable.ui.static_storage.CartableStaticFiles"
    },
}
# Found when asked for: else each client of a test would look at every file first.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG or flag("CARTABLE_TESTING")

FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000
# The lists of a whole region may be dropped at once (rosters); one file each, 355 lycées.
DATA_UPLOAD_MAX_NUMBER_FILES = 2000

# A station opens a real day only in a browser that promises to keep what it writes. A demo is tried in any browser.
STATIONS_MAY_FORGET = flag("CARTABLE_STATIONS_MAY_FORGET")

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # SQL parameters carry names: never logged, whatever the level of the rest.
    "loggers": {"django.db.backends": {"level": "ERROR", "propagate": False}},
}
