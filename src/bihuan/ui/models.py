"""Forms already sent, so that sending one twice does it once."""

from django.db import models


class Sending(models.Model):
    """One sending of a form by one person, what it said (a digest), and where its answer led.

    Without an answer the first sending is still at work, or died at it.
    """

    key = models.UUIDField(primary_key=True, editable=False)
    person = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    said = models.CharField(max_length=64, blank=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = (models.Index(fields=["began_at"], name="ui_sending_began"),)

    def __str__(self) -> str:
        return str(self.key)
