"""What every floor answers a page with: its SQL sent again, its bytes rendered by one loop."""

from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.template import Context, Engine

Pieces = list[tuple[str, str]]  # markup, and what is said behind it
Queries = list[tuple[str, Any]]
LOOP = "{% for markup, said in pieces %}{{ markup }}{{ said }}{% endfor %}"
TEMPLATE = Engine().from_string(LOOP)


def replay(queries: Queries, pieces: Pieces) -> HttpResponse:
    """Send the SQL of a page again, fetch all rows, and render the page's bytes."""
    with connection.cursor() as cursor:
        for sql, params in queries:
            cursor.execute(sql, params)
            if cursor.description:
                cursor.fetchall()
    body = TEMPLATE.render(Context({"pieces": pieces})).encode()
    return HttpResponse(body, headers={"Content-Length": len(body)})
