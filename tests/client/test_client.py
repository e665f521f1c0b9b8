#!/usr/bin/env python3
"""Run a whole story against a running server, with a client written from the API's description.

    python3 tests/client/test_client.py BASE_URL ADMIN_KEY [--verbose]

ADMIN_KEY may be `file:PATH` (a file with the key on its first line) or `env:NAME`. The server must
run with its default settings and have no user alice, bob, carol, mallory or aaa-NN; the story
removes what it makes. Prints each failed check, then `N passed, M failed`; exits 1 if one failed, 2
if it cannot start.
"""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import story_accounts
import story_data
import story_sharing
import story_wire
from checks import Checks, load_passages
from embapi_client import Client

NAMES = ("alice", "bob", "carol", "mallory")
CHAPTERS = (
    ("documents", story_wire.documents),
    ("users", story_accounts.create_users),
    ("reading users", story_accounts.read_users),
    ("refusing users", story_accounts.refuse_users),
    ("patching users", story_accounts.patch_users),
    ("API standards", story_accounts.standards),
    ("definitions", story_accounts.definitions),
    ("instances", story_accounts.instances),
    ("derived and shared instances", story_accounts.derived_instances),
    ("projects", story_data.projects),
    ("upload", story_data.upload),
    ("lists", story_data.listing),
    ("similars by id", story_data.similars_by_id),
    ("similars by vector", story_data.similars_by_vector),
    ("validation", story_data.validation),
    ("metadata schemas", story_data.schemas),
    ("administration", story_wire.administration),
    ("conventions", story_wire.conventions),
    ("malformed requests", story_wire.malformed),
    ("sharing", story_sharing.sharing),
    ("refusals of sharing", story_sharing.sharing_refusals),
    ("many sharees", story_sharing.crowd),
    ("public projects", story_sharing.public),
    ("transfer", story_sharing.transfer),
    ("deletion", story_sharing.deletion),
)


def read_key(text):
    kind, _, value = text.partition(":")
    if kind == "file":
        return Path(value).read_text(encoding="utf-8").splitlines()[0].strip()
    if kind == "env":
        return os.environ[value].strip()
    return text


def stop(message):
    print(f"Error: {message}", file=sys.stderr)
    sys.exit(2)


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--verbose"]
    if len(arguments) != 2:
        stop("usage: test_client.py BASE_URL ADMIN_KEY [--verbose]")
    base_url = arguments[0]
    try:
        admin = Client(base_url, read_key(arguments[1]))
        listed = admin.list_users(limit=200)
    except (OSError, KeyError, IndexError) as error:
        stop(f"cannot start: {error!r}")
    if listed.status not in (200, 404):
        stop(f"the admin key is not accepted: {listed!r}")
    present = {user.get("user_handle") for user in listed.data} if listed.status == 200 else set()
    taken = [name for name in present if name in NAMES or name[:4] == "aaa-"]
    if taken:
        stop(f"users of the story exist already: {', '.join(sorted(taken))}")

    nobody = admin.as_user(None)
    story = SimpleNamespace(
        admin=admin, anonymous=nobody, alice=nobody, bob=nobody, carol=nobody, id_of_library=None,
        passages=load_passages(),
    )
    checks = Checks(base_url, verbose="--verbose" in sys.argv)
    for name, chapter in CHAPTERS:
        checks.run(name, chapter, story)
    print(f"{checks.passed} passed, {checks.failed} failed")
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
