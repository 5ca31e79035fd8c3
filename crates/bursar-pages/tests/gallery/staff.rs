//! Reviewing, deciding, operating.

use bursar_kernel::{
    Endpoint, GrantId, MailId, ModelId, PriceVersion, RequestId, Role, TransferId,
};
use bursar_pages::Frame;
use bursar_pages::apply::Conflict;
use bursar_pages::decide::{AllGrants, Money, Pool};
use bursar_pages::operate::{
    Audit, AuditRow, Chapter, Demonstration, LetterPage, Letters, LostCall, MailPage, MailRow,
    NextEvent, Outbox, PriceChange, PriceTablePage, PriceTableRow, PriceTables, RoleEntry,
    StoryStep, SuspenseList, SuspensePage, SuspenseRow, UpstreamRow, Upstreams,
};
use bursar_pages::review::{Queue, QueueRow, ReviewPage};
use bursar_pages::stops::{StopForm, StopShown, StopWhat};
use bursar_pages::ui::{Input, Status, Tone};
use bursar_pages::wallet::{TakeBackCheck, TakeBackForm};

use super::people::{answers, application, input};
use super::{ARABIC, HOSTILE, LONG, Sample, at, frame, program, sample, usd};

fn officer(path: &str) -> Frame {
    frame(path, &[Role::Officer])
}

fn operator(path: &str) -> Frame {
    let roles = [Role::Researcher, Role::Reviewer, Role::Officer, Role::Operator];
    frame(path, &roles)
}

pub(super) fn samples() -> Vec<Sample> {
    let mut samples = reviewing();
    samples.extend(money());
    samples.extend(operating());
    samples.extend(mails());
    samples.extend(letters());
    samples.extend(super::access::officers());
    samples.extend(in_suspense());
    samples
}

fn reviewing() -> Vec<Sample> {
    let row = |title: &str, tone, label: &str| QueueRow {
        id: application(),
        title: title.to_owned(),
        detail: "Risk mitigation, 620 words".to_owned(),
        status: Status::new(tone, label),
    };
    let queue = Queue {
        round: Some("December 2026".to_owned()),
        due: Some(at("2027-01-01T00:00:00Z")),
        invitations: vec![
            row("Whose accents do transcripts lose?", Tone::Warning, "Awaits your answer"),
            row(ARABIC, Tone::Warning, "Awaits your answer"),
        ],
        asks_who_you_are: true,
        rows: vec![
            row("Do code models sandbag?", Tone::Info, "Not yet started"),
            row(LONG, Tone::Info, "Not yet started"),
            row(HOSTILE, Tone::Neutral, "Completed"),
        ],
    };
    let none = Queue {
        round: None,
        due: None,
        invitations: vec![],
        rows: vec![],
        asks_who_you_are: false,
    };
    let open = ReviewPage {
        id: application(),
        title: "Do code models sandbag?".to_owned(),
        status: Status::new(Tone::Info, "Not yet started"),
        answers: answers(false),
        rubric: program::rubric(),
        score: None,
        changes: Some(program::changed()),
        progress: Some("Of $1000.00 granted, $320.00 was spent in 1200 calls.".to_owned()),
        estimate: Some(super::estimate::shown()),
        input: Input::default(),
        was: String::new(),
        conflicts: vec![],
        is_unsaved: false,
        submitted_at: None,
        saved_at: None,
        assigned: Some((at("2026-12-22T00:00:00Z"), false)),
    };
    let wrong = ReviewPage {
        input: input(
            &[("recommendation", "award")],
            &[
                ("comment", "Enter the reason for your recommendation"),
                ("score-method", "Select a score"),
            ],
        ),
        score: Some("74.3".to_owned()),
        submitted_at: Some(at("2026-12-04T11:00:00Z")),
        ..open.clone()
    };
    let draft = changed_review(&open);
    let reviewer = |path: &str| frame(path, &[Role::Reviewer]);
    vec![
        sample("review-draft", &draft, &reviewer("/reviews/x")),
        sample("review-queue", &queue, &reviewer("/reviews")),
        sample("review-queue-empty", &none, &reviewer("/reviews")),
        sample("review", &open, &reviewer("/reviews/x")),
        sample("review-wrong", &wrong, &reviewer("/reviews/x")),
    ]
}

/// A review that was sent in, changed in two places, and typed on when the session had ended.
fn changed_review(open: &ReviewPage) -> ReviewPage {
    ReviewPage {
        status: Status::new(Tone::Warning, "Reviewed, changes not submitted"),
        input: input(&[("comment", HOSTILE), ("for_officer", LONG), ("score-method", "2")], &[]),
        submitted_at: Some(at("2026-12-04T11:00:00Z")),
        saved_at: Some(at("2026-12-05T11:00:00Z")),
        conflicts: vec![
            Conflict { question: "Why?".to_owned(), saved: ARABIC.to_owned() },
            Conflict { question: "For the officer only".to_owned(), saved: String::new() },
        ],
        is_unsaved: true,
        ..open.clone()
    }
}

fn money() -> Vec<Sample> {
    let pool = Pool {
        program: program::id(),
        name: "Researcher Access Program".to_owned(),
        funded: usd("50000"),
        free: usd("18400"),
        committed: usd("7600"),
        delivered: usd("24000"),
        spent: usd("13208.4412"),
        expired: usd("940.02"),
        suspense: usd("0.25"),
        stopped: None,
        expiring: vec![
            (at("2026-12-05T09:00:00Z"), "Sandbagging, pilot".to_owned(), usd("212.4")),
            (at("2026-12-19T09:00:00Z"), LONG.to_owned(), usd("640")),
        ],
        input: Input::default(),
    };
    let stopped = Pool { stopped: Some(stopped()), ..pool.clone() };
    let wrong = Pool {
        input: input(&[("amount", "-5")], &[("amount", "Enter an amount above zero, like 5000")]),
        expiring: vec![],
        ..pool.clone()
    };
    let grants = AllGrants { grants: super::researcher::grants(true) };
    vec![
        sample("money", &Money { pools: vec![pool] }, &officer("/decide/money")),
        sample("money-stopped", &Money { pools: vec![stopped] }, &officer("/decide/money")),
        sample("money-wrong", &Money { pools: vec![wrong] }, &officer("/decide/money")),
        sample("money-empty", &Money { pools: vec![] }, &officer("/decide/money")),
        sample("all-grants", &grants, &officer("/decide/grants")),
        sample("all-grants-empty", &AllGrants { grants: vec![] }, &officer("/decide/grants")),
    ]
    .into_iter()
    .chain(taking_back())
    .chain(stopping())
    .collect()
}

pub(super) fn stopped() -> StopShown {
    StopShown { since: at("2026-11-22T09:30:00Z"), reason: HOSTILE.to_owned() }
}

fn stopping() -> Vec<Sample> {
    let grant = StopWhat::Grant {
        id: GrantId::new(at("2026-04-28T09:00:00Z"), [6; 10]),
        title: LONG.to_owned(),
    };
    let program =
        StopWhat::Program { id: program::id(), name: "Researcher Access Program".to_owned() };
    let upstream = StopWhat::Upstream { name: "west/1".to_owned() };
    let form = |what: &StopWhat, stopped, input| StopForm { what: what.clone(), stopped, input };
    let wrong = input(&[], &[("reason", "Say why: those whom it concerns read it")]);
    let (grants, money) = (officer("/grants/x/stop"), officer("/decide/money/x/stop"));
    vec![
        sample("stop-grant", &form(&grant, None, Input::default()), &grants),
        sample("stop-grant-wrong", &form(&grant, None, wrong), &grants),
        sample("start-grant", &form(&grant, Some(stopped()), Input::default()), &grants),
        sample("stop-program", &form(&program, None, Input::default()), &money),
        sample(
            "stop-upstream",
            &form(&upstream, None, Input::default()),
            &operator("/operate/upstreams/x/stop"),
        ),
    ]
}

fn taking_back() -> Vec<Sample> {
    let grant = GrantId::new(at("2026-04-28T09:00:00Z"), [6; 10]);
    let path = format!("/grants/{grant}/take-back");
    let form = |input| TakeBackForm {
        grant,
        title: "Do code models sandbag?".to_owned(),
        holder: "Amara Okafor".to_owned(),
        free: usd("412.80"),
        input,
    };
    let errors = [("amount", "$412.80 is free: take that, or less"), ("reason", "Say why")];
    let wrong = form(input(&[("taking", "part"), ("amount", "500")], &errors));
    let part = TakeBackCheck {
        grant,
        title: "Do code models sandbag?".to_owned(),
        holder: "Amara Okafor".to_owned(),
        program: "Researcher Access Program".to_owned(),
        part: Some(usd("100")),
        free: usd("412.80"),
        held: usd("0"),
        reason: "The study ended early.".to_owned(),
        id: TransferId::new(at("2026-11-22T10:00:00Z"), [6; 10]),
    };
    let all = TakeBackCheck {
        part: None,
        held: usd("3.2"),
        title: LONG.to_owned(),
        holder: HOSTILE.to_owned(),
        reason: LONG.to_owned(),
        ..part.clone()
    };
    vec![
        sample("take-back", &form(Input::default()), &officer(&path)),
        sample("take-back-wrong", &wrong, &officer(&path)),
        sample("take-back-part", &part, &officer(&path)),
        sample("take-back-all", &all, &officer(&path)),
    ]
}

fn price_row(version: &str, status: Status) -> PriceTableRow {
    PriceTableRow {
        version: PriceVersion::new(version),
        status,
        proposed_at: at("2026-11-29T09:58:00Z"),
        proposed_by: HOSTILE.to_owned(),
        holds_from: None,
        decided_by: None,
        reason: None,
    }
}

fn price_tables() -> PriceTables {
    let held = PriceTableRow {
        holds_from: Some(at("2026-11-22T09:58:00Z")),
        proposed_by: "The configuration".to_owned(),
        ..price_row("openai-2026-11-22", Status::new(Tone::Good, "In force"))
    };
    let waits = Status::new(Tone::Warning, "Waits for a decision");
    PriceTables { rows: vec![price_row("openai-2026-11-29", waits), held] }
}

fn price_table() -> PriceTablePage {
    let change =
        |model: &str, what: &str| PriceChange { model: ModelId::new(model), what: what.to_owned() };
    PriceTablePage {
        row: price_row("openai-2026-11-29", Status::new(Tone::Warning, "Waits for a decision")),
        compared_with: "openai-2026-11-22".to_owned(),
        changes: vec![
            change("gpt-4o-mini", "standard input 0.15 -> 0.12 (-20 %)"),
            change("gpt-4o-mini-search-preview-2025-03-11", "is new"),
        ],
        document: format!("version = \"openai-2026-11-29\"\nsource = \"{LONG}\"\n"),
        may_be_approved: true,
        may_be_rejected: true,
        input: Input::default(),
    }
}

fn mails() -> Vec<Sample> {
    let mail = MailRow {
        id: MailId::new(at("2026-11-22T09:58:00Z"), [4; 10]),
        to: "amara.okafor@cs.mak.ac.ug".to_owned(),
        subject: "Your link to sign in".to_owned(),
        at: at("2026-11-22T09:58:00Z"),
        status: Status::new(Tone::Neutral, "Kept here"),
        attempts: 0,
    };
    let refused =
        MailRow { status: Status::new(Tone::Bad, "Refused"), attempts: 3, ..mail.clone() };
    let outbox = Outbox {
        goes_out: true,
        bounced: vec![(LONG.to_owned(), at("2026-11-22T09:58:00Z"), HOSTILE.to_owned())],
        rows: vec![
            mail.clone(),
            refused.clone(),
            MailRow { subject: HOSTILE.to_owned(), to: LONG.into(), ..mail.clone() },
        ],
        newer: None,
        older: None,
        position: "1 to 3 of 3".to_owned(),
    };
    let one = MailPage {
        mail,
        letter: "sign_in".to_owned(),
        next_at: None,
        answer: None,
        can_retry: false,
        text:
            "Hello,\n\nopen this to sign in:\nhttp://127.0.0.1:8080/sign-in/confirm?token=t0k3n\n\n\
               It works once, for 30 minutes."
                .to_owned(),
    };
    let retried = MailPage {
        mail: refused,
        next_at: Some(at("2026-11-22T10:05:00Z")),
        answer: Some(HOSTILE.to_owned()),
        can_retry: true,
        ..one.clone()
    };
    let empty_outbox = Outbox { goes_out: false, rows: vec![], bounced: vec![], ..outbox.clone() };
    vec![
        sample("outbox", &outbox, &operator("/operate/outbox")),
        sample("outbox-empty", &empty_outbox, &operator("/operate/outbox")),
        sample("mail", &one, &operator("/operate/outbox/x")),
        sample("mail-refused", &retried, &operator("/operate/outbox/x")),
    ]
}

fn letters() -> Vec<Sample> {
    let when = "Somebody asks for a sign-in link".to_owned();
    let letters = Letters {
        rows: vec![("sign_in".to_owned(), when.clone(), "Your sign-in link".to_owned())],
    };
    let letter = LetterPage {
        when,
        manner: "It goes to any address: whoever reads it shows that mail arrives.",
        program: LONG.to_owned(),
        subject: HOSTILE.to_owned(),
        text: "Open this link to sign in:\nhttps://portal.example/sign-in/t0k3n\n".to_owned(),
        html: "<p>Open this link to sign in:<br><a href=\"https://portal.example/sign-in/t0k3n\">\
               https://portal.example/sign-in/t0k3n</a></p>"
            .to_owned(),
    };
    vec![
        sample("letters", &letters, &operator("/decide/letters")),
        sample("letter", &letter, &operator("/decide/letters/sign_in")),
    ]
}

fn operating() -> Vec<Sample> {
    let upstreams = Upstreams {
        rows: vec![UpstreamRow {
            name: "sandbox".to_owned(),
            group: "openai".to_owned(),
            base_url: "http://127.0.0.1:41234/v1".to_owned(),
            sandbox: true,
            weight: 3,
            takes_calls: false,
            standing: "cannot be reached; left alone until 2026-11-22T10:00:05Z".to_owned(),
            stopped: None,
        }],
    };
    let row = UpstreamRow { stopped: Some(stopped()), ..upstreams.rows[0].clone() };
    let stopped_upstreams = Upstreams { rows: vec![row] };
    let audit = Audit {
        rows: vec![AuditRow {
            at: at("2026-11-22T09:58:00Z"),
            actor: LONG.to_owned(),
            action: "released the September 2026 round".to_owned(),
            subject: "openai-researcher-access/2026-09".to_owned(),
        }],
        newer: None,
        older: None,
        position: "1 of 1".to_owned(),
    };
    let empty_audit = Audit { rows: vec![], ..audit.clone() };
    vec![
        sample("prices", &price_tables(), &operator("/operate/prices")),
        sample("price-table", &price_table(), &operator("/operate/prices/x")),
        sample("upstreams", &upstreams, &operator("/operate/upstreams")),
        sample("upstreams-stopped", &stopped_upstreams, &operator("/operate/upstreams")),
        sample("upstreams-empty", &Upstreams { rows: vec![] }, &operator("/operate/upstreams")),
        sample("audit", &audit, &operator("/operate/audit")),
        sample("audit-empty", &empty_audit, &operator("/operate/audit")),
        sample("demonstration", &demonstration(), &operator("/demonstration")),
    ]
}

fn in_suspense() -> Vec<Sample> {
    let call = LostCall {
        request: RequestId::new(at("2026-11-22T09:41:07Z"), [7; 10]),
        model: ModelId::new("gpt-4.1-mini"),
        endpoint: Endpoint::ChatCompletions,
        started_at: at("2026-11-22T09:41:07Z"),
    };
    let grant = GrantId::new(at("2026-04-28T09:00:00Z"), [3; 10]);
    let known = SuspenseRow {
        id: "hold_01kag3v5f0e7s9m4q2x8w6t1zc".to_owned(),
        amount: usd("0.034512"),
        since: at("2026-11-22T09:58:00Z"),
        why: "The gateway stopped before it wrote the cost".to_owned(),
        grant: Some((grant, HOSTILE.to_owned(), "Researcher Access Program".to_owned())),
        holder: LONG.to_owned(),
        limit_of: None,
        call: Some(call),
    };
    let rest = SuspenseRow {
        id: "lease_01kag3v5f0e7s9m4q2x8w6t1zc".to_owned(),
        amount: usd("0.25"),
        call: None,
        ..known.clone()
    };
    let limit =
        SuspenseRow { limit_of: Some("key laptop".to_owned()), grant: None, ..rest.clone() };
    let page = |row: &SuspenseRow| SuspensePage { row: row.clone(), input: Input::default() };
    let wrong = SuspensePage {
        input: input(
            &[("end", "cost"), ("cost", "3")],
            &[
                ("cost", "Enter at most the $0.034512 that is in suspense"),
                ("reason", "Say how you know"),
            ],
        ),
        ..page(&known)
    };
    let list = SuspenseList {
        rows: vec![known.clone(), rest.clone(), limit.clone()],
        newer: None,
        older: None,
        position: "1 to 3".to_owned(),
    };
    let none = SuspenseList { rows: vec![], ..list.clone() };
    vec![
        sample("suspense", &list, &operator("/operate/suspense")),
        sample("suspense-empty", &none, &operator("/operate/suspense")),
        sample("suspense-call", &page(&known), &operator("/operate/suspense/x")),
        sample("suspense-wrong", &wrong, &operator("/operate/suspense/x")),
        sample("suspense-rest", &page(&rest), &operator("/operate/suspense/x")),
        sample("suspense-limit", &page(&limit), &operator("/operate/suspense/x")),
    ]
}

fn demonstration() -> Demonstration {
    let step = |title: &str, text: &str, href: &str, link: &str| StoryStep {
        title: title.to_owned(),
        text: text.to_owned(),
        links: vec![
            (link.to_owned(), href.to_owned()),
            ("A second way".to_owned(), "/".to_owned()),
        ],
    };
    let chapter = |title: &str, steps| Chapter { title: title.to_owned(), steps };
    let entry = |role, name: &str| RoleEntry {
        role,
        name: name.to_owned(),
        href: "/sign-in/confirm?token=t0k3n".to_owned(),
    };
    let event = |when: &str, what: &str| NextEvent { at: at(when), what: what.to_owned() };
    Demonstration {
        chapters: vec![
            chapter(
                "Apply",
                vec![
                    step("Read it", "At a glance, who qualifies, when.", "/", "See the programs"),
                    step("Apply", "Save a draft, check, submit.", "/applications", "Applications"),
                ],
            ),
            chapter("Spend", vec![step("Spend it", "With the key below.", "/grants", "My grants")]),
        ],
        roles: vec![
            entry(Role::Researcher, "Amara Okafor"),
            entry(Role::Reviewer, "Lena Vogt"),
            entry(Role::Officer, "Ibrahim Sesay"),
            entry(Role::Operator, "Operator"),
        ],
        events: vec![
            event("2026-12-01T00:00:00Z", "The December 2026 round begins"),
            event("2026-12-05T09:00:00Z", "Credit of a grant expires"),
        ],
        api_key: "sk-bursar-7f3kq0v9w2m5x8z1b4c6d0e3g5h7j9k2".to_owned(),
        model: ModelId::new("gpt-4.1-mini"),
    }
}
