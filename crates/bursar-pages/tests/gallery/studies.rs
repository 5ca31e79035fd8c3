//! Studies: running, over their budget, closed; asked for, and asked about.

use bursar_kernel::{GrantId, StudyId};
use bursar_pages::spending::{PartRow, SpendingPage};
use bursar_pages::studies::{CloseStudy, MoveBudget, StudyForm, StudyKey, StudyPage, StudyRow};
use bursar_pages::ui::{Choice, Input, Status, Tone};

use super::people::input;
use super::researcher::chart;
use super::{HOSTILE, LONG, Sample, at, researcher, sample, usd};

pub(super) fn samples() -> Vec<Sample> {
    let path = "/studies/study_1";
    let closed = StudyPage {
        row: rows().remove(2),
        closed_at: Some(at("2026-11-20T10:00:00Z")),
        may_change: false,
        keys: Vec::new(),
        chart: None,
        notes: String::new(),
        models: Vec::new(),
        ..page()
    };
    let close = CloseStudy {
        study: study_id(),
        name: LONG.to_owned(),
        left: Some(usd("181.559")),
        keys: 2,
    };
    let wrong = StudyForm {
        study: Some(study_id()),
        input: input(
            &[("name", HOSTILE), ("budget", "1.5"), ("models", "gpt-5-mini"), ("notes", LONG)],
            &[
                ("budget", "The study has spent $18.441: enter more, or close it"),
                ("ends", "The end must be later than the start"),
            ],
        ),
        ..asked()
    };
    let share = MoveBudget {
        study: study_id(),
        name: "Pilot".to_owned(),
        budget: (usd("200"), usd("181.559")),
        others: vec![
            Choice::hinted("study_2", "Main run", "$500.00 left"),
            Choice::hinted("study_3", LONG, "$0.00 left"),
        ],
        input: input(&[("amount", "500")], &[("amount", "$181.559 of the budget is left")]),
    };
    let unspent =
        SpendingPage { parts: Vec::new(), chart: None, total: (usd("0"), 0), ..spending() };
    let of_study = SpendingPage {
        study: Some((study_id(), LONG.to_owned())),
        what: "Person",
        others: vec![("By key", "/grants/grant_1/spending?by=key&study=study_1".to_owned())],
        ..spending()
    };
    vec![
        sample("study", &page(), &researcher(path)),
        sample("study-closed", &closed, &researcher(path)),
        sample("study-new", &asked(), &researcher("/grants/grant_1/studies")),
        sample("study-wrong", &wrong, &researcher(path)),
        sample("study-move-wrong", &share, &researcher(path)),
        sample("spending", &spending(), &researcher("/grants/grant_1/spending")),
        sample("spending-study", &of_study, &researcher("/grants/grant_1/spending")),
        sample("spending-empty", &unspent, &researcher("/grants/grant_1/spending")),
        sample("study-close", &close, &researcher(path)),
    ]
}

pub(super) fn study_id() -> StudyId {
    StudyId::new(at("2026-06-01T00:00:00Z"), [1; 10])
}

/// Studies as a grant's page lists them.
pub(super) fn rows() -> Vec<StudyRow> {
    let row = |name: &str, status: Status, budget: Option<&str>, spent: &str| StudyRow {
        id: study_id(),
        name: name.to_owned(),
        tags: Vec::new(),
        is_open: status.label != "Closed",
        status,
        budget: budget.map(usd),
        spent: usd(spent),
        used_at: Some(at("2026-11-21T14:31:07Z")),
    };
    let mut rows = vec![
        row("Pilot", Status::new(Tone::Good, "Running"), Some("200"), "18.441"),
        row(LONG, Status::new(Tone::Warning, "Over its budget"), Some("50"), "61.2"),
        row("Closed one", Status::new(Tone::Neutral, "Closed"), None, "0"),
    ];
    rows[0].tags = vec!["agreement".to_owned(), "raters".to_owned()];
    rows[2].used_at = None;
    rows
}

fn page() -> StudyPage {
    let key = |name: &str, cap: Option<&str>, spent: &str| StudyKey {
        name: name.to_owned(),
        hint: "…x7q2".to_owned(),
        whose: (name == LONG).then(|| LONG.to_owned()),
        status: Status::new(Tone::Good, "Active"),
        cap: cap.map(usd),
        spent: usd(spent),
        used_at: Some(at("2026-11-21T14:31:07Z")),
    };
    StudyPage {
        row: rows().remove(0),
        grant: grant_id(),
        grant_title: LONG.to_owned(),
        stops: true,
        calls: 1_204,
        runs: (Some(at("2026-11-01T00:00:00Z")), Some(at("2027-03-01T00:00:00Z"))),
        closed_at: None,
        models: vec!["gpt-5-mini".to_owned(), "text-embedding-3-small".to_owned()],
        notes: "First 200 items, then all of them.\n\nAsk Grace before the second half.".to_owned(),
        chart: Some(chart()),
        keys: vec![key("laptop", Some("5"), "2.5"), key(LONG, None, "15.941")],
        may_change: true,
        may_move: true,
    }
}

fn spending() -> SpendingPage {
    let part = |name: &str, cost: &str, calls: u64, share: u32| PartRow {
        name: name.to_owned(),
        study: (name == LONG).then(study_id),
        cost: usd(cost),
        calls,
        each: Some(usd("0.021")),
        share,
    };
    SpendingPage {
        grant: grant_id(),
        title: LONG.to_owned(),
        study: None,
        what: "Study",
        others: vec![
            ("By model", "/grants/grant_1/spending?by=model".to_owned()),
            ("By key", "/grants/grant_1/spending?by=key".to_owned()),
        ],
        parts: vec![part(LONG, "61.2", 2_910, 768), part("No study", "18.441", 1_204, 231)],
        chart: Some(chart()),
        total: (usd("79.641"), 4_114),
    }
}

fn asked() -> StudyForm {
    let models = ["gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-4.1-mini", "text-embedding-3-small"];
    StudyForm {
        grant: grant_id(),
        grant_title: "Agreement of raters".to_owned(),
        study: None,
        models: models.map(|model| Choice::new(model, model)).to_vec(),
        input: Input {
            values: [("stops".to_owned(), "yes".to_owned())].into(),
            ..Input::default()
        },
    }
}

fn grant_id() -> GrantId {
    GrantId::new(at("2026-06-01T00:00:00Z"), [2; 10])
}
