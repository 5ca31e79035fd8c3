//! What a person is told of a session's events: what each member does to the cost.

use std::fmt::Write as _;

use crate::fields::{EVENTS, Rule};

/// The lists of all events of a client's, as a table of a document.
pub fn events() -> String {
    let mut text = "\n## `GET /v1/realtime`\n\nA WebSocket session. Each event of a client's has \
        `type`, and may have `event_id`.\n\n| event | member | |\n| --- | --- | --- |\n"
        .to_owned();
    for (event, rule) in EVENTS {
        match rule {
            Rule::Inside([]) => {
                let _ = writeln!(text, "| `{event}` | | forwarded; costs nothing |");
            }
            Rule::Inside(list) => members(&mut text, event, "", list),
            rule @ (Rule::Free | Rule::Read | Rule::Input | Rule::NotOffered(_)) => {
                let _ = writeln!(text, "| `{event}` | | {} |", effect(rule));
            }
        }
    }
    text
}

fn members(text: &mut String, event: &str, path: &str, list: &[(&str, Rule)]) {
    for (name, rule) in list {
        let at = if path.is_empty() { (*name).to_owned() } else { format!("{path}.{name}") };
        if let Rule::Inside(list) = rule {
            members(text, event, &at, list);
        } else {
            let _ = writeln!(text, "| `{event}` | `{at}` | {} |", effect(*rule));
        }
    }
}

fn effect(rule: Rule) -> String {
    match rule {
        Rule::Free | Rule::Inside(_) => "forwarded; costs nothing".to_owned(),
        Rule::Read => "read, and bounded".to_owned(),
        Rule::Input => "counts as input".to_owned(),
        Rule::NotOffered(why) => {
            let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("refused: {}", why.replace(" hint: ", "; "))
        }
    }
}
