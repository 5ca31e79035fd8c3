//! The reference of the gateway, written from the tables that decide.

use std::fmt::Write as _;

use bursar_meter::reference::fields;
use expect_test::expect_file;

use super::routes;
use crate::not_offered::{NOT_OFFERED, NotOffered};

fn reference() -> String {
    let mut text = "# What the gateway takes\n\n\
        Written from the code by its tests. Here is every route, with what it does to money and to what grants \
        own; every field of a body is on its endpoint's list with what it can do to the cost. Anything else \
        is refused.\n\n\
        What is stored lies in an account of the provider's that grants share, so a row here says whose it is; \
        to everybody else it does not exist. A response is stored where that is asked for (`store: true`), and \
        where leaving it out would make no sense: in the background, and after `previous_response_id`. \
        The provider would store every response; here one that nobody asks for again costs no row, and lies \
        in no shared account.\n\n\
        | route | metered by | held | priced | owned | limited |\n| --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for route in routes() {
        let (method, path, it) = (&route.method, &route.path, &route.effects);
        let _ = writeln!(
            text,
            "| `{method} {path}` | {} | {} | {} | {} | {} |",
            it.metered, it.held, it.priced, it.owned, it.limited
        );
    }
    text.push_str("\nRefused, with the reason:\n\n| path | why |\n| --- | --- |\n");
    for NotOffered { path, below, why } in &NOT_OFFERED {
        let below = if *below { " and all below it" } else { "" };
        let _ = writeln!(text, "| `{path}`{below} | {why} |");
    }
    text.push_str(&fields());
    text.push_str(&bursar_realtime::reference::events());
    text
}

#[test]
fn the_reference_says_what_the_tables_say() {
    expect_file!["../../../../docs/GATEWAY.md"].assert_eq(&reference());
}
