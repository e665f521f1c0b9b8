//! Users.

use super::{delete, get, paged, patch, post, put};
use crate::http::operation::{Access, Answer, Operation};
use crate::http::wire::Profile;
use crate::http::wire::users::{User, UserList, UserResponse};

const TAG: &str = "Users";

pub(super) fn operations(profile: Profile) -> Vec<Operation> {
    let stored = || Answer::Linked(UserResponse::schema(profile));
    vec![
        paged(get("/v1/users", "get-users"), 10)
            .summary("List users")
            .tag(TAG)
            .access(Access::ADMIN)
            .answers(200, Answer::List(UserList::row_schema(profile)))
            .fails(&[404]),
        post("/v1/users", "post-user")
            .summary("Create or update a user; a new one gets a key, shown this once")
            .tag(TAG)
            .access(Access::ADMIN)
            .reads(User::schema(profile))
            .answers(201, stored())
            .fails(&[409]),
        get("/v1/users/{user_handle}", "get-user")
            .summary("Show a user")
            .tag(TAG)
            .access(Access::OWNER)
            .answers(200, Answer::Plain(User::schema(profile)))
            .fails(&[404]),
        put("/v1/users/{user_handle}", "put-user")
            .summary("Create or update a user; a new one gets a key, shown this once")
            .tag(TAG)
            .access(Access::ADMIN)
            .reads(User::schema(profile))
            .answers(201, stored())
            .fails(&[409]),
        patch("/v1/users/{user_handle}", "patch-user")
            .summary("Change some properties of a user")
            .tag(TAG)
            .access(Access::ADMIN)
            .answers(201, stored())
            .fails(&[404, 409]),
        delete("/v1/users/{user_handle}", "delete-user")
            .summary("Delete a user and everything that they own")
            .tag(TAG)
            .access(Access::OWNER)
            .fails(&[404, 409]),
    ]
}
