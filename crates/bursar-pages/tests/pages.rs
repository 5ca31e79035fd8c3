//! Every page of the gallery keeps the promises of the design system.

mod gallery;
mod html;

use std::collections::BTreeSet;

use gallery::{HOSTILE, Sample, samples};
use html::{Element, elements, text_of};

/// Runs one rule over every page; a rule returns what is wrong.
fn check(rule: impl Fn(&Sample, &[Element]) -> Vec<String>) {
    let mut wrong = Vec::new();
    for sample in samples() {
        let elements = elements(&sample.html);
        wrong.extend(
            rule(&sample, &elements).into_iter().map(|what| format!("{}: {what}", sample.name)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn level(element: &Element) -> Option<usize> {
    ["h1", "h2", "h3", "h4"].iter().position(|tag| *tag == element.tag).map(|level| level + 1)
}

#[test]
fn one_first_heading_and_no_level_is_skipped() {
    check(|_, elements| {
        // The error summary stands before the first heading on purpose.
        let headings: Vec<(usize, &str)> = elements
            .iter()
            .filter(|element| element.text != "There is a problem")
            .filter_map(|element| Some((level(element)?, element.text.as_str())))
            .collect();
        let mut wrong = Vec::new();
        if headings.iter().filter(|(level, _)| *level == 1).count() != 1 {
            wrong.push("not exactly one h1".to_owned());
        }
        let mut last = 0;
        for (level, text) in headings {
            if last + 1 < level {
                wrong.push(format!("`{text}` skips from {last} to {level}"));
            }
            if text.trim().is_empty() {
                wrong.push("an empty heading".to_owned());
            }
            last = level;
        }
        wrong
    });
}

#[test]
fn every_control_has_a_label_and_every_reference_its_target() {
    check(|_, elements| {
        let ids: BTreeSet<&str> = elements.iter().filter_map(|element| element.get("id")).collect();
        let labelled: BTreeSet<&str> =
            elements.iter().filter(|e| e.tag == "label").filter_map(|e| e.get("for")).collect();
        let mut wrong = Vec::new();
        for element in elements {
            let control = matches!(element.tag.as_str(), "input" | "textarea" | "select")
                && element.get("type") != Some("hidden");
            if control && !element.get("id").is_some_and(|id| labelled.contains(id)) {
                wrong.push(format!("{element:?} has no label"));
            }
            for name in ["for", "aria-describedby", "aria-labelledby"] {
                let targets = element.get(name).unwrap_or_default().split_whitespace();
                wrong.extend(
                    targets
                        .filter(|id| !ids.contains(id))
                        .map(|id| format!("no `{id}` for {name}")),
                );
            }
            let within = element.get("href").and_then(|href| href.strip_prefix('#'));
            wrong.extend(
                within
                    .filter(|id| !ids.contains(id))
                    .map(|id| format!("a link leads to no `{id}`")),
            );
        }
        wrong
    });
}

#[test]
fn identifiers_are_unique() {
    check(|_, elements| {
        let mut seen = BTreeSet::new();
        let ids = elements.iter().filter_map(|element| element.get("id"));
        ids.filter(|id| !seen.insert(id.to_owned())).map(|id| format!("`{id}` twice")).collect()
    });
}

#[test]
fn links_and_buttons_say_where_they_lead() {
    check(|_, elements| {
        elements
            .iter()
            .filter(|element| matches!(element.tag.as_str(), "a" | "button" | "summary"))
            .filter(|element| element.text.trim().is_empty())
            .map(|element| format!("{element:?} has no text"))
            .collect()
    });
}

#[test]
fn tables_have_captions_and_headers() {
    check(|_, elements| {
        let count = |tag: &str| elements.iter().filter(|element| element.tag == tag).count();
        let mut wrong = Vec::new();
        if count("table") != count("caption") {
            wrong.push("a table without a caption".to_owned());
        }
        if count("table") != count("thead") {
            wrong.push("a table without headers".to_owned());
        }
        let scopes = elements.iter().filter(|e| e.tag == "th" && e.get("scope").is_none());
        wrong.extend(scopes.map(|th| format!("{th:?} has no scope")));
        wrong
    });
}

#[test]
fn nothing_is_inline_so_that_the_policy_can_be_strict() {
    check(|_, elements| {
        let mut wrong = Vec::new();
        for element in elements {
            if element.tag == "style" || element.get("style").is_some() {
                wrong.push(format!("{element:?} has an inline style"));
            }
            if element.tag == "script" && element.get("src").is_none() {
                wrong.push("an inline script".to_owned());
            }
            if element.attributes.iter().any(|(name, _)| name.starts_with("on")) {
                wrong.push(format!("{element:?} has an inline handler"));
            }
        }
        wrong
    });
}

#[test]
fn the_keyboard_goes_through_a_page_in_its_order() {
    check(|_, elements| {
        let jumps = |element: &&Element| {
            let index = element.get("tabindex");
            let is_ahead = index.is_some_and(|index| !["0", "-1"].contains(&index));
            is_ahead || element.get("accesskey").is_some()
        };
        elements.iter().filter(jumps).map(|element| format!("`{}` jumps", element.tag)).collect()
    });
}

#[test]
fn every_posting_form_carries_its_token() {
    check(|sample, elements| {
        let posts = elements.iter().filter(|e| e.get("method") == Some("post")).count();
        let tokens = elements.iter().filter(|e| e.get("name") == Some("csrf")).count();
        let wrong = posts != tokens;
        wrong
            .then(|| format!("{posts} forms and {tokens} tokens in {}", sample.name))
            .into_iter()
            .collect()
    });
}

#[test]
fn a_page_with_mistakes_says_so_in_its_title_and_first() {
    check(|sample, elements| {
        let wrong = sample.name.ends_with("-wrong");
        let title = elements.iter().find(|element| element.tag == "title");
        let says = title.is_some_and(|title| title.text.starts_with("Error: "));
        let summary = elements.iter().any(|element| element.get("data-focus").is_some());
        if says == wrong && summary == wrong {
            return vec![];
        }
        vec![format!("title says {says}, summary {summary}")]
    });
}

#[test]
fn what_people_type_is_text() {
    let mut met = 0;
    for sample in samples() {
        assert!(!sample.html.contains(HOSTILE), "{} lets markup through", sample.name);
        assert!(!sample.html.contains("<script>alert"), "{} lets a script through", sample.name);
        met += usize::from(text_of(&sample.html).contains("alert('x')"));
    }
    assert!(5 <= met, "only {met} pages show the hostile name");
}

#[test]
fn the_sandbox_is_labelled_wherever_it_answers() {
    check(|sample, elements| {
        let labelled = elements.iter().any(|element| element.get("class") == Some("sandbox-tag"));
        let expected = sample.html.contains("clock-banner");
        (labelled != expected).then(|| format!("labelled: {labelled}")).into_iter().collect()
    });
}

#[test]
fn the_style_sheet_stays_small_and_ours() {
    use bursar_pages::assets::{PASSKEYS, SCRIPT, STYLE};
    assert!(STYLE.lines().count() <= 700);
    // A page is read before its script: a third of it keeps drafts.
    assert!(SCRIPT.lines().count() <= 150);
    assert!(PASSKEYS.lines().count() <= 100);
    for text in [STYLE, SCRIPT, PASSKEYS] {
        assert!(
            !text.contains("http://") && !text.contains("https://") && !text.contains("@import")
        );
    }
}
