"""The stand-in pictures of the demo, kept once a day for each person who shows them."""

from datetime import date, datetime

from bihuan.accounts.models import Person
from bihuan.core.days import day_of
from bihuan.demo import pictures
from bihuan.files.actions import keep
from bihuan.files.models import StoredFile
from bihuan.zones.models import Zone


class Kept:
    """Keeps a picture for a person at its first use on a day; the latest answers to its hash."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._files: dict[tuple[object, str, date], StoredFile] = {}

    def photo(self, person: Person, scene: int, *, after: bool, at: datetime) -> StoredFile:
        """Return the picture of a scene, before or after."""
        name = f"scene-{scene:02d}-{'after' if after else 'before'}.jpg"
        return self._keep(person, name, at, lambda: pictures.evidence(scene, after=after))

    def signature(self, person: Person, at: datetime) -> StoredFile:
        """Return a scribbled signature."""
        return self._keep(person, "signature.jpg", at, lambda: pictures.signature(1))

    def of(self, person: Person) -> list[StoredFile]:
        """Return everything kept for a person."""
        return [kept for (who, _name, _day), kept in self._files.items() if who == person.pk]

    def _keep(self, person: Person, name: str, at: datetime, draw: object) -> StoredFile:
        key = (person.pk, name, day_of(at))
        if key not in self._files:
            assert callable(draw)
            self._files[key] = keep(
                zone=self.zone, name=name, content=draw(), by=person, at=at, synthetic=True
            )
        return self._files[key]
