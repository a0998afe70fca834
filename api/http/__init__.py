"""The JSON service."""

from api.http.app import create_app
