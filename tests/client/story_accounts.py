"""Chapters about who there is and what they own: users, API standards, definitions, instances."""

import hashlib

USER = ("user_handle", "name", "email", "embapi_key", "projects", "definitions", "instances")
DEFINITION = (
    "definition_id", "definition_handle", "owner", "endpoint", "description", "api_standard",
    "model", "dimensions", "context_limit", "is_public",
)
INSTANCE = (
    "owner", "instance_handle", "instance_id", "access_role", "definition_id", "definition_owner",
    "definition_handle", "endpoint", "description", "has_api_key", "api_standard", "model",
    "dimensions", "context_limit", "shared_with", "is_shared",
)
PROVIDER_KEY = "sk-fixture-0123456789abcdefghijklmnopqrstuvwxyz"


def create_users(t, s):
    """The admin creates alice, bob and carol; each key is shown once."""
    keys = {}
    for handle in ("alice", "bob", "carol"):
        body = {"user_handle": handle, "name": handle.title(), "email": f"{handle}@example.org"}
        if handle == "bob":
            made = s.admin.put_user("bob", body)
        else:
            made = s.admin.post_user(body)
        t.object_of(f"create {handle}", made, 201, "UserResponse", ("user_handle", "embapi_key"))
        keys[handle] = made.get("embapi_key", "")
        well_formed = keys[handle].startswith("emb_") and len(keys[handle]) == 53
        hexadecimal = len(keys[handle]) == 64 and set(keys[handle]) <= set("0123456789abcdef")
        t.check(f"the key of {handle} has a known form", well_formed or hexadecimal)
    t.equal("three different keys", len(set(keys.values())), 3)
    s.alice, s.bob, s.carol = (s.admin.as_user(keys[name]) for name in ("alice", "bob", "carol"))

    bare = s.admin.as_user(None)
    answer = bare.request("GET", "/v1/users/alice", headers={"Authorization": s.alice.key})
    t.status("a bare key without Bearer works too", answer, 200)
    again = s.admin.put_user("bob", {"user_handle": "bob", "email": "bob@example.org"})
    t.status("PUT of an existing user is 201", again, 201)
    t.equal("PUT of an existing user shows no key", again.get("embapi_key"), "not changed")
    t.status("bob's key still works after PUT", s.bob.get_user("bob"), 200)
    t.problem("PUT with another handle in the body", s.admin.put_user("bob", {
        "user_handle": "alice", "email": "bob@example.org"}), 400)
    t.status("property names match in any case", s.admin.put_user("bob", {
        "USER_HANDLE": "bob", "Email": "bob@example.org", "Name": None}), 201)
    t.status("a readOnly property may be sent", s.admin.put_user("bob", {
        "user_handle": "bob", "email": "bob@example.org", "embapi_key": "0" * 64}), 201)
    t.status("the sent key is ignored", s.bob.as_user("0" * 64).get_user("bob"), 401)


def read_users(t, s):
    alice = s.alice.get_user("alice")
    t.bare("alice reads herself", alice, 200)
    names = list(alice.data)
    t.equal("keys of a user are in order", names, [key for key in USER if key in names])
    t.check("empty lists are omitted", "projects" not in names and "instances" not in names, names)
    digest = hashlib.sha256(s.alice.key.encode()).hexdigest()
    t.check("no key and no hash of it in GET user",
            digest not in alice.text and s.alice.key not in alice.text, alice)
    t.status("the admin reads alice", s.admin.get_user("alice"), 200)
    t.refused("bob reads alice", s.bob.get_user("alice"))
    t.problem("an unknown user", s.admin.get_user("nobody"), 404, "user nobody not found")

    listed = s.admin.list_users(limit=200)
    t.bare("the admin lists users", listed, 200)
    data = listed.data if isinstance(listed.data, list) else []
    handles = [user.get("user_handle") for user in data]
    order = sorted(handles, key=lambda handle: (handle.startswith("_"), handle.encode()))
    t.equal("users are in byte order, names with _ last", handles, order)
    t.check("alice, bob and carol are listed", {"alice", "bob", "carol"} <= set(handles), handles)
    keys = ["user_handle", "name", "number_of_projects", "number_of_definitions",
            "number_of_instances"]
    entry = next((user for user in data if user.get("user_handle") == "alice"), {})
    t.equal("keys of a listed user", list(entry), keys)
    paged = s.admin.list_users(limit=1, offset=1)
    t.equal("limit and offset of users", [u["user_handle"] for u in paged.data or []], handles[1:2])
    t.problem("past the last user", s.admin.list_users(offset=100000), 404, "no users found.")
    t.refused("alice lists users", s.alice.list_users())
    t.refused("alice creates a user", s.alice.post_user({
        "user_handle": "mallory", "email": "mallory@example.org"}))


def refuse_users(t, s):
    for handle in ("admin", "public", "_system"):
        made = s.admin.post_user({"user_handle": handle, "email": f"{handle}@example.org"})
        t.no_server_fault(f"the name {handle} cannot be taken", made)
    taken = s.admin.post_user({"user_handle": "mallory", "email": "alice@example.org"})
    t.no_server_fault("an email that is taken", taken)
    t.status("and no user was made", s.admin.get_user("mallory"), 404)
    t.invalid("a short handle", s.admin.post_user({"user_handle": "ab", "email": "ab@example.org"}),
              "body.user_handle", "expected length >= 3")
    t.invalid("a long handle", s.admin.post_user({
        "user_handle": "a" * 21, "email": "ab@example.org"}),
        "body.user_handle", "expected length <= 20")
    t.invalid("a missing email", s.admin.post_user({"user_handle": "mallory"}),
              "body", "expected required property email to be present")
    t.invalid("a number for a handle", s.admin.post_user({"user_handle": 5, "email": "a@b.org"}),
              "body.user_handle", "expected string")
    for key in ("", "x", "emb_" + "0" * 49, "f" * 64, s.alice.key[:-1]):
        t.refused(f"the key {key[:8]!r} of {len(key)}", s.alice.as_user(key).get_user("alice"))
    t.refused("no key", s.anonymous.get_user("alice"))


def patch_users(t, s):
    t.status("merge patch of a user", s.admin.patch_user("alice", {"name": "Alice L."}), 201)
    t.equal("the name changed", s.alice.get_user("alice").get("name"), "Alice L.")
    t.status("the same patch again", s.admin.patch_user("alice", {"name": "Alice L."}), 304)
    t.status("JSON patch of a user", s.admin.patch_user("alice", [
        {"op": "replace", "path": "/name", "value": "Alice"}]), 201)
    t.status("alice's key survives PATCH", s.alice.get_user("alice"), 200)
    t.refused("alice patches herself", s.alice.patch_user("alice", {"name": "Queen"}))
    t.problem("a patch of an unknown user", s.admin.patch_user("nobody", {"name": "x"}), 404)


def standards(t, s):
    body = {"api_standard_handle": "fixture-std", "description": "made by a test",
            "key_method": "auth_bearer", "key_field": "Authorization"}
    keys = ("api_standard_handle",)
    made = s.admin.post_standard(body)
    t.object_of("create a standard", made, 201, "UploadAPIStandardResponseBody", keys)
    t.status("PUT of a standard", s.admin.put_standard("fixture-std", body), 201)
    t.problem("PUT under another handle", s.admin.put_standard("other-std", body), 400)
    t.refused("alice creates a standard", s.alice.post_standard(body))
    t.no_server_fault("an unknown key_method",
                      s.admin.post_standard({**body, "key_method": "carrier_pigeon"}))
    read = s.anonymous.get_standard("fixture-std")
    t.bare("anybody reads a standard", read, 200)
    t.equal("a standard reads as written", read.data, body)
    t.equal("keys of a standard are in order", list(read.data), list(body))
    t.problem("an unknown standard", s.anonymous.get_standard("nothing"), 404,
              "API standard nothing not found")
    listed = s.anonymous.list_standards(limit=200)
    t.object_of("anybody lists standards", listed, 200, "GetAPIStandardsResponseBody",
                ("api_standards",))
    handles = [one["api_standard_handle"] for one in listed.get("api_standards", [])]
    t.equal("standards are in byte order", handles, sorted(handles))

    t.status("merge patch of a standard", s.admin.patch_standard("fixture-std", {
        "description": "patched"}), 201)
    t.status("the same patch again", s.admin.patch_standard("fixture-std", {
        "description": "patched"}), 304)
    t.status("JSON patch of a standard", s.admin.patch_standard("fixture-std", [
        {"op": "test", "path": "/description", "value": "patched"},
        {"op": "replace", "path": "/key_field", "value": "X-Key"}]), 201)
    t.equal("the patched standard", s.anonymous.get_standard("fixture-std").data,
            {**body, "description": "patched", "key_field": "X-Key"})
    t.problem("a JSON patch whose test fails", s.admin.patch_standard("fixture-std", [
        {"op": "test", "path": "/description", "value": "other"}]), 422)
    t.problem("a JSON patch without a path", s.admin.patch_standard("fixture-std", [
        {"op": "replace"}]), 422)
    t.problem("the shorthand patch type", s.admin.request(
        "PATCH", "/v1/api-standards/fixture-std", b"description: x",
        content_type="application/merge-patch+shorthand"), 415)
    t.refused("alice patches a standard", s.alice.patch_standard("fixture-std", {
        "description": "mine"}))


def definitions(t, s):
    body = {"definition_handle": "minilm-def", "endpoint": "https://embed.example.org/v1",
            "description": "a template", "api_standard": "fixture-std", "model": "all-minilm",
            "dimensions": 384, "context_limit": 256}
    brief = ("definition_id", "definition_handle", "owner", "is_public", "number_of_instances")
    made = s.alice.post_definition("alice", body)
    t.object_of("create a definition", made, 201, "DefinitionBrief", brief, brief[:4])
    t.status("PUT of a definition", s.alice.put_definition("alice", "minilm-def", body), 201)
    t.problem("PUT under another handle", s.alice.put_definition("alice", "other", body), 400)
    t.no_server_fault("an unknown api_standard", s.alice.post_definition("alice", {
        **body, "definition_handle": "broken", "api_standard": "nothing"}))
    read = s.alice.get_definition("alice", "minilm-def")
    t.bare("alice reads her definition", read, 200)
    names = list(read.data)
    t.equal("keys of a definition", names, [key for key in DEFINITION if key in names])
    seen = {key: read.get(key) for key in body}
    t.equal("a definition reads as written", seen, body)
    t.problem("an unknown definition", s.alice.get_definition("alice", "nothing"), 404,
              "definition alice/nothing not found")
    listed = s.alice.list_definitions("alice", limit=200)
    t.object_of("alice lists definitions", listed, 200, "DefinitionsResponse", ("definitions",))
    pairs = [(one["owner"], one["definition_handle"]) for one in listed.get("definitions", [])]
    t.equal("each definition once", len(pairs), len(set(pairs)))
    t.check("her own among them", ("alice", "minilm-def") in pairs, pairs)
    t.refused("an ordinary user reads a _system definition",
              s.alice.get_definition("_system", "openai-large"))
    t.problem("the admin reads a private definition",
              s.admin.get_definition("alice", "minilm-def"), 403)

    t.refused("bob reads it before it is shared", s.bob.get_definition("alice", "minilm-def"))
    shared = s.alice.share_definition("alice", "minilm-def", "bob")
    t.object_of("share a definition", shared, 201, "ShareDefinitionResponseBody",
                ("owner", "definition_handle", "shared_with"))
    t.equal("shared with bob", shared.get("shared_with"), ["bob"])
    t.problem("the admin shares it", s.admin.share_definition("alice", "minilm-def", "carol"), 403)
    t.status("bob reads it", s.bob.get_definition("alice", "minilm-def"), 200)
    t.refused("bob changes it", s.bob.put_definition("alice", "minilm-def", body))
    sharees = s.alice.definition_shared_with("alice", "minilm-def")
    t.bare("the sharees of a definition", sharees, 200)
    t.equal("are a bare list of handles", sharees.data, ["bob"])
    again = s.alice.list_definitions("alice", limit=200).get("definitions", [])
    t.equal("a shared definition is listed once", len(again), len(pairs))
    t.status("unshare", s.alice.unshare_definition("alice", "minilm-def", "bob"), 204)
    t.status("unshare twice", s.alice.unshare_definition("alice", "minilm-def", "bob"), 204)
    t.refused("bob reads it no more", s.bob.get_definition("alice", "minilm-def"))

    t.status("merge patch of a definition", s.alice.patch_definition("alice", "minilm-def", {
        "description": "patched"}), 201)
    t.status("the same patch again", s.alice.patch_definition("alice", "minilm-def", {
        "description": "patched"}), 304)
    t.status("JSON patch of a definition", s.alice.patch_definition("alice", "minilm-def", [
        {"op": "replace", "path": "/context_limit", "value": 512}]), 201)
    after = s.alice.get_definition("alice", "minilm-def")
    t.equal("the patched definition", (after.get("description"), after.get("context_limit"),
            after.get("dimensions")), ("patched", 512, 384))
    for method in ("PUT", "DELETE"):
        answer = s.admin.request(method, "/v1/llm-definitions/_system/openai-large",
                                 body if method == "PUT" else None)
        t.problem(f"{method} of a _system definition", answer, 403, "_system user cannot send")


def instances(t, s):
    body = {"instance_handle": "minilm", "endpoint": "https://embed.example.org/v1",
            "description": "standalone", "api_standard": "fixture-std", "model": "all-minilm",
            "dimensions": 384, "context_limit": 256}
    brief = ("owner", "instance_handle", "instance_id")
    made = s.alice.post_instance("alice", {**body, "api_key": PROVIDER_KEY})
    t.object_of("create an instance", made, 201, "UploadInstanceResponseBody", brief)
    must = ("owner", "instance_handle", "instance_id", "endpoint", "has_api_key", "dimensions")

    def has_key(name, expected):
        read = s.alice.get_instance("alice", "minilm")
        t.status(f"{name}: readable", read, 200)
        t.equal(name, bool(read.get("has_api_key")), expected)
        t.check(f"{name}: the key is never shown", "sk-fixture" not in read.text, read)

    t.object_of("alice reads it", s.alice.get_instance("alice", "minilm"), 200, "InstanceFull",
                INSTANCE, must)
    has_key("has_api_key is true where a key is stored", True)
    t.status("PUT without api_key", s.alice.put_instance("alice", "minilm", body), 201)
    has_key("PUT without api_key keeps the key", True)
    t.status("merge patch of an instance", s.alice.patch_instance("alice", "minilm", {
        "description": "patched"}), 201)
    has_key("a merge patch keeps the key", True)
    t.status("the same patch again", s.alice.patch_instance("alice", "minilm", {
        "description": "patched"}), 304)
    t.status("JSON patch of an instance", s.alice.patch_instance("alice", "minilm", [
        {"op": "replace", "path": "/context_limit", "value": 512}]), 201)
    has_key("a JSON patch keeps the key", True)
    read = s.alice.get_instance("alice", "minilm")
    t.equal("the patched instance",
            [read.get(key) for key in ("description", "context_limit", "model", "dimensions")],
            ["patched", 512, "all-minilm", 384])
    t.status("PUT with an empty api_key", s.alice.put_instance("alice", "minilm", {
        **body, "api_key": ""}), 201)
    has_key("an empty api_key removes the key", False)
    t.status("a patch may set the key", s.alice.patch_instance("alice", "minilm", {
        "api_key": PROVIDER_KEY}), 201)
    has_key("the key is stored again", True)
    t.problem("PUT under another handle", s.alice.put_instance("alice", "other", body), 400)
    t.problem("an unknown instance", s.alice.get_instance("alice", "nothing"), 404,
              "llm service nothing for user alice not found")
    t.problem("the admin reads an instance", s.admin.get_instance("alice", "minilm"), 403)
    t.problem("the admin deletes an instance", s.admin.delete_instance("alice", "minilm"), 403)
    typo = s.alice.put_instance("alice", "minilm", {**body, "api_key": PROVIDER_KEY, "tpyo": 1})
    t.invalid("an unknown property", typo, "body.tpyo", "unexpected property")
    t.check("a refusal echoes no secret", "sk-fixture" not in typo.text, typo)


def derived_instances(t, s):
    body = {"user_handle": "alice", "instance_handle": "from-def", "definition_owner": "alice",
            "definition_handle": "minilm-def"}
    made = s.alice.instance_from_definition("alice", body)
    t.object_of("an instance from a definition", made, 200, "UploadInstanceResponseBody",
                ("owner", "instance_handle", "instance_id"))
    read = s.alice.get_instance("alice", "from-def")
    inherited = ("definition_owner", "definition_handle", "endpoint", "api_standard", "model",
                 "dimensions")
    t.equal("it inherits from the definition", [read.get(key) for key in inherited],
            ["alice", "minilm-def", "https://embed.example.org/v1", "fixture-std", "all-minilm",
             384])
    t.problem("another user_handle in the body", s.alice.instance_from_definition("alice", {
        **body, "user_handle": "bob"}), 400)
    t.problem("an unknown definition", s.alice.instance_from_definition("alice", {
        **body, "definition_handle": "nothing"}), 404)
    t.problem("somebody else's private definition", s.carol.instance_from_definition("carol", {
        **body, "user_handle": "carol"}), 403)

    t.refused("bob reads an instance before it is shared", s.bob.get_instance("alice", "minilm"))
    shared = s.alice.share_instance("alice", "minilm", "bob", "reader")
    t.object_of("share an instance", shared, 201, "ShareInstanceResponseBody",
                ("owner", "instance_handle", "shared_with"))
    t.equal("the new sharee", shared.get("shared_with"), [{"user_handle": "bob", "role": "reader"}])
    t.equal("bob reads it as", s.bob.get_instance("alice", "minilm").get("access_role"), "reader")
    t.refused("bob changes it", s.bob.patch_instance("alice", "minilm", {"model": "x"}))
    t.refused("carol reads it", s.carol.get_instance("alice", "minilm"))
    t.invalid("an unknown role", s.alice.share_instance("alice", "minilm", "bob", "owner"),
              "body.role", 'expected value to be one of "reader, editor"')
    sharees = s.alice.instance_shared_with("alice", "minilm")
    t.object_of("the sharees of an instance", sharees, 200, "GetInstanceSharedUsersResponseBody",
                ("owner", "instance_handle", "shared_with"))
    listed = s.alice.list_instances("alice", limit=200)
    t.object_of("alice lists instances", listed, 200, "GetUserInstancesResponseBody",
                ("instances",))
    handles = [one["instance_handle"] for one in listed.get("instances", [])]
    t.equal("each of them once, in order", handles, ["from-def", "minilm"])
    t.equal("bob sees the shared one", [
        (one["owner"], one["instance_handle"])
        for one in s.bob.list_instances("bob", limit=200).get("instances", [])
    ], [("alice", "minilm")])
    t.status("unshare an instance", s.alice.unshare_instance("alice", "minilm", "bob"), 204)
    t.problem("unshare it twice", s.alice.unshare_instance("alice", "minilm", "bob"), 404)
