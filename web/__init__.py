"""The pages and the JSON API of the station, over one service object; see `web.app.create_app`."""

from web.app import create_app

__all__ = ["create_app"]
