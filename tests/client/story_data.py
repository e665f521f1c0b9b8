"""Chapters about projects, embeddings and similarity search, on the real passages."""

import json
import socket
import threading

from checks import as_items, load_json, nearest, similarity

PROJECT_BRIEF = ("owner", "project_handle", "project_id", "public_read", "role",
                 "number_of_embeddings")
PROJECT = ("project_id", "project_handle", "owner", "description", "metadataScheme", "public_read",
           "shared_with", "instance", "role", "number_of_embeddings")
INSTANCE_BRIEF = ["owner", "instance_handle", "instance_id", "access_role", "number_of_projects",
                  "number_of_shared_users"]
EMBEDDING = ("text_id", "user_handle", "project_handle", "project_id", "instance_owner",
             "instance_handle", "text", "vector", "vector_dim", "metadata")
SCHEMA = json.dumps({
    "type": "object",
    "properties": {"source": {"type": "string"}, "year": {"type": "integer"}},
    "required": ["source"],
})
LIBRARY = {"project_handle": "library", "description": "public-domain passages",
           "metadataScheme": SCHEMA, "instance_owner": "alice", "instance_handle": "minilm"}
BATCH = 100
# The server's arithmetic is the fixture's; this only forgives another way of printing a number.
TOLERANCE = 1e-12


def projects(t, s):
    made = s.alice.post_project("alice", LIBRARY)
    t.object_of("create a project", made, 201, "ProjectBrief", PROJECT_BRIEF)
    t.equal("its brief", [made.get(key) for key in ("owner", "public_read", "role")],
            ["alice", False, "owner"])
    s.id_of_library = made.get("project_id")
    t.status("PUT of a project", s.alice.put_project("alice", "library", LIBRARY), 201)
    t.problem("PUT under another handle", s.alice.put_project("alice", "other", LIBRARY), 400)
    t.problem("an unknown instance", s.alice.post_project("alice", {
        **LIBRARY, "project_handle": "broken", "instance_handle": "nothing"}), 404)
    borrowed = s.carol.post_project("carol", {
        "project_handle": "borrowed", "instance_owner": "alice", "instance_handle": "minilm"})
    t.no_server_fault("somebody else's instance", borrowed)
    read = s.alice.get_project("alice", "library")
    required = [key for key in PROJECT if key != "shared_with"]
    t.object_of("alice reads her project", read, 200, "ProjectFull", PROJECT, required)
    t.equal("it reads as written", [read.get(key) for key in ("description", "metadataScheme")],
            [LIBRARY["description"], SCHEMA])
    instance = read.get("instance") or {}
    t.equal("keys of its instance", list(instance), [k for k in INSTANCE_BRIEF if k in instance])
    t.equal("its instance", instance.get("instance_handle"), "minilm")
    t.refused("carol reads it", s.carol.get_project("alice", "library"))
    t.refused("nobody reads it", s.anonymous.get_project("alice", "library"))

    t.status("merge patch of a project", s.alice.patch_project("alice", "library", {
        "description": "patched"}), 201)
    t.status("the same patch again", s.alice.patch_project("alice", "library", {
        "description": "patched"}), 304)
    t.status("JSON patch of a project", s.alice.patch_project("alice", "library", [
        {"op": "replace", "path": "/description", "value": LIBRARY["description"]}]), 201)
    after = s.alice.get_project("alice", "library")
    kept = ("description", "metadataScheme", "public_read", "project_id")
    t.equal("a patch keeps the rest", [after.get(key) for key in kept],
            [read.get(key) for key in kept])
    t.equal("and the instance", (after.get("instance") or {}).get("instance_handle"), "minilm")
    t.problem("a bad JSON patch", s.alice.patch_project("alice", "library", [
        {"op": "replace", "path": "/nothing/here", "value": 1}]), 422)

    full = {**LIBRARY, "project_handle": "reset-me", "public_read": True}
    t.status("a second project", s.alice.post_project("alice", full), 201)
    t.status("PUT with fewer fields", s.alice.put_project("alice", "reset-me", {
        "project_handle": "reset-me"}), 201)
    reset = s.alice.get_project("alice", "reset-me")
    t.equal("PUT resets what it leaves out", (reset.get("public_read"),
            "metadataScheme" in (reset.data or {})), (False, False))
    t.status("delete it", s.alice.delete_project("alice", "reset-me"), 204)
    t.status("it is gone", s.alice.get_project("alice", "reset-me"), 404)


def upload(t, s):
    empty = s.alice.list_embeddings("alice", "library")
    t.problem("an empty project lists 404", empty, 404,
              "no embeddings found for user alice, project library.")
    items = as_items(s.passages, "alice", "library", "minilm")
    for start in range(0, len(items), BATCH):
        batch = items[start:start + BATCH]
        answer = s.alice.upload("alice", "library", batch)
        name = f"upload {start + 1} to {start + len(batch)}"
        t.object_of(name, answer, 201, "UploadProjEmbeddingsResponseBody", ("ids",))
        t.equal(f"{name}: ids", answer.get("ids"), [item["text_id"] for item in batch])
    again = s.alice.upload("alice", "library", items[:3])
    t.status("uploading the same again is 201", again, 201)
    t.equal("the project counts each passage once",
            s.alice.get_project("alice", "library").get("number_of_embeddings"), len(items))


def listing(t, s):
    ids = sorted((passage["text_id"] for passage in s.passages), key=str.encode)

    def listed(**query):
        found = s.alice.list_embeddings("alice", "library", **query).get("embeddings") or []
        return [one["text_id"] for one in found]

    first = s.alice.list_embeddings("alice", "library")
    t.object_of("list embeddings", first, 200, "GetProjEmbeddingsResponseBody", ("embeddings",))
    t.equal("20 by default, in byte order", listed(), ids[:20])
    t.equal("limit and offset", listed(limit=7, offset=300), ids[300:307])
    seen = [one for start in range(0, len(ids), 200) for one in listed(limit=200, offset=start)]
    t.equal("pages join without gap or overlap", seen, ids)
    t.problem("past the end", s.alice.list_embeddings("alice", "library", offset=len(ids)), 404,
              "no embeddings found for user alice, project library.")
    for query, location, message in (
        ({"limit": 0}, "query.limit", "expected number >= 1"),
        ({"limit": 201}, "query.limit", "expected number <= 200"),
        ({"limit": 10**30}, "query.limit", ""),
        ({"limit": "ten"}, "query.limit", "invalid integer"),
        ({"offset": -1}, "query.offset", "expected number >= 0"),
        ({"offset": "1.5"}, "query.offset", "invalid integer"),
    ):
        t.invalid(f"{query}", s.alice.list_embeddings("alice", "library", **query), location,
                  message)

    passage = s.passages[10]
    one = s.alice.get_embedding("alice", "library", passage["text_id"])
    required = [key for key in EMBEDDING if key not in ("project_id", "instance_owner")]
    t.object_of("get one embedding", one, 200, "Embeddings", EMBEDDING, required)
    for key in ("text", "vector", "metadata"):
        t.equal(f"its {key} is what was uploaded", one.get(key), passage[key])
    t.equal("its coordinates", [one.get(key) for key in required[1:4]],
            ["alice", "library", "minilm"])
    t.problem("an unknown text_id", s.alice.get_embedding("alice", "library", "nothing"), 404)


def results_of(response):
    return [(one["id"], one["similarity"]) for one in response.get("results") or []]


def close(seen, expected):
    return len(seen) == len(expected) and all(
        a == b and abs(x - y) <= TOLERANCE for (a, x), (b, y) in zip(seen, expected)
    )


def similars_by_id(t, s):
    def ask(text_id, **query):
        return s.alice.similars("alice", "library", text_id, **query)

    for entry in load_json("neighbours.json")["neighbours"]:
        answer = ask(entry["text_id"], threshold=0, limit=5)
        expected = [(one["id"], one["similarity"]) for one in entry["neighbours"]]
        seen = results_of(answer)
        t.check(f"neighbours of {entry['text_id']}: {entry['why']}", close(seen, expected),
                f"expected {expected}, saw {seen or answer}")
    source = next(p for p in s.passages if p["text_id"] == "devil_quorum")
    answer = ask("devil_quorum", threshold=0)
    t.object_of("similars", answer, 200, "SimilarResponseBody",
                ("user_handle", "project_handle", "results"))
    t.equal("keys of a result", {tuple(one) for one in answer.get("results") or []},
            {("id", "similarity")})
    top = nearest(s.passages, source, 30)
    t.check("10 by default", close(results_of(answer), top[:10]), answer)
    t.check("the smaller of limit and count",
            close(results_of(ask("devil_quorum", threshold=0, limit=30)), top[:10])
            and close(results_of(ask("devil_quorum", threshold=0, limit=30, count=25)), top[:25]))
    t.check("offset", close(results_of(ask("devil_quorum", threshold=0, offset=4, limit=3)),
                            top[4:7]))
    sower = next(p for p in s.passages if p["text_id"] == "kjv_mat.13.3-8")
    above = [one for one in nearest(s.passages, sower, 200) if one[1] >= 0.5]
    seen = results_of(ask("kjv_mat.13.3-8", limit=200, count=200))
    t.check("the threshold is 0.5 by default", close(seen, above), seen)
    t.problem("nothing that similar", ask("devil_quorum", threshold=0.999), 404,
              "no similar items found")
    t.status("an unknown source", ask("nothing"), 404)

    def without(key, value, **query):
        def keep(passage):
            return str(passage["metadata"].get(key)) != value
        return nearest(s.passages, source, 10, keep)

    for key, value, sent in (("source", "constitution", "constitution"), ("year", "1787", "1787"),
                             ("source", "devil", "  devil "), ("nothing", "x", "x"),
                             ("title.x", "x", "x")):
        seen = results_of(ask("devil_quorum", threshold=0, metadata_path=key, metadata_value=sent))
        t.check(f"the filter leaves out {key} = {sent!r}", close(seen, without(key, value)), seen)
    t.problem("a path without a value", ask("devil_quorum", metadata_path="source"), 400,
              "metadata_path is set but metadata_value is not")
    t.problem("a value without a path", ask("devil_quorum", metadata_value="devil"), 400,
              "metadata_value is set but metadata_path is not")
    for query in ({"threshold": 1.5}, {"threshold": -0.1}, {"threshold": "high"}, {"limit": 201},
                  {"count": 0}, {"offset": -1}):
        name = next(iter(query))
        t.invalid(f"{query}", ask("devil_quorum", **query), f"query.{name}", "")


def similars_by_vector(t, s):
    def ask(vector, **query):
        return s.alice.similars_of_vector("alice", "library", vector, **query)

    for entry in load_json("queries.json")["queries"]:
        seen = results_of(ask(entry["vector"], threshold=0, limit=3))
        expected = [(one["id"], one["similarity"]) for one in entry["top"]]
        t.check(f"{entry['question']}", close(seen, expected), f"expected {expected}, saw {seen}")
        t.check(f"{entry['question']}: answered", set(entry["expected"]) <= {n for n, _ in seen})
    own = s.passages[0]
    seen = results_of(ask(own["vector"], threshold=0, limit=4))
    t.equal("a stored vector finds itself with similarity 1", seen[:1], [(own["text_id"], 1)])
    t.check("and then its neighbours", close(seen[1:], nearest(s.passages, own, 3)), seen)
    doubled = [2 * value for value in own["vector"]]
    seen = results_of(ask(doubled, threshold=0, limit=1))
    expected = [(own["text_id"], similarity(doubled, own["vector"]))]
    t.check("length does not matter", close(seen, expected), seen)
    t.problem("another number of dimensions", ask([1.0, 2.0, 3.0]), 400,
              "vector dimension mismatch: expected 384 dimensions, got 3")
    t.no_server_fault("a zero vector", ask([0.0] * 384))
    t.no_server_fault("an overflowing vector", ask([1e30] * 384))
    t.no_server_fault("an empty vector", ask([]))


def validation(t, s):
    s.alice.post_instance("alice", {"instance_handle": "tiny", "endpoint": "https://t.example.org",
                                    "api_standard": "fixture-std", "model": "tiny",
                                    "dimensions": 3}).expect(201)
    s.alice.post_project("alice", {"project_handle": "scratch", "instance_owner": "alice",
                                   "instance_handle": "tiny"}).expect(201)
    good = {"text_id": "good", "user_handle": "alice", "project_handle": "scratch",
            "instance_handle": "tiny", "text": "a <b>&</b> \u2028 \u00fc", "vector": [1, 2, 3],
            "vector_dim": 3, "metadata": {"a": 1}}

    def put(*items):
        return s.alice.upload("alice", "scratch", list(items))

    def read(text_id):
        return s.alice.get_embedding("alice", "scratch", text_id)

    prefix = "Dimension validation failed for input bad: "
    bad = {**good, "text_id": "bad"}
    for name, item, detail in (
        ("another declared dimension", {**bad, "vector_dim": 4, "vector": [1, 2, 3, 4]}, prefix),
        ("a vector of another length", {**bad, "vector": [1, 2]}, prefix),
        ("another instance", {**bad, "instance_handle": "minilm"},
         "Instance handle 'minilm' for embedding with text_id 'bad' does not match"),
    ):
        t.problem(name, put(good, item), 400, detail)
        t.status(f"{name}: the batch is atomic", read("good"), 404)
    for name, item in (
        ("a zero vector", {**bad, "vector": [0, 0, 0]}),
        ("a vector that rounds to zero", {**bad, "vector": [1e-30, 0, 0]}),
        ("a value beyond binary16", {**bad, "vector": [70000, 1, 1]}),
        ("metadata that is a list", {**bad, "metadata": [1]}),
        ("metadata that is a string", {**bad, "metadata": "x"}),
    ):
        t.problem(name, put(good, item), 422)
        t.status(f"{name}: the batch is atomic", read("good"), 404)
    for word in ("NaN", "Infinity", "1e999"):
        body = json.dumps({"embeddings": [{**bad, "vector": [7, 1, 1]}]}).replace("[7", f"[{word}")
        t.no_server_fault(f"{word} in a vector", s.alice.request(
            "POST", "/v1/embeddings/alice/scratch", body.encode()))
    missing = {key: value for key, value in good.items() if key != "vector"}
    t.invalid("a missing vector", put(missing), "body.embeddings[0]",
              "expected required property vector to be present")
    t.problem("an unknown project", s.alice.upload("alice", "nothing", [good]), 404,
              "Project alice/nothing not found")

    t.status("a good item", put(good), 201)
    t.check("text is not HTML-escaped", "<b>&</b>" in read("good").text, read("good"))
    t.status("metadata is merged", put({**good, "metadata": {"b": 2, "c": None}}), 201)
    t.equal("at the top level", read("good").get("metadata"), {"a": 1, "b": 2})
    t.status("null removes a key", put({**good, "metadata": {"a": None}}), 201)
    t.equal("the key is gone", read("good").get("metadata"), {"b": 2})
    update = {key: value for key, value in good.items() if key not in ("metadata", "text")}
    t.status("an update without text and metadata", put({**update, "vector": [3, 2, 1]}), 201)
    after = read("good")
    t.status("is still readable", after, 200)
    t.equal("keeps the text and takes the vector", (after.get("text"), after.get("vector")),
            (good["text"], [3, 2, 1]))
    halves = [-0.02085085, 0.01852216, 0.05327]
    t.status("values are rounded to binary16", put({**good, "vector": halves}), 201)
    t.check("and printed as the shortest decimals",
            '"vector":[-0.020843506,0.01852417,0.05328369]' in read("good").text, read("good"))
    escaped = "https%3A%2F%2Fexample.org%2Fa+b"
    t.status("an escaped text_id", put({**good, "text_id": escaped}), 201)
    t.equal("is found by what it stands for",
            read("https://example.org/a b").get("text_id"), escaped)
    t.status("a raw text_id", put({**good, "text_id": "raw id/with:all"}), 201)
    t.equal("is found too", read("raw id/with:all").get("text_id"), "raw id/with:all")
    t.status("and deleted", s.alice.delete_embedding("alice", "scratch", "raw id/with:all"), 204)


def schemas(t, s):
    passage = s.passages[0]
    item = as_items([passage], "alice", "library", "minilm")[0]
    broken = s.alice.upload("alice", "library", [{**item, "metadata": {"year": "old"}}])
    t.problem("metadata against the schema", broken, 400,
              f"metadata validation failed for text_id '{passage['text_id']}'")
    fresh = {**{k: v for k, v in item.items() if k != "metadata"}, "text_id": "no-metadata"}
    t.problem("no metadata where there is a schema", s.alice.upload("alice", "library", [fresh]),
              400, "metadata is required when project has a metadata schema defined")
    t.equal("nothing of it was kept",
            s.alice.get_embedding("alice", "library", passage["text_id"]).get("metadata"),
            passage["metadata"])

    calls = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(2.0)
        port = listener.getsockname()[1]

        def listen():
            try:
                connection, peer = listener.accept()
                calls.append(peer)
                connection.close()
            except OSError:
                pass

        thread = threading.Thread(target=listen)
        thread.start()
        remote = json.dumps({"$ref": f"http://127.0.0.1:{port}/schema.json"})
        body = {"project_handle": "remote-ref", "instance_owner": "alice",
                "instance_handle": "tiny", "metadataScheme": remote}
        made = s.alice.post_project("alice", body)
        sent = s.alice.upload("alice", "remote-ref", [{
            **item, "project_handle": "remote-ref", "instance_handle": "tiny",
            "vector": [1, 2, 3], "vector_dim": 3}])
        thread.join()
    t.equal("a remote $ref is never fetched", calls, [])
    t.check("and answered without a server fault", made.status < 500 and 400 <= sent.status < 500,
            (made, sent))
    s.alice.delete_project("alice", "remote-ref")
