//! Whose key it is, seen by a server beside which somebody changes users.

use crate::desk::{Desk, admin, handle};
use embsec::domain::access::Caller;
use embsec::domain::user::UserState;
use jiff::SignedDuration;

async fn ask(app: &embsec::app::App, key: &str) -> Caller {
    let value = format!("Bearer {key}");
    app.authenticator().caller(Some(&value)).await.unwrap()
}

#[tokio::test]
async fn a_key_that_is_rotated_elsewhere_is_refused_within_a_second() {
    let desk = Desk::open().await;
    let key = desk.user("alice").await;
    let server = desk.beside(0);
    assert!(matches!(ask(&server, &key).await, Caller::User(_)));
    let rotated = desk
        .app
        .rotate_user_key(&admin(), &handle("alice"), SignedDuration::ZERO)
        .await;
    desk.clock.time.advance_millis(999);
    assert_eq!(ask(&server, &key).await, Caller::Unknown);
    assert!(matches!(
        ask(&server, rotated.unwrap().api_key.reveal()).await,
        Caller::User(_)
    ));
}

#[tokio::test]
async fn a_grace_window_keeps_the_old_key_until_it_ends() {
    let desk = Desk::open().await;
    let key = desk.user("alice").await;
    let server = desk.beside(0);
    let grace = SignedDuration::from_hours(24);
    let rotated = desk
        .app
        .rotate_user_key(&admin(), &handle("alice"), grace)
        .await
        .unwrap();
    desk.clock.time.advance_millis(24 * 3_600_000 - 1_000);
    assert!(matches!(ask(&server, &key).await, Caller::User(_)));
    desk.clock.time.advance_millis(1_999);
    assert_eq!(ask(&server, &key).await, Caller::Unknown);
    assert!(matches!(
        ask(&server, rotated.api_key.reveal()).await,
        Caller::User(_)
    ));
}

#[tokio::test]
async fn a_user_who_is_disabled_or_deleted_elsewhere_is_refused_within_a_second() {
    let desk = Desk::open().await;
    let key = desk.user("alice").await;
    let server = desk.beside(0);
    assert!(matches!(ask(&server, &key).await, Caller::User(_)));
    for (state, disabled) in [(UserState::Disabled, true), (UserState::Active, false)] {
        desk.app
            .set_user_state(&admin(), &handle("alice"), state)
            .await
            .unwrap();
        desk.clock.time.advance_millis(999);
        let caller = ask(&server, &key).await;
        assert_eq!(
            matches!(caller, Caller::Disabled(_)),
            disabled,
            "{caller:?}"
        );
    }
    desk.app
        .delete_user(&admin(), &handle("alice"))
        .await
        .unwrap();
    desk.clock.time.advance_millis(999);
    assert_eq!(ask(&server, &key).await, Caller::Unknown);
}

#[tokio::test]
async fn what_this_process_changes_holds_at_once() {
    let desk = Desk::open().await;
    let key = desk.user("alice").await;
    assert!(matches!(ask(&desk.app, &key).await, Caller::User(_)));
    let disabled = UserState::Disabled;
    desk.app
        .set_user_state(&admin(), &handle("alice"), disabled)
        .await
        .unwrap();
    assert!(matches!(ask(&desk.app, &key).await, Caller::Disabled(_)));
    desk.app
        .delete_user(&admin(), &handle("alice"))
        .await
        .unwrap();
    assert_eq!(ask(&desk.app, &key).await, Caller::Unknown);
}

#[tokio::test]
async fn a_clock_that_is_set_back_keeps_no_dead_key_alive() {
    let desk = Desk::open().await;
    let key = desk.user("alice").await;
    let server = desk.beside(0);
    desk.clock.time.advance_millis(3_600_000);
    assert!(matches!(ask(&server, &key).await, Caller::User(_)));
    desk.app
        .delete_user(&admin(), &handle("alice"))
        .await
        .unwrap();
    desk.clock.time.advance_millis(-3_600_000);
    assert_eq!(ask(&server, &key).await, Caller::Unknown);
}

#[tokio::test]
async fn no_key_and_a_mistyped_key_are_no_errors() {
    let desk = Desk::open().await;
    let key = desk.user("alice").await;
    let authenticator = desk.app.authenticator();
    for (value, caller) in [
        (None, Caller::Anonymous),
        (Some(""), Caller::Anonymous),
        (Some("Bearer "), Caller::Anonymous),
        (Some("Bearer emb_"), Caller::Unknown),
        (Some("Bearer \u{fffd}"), Caller::Unknown),
    ] {
        assert_eq!(
            authenticator.caller(value).await.unwrap(),
            caller,
            "{value:?}"
        );
    }
    // A bare key works, and a key with one digit off does not.
    let bare = authenticator.caller(Some(&key)).await.unwrap();
    assert!(matches!(bare, Caller::User(_)));
    let (head, last) = key.split_at(key.len() - 1);
    let mistyped = format!("{head}{}", if last == "a" { "b" } else { "a" });
    assert_eq!(ask(&desk.app, &mistyped).await, Caller::Unknown);
}
