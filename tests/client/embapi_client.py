"""A small client of the embapi REST API, Python standard library only.

Written from the description of the API alone, as somebody would who has another server of it in
mind: it knows nothing of this repository. Every method returns a `Response`, whatever the status, so
that a caller may also ask for refusals; `Response.expect` turns an unexpected one into an `ApiError`.
"""

import json
import urllib.error
import urllib.parse
import urllib.request

MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"


class ApiError(Exception):
    """The server answered with another status than the caller can go on with."""

    def __init__(self, response):
        detail = response.get("detail") or response.text[:200]
        super().__init__(f"{response.method} {response.path}: {response.status} {detail}")
        self.response = response


class Response:
    """One answer: status, headers (case-insensitive), and the body as bytes, text and data."""

    def __init__(self, method, path, status, headers, raw):
        self.method = method
        self.path = path
        self.status = status
        self.headers = headers
        self.raw = raw

    @property
    def text(self):
        return self.raw.decode("utf-8", "replace")

    @property
    def data(self):
        """The decoded JSON body, or None without one. Objects keep the order of their keys."""
        try:
            return json.loads(self.raw)
        except ValueError:
            return None

    def get(self, name, default=None):
        """One member of an object body."""
        data = self.data
        return data.get(name, default) if isinstance(data, dict) else default

    def expect(self, *statuses):
        """Returns the data if the status is one of those given, otherwise raises `ApiError`."""
        if self.status not in statuses:
            raise ApiError(self)
        return self.data

    def __repr__(self):
        return f"<{self.method} {self.path} -> {self.status} {self.text[:300]}>"


def segment(text):
    """Returns the text as one path segment."""
    return urllib.parse.quote(str(text), safe="")


class _KeepRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Client:
    """A caller of one server, with a key or without one.

    Method names follow the resource: list, post (create or replace, handle in the body), put, get,
    patch, delete. Query parameters are keyword arguments."""

    def __init__(self, base_url, key=None, timeout_secs=60):
        self.base_url = base_url.rstrip("/")
        self.key = key
        self.timeout_secs = timeout_secs
        # A proxy from the environment would also be asked for loopback addresses.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), _KeepRedirects()
        )

    def as_user(self, key):
        """Returns a client of the same server with another key."""
        return Client(self.base_url, key, self.timeout_secs)

    # --- transport ---------------------------------------------------------------------------

    def request(self, method, path, body=None, query=None, content_type=None, headers=None):
        """Sends one request. `body` is bytes as they are, or anything else as JSON."""
        if query:
            path = f"{path}?{urllib.parse.urlencode(query)}"
        sent = dict(headers or {})
        if self.key is not None:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        if body is not None:
            if not isinstance(body, bytes):
                body = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
            sent["Content-Type"] = content_type or "application/json"
        request = urllib.request.Request(
            self.base_url + path, data=body, headers=sent, method=method
        )
        try:
            with self._opener.open(request, timeout=self.timeout_secs) as answer:
                status, received, raw = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, received, raw = error.code, error.headers, error.read()
        return Response(method, path, status, received, raw)

    def _patch(self, path, patch):
        """A list is a JSON Patch (RFC 6902), anything else a merge patch (RFC 7396)."""
        kind = JSON_PATCH if isinstance(patch, list) else MERGE_PATCH
        return self.request("PATCH", path, patch, content_type=kind)

    # --- about the server --------------------------------------------------------------------

    def root(self):
        return self.request("GET", "/")

    def manifest(self):
        return self.request("GET", "/v1")

    def openapi(self, name="openapi.json"):
        return self.request("GET", f"/{name}")

    def docs(self):
        return self.request("GET", "/docs")

    def schema(self, type_name):
        return self.request("GET", f"/schemas/{segment(type_name)}.json")

    def sanity_check(self):
        return self.request("GET", "/v1/admin/sanity-check")

    def footgun(self, method="GET"):
        return self.request(method, "/v1/admin/footgun")

    # --- users -------------------------------------------------------------------------------

    def list_users(self, **query):
        return self.request("GET", "/v1/users", query=query)

    def post_user(self, user):
        return self.request("POST", "/v1/users", user)

    def get_user(self, user):
        return self.request("GET", f"/v1/users/{segment(user)}")

    def put_user(self, user, body):
        return self.request("PUT", f"/v1/users/{segment(user)}", body)

    def patch_user(self, user, patch):
        return self._patch(f"/v1/users/{segment(user)}", patch)

    def delete_user(self, user):
        return self.request("DELETE", f"/v1/users/{segment(user)}")

    # --- API standards -----------------------------------------------------------------------

    def list_standards(self, **query):
        return self.request("GET", "/v1/api-standards", query=query)

    def post_standard(self, body):
        return self.request("POST", "/v1/api-standards", body)

    def get_standard(self, standard):
        return self.request("GET", f"/v1/api-standards/{segment(standard)}")

    def put_standard(self, standard, body):
        return self.request("PUT", f"/v1/api-standards/{segment(standard)}", body)

    def patch_standard(self, standard, patch):
        return self._patch(f"/v1/api-standards/{segment(standard)}", patch)

    def delete_standard(self, standard):
        return self.request("DELETE", f"/v1/api-standards/{segment(standard)}")

    # --- definitions and instances -----------------------------------------------------------

    @staticmethod
    def _service(kind, owner, handle=None, tail=""):
        path = f"/v1/llm-{kind}/{segment(owner)}"
        return path if handle is None else f"{path}/{segment(handle)}{tail}"

    def list_definitions(self, owner, **query):
        return self.request("GET", self._service("definitions", owner), query=query)

    def post_definition(self, owner, body):
        return self.request("POST", self._service("definitions", owner), body)

    def get_definition(self, owner, handle):
        return self.request("GET", self._service("definitions", owner, handle))

    def put_definition(self, owner, handle, body):
        return self.request("PUT", self._service("definitions", owner, handle), body)

    def patch_definition(self, owner, handle, patch):
        return self._patch(self._service("definitions", owner, handle), patch)

    def delete_definition(self, owner, handle):
        return self.request("DELETE", self._service("definitions", owner, handle))

    def share_definition(self, owner, handle, user):
        path = self._service("definitions", owner, handle, "/share")
        return self.request("POST", path, {"share_with_handle": user})

    def unshare_definition(self, owner, handle, user):
        path = self._service("definitions", owner, handle, f"/share/{segment(user)}")
        return self.request("DELETE", path)

    def definition_shared_with(self, owner, handle, **query):
        path = self._service("definitions", owner, handle, "/shared-with")
        return self.request("GET", path, query=query)

    def list_instances(self, owner, **query):
        return self.request("GET", self._service("instances", owner), query=query)

    def post_instance(self, owner, body):
        return self.request("POST", self._service("instances", owner), body)

    def instance_from_definition(self, owner, body):
        return self.request("POST", f"{self._service('instances', owner)}/from-definition", body)

    def get_instance(self, owner, handle):
        return self.request("GET", self._service("instances", owner, handle))

    def put_instance(self, owner, handle, body):
        return self.request("PUT", self._service("instances", owner, handle), body)

    def patch_instance(self, owner, handle, patch):
        return self._patch(self._service("instances", owner, handle), patch)

    def delete_instance(self, owner, handle):
        return self.request("DELETE", self._service("instances", owner, handle))

    def share_instance(self, owner, handle, user, role):
        path = self._service("instances", owner, handle, "/share")
        return self.request("POST", path, {"share_with_handle": user, "role": role})

    def unshare_instance(self, owner, handle, user):
        path = self._service("instances", owner, handle, f"/share/{segment(user)}")
        return self.request("DELETE", path)

    def instance_shared_with(self, owner, handle, **query):
        path = self._service("instances", owner, handle, "/shared-with")
        return self.request("GET", path, query=query)

    # --- projects ----------------------------------------------------------------------------

    @staticmethod
    def _project(owner, project, tail=""):
        return f"/v1/projects/{segment(owner)}/{segment(project)}{tail}"

    def list_projects(self, owner, **query):
        return self.request("GET", f"/v1/projects/{segment(owner)}", query=query)

    def post_project(self, owner, body):
        return self.request("POST", f"/v1/projects/{segment(owner)}", body)

    def get_project(self, owner, project):
        return self.request("GET", self._project(owner, project))

    def put_project(self, owner, project, body):
        return self.request("PUT", self._project(owner, project), body)

    def patch_project(self, owner, project, patch):
        return self._patch(self._project(owner, project), patch)

    def delete_project(self, owner, project):
        return self.request("DELETE", self._project(owner, project))

    def share_project(self, owner, project, user, role):
        body = {"share_with_handle": user, "role": role}
        return self.request("POST", self._project(owner, project, "/share"), body)

    def unshare_project(self, owner, project, user):
        path = self._project(owner, project, f"/share/{segment(user)}")
        return self.request("DELETE", path)

    def project_shared_with(self, owner, project):
        return self.request("GET", self._project(owner, project, "/shared-with"))

    def transfer_project(self, owner, project, new_owner):
        path = self._project(owner, project, "/transfer-ownership")
        return self.request("POST", path, {"new_owner_handle": new_owner})

    # --- embeddings and similars -------------------------------------------------------------

    @staticmethod
    def _data(kind, owner, project, text_id=None):
        path = f"/v1/{kind}/{segment(owner)}/{segment(project)}"
        return path if text_id is None else f"{path}/{segment(text_id)}"

    def upload(self, owner, project, items):
        path = self._data("embeddings", owner, project)
        return self.request("POST", path, {"embeddings": items})

    def list_embeddings(self, owner, project, **query):
        return self.request("GET", self._data("embeddings", owner, project), query=query)

    def delete_embeddings(self, owner, project):
        return self.request("DELETE", self._data("embeddings", owner, project))

    def get_embedding(self, owner, project, text_id):
        return self.request("GET", self._data("embeddings", owner, project, text_id))

    def delete_embedding(self, owner, project, text_id):
        return self.request("DELETE", self._data("embeddings", owner, project, text_id))

    def similars(self, owner, project, text_id, **query):
        return self.request("GET", self._data("similars", owner, project, text_id), query=query)

    def similars_of_vector(self, owner, project, vector, **query):
        path = self._data("similars", owner, project)
        return self.request("POST", path, {"vector": vector}, query=query)
