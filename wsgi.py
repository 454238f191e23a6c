"""The entry for a WSGI server: `gunicorn wsgi:application`."""

from sipas.app import create_app
from sipas.settings import read_settings
from sipas.web.house import open_house

application = create_app(open_house(read_settings()))
