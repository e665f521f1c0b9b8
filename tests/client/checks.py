"""Named checks, and the shapes that every answer of the API has to have."""

import json
import math
import struct
import traceback
from pathlib import Path

PASSAGES = Path(__file__).resolve().parents[1] / "fixtures" / "passages"

PROBLEM_KEYS = ("$schema", "type", "title", "status", "detail", "instance", "errors")
REFUSED = "Authentication failed. Perhaps a missing or incorrect API key?"
# Words of a database that must never reach a client.
DATABASE_WORDS = ("sqlite", "sqlx", "postgres", "constraint", "foreign key", "sqlstate")


class Checks:
    """Counts what passed and prints what failed. A check never stops the story."""

    def __init__(self, base_url, verbose=False):
        self.base_url = base_url.rstrip("/")
        self.verbose = verbose
        self.passed = 0
        self.failed = 0
        self.chapter = ""

    def check(self, name, condition, seen=None):
        """Records one named check; `seen` is shown where it fails."""
        if condition:
            self.passed += 1
            if self.verbose:
                print(f"ok    {self.chapter}: {name}")
        else:
            self.failed += 1
            print(f"FAIL  {self.chapter}: {name}")
            if seen is not None:
                print(f"      {str(seen)[:600]}")
        return bool(condition)

    def equal(self, name, seen, expected):
        return self.check(name, seen == expected, f"expected {expected!r}, saw {seen!r}")

    def run(self, chapter, function, *arguments):
        """Runs one chapter; an exception in it is one failed check."""
        self.chapter = chapter
        try:
            function(self, *arguments)
        except Exception:
            self.check("the chapter runs to its end", False, traceback.format_exc()[-600:])

    # --- shapes ------------------------------------------------------------------------------

    def status(self, name, response, *expected):
        seen = f"expected {'/'.join(map(str, expected))}, saw {response!r}"
        return self.check(name, response.status in expected, seen)

    def object_of(self, name, response, status, type_name, keys, required=None):
        """An object with `$schema` and `Link`, its keys in the given order.

        `keys` lists all keys that may occur; `required` those that must (all, if not given)."""
        data = response.data if isinstance(response.data, dict) else {}
        names = list(data)
        allowed = ["$schema", *keys]
        required = keys if required is None else required
        good = (
            response.status == status
            and data.get("$schema") == f"{self.base_url}/schemas/{type_name}.json"
            and response.headers.get("Link") == f'</schemas/{type_name}.json>; rel="describedBy"'
            and names == [key for key in allowed if key in data]
            and all(key in data for key in required)
            and self.plain(response)
        )
        return self.check(f"{name}: {status} {type_name}", good, self.shape(response))

    def bare(self, name, response, status):
        """A body without `$schema` and `Link`."""
        data = response.data
        good = (
            response.status == status
            and data is not None
            and "$schema" not in data
            and response.headers.get("Link") is None
            and self.plain(response)
        )
        return self.check(f"{name}: {status} without $schema", good, self.shape(response))

    @staticmethod
    def plain(response):
        """Success bodies are compact JSON with one newline at their end."""
        text = response.text
        written = json.dumps(response.data, ensure_ascii=False, separators=(",", ":"))
        # Numbers may be spelt in more than one way, so only the white space is compared.
        return (
            response.headers.get_content_type() == "application/json"
            and text.endswith("\n")
            and text.count("\n") == 1
            and text.count(" ") == written.count(" ")
        )

    @staticmethod
    def shape(response):
        return f"Link: {response.headers.get('Link')}, {response!r}"

    def problem(self, name, response, status, detail=None):
        """A problem document with its keys in order and nothing of the database in it."""
        data = response.data if isinstance(response.data, dict) else {}
        text = response.text.lower()
        statuses = status if isinstance(status, tuple) else (status,)
        good = (
            response.status in statuses
            and response.headers.get_content_type() == "application/problem+json"
            and list(data) == [key for key in PROBLEM_KEYS if key in data]
            and data.get("$schema") == f"{self.base_url}/schemas/ErrorModel.json"
            and data.get("status") == response.status
            and isinstance(data.get("title"), str)
            and not any(word in text for word in DATABASE_WORDS)
            and (detail is None or detail in data.get("detail", ""))
        )
        span = "/".join(map(str, statuses)) if len(statuses) < 5 else "any 4xx"
        wanted = f"expected {span} with {detail!r}"
        return self.check(name, good, f"{wanted}, saw {self.shape(response)}")

    def invalid(self, name, response, location, message):
        """422 with one error at `location`."""
        errors = response.get("errors") or []
        found = any(
            error.get("location") == location and message in error.get("message", "")
            for error in errors
        )
        good = response.status == 422 and response.get("detail") == "validation failed" and found
        wanted = f"expected 422 {location}: {message}"
        return self.check(name, good, f"{wanted}, saw {self.shape(response)}")

    def refused(self, name, response):
        """401 with the constant body."""
        data = response.data if isinstance(response.data, dict) else {}
        seen = {key: value for key, value in data.items() if key != "$schema"}
        constant = {"title": "Unauthorized", "status": 401, "detail": REFUSED}
        return self.problem(name, response, 401) and self.equal(
            f"{name}: the constant body", seen, constant
        )

    def no_server_fault(self, name, response):
        """Any 4xx problem document."""
        return self.problem(name, response, tuple(range(400, 500)))


# --- the fixture -----------------------------------------------------------------------------


def binary16(value):
    """Returns the binary16 value nearest to the number."""
    return struct.unpack("<e", struct.pack("<e", value))[0]


def load_passages():
    with (PASSAGES / "passages.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def load_json(name):
    return json.loads((PASSAGES / name).read_text(encoding="utf-8"))


def as_items(passages, owner, project, instance):
    """Returns passages as the body items of an upload."""
    return [
        {
            "text_id": passage["text_id"],
            "user_handle": owner,
            "project_handle": project,
            "instance_handle": instance,
            "text": passage["text"],
            "vector": passage["vector"],
            "vector_dim": len(passage["vector"]),
            "metadata": passage["metadata"],
        }
        for passage in passages
    ]


def similarity(a, b):
    """Cosine in binary64 over binary16 values, added from left to right."""
    dot = a_squared = b_squared = 0.0
    for x, y in zip(a, b):
        x, y = binary16(x), binary16(y)
        dot += x * y
        a_squared += x * x
        b_squared += y * y
    return dot / (math.sqrt(a_squared) * math.sqrt(b_squared))


def nearest(passages, source, count, keep=lambda passage: True):
    """Returns the nearest passages to one of them as [(id, similarity)], the reference's order."""
    scored = sorted(
        (-similarity(source["vector"], other["vector"]), other["text_id"].encode())
        for other in passages
        if other["text_id"] != source["text_id"] and keep(other)
    )
    return [(name.decode(), -score) for score, name in scored[:count]]
