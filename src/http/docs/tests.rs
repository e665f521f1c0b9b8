use super::*;
use crate::http::operations;
use crate::http::wire::Profile;

fn docs() -> Docs {
    Docs::render(&operations::all(Profile::Embapi))
}

#[test]
fn every_route_is_on_the_page_and_every_link_leads_somewhere() {
    let html = docs().html;
    for operation in operations::all(Profile::Embapi) {
        assert!(html.contains(&format!(" id=\"{}\">", operation.id)));
    }
    let targets: Vec<_> = html
        .split("href=\"#")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(targets.len() > 50);
    for target in targets {
        assert!(html.contains(&format!("id=\"{target}\"")), "{target}");
    }
}

#[test]
fn the_page_needs_no_network_and_no_script() {
    let html = docs().html;
    for foreign in [
        "<script", "src=", "http:", "https:", "@import", "url(", "style=\"", "onclick",
    ] {
        assert!(!html.contains(foreign), "{foreign}");
    }
}

#[test]
fn the_policy_admits_the_style_sheet_of_the_page_and_nothing_else() {
    let docs = docs();
    let sheet = docs
        .html
        .split("<style>")
        .nth(1)
        .unwrap()
        .split("</style>")
        .next()
        .unwrap();
    let digest = STANDARD.encode(Sha256::digest(sheet));
    assert!(
        docs.content_security_policy
            .contains(&format!("style-src 'sha256-{digest}';"))
    );
    assert!(
        docs.content_security_policy
            .starts_with("default-src 'none';")
    );
}

#[test]
fn every_element_is_closed_in_order() {
    let html = docs().html;
    let mut open = Vec::new();
    let body = html.split("</style>").nth(1).unwrap();
    for tag in body
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
    {
        let name = tag.split(' ').next().unwrap();
        match name.strip_prefix('/') {
            Some("head" | "html") => {}
            Some(closed) => assert_eq!(open.pop(), Some(closed)),
            None if name == "br" => {}
            None => open.push(name),
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}
