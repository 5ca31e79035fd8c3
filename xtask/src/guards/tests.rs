//! The list of guards fits the tree.

use std::path::Path;

use super::list;
use super::list::Guard;

/// The sections of the document each of whose rows has a guard in the list. What keeps several
/// servers and crashes from losing money is taken out in the simulation above all.
const COVERED: [&str; 8] = [
    "Holds that are too small, or not there",
    "Streams, clients that leave, usage that is not told",
    "Several upstreams",
    "Files, batches and stored responses",
    "Prices and arithmetic",
    "Endpoints that go round the meter",
    "Keys, models and limits",
    "Rounds of review",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn each_guard_stands_once_in_its_file_and_its_row_names_its_test() {
    let guards = list::read(root()).unwrap();
    assert!(!guards.is_empty());
    let faults = list::faults(root(), &guards).unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn each_failure_of_a_call_has_a_guard_that_can_be_taken_out() {
    let guards = list::read(root()).unwrap();
    let uncovered = list::uncovered(root(), &guards).unwrap();
    let missing = uncovered.iter().filter(|(section, _)| COVERED.contains(&&**section));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&(String, String)>::new());
}

fn guard(find: &str, replace: &str) -> Guard {
    let text = str::to_owned;
    let (name, row, file, test) = (text("a-guard"), text("A row"), text("a.rs"), text("a::test"));
    Guard { name, row, file, find: text(find), replace: text(replace), test }
}

#[test]
fn a_guard_is_taken_out_where_it_stands_once_and_else_it_says_so() {
    let text = "if is_late { return; }\nif is_gone { return; }\n";
    let without = guard("if is_late { return; }\n", "").taken_out(text).unwrap();
    assert_eq!(without, "if is_gone { return; }\n");
    for (find, replace, said) in [
        ("if is_old", "", "its text is not in `a.rs`"),
        ("return;", "", "its text stands 2 times"),
        ("is_late", "is_late", "the guard itself"),
    ] {
        let error = guard(find, replace).taken_out(text).unwrap_err().to_string();
        assert!(error.starts_with("guard `a-guard`") && error.contains(said), "{error}");
    }
}
