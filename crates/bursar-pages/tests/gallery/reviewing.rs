//! Panels: who reviews what, what reviewers are asked, and what they say of themselves.

use std::collections::BTreeMap;

use bursar_kernel::{AssignmentId, ConflictId, ProgramId, Role, RoundId};
use bursar_pages::reviewing::asked::{AnotherDatePage, InvitationPage, StepBackPage};
use bursar_pages::reviewing::offline::{MistakeShown, OfflinePage, TakenShown};
use bursar_pages::reviewing::panel::{
    ApplicationRow, INVITED, PROPOSED, PanelPage, READING, REVIEWED, ReviewerRow,
};
use bursar_pages::reviewing::past::{Counted, LetterOfService, PastPage};
use bursar_pages::reviewing::profile::ProfileForm;
use bursar_pages::reviewing::proposal::{ApprovalPage, ProposalPage, ProposedRow, ToApproveRow};
use bursar_pages::reviewing::ranking::{RankedRow, RankingPage, ReviewerShown};
use bursar_pages::reviewing::report::{AcceptanceShown, ReportPage, WorkShown};
use bursar_pages::reviewing::reviewers::{ConflictShown, LineShown, ReviewersPage};
use bursar_pages::reviewing::similar::{SimilarPage, SimilarRow};
use bursar_pages::routes;
use bursar_pages::ui::{Answer, Choice, Input, Status, Tone};

use super::people::{application, input};
use super::{ARABIC, HOSTILE, LONG, Sample, at, frame, sample, usd};

pub(super) fn samples() -> Vec<Sample> {
    let mut samples = panels();
    samples.extend(reviewers());
    samples.extend(rankings());
    samples.extend(proposals());
    samples.extend(approvals());
    samples.extend(likes());
    samples.extend(reports());
    samples.extend(asked());
    samples.extend(profiles());
    samples.extend(offline());
    samples.extend(past());
    samples
}

fn past() -> Vec<Sample> {
    let counted = |program: &str, round: &str, reviews| Counted {
        program: program.to_owned(),
        round: round.to_owned(),
        reviews,
    };
    let counts = vec![
        counted("OpenAI Researcher Access Program", "December 2026", 12),
        counted(LONG, "", 1),
    ];
    let review = |title: &str| {
        let of = "OpenAI Researcher Access Program, December 2026 round".to_owned();
        (title.to_owned(), of, at("2026-12-04T11:00:00Z"))
    };
    let page = PastPage {
        counted: counts.clone(),
        reviews: vec![review(HOSTILE), review(LONG), review(ARABIC)],
        total: 13,
        input: input(&[("from", "2026-12-04"), ("until", "2027-01-31")], &[]),
    };
    let wrong = PastPage {
        input: input(
            &[("from", "2027-02-01"), ("until", "2027-01-31")],
            &[("until", "Enter a day that is not before the first")],
        ),
        ..page.clone()
    };
    let none = PastPage { counted: vec![], reviews: vec![], total: 0, ..page.clone() };
    let letter = LetterOfService {
        name: LONG.to_owned(),
        installation: "credits.example.edu".to_owned(),
        days: (jiff::civil::date(2026, 12, 4), jiff::civil::date(2027, 1, 31)),
        counted: counts,
        at: at("2027-01-31T11:00:00Z"),
    };
    let empty = LetterOfService { counted: vec![], ..letter.clone() };
    let frame = |path: &str| frame(path, &[Role::Reviewer]);
    vec![
        sample("reviews-past", &page, &frame(routes::REVIEW_PAST)),
        sample("reviews-past-none", &none, &frame(routes::REVIEW_PAST)),
        sample("reviews-past-wrong", &wrong, &frame(routes::REVIEW_LETTER)),
        sample("letter-of-service", &letter, &frame(routes::REVIEW_LETTER)),
        sample("letter-of-service-none", &empty, &frame(routes::REVIEW_LETTER)),
    ]
}

fn offline() -> Vec<Sample> {
    let page = OfflinePage {
        open: 12,
        most: "4 MB".to_owned(),
        input: Input::default(),
        mistakes: vec![],
        taken: vec![],
    };
    let clash = |asks: &str, draft: &str, file: &str| {
        ("comment".to_owned(), asks.to_owned(), draft.to_owned(), file.to_owned())
    };
    let clashed = OfflinePage {
        taken: vec![TakenShown {
            id: application(),
            title: LONG.to_owned(),
            clashes: vec![clash("Why?", ARABIC, HOSTILE), clash("For the officer only", "", LONG)],
            was: "comment:00".to_owned(),
        }],
        ..page.clone()
    };
    let mistake = |line, what: &str| MistakeShown {
        line,
        what: what.to_owned(),
        hint: "write a whole number from 1 to 5".to_owned(),
    };
    let wrong = OfflinePage {
        mistakes: vec![mistake(33, "“9” is no score for “The method”"), mistake(1_200, HOSTILE)],
        ..page.clone()
    };
    let unchosen = OfflinePage {
        open: 1,
        input: input(&[], &[("file", "Choose the file that you filled in")]),
        ..page.clone()
    };
    let none = OfflinePage { open: 0, ..page.clone() };
    let frame = || frame(routes::REVIEW_OFFLINE, &[Role::Reviewer]);
    vec![
        sample("review-offline", &page, &frame()),
        sample("review-offline-none", &none, &frame()),
        sample("review-offline-clash", &clashed, &frame()),
        sample("review-offline-mistakes-wrong", &wrong, &frame()),
        sample("review-offline-file-wrong", &unchosen, &frame()),
    ]
}

fn round() -> (ProgramId, RoundId) {
    (ProgramId::new("openai-researcher-access"), RoundId::new("2026-12"))
}

fn topics() -> Vec<String> {
    ["Fairness and representation", "Robustness and evaluation"].map(str::to_owned).to_vec()
}

fn panels() -> Vec<Sample> {
    let (program, round) = round();
    let line = |name: &str, tone, says: &str| (name.to_owned(), Status::new(tone, says));
    let row = |title: &str, reviewers, missing| ApplicationRow {
        id: application(),
        title: title.to_owned(),
        topics: topics(),
        reviewers,
        missing,
    };
    let person = |name: &str, load, away| ReviewerRow {
        name: name.to_owned(),
        topics: topics(),
        load,
        reviewed: 1,
        away,
    };
    let planned = PanelPage {
        program: program.clone(),
        program_name: "OpenAI Researcher Access Program".to_owned(),
        round: round.clone(),
        label: "December 2026".to_owned(),
        review: (at("2026-12-01T00:00:00Z"), at("2027-01-01T00:00:00Z")),
        due: at("2026-12-22T00:00:00Z"),
        reviews: 2,
        rows: vec![
            row(
                HOSTILE,
                vec![line(LONG, PROPOSED, "Planned"), line("Ada", PROPOSED, "Planned")],
                0,
            ),
            row("Do refusals differ by the language of the request?", vec![], 2),
        ],
        reviewers: vec![
            person(LONG, (4, 12), false),
            person(ARABIC, (0, 3), true),
            ReviewerRow { topics: vec![], ..person("Noriko Hayashida", (1, 12), false) },
        ],
        seed: 202_612,
    };
    let reading = PanelPage {
        rows: vec![
            row(HOSTILE, vec![line(LONG, REVIEWED, "Sent in"), line("Ada", READING, "Reading")], 0),
            row(
                "What do rubrics leave out?",
                vec![
                    line(ARABIC, INVITED, "Asked"),
                    line("Eve", Tone::Bad, "Conflict of interest"),
                ],
                0,
            ),
        ],
        ..planned.clone()
    };
    let empty = PanelPage { rows: vec![], reviewers: vec![], ..planned.clone() };
    let path = routes::round_panel(&program, &round);
    let frame = || frame(&path, &[Role::Officer]);
    let mut refused = frame();
    refused.problem = Some("Invite somebody with a conflict of interest: plan again.".to_owned());
    vec![
        sample("panel-planned", &planned, &frame()),
        sample("panel-reading", &reading, &frame()),
        sample("panel-empty", &empty, &frame()),
        sample("panel-refused-wrong", &planned, &refused),
    ]
}

fn rankings() -> Vec<Sample> {
    let (program, round) = round();
    let row = |place, title: &str, adjusted: Option<(&str, &str)>, funded, band| RankedRow {
        id: application(),
        place,
        title: title.to_owned(),
        raw: adjusted.map(|_| "78.0".to_owned()),
        adjusted: adjusted.map(|(at, may)| (at.to_owned(), may.to_owned())),
        moved: if band { -2 } else { 1 },
        scores: 2,
        disagreement: band.then(|| "44 points apart".to_owned()),
        amount: usd("850"),
        why: "funded by its place".to_owned(),
        is_funded: funded,
        in_band: band,
    };
    let full = RankingPage {
        program: program.clone(),
        round: round.clone(),
        label: "December 2026".to_owned(),
        warning: Some("2 groups of applications have no reviewer in common".to_owned()),
        confidence: 80,
        rows: vec![
            row(1, HOSTILE, Some(("81.2", "74.0 to 88.4")), true, false),
            row(2, LONG, Some(("71.0", "63.1 to 78.9")), true, true),
            row(3, ARABIC, Some(("70.2", "62.0 to 78.4")), false, true),
            row(4, "Nobody scored this", None, false, false),
        ],
        money: (usd("2000"), usd("1700"), usd("300")),
        reviewers: vec![
            ReviewerShown {
                name: LONG.to_owned(),
                scores: 8,
                severity: Some("+6.1 ± 2.3".to_owned()),
                agreement: Some("0.71".to_owned()),
            },
            ReviewerShown { name: ARABIC.to_owned(), scores: 1, severity: None, agreement: None },
        ],
        draw: vec![],
        input: Input::default(),
    };
    let drawn = RankingPage {
        warning: None,
        draw: vec![
            ("0d0337a342a4b717f0d29e1c71b6d808".repeat(2), LONG.to_owned()),
            ("cc1cbdf4076404a42c3cdb0bc7d1c08f".repeat(2), ARABIC.to_owned()),
        ],
        input: input(&[("pool", "2000"), ("seed", "a seed for the tests")], &[]),
        ..full.clone()
    };
    let wrong = RankingPage {
        input: input(&[("pool", "much")], &[("pool", "Enter an amount in dollars, like 850")]),
        ..full.clone()
    };
    let empty = RankingPage { rows: vec![], warning: None, ..full.clone() };
    let path = routes::round_ranking(&program, &round);
    let frame = || frame(&path, &[Role::Officer]);
    vec![
        sample("ranking", &full, &frame()),
        sample("ranking-drawn", &drawn, &frame()),
        sample("ranking-wrong", &wrong, &frame()),
        sample("ranking-empty", &empty, &frame()),
    ]
}

fn proposals() -> Vec<Sample> {
    let (program, round) = round();
    let row = |place, title: &str, outcome| ProposedRow {
        id: application(),
        place,
        title: title.to_owned(),
        outcome,
    };
    let said =
        |tone, text: &str, amount: Option<&str>| Ok((Status::new(tone, text), amount.map(usd)));
    let full = ProposalPage {
        program: program.clone(),
        round: round.clone(),
        label: "December 2026".to_owned(),
        rows: vec![
            row(1, HOSTILE, said(Tone::Good, "Awarded", Some("850"))),
            row(2, LONG, Err("nobody has scored it".to_owned())),
            row(3, ARABIC, said(Tone::Info, "On the waiting list", Some("1000"))),
            row(4, "Probing refusals", said(Tone::Neutral, "Declined", None)),
        ],
        counts: (1, usd("850"), 1, 1, 1),
        keeps_list: true,
        stamp: "0123abcd".to_owned(),
        has_changed: false,
        input: input(&[("waiting", "3")], &[]),
    };
    let wrong = ProposalPage {
        input: input(
            &[("pool", "2000"), ("seed", "short"), ("reasons-award", HOSTILE)],
            &[("seed", "Too short"), ("reasons-decline", "Enter the reasons")],
        ),
        ..full.clone()
    };
    let changed = ProposalPage { has_changed: true, ..full.clone() };
    let empty = ProposalPage {
        rows: vec![],
        counts: (0, usd("0"), 0, 0, 0),
        keeps_list: false,
        ..full.clone()
    };
    let frame = |path: String| frame(&path, &[Role::Officer]);
    let path = || frame(routes::round_proposal(&program, &round));
    vec![
        sample("round-proposal", &full, &path()),
        sample("round-proposal-wrong", &wrong, &path()),
        sample("round-proposal-changed", &changed, &path()),
        sample("round-proposal-empty", &empty, &path()),
    ]
}

fn approvals() -> Vec<Sample> {
    let (program, round) = round();
    let approval = ApprovalPage {
        program: program.clone(),
        round: round.clone(),
        label: "December 2026".to_owned(),
        rows: vec![
            ToApproveRow {
                id: application(),
                title: LONG.to_owned(),
                outcome: Status::new(Tone::Good, "Awarded"),
                amount: Some(usd("2500")),
                by: ARABIC.to_owned(),
            },
            ToApproveRow {
                id: application(),
                title: HOSTILE.to_owned(),
                outcome: Status::new(Tone::Info, "On the waiting list"),
                amount: Some(usd("850")),
                by: LONG.to_owned(),
            },
        ],
        own: 1,
        stamp: "0123abcd".to_owned(),
        has_changed: true,
    };
    let none = ApprovalPage { rows: vec![], own: 0, has_changed: false, ..approval.clone() };
    let path = routes::round_approve(&program, &round);
    let frame = || frame(&path, &[Role::Officer]);
    vec![
        sample("round-approve", &approval, &frame()),
        sample("round-approve-empty", &none, &frame()),
    ]
}

fn likes() -> Vec<Sample> {
    let words = "We plant forty known defects in code of three models, and ask each to review it.";
    let like = SimilarPage {
        id: application(),
        title: LONG.to_owned(),
        rows: vec![
            SimilarRow {
                id: application(),
                title: HOSTILE.to_owned(),
                detail: format!("Researcher Access Program, 2026-09, {ARABIC}"),
                status: Status::new(Tone::Neutral, "Declined"),
                alike: "37.5 %".to_owned(),
                contained: "61 %".to_owned(),
                same_people: false,
                passages: vec![("What do you want to find out?".to_owned(), words.to_owned())],
            },
            SimilarRow {
                id: application(),
                title: ARABIC.to_owned(),
                detail: "Researcher Access Program, 2026-06, Jo".to_owned(),
                status: Status::new(Tone::Good, "Granted"),
                alike: "98.1 %".to_owned(),
                contained: "100 %".to_owned(),
                same_people: true,
                passages: vec![],
            },
        ],
    };
    let none = SimilarPage { rows: vec![], ..like.clone() };
    let path = routes::decide_similar(application());
    let frame = || frame(&path, &[Role::Officer]);
    vec![sample("similar", &like, &frame()), sample("similar-empty", &none, &frame())]
}

fn reports() -> Vec<Sample> {
    let (program, round) = round();
    let group = |name: &str, figures: Option<(u32, u32, &str)>| {
        let figures = figures.map(|(yes, no, share)| (yes, no, share.to_owned()));
        (name.to_owned(), figures)
    };
    let note = "2 of 3 groups are left out: their figures, or others that they could be reckoned \
                from, are below 5";
    let full = ReportPage {
        program: program.clone(),
        round: round.clone(),
        label: "December 2026".to_owned(),
        applications: 31,
        decided: (12, 17),
        withdrawn: 2,
        money: (usd("24800"), usd("9600"), usd("400")),
        tables: vec![
            AcceptanceShown {
                label: "career stage".to_owned(),
                rows: vec![
                    group("Doctoral student", Some((9, 12, "42.9 %"))),
                    group(LONG, None),
                    group(HOSTILE, None),
                ],
                note: Some(note.to_owned()),
            },
            AcceptanceShown {
                label: "institutional affiliation".to_owned(),
                rows: vec![],
                note: Some(note.to_owned()),
            },
        ],
        times: vec![(
            "To the decision".to_owned(),
            ["11.0", "19.5", "27.0"].map(|days| format!("{days} days")),
        )],
        reviewers: vec![
            WorkShown {
                name: LONG.to_owned(),
                counts: [8, 7, 1, 0, 2],
                days: Some("6.5".to_owned()),
            },
            WorkShown { name: ARABIC.to_owned(), counts: [3, 0, 0, 3, 3], days: None },
        ],
        small_below: 5,
    };
    let tiny = ReportPage {
        applications: 2,
        decided: (1, 1),
        times: vec![],
        tables: full.tables[1..].to_vec(),
        ..full.clone()
    };
    let nothing = ReportPage {
        applications: 0,
        decided: (0, 0),
        withdrawn: 0,
        money: (usd("0"), usd("0"), usd("10000")),
        tables: vec![],
        times: vec![],
        reviewers: vec![],
        ..full.clone()
    };
    let path = routes::round_report(&program, &round);
    let frame = || frame(&path, &[Role::Officer]);
    vec![
        sample("report", &full, &frame()),
        sample("report-tiny", &tiny, &frame()),
        sample("report-empty", &nothing, &frame()),
    ]
}

fn lines() -> Vec<LineShown> {
    let line = |number: u8, name: &str, status, is_open, is_known| LineShown {
        id: AssignmentId::new(at("2026-12-01T09:00:00Z"), [number; 10]),
        name: name.to_owned(),
        status,
        because: "knows Robustness and evaluation; 4 of 12".to_owned(),
        due: at("2026-12-22T00:00:00Z"),
        note: None,
        asked: None,
        conflict: None,
        is_open,
        is_known,
    };
    let asks = LineShown {
        asked: Some((at("2026-12-28T00:00:00Z"), HOSTILE.to_owned())),
        ..line(1, LONG, Status::new(READING, "Reading"), true, true)
    };
    let conflicted = LineShown {
        conflict: Some("was at Riverside University, as somebody who applies".to_owned()),
        ..line(2, ARABIC, Status::new(Tone::Bad, "Conflict of interest"), true, true)
    };
    let out = LineShown {
        note: Some("No time: a conference".to_owned()),
        ..line(3, "Eve", Status::new(Tone::Neutral, "Declined"), false, true)
    };
    vec![asks, conflicted, line(5, "Ada", Status::new(PROPOSED, "Planned"), true, false), out]
}

fn reviewers() -> Vec<Sample> {
    let (program, round) = round();
    let conflict = |name: &str, written, is_set_aside| ConflictShown {
        name: name.to_owned(),
        reason: "has an address at `riverside.example`, as somebody who applies has".to_owned(),
        written,
        is_set_aside,
    };
    let written = Some(ConflictId::new(at("2026-12-01T09:00:00Z"), [4; 10]));
    let full = ReviewersPage {
        id: application(),
        title: HOSTILE.to_owned(),
        round: (program, round, "December 2026".to_owned()),
        topics: topics(),
        lines: lines(),
        candidates: vec![
            Choice::hinted("one", LONG, "knows Fairness and representation; 1 of 12"),
            Choice::hinted("two", ARABIC, "knows none of it; 0 of 3"),
        ],
        is_open: true,
        conflicts: vec![conflict(LONG, None, false), conflict(ARABIC, written, true)],
        people: vec![Choice::new("", "Select somebody"), Choice::new("one", LONG)],
        input: Input::default(),
    };
    let bare = ReviewersPage {
        topics: vec![],
        lines: vec![],
        candidates: vec![],
        conflicts: vec![],
        ..full.clone()
    };
    let wrong = ReviewersPage {
        input: input(
            &[("because", "")],
            &[("reviewer", "Select who is to review it"), ("because", "Say why")],
        ),
        ..full.clone()
    };
    let path = routes::decide_reviewers(application());
    let frame = || frame(&path, &[Role::Officer]);
    vec![
        sample("reviewers", &full, &frame()),
        sample("reviewers-none", &bare, &frame()),
        sample("reviewers-before", &ReviewersPage { is_open: false, ..bare.clone() }, &frame()),
        sample("reviewers-wrong", &wrong, &frame()),
    ]
}

fn asked() -> Vec<Sample> {
    let invitation = InvitationPage {
        id: application(),
        title: HOSTILE.to_owned(),
        of: ("OpenAI Researcher Access Program".to_owned(), "December 2026".to_owned()),
        because: "knows Robustness and evaluation; 4 of 12".to_owned(),
        due: at("2026-12-22T00:00:00Z"),
        answers: vec![Answer {
            question: "Which institution are you affiliated with?".to_owned(),
            answer: LONG.to_owned(),
            change: None,
            files: vec![],
        }],
        input: Input::default(),
    };
    let wrong = InvitationPage {
        input: input(&[("answer", "conflict")], &[("note", "Say why")]),
        ..invitation.clone()
    };
    let back = StepBackPage { id: application(), title: LONG.to_owned(), input: Input::default() };
    let back_wrong = StepBackPage { input: input(&[], &[("note", "Say why")]), ..back.clone() };
    let date = AnotherDatePage {
        id: application(),
        title: LONG.to_owned(),
        due: (at("2026-12-22T00:00:00Z"), at("2027-01-01T00:00:00Z")),
        input: Input::default(),
    };
    let date_wrong = AnotherDatePage {
        input: input(&[("until", "May")], &[("until", "Enter a day, like 2026-12-28")]),
        ..date.clone()
    };
    let frame = |path: String| frame(&path, &[Role::Reviewer]);
    let answer = || frame(routes::review_answer(application()));
    vec![
        sample("invitation-to-review", &invitation, &answer()),
        sample("invitation-to-review-wrong", &wrong, &answer()),
        sample("step-back", &back, &frame(routes::review_step_back(application()))),
        sample("step-back-wrong", &back_wrong, &frame(routes::review_step_back(application()))),
        sample("another-date", &date, &frame(routes::review_date(application()))),
        sample("another-date-wrong", &date_wrong, &frame(routes::review_date(application()))),
    ]
}

fn profiles() -> Vec<Sample> {
    let choices = ["alignment", "fairness"].into_iter().zip(topics());
    let choices = choices.map(|(value, label)| Choice::new(value, label)).collect();
    let field = "topics-openai-researcher-access";
    let program = "OpenAI Researcher Access Program".to_owned();
    let values = [
        (field, "fairness"),
        ("load_max", "4"),
        ("institutions", "Riverside University; until 2024-05-31"),
        ("coauthors", "eve@lab.example"),
    ];
    let said = ProfileForm {
        programs: vec![(field.to_owned(), program, choices)],
        input: input(&values, &[]),
    };
    let wrong = ProfileForm {
        input: input(&values, &[("coauthors", "“nobody” is no mail address")]),
        ..said.clone()
    };
    let nothing = ProfileForm {
        programs: vec![],
        input: Input { values: BTreeMap::new(), errors: BTreeMap::new() },
    };
    let frame = || frame(routes::REVIEWER, &[Role::Reviewer]);
    vec![
        sample("reviewer", &said, &frame()),
        sample("reviewer-wrong", &wrong, &frame()),
        sample("reviewer-empty", &nothing, &frame()),
    ]
}
