//! Deciding: one application, a round, the officer's list.

use bursar_kernel::{Role, RoundId};
use bursar_pages::Frame;
use bursar_pages::apply::QuestionShown;
use bursar_pages::decide::{
    Applicant, ApplicationDecision, ApplicationsList, Approval, DecideRow, DecisionPanel,
    DeliveryPanel, LetterPreview, ReviewChange, ReviewShown, RoundPage, RoundRow, Rounds,
    ScreeningWord, Step, WaitingRow,
};
use bursar_pages::ui::{Choice, Input, Status, Tone};

use super::people::{answers, application, asked, input};
use super::{ARABIC, HOSTILE, LONG, Sample, at, frame, program, sample, usd};

fn officer(path: &str) -> Frame {
    frame(path, &[Role::Officer])
}

fn operator(path: &str) -> Frame {
    let roles = [Role::Researcher, Role::Reviewer, Role::Officer, Role::Operator];
    frame(path, &roles)
}

pub(super) fn samples() -> Vec<Sample> {
    let mut samples = deciding();
    samples.extend(approving());
    samples.extend(rounds());
    samples
}

/// An application that an officer decides on.
fn to_decide() -> ApplicationDecision {
    ApplicationDecision {
        id: application(),
        questions: vec![
            QuestionShown { take_back: Some("/decide/x/withdraw".to_owned()), ..asked(false) },
            asked(true),
        ],
        ask: Some(Input::default()),
        members: vec![
            ("Grace Hopper (grace@lab.example)".to_owned(), Status::new(Tone::Good, "Takes part")),
            (LONG.to_owned(), Status::new(Tone::Info, "Invited")),
        ],
        title: "Do code models sandbag when they review themselves?".to_owned(),
        program: "Researcher Access Program".to_owned(),
        round: "December 2026".to_owned(),
        status: Status::new(Tone::Info, "In review"),
        applicant: Applicant {
            name: ARABIC.to_owned(),
            email: "amara.okafor@cs.mak.ac.ug".to_owned(),
            orcids: vec!["0000-0002-1825-0097".to_owned()],
            bounced: Some("550 5.1.1 no such mailbox".to_owned()),
            affiliation: "Makerere University".to_owned(),
        },
        requested: Some(usd("2500")),
        typical_max: usd("1000"),
        pool_left: usd("18400"),
        screening: program::screening(),
        word: ScreeningWord { said: None, input: Some(Input::default()) },
        has_panel: true,
        keeps_list: true,
        priority: (vec![("Funding is limited.".to_owned(), 2)], 3),
        accepted: vec!["Usage policies, edition 2025-10-29, on 20 November 2026".to_owned()],
        answers: answers(false),
        earlier: Some((application(), program::changed())),
        progress: Some("Of $1000.00 granted, $320.00 was spent in 1200 calls.".to_owned()),
        estimate: Some(super::estimate::shown()),
        criteria: program::rubric(),
        mean: Some("74.3".to_owned()),
        delivery: None,
        reviews: vec![ReviewShown {
            reviewer: "Lena Vogt".to_owned(),
            recommendation: Status::new(Tone::Good, "Award"),
            comment: "A sharp question. The list of planted defects should be published."
                .to_owned(),
            scores: [("question".to_owned(), 4), ("method".to_owned(), 3)].into(),
            score: Some("72.0".to_owned()),
            for_officer: HOSTILE.to_owned(),
            at: at("2026-12-04T11:00:00Z"),
            changes: vec![ReviewChange {
                at: at("2026-12-04T11:00:00Z"),
                parts: vec![
                    ("Method".to_owned(), "2".to_owned(), "3".to_owned()),
                    ("Why".to_owned(), LONG.to_owned(), ARABIC.to_owned()),
                    ("For the officer only".to_owned(), String::new(), HOSTILE.to_owned()),
                ],
            }],
        }],
        panel: DecisionPanel::Open { input: Input::default() },
    }
}

/// An award with its second officer's word, and on its way.
fn approving() -> Vec<Sample> {
    let panel = |panel| ApplicationDecision { panel, ..to_decide() };
    let approved = panel(DecisionPanel::Decided {
        summary: "Award of $2,500.00, decided by Ibrahim Sesay on 10 December 2026".to_owned(),
        reasons: "The reviewers liked the planted defects.".to_owned(),
        above: Some("Eight labs.".to_owned()),
        approval: Some(Approval::Given { by: LONG.to_owned() }),
        input: None,
        step: None,
    });
    let delivery = |input| DeliveryPanel {
        announced: (at("2027-01-29T00:00:00Z"), at("2027-02-12T00:00:00Z")),
        set: None,
        arrived: None,
        input,
    };
    let accepted = ApplicationDecision {
        delivery: Some(delivery(Input::default())),
        reviews: Vec::new(),
        ..approved.clone()
    };
    let wrong_day = input(&[("day", "2027-03-01")], &[("day", "The day must be in the range")]);
    let wrong_day = ApplicationDecision { delivery: Some(delivery(wrong_day)), ..approved.clone() };
    vec![
        sample("decide-approved", &approved, &officer("/decide/applications/x")),
        sample("decide-accepted", &accepted, &officer("/decide/applications/x")),
        sample("decide-day-wrong", &wrong_day, &officer("/decide/applications/x")),
    ]
}

fn deciding() -> Vec<Sample> {
    let open = to_decide();
    let panel = |panel| ApplicationDecision { panel, ..open.clone() };
    let wrong = panel(DecisionPanel::Open {
        input: input(
            &[("decision", "award"), ("amount", "2500")],
            &[
                ("reasons", "Enter the reasons that the applicant will read"),
                ("justification", "Say why this award is more than $1,000.00"),
            ],
        ),
    });
    let decided = panel(DecisionPanel::Decided {
        summary: "Award of $850.00, decided by Ibrahim Sesay on 10 December 2026".to_owned(),
        reasons: "The reviewers liked the planted defects.".to_owned(),
        above: Some(HOSTILE.to_owned()),
        approval: Some(Approval::Waits),
        input: Some(Input::default()),
        step: Some(Step::TakeBack),
    });
    let waits = ApplicationDecision {
        status: Status::new(Tone::Info, "On the waiting list"),
        word: screened(),
        ..panel(DecisionPanel::Decided {
            summary: "Place 2 on the waiting list, for $850.00, decided by Ibrahim Sesay"
                .to_owned(),
            reasons: "A good question, a place behind the line.".to_owned(),
            above: None,
            approval: None,
            input: None,
            step: Some(Step::Offer),
        })
    };
    let desk = |input| ApplicationDecision {
        status: Status::new(Tone::Info, "Submitted"),
        reviews: Vec::new(),
        ..panel(DecisionPanel::Desk { begins: "1 December 2026".to_owned(), input })
    };
    let desk_wrong = desk(input(&[], &[("reasons", "Enter the reasons")]));
    let desk = desk(Input::default());
    let word_wrong = ApplicationDecision {
        word: ScreeningWord {
            input: Some(input(&[("reason", HOSTILE)], &[("eligible", "Select it")])),
            ..screened()
        },
        ..open.clone()
    };
    vec![
        sample("applications", &list(), &officer("/decide/applications")),
        sample(
            "applications-empty",
            &ApplicationsList { rows: vec![], ..list() },
            &operator("/decide/applications"),
        ),
        sample("decide", &open, &officer("/decide/applications/x")),
        sample("decide-wrong", &wrong, &officer("/decide/applications/x")),
        sample("decide-decided", &decided, &officer("/decide/applications/x")),
        sample("decide-waits", &waits, &officer("/decide/applications/x")),
        sample("decide-desk", &desk, &officer("/decide/applications/x")),
        sample("decide-desk-wrong", &desk_wrong, &officer("/decide/applications/x")),
        sample("decide-screening-wrong", &word_wrong, &officer("/decide/applications/x")),
    ]
}

fn screened() -> ScreeningWord {
    let said = Status::new(Tone::Bad, "Not eligible");
    let by = format!("{LONG}, 24 November 2026");
    ScreeningWord { said: Some((said, by, HOSTILE.to_owned())), input: None }
}

fn list() -> ApplicationsList {
    let row =
        |title: &str, applicant: &str, tone, label: &str, requested: Option<&str>| DecideRow {
            id: application(),
            title: title.to_owned(),
            applicant: applicant.to_owned(),
            round: "December 2026".to_owned(),
            status: Status::new(tone, label),
            notes: vec![Status::new(Tone::Warning, "Needs approval")],
            requested: requested.map(usd),
            submitted_at: Some(at("2026-11-20T16:30:00Z")),
        };
    let choices = |items: &[(&str, &str)]| {
        items.iter().map(|(value, label)| Choice::new(*value, *label)).collect::<Vec<_>>()
    };
    let counts = [("Submitted", 12), ("In review", 31), ("Decided", 8), ("Awarded", 5)];
    ApplicationsList {
        questions: 3,
        counts: counts.map(|(label, count)| (label.to_owned(), count)).to_vec(),
        states: choices(&[("", "All states"), ("review", "In review")]),
        rounds: choices(&[("", "All rounds"), ("2026-12", "December 2026")]),
        orders: choices(&[("latest", "Latest first"), ("title", "By title")]),
        words: "okafor \"models\"".to_owned(),
        state: String::new(),
        round: "2026-12".to_owned(),
        order: "latest".to_owned(),
        rows: vec![
            row("Do code models sandbag?", "Amara Okafor", Tone::Info, "In review", Some("2500")),
            row("Probing refusals", ARABIC, Tone::Info, "In review", None),
            row(LONG, LONG, Tone::Good, "Award", Some("1000")),
            row(HOSTILE, "Jo", Tone::Neutral, "Declined", Some("400")),
        ],
        newer: None,
        older: Some("?page=2".to_owned()),
        position: "1 to 4 of 56".to_owned(),
    }
}

fn round() -> RoundPage {
    RoundPage {
        program: program::id(),
        program_name: "Researcher Access Program".to_owned(),
        round: RoundId::new("2026-12"),
        label: "December 2026".to_owned(),
        status: Status::new(Tone::Info, "Open"),
        begins: at("2026-12-01T00:00:00Z"),
        ends: at("2027-01-01T00:00:00Z"),
        awards: (12, usd("10350")),
        declines: 17,
        waiting: 3,
        undecided: 2,
        pool_after: usd("8050"),
        letters: vec![LetterPreview {
            id: application(),
            to: LONG.to_owned(),
            subject: "Your application has been awarded".to_owned(),
            outcome: Status::new(Tone::Good, "Award of $850.00"),
            text: "Dear applicant,\n\nyour application has been awarded.".to_owned(),
        }],
        released_at: None,
        blocked: None,
        has_panel: true,
        unapproved: 0,
        waiting_list: vec![
            WaitingRow {
                id: application(),
                title: LONG.to_owned(),
                amount: usd("850"),
                until: Some(at("2027-04-01T00:00:00Z")),
            },
            WaitingRow {
                id: application(),
                title: HOSTILE.to_owned(),
                amount: usd("1000"),
                until: None,
            },
        ],
        came_back: usd("500"),
    }
}

fn rounds() -> Vec<Sample> {
    let row = |label: &str, tone, state: &str, decided| RoundRow {
        program: program::id(),
        program_name: "Researcher Access Program".to_owned(),
        round: RoundId::new("2026-12"),
        label: label.to_owned(),
        status: Status::new(tone, state),
        begins: at("2026-12-01T00:00:00Z"),
        ends: at("2027-01-01T00:00:00Z"),
        applications: 31,
        decided,
    };
    let all = Rounds {
        rows: vec![
            row("December 2026", Tone::Info, "Open", 8),
            row("September 2026", Tone::Good, "Released", 31),
        ],
    };
    let ready = round();
    let blocked = RoundPage {
        unapproved: 2,
        waiting_list: vec![],
        blocked: Some(
            "the awards are $120.00 more than the pool holds. Add money or award less.".into(),
        ),
        letters: vec![],
        pool_after: usd("-120"),
        ..ready.clone()
    };
    let released = RoundPage {
        released_at: Some(at("2027-01-01T08:00:00Z")),
        status: Status::new(Tone::Good, "Released"),
        ..ready.clone()
    };
    vec![
        sample("rounds", &all, &officer("/decide/rounds")),
        sample("rounds-empty", &Rounds { rows: vec![] }, &officer("/decide/rounds")),
        sample("round", &ready, &officer("/decide/rounds/x/y")),
        sample("round-blocked", &blocked, &officer("/decide/rounds/x/y")),
        sample("round-released", &released, &officer("/decide/rounds/x/y")),
    ]
}
