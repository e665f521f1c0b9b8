"""Chapters about who may do what: sharing, public projects, ownership, deletion."""

from checks import as_items, load_json
from story_data import PROJECT, close, results_of

SHARED = ("owner", "project_handle", "project_id", "shared_with_handle", "shared_with_role")
CROWD = 55


def reads(client, s, owner="alice"):
    """Every way of reading the library, by name."""
    one, vector = s.passages[0]["text_id"], s.passages[0]["vector"]
    return {
        "read the project": client.get_project(owner, "library"),
        "list embeddings": client.list_embeddings(owner, "library"),
        "read an embedding": client.get_embedding(owner, "library", one),
        "ask for similars": client.similars(owner, "library", one),
        "ask for similars of a vector": client.similars_of_vector(owner, "library", vector),
    }


def writes(client, s, owner="alice"):
    """Every way of changing embeddings of the library, by name."""
    item = as_items(s.passages[:1], owner, "library", "minilm")[0]
    return {
        "upload": client.upload(owner, "library", [{**item, "text_id": "extra"}]),
        "delete an embedding": client.delete_embedding(owner, "library", "extra"),
    }


def governs(client, owner="alice"):
    """Every way of changing the project itself, by name; none of them does when refused."""
    body = {"project_handle": "library"}
    return {
        "replace the project": client.put_project(owner, "library", body),
        "patch the project": client.patch_project(owner, "library", {"description": "x"}),
        "delete the project": client.delete_project(owner, "library"),
        "share the project": client.share_project(owner, "library", "carol", "reader"),
        "unshare the project": client.unshare_project(owner, "library", "carol"),
        "list sharees": client.project_shared_with(owner, "library"),
        "transfer the project": client.transfer_project(owner, "library", "carol"),
        "list the owner's projects": client.list_projects(owner),
    }


def all_refused(t, who, answers):
    for name, answer in answers.items():
        t.refused(f"{who} may not {name}", answer)


def sharing(t, s):
    for who, client in (("bob, not a sharee,", s.bob), ("nobody", s.anonymous)):
        all_refused(t, who, {**reads(client, s), **writes(client, s), **governs(client)})

    shared = s.alice.share_project("alice", "library", "bob", "reader")
    t.object_of("share with bob", shared, 201, "ShareProjectResponseBody", SHARED)
    t.equal("as reader", [shared.get(key) for key in SHARED[3:]], ["bob", "reader"])
    for name, answer in reads(s.bob, s).items():
        t.status(f"a reader may {name}", answer, 200)
    seen = s.bob.get_project("alice", "library")
    t.object_of("bob reads the project", seen, 200, "ProjectFull", PROJECT, ["role", "instance"])
    t.equal("his role", seen.get("role"), "reader")
    t.check("he is not shown the sharees", "shared_with" not in seen.data, seen)
    all_refused(t, "a reader", {**writes(s.bob, s), **governs(s.bob)})

    t.status("share again as editor",
             s.alice.share_project("alice", "library", "bob", "editor"), 201)
    t.equal("bob's role", s.bob.get_project("alice", "library").get("role"), "editor")
    for (name, answer), status in zip(writes(s.bob, s).items(), (201, 204)):
        t.status(f"an editor may {name}", answer, status)
    all_refused(t, "an editor", governs(s.bob))
    all_refused(t, "carol, a stranger,", {**reads(s.carol, s), **writes(s.carol, s),
                                          **governs(s.carol)})

    listed = s.bob.list_projects("bob", limit=200)
    t.object_of("bob lists his projects", listed, 200, "GetProjectsResponseBody", ("projects",))
    t.equal("the shared one is there once", [
        (one["owner"], one["project_handle"], one.get("role"))
        for one in listed.get("projects", [])], [("alice", "library", "editor")])
    t.equal("and in his user", s.bob.get_user("bob").get("projects"),
            [{"project_handle": "library", "owner": "alice", "role": "editor"}])
    sharees = s.alice.project_shared_with("alice", "library")
    t.object_of("alice lists the sharees", sharees, 200, "GetProjectSharedUsersResponseBody",
                ("owner", "project_handle", "shared_with"))
    t.equal("only bob, not herself", sharees.get("shared_with"),
            [{"user_handle": "bob", "role": "editor"}])


def sharing_refusals(t, s):
    share = s.alice.share_project
    t.problem("share with oneself", share("alice", "library", "alice", "reader"), 400,
              "cannot share project with owner")
    t.problem("share with an unknown user", share("alice", "library", "nobody", "reader"), 400,
              "target user nobody does not exist: user nobody not found")
    t.invalid("share as owner", share("alice", "library", "carol", "owner"), "body.role",
              'expected value to be one of "reader, editor"')
    t.problem("the admin shares", s.admin.share_project("alice", "library", "carol", "reader"), 403)
    t.problem("the admin lists sharees", s.admin.project_shared_with("alice", "library"), 403,
              "only the project owner can view shared users list")
    t.problem("the admin transfers",
              s.admin.transfer_project("alice", "library", "carol"), 403)
    for name, answer in reads(s.admin, s).items():
        t.status(f"the admin may {name}", answer, 200)
    t.status("alice unshares", s.alice.unshare_project("alice", "library", "bob"), 204)
    t.refused("bob reads no more", s.bob.get_project("alice", "library"))
    t.problem("unshare twice", s.alice.unshare_project("alice", "library", "bob"), 404)
    for name, entry, status in (
        ("PUT shares with the owner", {"user_handle": "alice", "role": "reader"}, 400),
        ("PUT shares as owner", {"user_handle": "bob", "role": "owner"}, 400),
        ("PUT shares with an unknown user", {"user_handle": "nobody", "role": "reader"}, 400),
    ):
        t.problem(name, s.alice.put_project("alice", "scratch", {
            "project_handle": "scratch", "instance_owner": "alice", "instance_handle": "tiny",
            "shared_with": [entry]}), status)


def crowd(t, s):
    """More sharees than the fifty that were once looked at; bob's name sorts last."""
    handles = [f"aaa-{number:02}" for number in range(CROWD)]
    for handle in handles:
        s.admin.post_user({"user_handle": handle, "email": f"{handle}@example.org"}).expect(201)
    shared = [{"user_handle": handle, "role": "reader"} for handle in [*handles, "bob"]]
    t.status(f"share with {len(shared)}", s.alice.put_project("alice", "scratch", {
        "project_handle": "scratch", "instance_owner": "alice", "instance_handle": "tiny",
        "shared_with": shared}), 201)
    t.status("the last of them may read", s.bob.list_embeddings("alice", "scratch"), 200)
    listed = s.alice.project_shared_with("alice", "scratch").get("shared_with") or []
    t.equal("all of them are listed", [one["user_handle"] for one in listed], [*handles, "bob"])
    mine = s.alice.list_projects("alice", limit=200).get("projects") or []
    t.equal("the project is listed once",
            [one["project_handle"] for one in mine], ["library", "scratch"])
    for handle in handles:
        t.status(f"delete {handle}", s.admin.delete_user(handle), 204)


def public(t, s):
    t.status("open the library", s.alice.patch_project("alice", "library", {
        "public_read": True}), 201)
    stale = s.bob.as_user(s.bob.key[:-1] + "x")
    for who, client in (("anybody", s.anonymous), ("a stranger", s.carol),
                        ("a caller with an unusable key", stale)):
        for name, answer in reads(client, s).items():
            t.status(f"{who} may {name} of a public project", answer, 200)
        all_refused(t, who, {**writes(client, s), **governs(client)})
    seen = s.alice.get_project("alice", "library")
    t.equal("public_read is true", seen.get("public_read"), True)
    t.equal("the owner sees everybody as first reader", (seen.get("shared_with") or [None])[0],
            {"user_handle": "*", "role": "reader"})
    t.status("close it", s.alice.patch_project("alice", "library", {"public_read": False}), 201)
    t.refused("nobody reads it now", s.anonymous.get_project("alice", "library"))


def transfer(t, s):
    give = s.alice.transfer_project
    t.problem("transfer to oneself", give("alice", "library", "alice"), 400)
    t.problem("transfer to an unknown user", give("alice", "library", "nobody"), 404)
    t.problem("transfer of an unknown project", give("alice", "nothing", "bob"), 404)
    s.bob.post_project("bob", {"project_handle": "library"}).expect(201)
    t.problem("bob has one of that name", give("alice", "library", "bob"), 409)
    s.bob.delete_project("bob", "library").expect(204)

    done = give("alice", "library", "bob")
    t.object_of("alice gives the library to bob", done, 200, "TransferProjectOwnershipResponseBody",
                ("project_id", "project_handle", "old_owner", "new_owner"))
    t.equal("from her to him", [done.get(key) for key in ("project_id", "old_owner", "new_owner")],
            [s.id_of_library, "alice", "bob"])
    t.equal("the data went along",
            s.bob.get_project("bob", "library").get("number_of_embeddings"), len(s.passages))
    for name, answer in reads(s.bob, s, "bob").items():
        t.status(f"bob may {name}", answer, 200)
    one = s.bob.get_embedding("bob", "library", s.passages[0]["text_id"])
    t.equal("an embedding is his now", one.get("user_handle"), "bob")
    entry = load_json("neighbours.json")["neighbours"][0]
    seen = results_of(s.bob.similars("bob", "library", entry["text_id"], threshold=0, limit=5))
    t.check("its neighbours are the same",
            close(seen, [(n["id"], n["similarity"]) for n in entry["neighbours"]]), seen)
    all_refused(t, "alice", reads(s.alice, s, "bob"))
    for name, answer in reads(s.alice, s).items():
        t.problem(f"alice cannot {name} under her name", answer, 404)

    again = s.alice.post_project("alice", {"project_handle": "library", "instance_owner": "alice",
                                           "instance_handle": "minilm"})
    t.status("alice makes a new project of that name", again, 201)
    t.problem("it is empty", s.alice.list_embeddings("alice", "library"), 404)
    t.status("emptying it", s.alice.delete_embeddings("alice", "library"), 204)
    t.status("deletes nothing of bob's", s.bob.list_embeddings("bob", "library", limit=200), 200)
    t.equal("not one passage", s.bob.get_project("bob", "library").get("number_of_embeddings"),
            len(s.passages))


def deletion(t, s):
    one = s.passages[0]["text_id"]
    t.status("delete an embedding", s.bob.delete_embedding("bob", "library", one), 204)
    t.problem("it is gone", s.bob.get_embedding("bob", "library", one), 404)
    t.problem("deleting it twice", s.bob.delete_embedding("bob", "library", one), 404)
    t.problem("emptying an unknown project", s.bob.delete_embeddings("bob", "nothing"), 404,
              "bob's project nothing not found")
    t.no_server_fault("an instance in use", s.alice.delete_instance("alice", "minilm"))
    t.problem("a standard in use by a definition", s.admin.delete_standard("fixture-std"), 400)
    t.status("the library still works", s.bob.list_embeddings("bob", "library"), 200)
    t.status("empty the library", s.bob.delete_embeddings("bob", "library"), 204)
    t.problem("it lists 404", s.bob.list_embeddings("bob", "library"), 404)
    t.problem("and has no similars", s.bob.similars_of_vector(
        "bob", "library", s.passages[0]["vector"], threshold=0), 404, "no similar items found")
    t.status("delete the library", s.bob.delete_project("bob", "library"), 204)
    t.problem("it is gone too", s.bob.get_project("bob", "library"), 404)
    for project in ("library", "scratch"):
        t.status(f"alice deletes {project}", s.alice.delete_project("alice", project), 204)
    for instance in ("minilm", "from-def", "tiny"):
        t.status(f"alice deletes {instance}", s.alice.delete_instance("alice", instance), 204)
    t.status("her definition", s.alice.delete_definition("alice", "minilm-def"), 204)
    t.problem("twice", s.alice.delete_definition("alice", "minilm-def"), 404,
              "definition alice/minilm-def not found")
    t.status("the standard", s.admin.delete_standard("fixture-std"), 204)
    t.problem("which is gone", s.anonymous.get_standard("fixture-std"), 404)
    t.refused("bob deletes carol", s.bob.delete_user("carol"))
    t.status("bob deletes himself", s.bob.delete_user("bob"), 204)
    t.refused("his key is dead", s.bob.get_user("bob"))
    for handle in ("alice", "carol"):
        t.status(f"the admin deletes {handle}", s.admin.delete_user(handle), 204)
        t.status(f"{handle} is gone", s.admin.get_user(handle), 404)
