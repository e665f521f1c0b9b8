//! `/docs`: the API as a page to read, drawn from the operations table once at start.
//!
//! No script and nothing from elsewhere, so the page works without a network and under a content
//! security policy that allows its own style sheet only.

mod describe;
mod html;

use super::openapi::{Types, who_may};
use super::operation::{Answer, Operation, Parameter};
use super::schema::{Object, Presence, Property, Schema};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use html::Html;
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("docs/style.css");

/// The page and the header that belongs to it.
#[derive(Clone, Debug)]
pub struct Docs {
    /// The page.
    pub html: String,
    /// The value of `Content-Security-Policy`.
    pub content_security_policy: String,
}

impl Docs {
    /// Draws it.
    #[must_use]
    pub fn render(operations: &[Operation]) -> Self {
        let digest = STANDARD.encode(Sha256::digest(STYLE));
        Self {
            html: page(operations),
            content_security_policy: format!(
                "default-src 'none'; style-src 'sha256-{digest}'; \
                 base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ),
        }
    }
}

fn page(operations: &[Operation]) -> String {
    let mut page = Html::document();
    page.element("html", &[("lang", "en")], |page| {
        page.element("head", &[], |page| {
            page.void("meta", &[("charset", "utf-8")]);
            let viewport = "width=device-width, initial-scale=1";
            page.void("meta", &[("name", "viewport"), ("content", viewport)]);
            page.element("title", &[], |page| page.text("embsec API"));
            page.style(STYLE);
        });
        page.element("body", &[], |page| {
            navigation(page, operations);
            page.element("main", &[], |page| {
                for tag in tags(operations) {
                    section(page, operations, tag);
                }
                types(page, operations);
            });
        });
    });
    page.finish()
}

fn tags(operations: &[Operation]) -> Vec<&'static str> {
    let mut tags: Vec<_> = operations.iter().map(|operation| operation.tag).collect();
    tags.dedup();
    tags
}

/// `LLM definitions` as `llm-definitions`.
fn anchor(heading: &str) -> String {
    heading.to_ascii_lowercase().replace(' ', "-")
}

fn navigation(page: &mut Html, operations: &[Operation]) {
    page.element("nav", &[("aria-label", "Contents")], |page| {
        page.element("h1", &[], |page| page.text("embsec API"));
        page.element("p", &[], |page| {
            page.text(&format!(
                "Version {}. Send a key as ",
                env!("CARGO_PKG_VERSION")
            ));
            page.element("code", &[], |page| page.text("Authorization: Bearer …"));
            page.text(". As documents: ");
            page.link("/openapi.json", "OpenAPI 3.1");
            page.text(", ");
            page.link("/openapi-3.0.json", "3.0");
            page.text(".");
        });
        page.element("ul", &[], |page| {
            for heading in tags(operations).into_iter().chain(["Types"]) {
                page.element("li", &[], |page| {
                    page.link(&format!("#{}", anchor(heading)), heading);
                });
            }
        });
    });
}

fn section(page: &mut Html, operations: &[Operation], tag: &str) {
    page.element("h2", &[("id", &anchor(tag))], |page| page.text(tag));
    for operation in operations.iter().filter(|operation| operation.tag == tag) {
        page.element("details", &[], |page| {
            page.element("summary", &[], |page| heading(page, operation));
            // A browser opens a `details` when a link leads to something inside of it.
            page.element(
                "div",
                &[("class", "inside"), ("id", operation.id)],
                |page| {
                    inside(page, operation);
                },
            );
        });
    }
}

fn heading(page: &mut Html, operation: &Operation) {
    let method = operation.method.as_str();
    let class = format!("method {}", method.to_ascii_lowercase());
    page.element("span", &[("class", &class)], |page| page.text(method));
    page.element("span", &[("class", "path")], |page| {
        page.text(operation.path);
    });
    page.element("span", &[("class", "about")], |page| {
        page.text(operation.summary);
    });
}

fn inside(page: &mut Html, operation: &Operation) {
    page.element("p", &[], |page| {
        page.text(&format!("For {}.", who_may(operation)));
    });
    parameters(page, "In the path", &operation.path_parameters());
    parameters(page, "In the query", &operation.query);
    if let Some(body) = &operation.body {
        page.element("h3", &[], |page| page.text("Body"));
        for (media_type, schema) in &body.content {
            page.element("p", &[], |page| {
                page.element("code", &[], |page| page.text(media_type));
                page.text(": ");
                describe::kind(page, schema);
                describe::about(page, schema);
            });
        }
    }
    answers(page, operation);
}

fn parameters(page: &mut Html, title: &str, parameters: &[Parameter]) {
    if parameters.is_empty() {
        return;
    }
    page.element("h3", &[], |page| page.text(title));
    page.table(&["Name", "Type", "Meaning"], |page| {
        for parameter in parameters {
            page.row(|page| {
                page.cell(|page| page.element("code", &[], |page| page.text(parameter.name)));
                page.cell(|page| describe::kind(page, &parameter.schema));
                page.cell(|page| describe::about(page, &parameter.schema));
            });
        }
    });
}

fn answers(page: &mut Html, operation: &Operation) {
    page.element("h3", &[], |page| page.text("Answers"));
    page.element("p", &[], |page| {
        page.element("code", &[], |page| {
            page.text(&operation.success.to_string());
        });
        page.text(": ");
        match &operation.answer {
            Answer::Nothing => page.text("no body"),
            Answer::Linked(schema) | Answer::Plain(schema) => describe::kind(page, schema),
            Answer::List(schema) => {
                page.text("list of ");
                describe::kind(page, schema);
            }
            Answer::Document(media_type) => {
                page.element("code", &[], |page| page.text(media_type));
            }
        }
    });
    statuses(page, "Also", operation.also);
    let errors = operation.error_statuses();
    statuses(page, "Errors", &errors);
}

fn statuses(page: &mut Html, title: &str, statuses: &[u16]) {
    if statuses.is_empty() {
        return;
    }
    let list: Vec<String> = statuses.iter().map(u16::to_string).collect();
    page.element("p", &[], |page| {
        page.text(&format!("{title}: "));
        page.element("code", &[], |page| page.text(&list.join(" ")));
    });
}

fn types(page: &mut Html, operations: &[Operation]) {
    page.element("h2", &[("id", "types")], |page| page.text("Types"));
    for (name, (schema, object)) in Types::of(operations).objects {
        let id = describe::type_anchor(name);
        page.element("details", &[], |page| {
            page.element("summary", &[], |page| {
                page.element("code", &[], |page| page.text(name));
            });
            page.element("div", &[("class", "inside"), ("id", &id)], |page| {
                type_table(page, schema, object);
            });
        });
    }
}

fn type_table(page: &mut Html, schema: &Schema, object: &Object) {
    if schema.about.is_some() {
        page.element("p", &[], |page| describe::about(page, schema));
    }
    page.table(&["Property", "Type", "Meaning"], |page| {
        for property in &object.properties {
            page.row(|page| property_row(page, property));
        }
    });
}

fn property_row(page: &mut Html, property: &Property) {
    let presence = match property.presence {
        Presence::Required => "",
        Presence::Optional => "may be left out",
        Presence::ReadOnly => "in answers only",
        Presence::WriteOnly => "in requests only",
    };
    page.cell(|page| {
        page.element("code", &[], |page| page.text(property.name));
        if !presence.is_empty() {
            page.void("br", &[]);
            page.element("span", &[("class", "note")], |page| page.text(presence));
        }
    });
    page.cell(|page| describe::kind(page, &property.schema));
    page.cell(|page| describe::about(page, &property.schema));
}

#[cfg(test)]
mod tests;
