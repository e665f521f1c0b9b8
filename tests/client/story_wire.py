"""Chapters about the wire: documents about the API, conventions, and malformed requests."""

import json
import re

MANIFEST = ("name", "versions", "description", "documentation", "logo", "serviceVersion",
            "authentication", "batchSize", "endpoints")
SANITY = ("status", "total_projects", "issues_count", "warnings_count", "issues", "warnings")


def documents(t, s):
    for name, answer in (("/", s.anonymous.root()), ("/v1", s.anonymous.manifest())):
        t.object_of(f"the manifest at {name}", answer, 200, "ServiceManifest", MANIFEST,
                    ("name", "versions", "endpoints"))
        t.equal(f"versions at {name}", answer.get("versions"), ["v1"])
    for name, version in (("openapi.json", "3.1"), ("openapi-3.0.json", "3.0")):
        answer = s.anonymous.openapi(name)
        t.status(name, answer, 200)
        t.equal(f"{name}: type", answer.headers.get_content_type(),
                "application/vnd.oai.openapi+json")
        t.check(f"{name}: version", str(answer.get("openapi", "")).startswith(version), answer)
        schemes = (answer.get("components") or {}).get("securitySchemes") or {}
        t.equal(f"{name}: security schemes", sorted(schemes),
                ["adminAuth", "editorAuth", "ownerAuth", "readerAuth"])
    for name in ("openapi.yaml", "openapi-3.0.yaml"):
        answer = s.anonymous.openapi(name)
        t.status(name, answer, 200)
        t.equal(f"{name}: type", answer.headers.get_content_type(),
                "application/vnd.oai.openapi+yaml")
    docs = s.anonymous.docs()
    t.status("/docs", docs, 200)
    t.equal("/docs: type", docs.headers.get_content_type(), "text/html")
    fetched = re.findall(r"""(?:src|<link[^>]*href)=["'](?:https?:)?//[^"']*|@import""", docs.text)
    t.equal("/docs needs no network", fetched, [])
    for name in ("ErrorModel", "UserResponse", "ProjectFull", "Embeddings", "SimilarResponseBody"):
        answer = s.anonymous.schema(name)
        t.status(f"/schemas/{name}.json", answer, 200)
        t.check(f"/schemas/{name}.json is a schema", isinstance(answer.get("properties"), dict))
    t.status("/healthz", s.anonymous.request("GET", "/healthz"), 200)
    t.status("/readyz", s.anonymous.request("GET", "/readyz"), 200)


def administration(t, s):
    t.problem("GET /v1/admin/footgun", s.admin.footgun(), 405)
    t.problem("POST /v1/admin/footgun", s.admin.footgun("POST"), 403)
    t.status("nothing was wiped", s.alice.get_user("alice"), 200)
    sanity = s.admin.sanity_check()
    t.object_of("sanity check", sanity, 200, "SanityCheckResponseBody", SANITY, SANITY[:4])
    t.check("its status", sanity.get("status") in ("PASSED", "WARNING", "FAILED"), sanity)
    t.refused("alice asks for it", s.alice.sanity_check())


def conventions(t, s):
    t.problem("an unknown path", s.alice.request("GET", "/v1/nothing"), 404)
    t.problem("an unknown root", s.alice.request("GET", "/nothing"), 404)
    t.problem("an unknown method", s.admin.request("DELETE", "/v1/users"), 405)
    t.problem("PUT of a single embedding does not exist", s.alice.request(
        "PUT", "/v1/embeddings/alice/library/x", {}), 405)
    preflight = s.anonymous.request("OPTIONS", "/v1/users", headers={
        "Origin": "https://elsewhere.example.org", "Access-Control-Request-Method": "POST"})
    t.status("OPTIONS", preflight, 200)
    for name, answer in (("OPTIONS", preflight), ("GET", s.anonymous.request(
            "GET", "/v1/api-standards", headers={"Origin": "https://elsewhere.example.org"}))):
        t.equal(f"{name}: no origin is allowed by default",
                answer.headers.get("Access-Control-Allow-Origin"), None)
    answer = s.alice.delete_instance("alice", "nothing")
    t.problem("deleting nothing", answer, 404)


def malformed(t, s):
    path = "/v1/users"

    def post(body, **more):
        return s.admin.request("POST", path, body, **more)

    good = {"user_handle": "mallory", "email": "mallory@example.org"}
    t.problem("an empty body", post(b""), 400, "request body is required")
    t.problem("no body", s.admin.request("POST", path), 400, "request body is required")
    t.problem("another content type", post(b"<user/>", content_type="application/xml"), 415)
    limit = 1048576
    large = json.dumps({**good, "name": "x" * limit}).encode()
    t.problem("a body over the limit", post(large), 413,
              "request body is too large limit=1048576 bytes")
    t.problem("a patch over the limit", s.admin.request(
        "PATCH", f"{path}/alice", large, content_type="application/merge-patch+json"), 413)
    deep = b"[" * 50000 + b"]" * 50000
    for name, body in (
        ("no JSON", b"{"), ("two documents", b"{}{}"), ("bad UTF-8", b'{"user_handle":"\xff\xfe"}'),
        ("a byte order mark", b"\xef\xbb\xbf{}"), ("an array", b"[]"), ("null", b"null"),
        ("deep JSON", deep), ("deep metadata", b'{"user_handle":' + deep + b"}"),
        ("a duplicate key", b'{"user_handle":"mallory","user_handle":"mallory",'
                            b'"email":"mallory@example.org"}'),
        ("a lone surrogate", b'{"user_handle":"\\ud800abc","email":"mallory@example.org"}'),
    ):
        t.no_server_fault(name, post(body))
    secret = "emb_" + "s" * 49
    echoed = post({**good, "embapi_kye": secret})
    t.invalid("an unknown property", echoed, "body.embapi_kye", "unexpected property")
    t.check("a refusal echoes no secret", secret not in echoed.text, echoed)
    t.invalid("a wrong type", post({**good, "name": ["x"]}), "body.name", "expected string")
    t.invalid("every missing property is named", post({}), "body",
              "expected required property user_handle to be present")
    for bad in ("/v1/users/%ff%fe", "/v1/users/%00%00%00", "/v1/embeddings/alice/%2e%2e",
                "/v1/users/" + "x" * 5000):
        t.no_server_fault(f"the path {bad[:32]}", s.admin.request("GET", bad))
    t.status("none of these made a user", s.admin.get_user("mallory"), 404)
