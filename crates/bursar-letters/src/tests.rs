//! Every letter, by its sample.

use bursar_kernel::Program;
use proptest::prelude::*;

use super::*;

fn program() -> Program {
    bursar_program::shipped(&bursar_catalog::shipped()).remove(0)
}

/// The words of a page: what stands between tags, with what was escaped as it was.
fn words(html: &str) -> Vec<String> {
    let mut text = String::new();
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                text.push(' ');
            }
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    let text = text.replace("&amp;", "&").replace(" : ", ": ");
    text.split_whitespace().map(str::to_owned).collect()
}

fn words_of_text(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.strip_prefix("- ").unwrap_or(line));
    lines.flat_map(str::split_whitespace).map(str::to_owned).collect()
}

#[test]
fn every_letter_has_a_sample_with_nothing_left_open() {
    let program = program();
    for kind in register() {
        let letter = kind.sample(&program);
        assert_eq!(letter.name, kind.name);
        assert!(!kind.when.is_empty());
        let text = letter.text();
        for open in ["{", "}", "None", "Some(", "TODO", "  "] {
            let all = format!("{}\n{text}", letter.subject);
            assert!(!all.contains(open), "`{open}` is left in {}:\n{all}", kind.name);
        }
        assert!(text.lines().all(|line| !line.trim_end().ends_with('$')), "{text}");
        assert!(letter.subject.chars().count() < 110, "{}", letter.subject);
    }
}

#[test]
fn names_are_unique_and_every_letter_is_found_by_its_name() {
    for kind in register() {
        let same = register().iter().filter(|other| other.name == kind.name);
        assert_eq!(same.count(), 1, "{}", kind.name);
        assert_eq!(super::kind(kind.name).unwrap().when, kind.when);
    }
    assert!(kind("gone").is_none());
}

#[test]
fn text_and_html_say_the_same() {
    let program = program();
    for kind in register() {
        let letter = kind.sample(&program);
        assert_eq!(words(&letter.html()), words_of_text(&letter.text()), "{}", kind.name);
        for url in letter.links() {
            assert!(letter.text().contains(url) && letter.html().contains(&format!("\"{url}\"")));
        }
    }
}

/// Where a letter may lead: pages, each of which only shows something when it is opened.
const PAGES: [&str; 27] = [
    "account",
    "account/erase",
    "erasure/*",
    "",
    "sign-in/*",
    "applications/*",
    "applications/*/questions/*",
    "invitations/*",
    "decide/applications/*",
    "programs/*",
    "grants/*",
    "grants",
    "grants/*/people",
    "grants/invitations/*",
    "grants/*/next",
    "grants/*/sell",
    "grants/*/return",
    "grants/*/models/*",
    "grants/*/card/*",
    "decide/access",
    "estimate",
    "sponsor/*",
    "asked/*",
    "applications/*/evidence",
    "reviews",
    "market/listings/*",
    "market/trades/*",
];

#[test]
fn every_link_leads_to_a_page_and_never_to_an_action() {
    let program = program();
    let is_page = |path: &str| {
        PAGES.iter().any(|page| {
            let (page, path) = (page.split('/'), path.split('/'));
            page.clone().count() == path.clone().count()
                && page
                    .zip(path)
                    .all(|(wanted, found)| wanted == found || (wanted == "*" && !found.is_empty()))
        })
    };
    let mut links = 0;
    for kind in register() {
        let letter = kind.sample(&program);
        for url in letter.links() {
            let path = url.strip_prefix(register::base()).expect("a page of this installation");
            let path = path.strip_prefix('/').unwrap_or(path);
            assert!(is_page(path), "{}: {url}", kind.name);
            links += 1;
        }
        assert!(letter.links().next().is_some(), "{} leads nowhere", kind.name);
    }
    assert!(register().len() < links);
}

proptest! {
    #[test]
    fn whatever_somebody_writes_stays_text(words in "\\PC{0,200}|(\\PC{0,20}[\n<>&\"']){0,9}") {
        let letter = stopped(&words, &words, "https://credits.example.edu/grants/x");
        let html = letter.html();
        let inside = html.replace("</a>", "").replace("</p>", "").replace("</blockquote>", "");
        for tag in ["<p>", "<br>", "<blockquote dir=\"auto\">"] {
            prop_assert!(html.contains(tag));
        }
        let rest = inside.replace("<p>", "").replace("<br>", "");
        let rest = rest.replace("<blockquote dir=\"auto\">", "");
        let rest = rest.replace("<a href=\"https://credits.example.edu/grants/x\">", "");
        prop_assert!(!rest.contains(['<', '>', '"']), "{rest}");
        prop_assert!(!letter.subject.contains(['\r', '\n']));
    }

    #[test]
    fn a_subject_is_one_line(words in "(\\PC{0,9}[\r\n\t\u{b}\u{85}\u{2028}]){0,9}") {
        let letter = submitted(&words, "https://x.example", "2027-03", "soon");
        let turns = ['\r', '\n', '\u{85}', '\u{2028}'];
        prop_assert!(!letter.subject.contains(turns));
    }
}
