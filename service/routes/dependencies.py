"""What routes are given: the catalogue and the settings of the app they run in."""

from typing import Annotated

from fastapi import Depends, Request

from service.catalogue import Catalogue
from service.settings import Settings

__all__ = ["CatalogueDep", "SettingsDep"]


def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


CatalogueDep = Annotated[Catalogue, Depends(_catalogue)]
SettingsDep = Annotated[Settings, Depends(_settings)]
