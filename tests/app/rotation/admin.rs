//! The administrator's key: the new one, and how long the former one is good.

use crate::desk::{Desk, admin};
use embsec::domain::access::Caller;
use jiff::SignedDuration;

#[tokio::test]
async fn a_new_administrators_key_takes_over_at_once_or_after_a_grace() {
    let desk = Desk::open().await;
    let is_admin = async |key: &str| {
        let caller = desk.app.authenticator().caller(Some(key)).await.unwrap();
        matches!(caller, Caller::Admin)
    };
    let rotate = async |grace: i64| {
        let grace = SignedDuration::from_secs(grace);
        let new = desk.app.new_admin_key(grace).unwrap();
        assert!(!is_admin(new.api_key.reveal()).await);
        desk.app.replace_admin_key(&admin(), &new).await.unwrap();
        new
    };
    let first = rotate(0).await;
    assert_eq!(first.grace_until, None);
    let second = rotate(60).await;
    assert!(second.grace_until.is_some());
    assert!(is_admin(first.api_key.reveal()).await);
    assert!(is_admin(second.api_key.reveal()).await);
    desk.clock.time.advance_millis(60_000);
    assert!(!is_admin(first.api_key.reveal()).await);
    assert!(is_admin(second.api_key.reveal()).await);
    let third = rotate(0).await;
    assert!(!is_admin(second.api_key.reveal()).await);
    assert!(is_admin(third.api_key.reveal()).await);
}
