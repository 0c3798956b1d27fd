"""The ledger's tables. Rows are added by actions and never changed."""

from typing import Any, NoReturn

from django.db import models


class Sealed(TypeError):
    """Someone tried to change or remove what the ledger has recorded."""


class SealedQuerySet(models.QuerySet[Any]):
    """A queryset that only reads."""

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise Sealed("The ledger is append-only: use ledger.actions.")

    update = delete = create = bulk_create = bulk_update = _refuse
    get_or_create = update_or_create = _refuse


class SealedModel(models.Model):
    """A row that no one changes."""

    objects = SealedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: object, **kwargs: object) -> NoReturn:
        raise Sealed("The ledger is append-only: use ledger.actions.")

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        raise Sealed("The ledger is append-only: nothing is removed.")


class Event(SealedModel):
    """One thing that happened. body is the truth; the other columns are copies to search by."""

    pk = models.CompositePrimaryKey("zone_id", "seq")
    zone_id = models.UUIDField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=64)
    about_type = models.CharField(max_length=32)
    about_id = models.CharField(max_length=64)
    actor = models.CharField(max_length=100)
    origin = models.CharField(max_length=8)
    body = models.TextField()
    leaf = models.BinaryField(max_length=32)
    chain = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["zone_id", "about_id", "seq"], name="event_about"),
            models.Index(fields=["zone_id", "kind", "seq"], name="event_kind"),
            models.Index(fields=["zone_id", "actor", "seq"], name="event_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.zone_id}/{self.seq} {self.kind}"


class Head(SealedModel):
    """Where a zone's ledger ends: what the next event continues from."""

    zone_id = models.UUIDField(primary_key=True)
    size = models.BigIntegerField()
    frontier = models.BinaryField()
    chain = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.zone_id}: {self.size}"


class Checkpoint(SealedModel):
    """A signed statement of a zone's ledger at one size, fit to be kept elsewhere."""

    pk = models.CompositePrimaryKey("zone_id", "size")
    zone_id = models.UUIDField()
    size = models.BigIntegerField()
    at = models.DateTimeField()
    root = models.BinaryField(max_length=32)
    chain = models.BinaryField(max_length=32)
    note = models.TextField()

    def __str__(self) -> str:
        return f"{self.zone_id}/{self.size}"
