"""Settings: everything that differs between places is read from the environment."""

from datetime import timedelta

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF

from . import env

django_stubs_ext.monkeypatch()  # lets generic views and admins carry their model type at run time

BASE_DIR = env.ROOT
ENVIRONMENT = env.choice("FUND_ENV", ("development", "test", "production"), "development")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = False  # never a page with internals; development reads the log
DATA_DIR = env.data_dir()
SECRET_KEY = env.secret_key(PRODUCTION, DATA_DIR)
PORT = env.whole("PORT", 8000)
BASE_URL = env.text("BASE_URL", None if PRODUCTION else f"http://localhost:{PORT}")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,testserver")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", BASE_URL)

ROOMS = [
    "lifecycle", "documents", "people", "knowledge", "fund", "proposals", "evaluation", "incentives", "reports",
]  # fmt: skip
INSTALLED_APPS = [
    *ROOMS,
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
]
MIDDLEWARE = [
    "lifecycle.middleware.arrival_middleware",
    "lifecycle.middleware.reads_ask_once",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "people.middleware.LineEndsAreOne",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "people.middleware.LoginIsDemanded",
    "people.middleware.idle_sessions_end",
    "people.middleware.SecondFactorIsDemanded",
    "people.middleware.TextComesBack",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "config.forms.FundFormRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "people.context.shell",
            ],
            "builtins": ["people.templatetags.fund"],
        },
    }
]

# Data
DATABASES = {"default": dj_database_url.parse(env.text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'fund.sqlite3'}"))}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # without it concurrent writers fail at once
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;",  # a receipt survives a power cut
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": 8, "timeout": 5}, "connect_timeout": 5,
        "options": "-c jit=off",  # compiling a query takes longer than running any of ours
    }  # fmt: skip
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.text("REDIS_URL", "")
REDIS_PREFIX = env.text("REDIS_PREFIX", "fund:")  # several copies may share one server
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": REDIS_PREFIX,
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
}
# The written order in which every change locks its rows.
LIFECYCLE_LOCK_ORDER = ["fund.BudgetLine", "fund.Call", "proposals.Proposal", "fund.Grant"]

# Place and words
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Asia/Thimphu"
USE_TZ = True

# Files
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
STATICFILES_DIRS = [BASE_DIR / "build" / "assets"]
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "documents.uploads.BoundedUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FILES = 10
CLAMD = env.text("CLAMD", "")  # host:port or a socket's path; without it no virus scanner is asked

# Who signs in, and how
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "people.backends.SignIn",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "people.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "people.models.user_display"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {"login": "people.forms.SignInForm"}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGOUT_REDIRECT_URL = "call_list"
ACCOUNT_PASSWORD_RESET_TIMEOUT = 3600
# A whole ministry may share one address; failures are limited per account and address by the adapter.
ACCOUNT_RATE_LIMITS = {"login": "600/m/ip", "login_failed": "600/m/ip", "reset_password": "60/m/ip,5/m/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses come from the register; nobody signs up here
MFA_FORMS = {
    "authenticate": "people.forms.CodeForm",
    "reauthenticate": "people.forms.ConfirmCodeForm",
    "activate_totp": "people.forms.FirstCodeForm",
}
MFA_TOTP_ISSUER = "Innovation Fund"
SESSION_COOKIE_AGE = int(timedelta(hours=24).total_seconds())
SESSION_IDLE = timedelta(hours=8)
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "reports.errors.old_form"

# What a browser may do
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # data: is the QR code of the second factor
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/"]  # probes speak plain HTTP inside the network
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"

# Mail goes through the outbox; this is how the dispatcher sends it.
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if env.text("EMAIL_HOST", "")
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.whole("EMAIL_PORT", 25)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Innovation Fund <fund@localhost>")

# Years after which the words and names of what is over go (domain, section 8); shown on the page of what is kept.
KEEP_YEARS = {
    "draft": env.at_least_one("KEEP_DRAFTS_YEARS", 2),
    "ended": env.at_least_one("KEEP_ENDED_YEARS", 7),
    "people": env.at_least_one("KEEP_PEOPLE_YEARS", 10),
    "files": env.at_least_one("KEEP_FILES_YEARS", 2),
}

# Background work
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
CELERY_BROKER_TRANSPORT = None if REDIS_URL else "config.broker:Transport"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 3600, "socket_connect_timeout": 2, "global_keyprefix": REDIS_PREFIX}
    if REDIS_URL
    else {
        "data_folder_in": str(DATA_DIR / "broker"),
        "data_folder_out": str(DATA_DIR / "broker"),
        "control_folder": str(DATA_DIR / "broker-control"),
        "polling_interval": 0.2,
    }
)
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep jobs": {"task": "lifecycle.sweep_jobs", "schedule": 5.0},  # a dead lease of 45 s is over within the minute
    "clear sessions": {"task": "people.clear_sessions", "schedule": 86400.0},
    "send mail": {"task": "people.dispatch_mail", "schedule": 10.0},
    "checkpoint the trail": {"task": "lifecycle.checkpoint", "schedule": 600.0},
    "let a policy version take effect": {"task": "incentives.take_effect", "schedule": 3600.0},
    "chase checks of results": {"task": "incentives.chase", "schedule": 3600.0},
    "keep the lists of HR": {"task": "incentives.keep_holders", "schedule": 600.0},
    "remove what is over its time": {"task": "incentives.remove_due", "schedule": 86400.0},
    "lapse late drafts": {"task": "proposals.lapse_late", "schedule": 300.0},
    "chase answers to questions": {"task": "proposals.chase_information", "schedule": 300.0},
    "pass late answers on": {"task": "proposals.chase_late", "schedule": 900.0},
    "project role grants": {"task": "people.project_grants", "schedule": 3600.0},
    "tell of opened calls": {"task": "fund.tell_of_opened", "schedule": 300.0},
    "write conflicts down": {"task": "evaluation.write_conflicts_down", "schedule": 21600.0},
    "remind reviewers": {"task": "evaluation.remind_reviewers", "schedule": 3600.0},
    "end times on reserve lists": {"task": "evaluation.end_reserves", "schedule": 3600.0},
    "expire offers": {"task": "fund.expire_offers", "schedule": 600.0},
    "remind of milestones and reports": {"task": "fund.remind", "schedule": 3600.0},
}
if not REDIS_URL:
    for _name in ("broker", "broker-control"):
        (DATA_DIR / _name).mkdir(exist_ok=True)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "lifecycle.middleware.RequestIdFilter"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {request_id} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["request_id"], "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
