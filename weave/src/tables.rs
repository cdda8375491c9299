//! Tables that scroll in a box of their own, which the keyboard reaches too.
//!
//! mdBook puts a table into a box that scrolls, but only a mouse can scroll it. So tables are turned into HTML here.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd, html};

use crate::typeset::escape;
use crate::weave::MARKDOWN;

/// Replaces every table of a text by its HTML; `name` is that of the chapter, and tells the boxes apart.
pub fn boxed(text: &str, name: &str) -> String {
    let mut boxed = String::with_capacity(text.len());
    let mut done = 0;
    for (count, (range, html)) in tables(text).into_iter().enumerate() {
        boxed.push_str(&text[done..range.start]);
        let label = format!("Table {} of {}", count + 1, escape(name));
        boxed.push_str(&format!(
            "<div class=\"table-wrapper\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\">{html}</div>\n"
        ));
        done = range.end;
        // A blank line ends the block of HTML.
        if !text[done..].starts_with('\n') {
            boxed.push('\n');
        }
    }
    boxed + &text[done..]
}

/// The tables of a text as HTML on one line. One with a footnote is left to mdBook, which numbers them.
fn tables(text: &str) -> Vec<(Range<usize>, String)> {
    let mut tables = vec![];
    let mut events = Parser::new_ext(text, MARKDOWN).into_offset_iter();
    while let Some((event, range)) = events.next() {
        if !matches!(event, Event::Start(Tag::Table(_))) {
            continue;
        }
        let mut inside = vec![event];
        for (event, _) in events.by_ref() {
            let last = event == Event::End(TagEnd::Table);
            inside.push(event);
            if last {
                break;
            }
        }
        if inside.iter().any(|event| matches!(event, Event::FootnoteReference(_))) {
            continue;
        }
        let mut html = String::new();
        html::push_html(&mut html, inside.into_iter());
        // A heading without words heads nothing.
        let html = html.replace('\n', "").replace("<th></th>", "<td></td>");
        tables.push((range, html));
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_put_into_a_box_and_the_rest_is_left_alone() {
        let text = "before\n\n| | b |\n|---|--:|\n| `x*y` | &#42;<i>z</i>&#95; |\n\nafter *all*\n";
        let boxed = boxed(text, "A & B");
        assert!(boxed.starts_with("before\n\n<div class=\"table-wrapper\" tabindex=\"0\" role=\"region\""));
        assert!(
            boxed.contains("aria-label=\"Table 1 of A &amp; B\"")
                && boxed.ends_with("</div>\n\nafter *all*\n")
        );
        assert!(boxed.contains("<td></td><th style=\"text-align: right\">b</th>"));
        assert!(boxed.contains("<code>x*y</code>") && boxed.contains("*<i>z</i>_"));
        assert_eq!(boxed.lines().count(), 5);
    }

    #[test]
    fn a_table_with_a_footnote_is_left_to_mdbook() {
        let text = "| a |\n|---|\n| b[^1] |\n\n[^1]: c\n";
        assert_eq!(boxed(text, "A"), text);
    }
}
