"""WSGI entry; a wiring fault stops the server before it answers anybody."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from lifecycle.checks import refuse_faulty_wiring  # noqa: E402  (apps must be loaded first)

refuse_faulty_wiring()
