//! Builds HTML in which text is always escaped and every element is closed.

/// A document under construction.
pub(super) struct Html {
    text: String,
}

impl Html {
    /// An empty HTML 5 document.
    pub(super) fn document() -> Self {
        Self {
            text: "<!DOCTYPE html>".to_owned(),
        }
    }

    /// The document.
    pub(super) fn finish(mut self) -> String {
        self.text.push('\n');
        self.text
    }

    /// An element and what is inside.
    pub(super) fn element(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
        inside: impl FnOnce(&mut Self),
    ) {
        self.void(name, attributes);
        inside(self);
        self.text.extend(["</", name, ">"]);
    }

    /// An element that has no inside, such as `br`.
    pub(super) fn void(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) {
        self.text.extend(["<", name]);
        for (attribute, value) in attributes {
            self.text.extend([" ", attribute, "=\""]);
            self.text(value);
            self.text.push('"');
        }
        self.text.push('>');
    }

    /// Text, escaped for content and for quoted attributes.
    pub(super) fn text(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\'' => self.text.push_str("&#39;"),
                other => self.text.push(other),
            }
        }
    }

    /// A style sheet, which is not escaped: its digest is in the content security policy.
    pub(super) fn style(&mut self, sheet: &'static str) {
        self.text.extend(["<style>", sheet, "</style>"]);
    }

    /// A link.
    pub(super) fn link(&mut self, target: &str, text: &str) {
        self.element("a", &[("href", target)], |html| html.text(text));
    }

    /// A table with these column headings.
    pub(super) fn table(&mut self, headings: &[&str], rows: impl FnOnce(&mut Self)) {
        self.element("table", &[], |html| {
            html.element("thead", &[], |html| {
                html.row(|html| {
                    for heading in headings {
                        html.element("th", &[("scope", "col")], |html| html.text(heading));
                    }
                });
            });
            html.element("tbody", &[], rows);
        });
    }

    /// A row of a table.
    pub(super) fn row(&mut self, cells: impl FnOnce(&mut Self)) {
        self.element("tr", &[], cells);
    }

    /// A cell of a row.
    pub(super) fn cell(&mut self, inside: impl FnOnce(&mut Self)) {
        self.element("td", &[], inside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_cannot_leave_their_place() {
        let mut html = Html::document();
        html.element("p", &[("id", "\"><script>")], |html| {
            html.text("<script>'&'</script>");
            html.void("br", &[]);
        });
        assert_eq!(
            html.finish(),
            concat!(
                "<!DOCTYPE html><p id=\"&quot;&gt;&lt;script&gt;\">",
                "&lt;script&gt;&#39;&amp;&#39;&lt;/script&gt;<br></p>\n"
            )
        );
    }
}
