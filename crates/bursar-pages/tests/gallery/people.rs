//! Signing in and applying.

use std::collections::BTreeMap;

use bursar_kernel::program::{Condition, FieldKind, FileType, FormField};
use bursar_kernel::{ApplicationId, SessionId};
use bursar_pages::Page;
use bursar_pages::apply::{
    AcceptAward, ApplicationRow, ApplicationStatus, CheckAnswers, Conflict, Dashboard,
    DeclineAward, InvitationPage, Letter, MemberRow, Outcome, People, Policies, QuestionPage,
    QuestionShown, SectionPage, Step, Submitted, TaskList, Withdraw,
};
use bursar_pages::routes;
use bursar_pages::sign_in::{
    Account, CheckMail, ConfirmErasure, ConfirmSignIn, CreditLeft, EraseAccount,
    ErasureLinkExpired, ErasureSet, FirstRun, LinkExpired, NotSignedIn, PasskeyRow, Passkeys,
    SessionRow, SignIn, Standing, Way,
};
use bursar_pages::ui::field::FileShown;
use bursar_pages::ui::{Answer, Input, Status, Task, Tone};

use super::program::{changed, points, policies, questions, round, screening};
use super::{ARABIC, HOSTILE, LONG, Sample, at, researcher, sample, stranger, usd, with_flash};

pub(super) fn application() -> ApplicationId {
    ApplicationId::new(at("2026-11-03T09:12:00Z"), [3, 1, 4, 1, 5, 9, 2, 6, 5, 3])
}

pub(super) fn input(values: &[(&str, &str)], errors: &[(&str, &str)]) -> Input {
    let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    };
    Input { values: map(values), errors: map(errors) }
}

pub(super) fn samples() -> Vec<Sample> {
    let mut samples = signing_in();
    samples.extend(accounts());
    samples.extend(erasing());
    samples.extend(drafting());
    samples.extend(together());
    samples.extend(following());
    samples.extend(answering());
    samples
}

fn accounts() -> Vec<Sample> {
    let account = Account {
        email: "amara.okafor@cs.mak.ac.ug".to_owned(),
        input: Input::default(),
        reminders: true,
        bounced: None,
        ways: Vec::new(),
        more_ways: Vec::new(),
        passkeys: Passkeys::default(),
        sessions: Vec::new(),
        card: None,
    };
    let with_ways = Account {
        ways: vec![Way {
            label: LONG.to_owned(),
            who: ARABIC.to_owned(),
            key: ("https://id.example.edu".to_owned(), HOSTILE.to_owned()),
            at: at("2026-11-22T09:58:00Z"),
        }],
        passkeys: Passkeys {
            rows: [(LONG, None), (HOSTILE, Some(at("2026-11-22T09:58:00Z")))]
                .map(|(name, last_used)| PasskeyRow {
                    id: name.to_owned(),
                    name: name.to_owned(),
                    since: at("2026-11-21T09:58:00Z"),
                    last_used,
                    can_be_copied: last_used.is_some(),
                })
                .to_vec(),
            are_possible: true,
        },
        more_ways: vec![("ORCID".to_owned(), "/sign-in/with/orcid?link=t0k3n".to_owned())],
        sessions: [true, false]
            .map(|is_this| SessionRow {
                id: SessionId::new(at("2026-11-22T09:58:00Z"), [u8::from(is_this); 10]),
                since: at("2026-11-22T09:58:00Z"),
                until: at("2026-12-06T09:58:00Z"),
                is_this,
            })
            .to_vec(),
        ..account.clone()
    };
    let comes_back = Account {
        reminders: false,
        bounced: Some((at("2026-11-22T09:58:00Z"), HOSTILE.to_owned())),
        ..account.clone()
    };
    vec![
        sample("account-ways", &with_ways, &researcher("/account")),
        sample("account", &account, &researcher("/account")),
        sample("account-comes-back", &comes_back, &researcher("/account")),
    ]
}

fn erasing() -> Vec<Sample> {
    let day = at("2026-11-29T09:58:00Z");
    let free = EraseAccount {
        email: "amara.okafor@cs.mak.ac.ug".to_owned(),
        days: 7,
        credit: [(LONG, true), (HOSTILE, false)]
            .map(|(title, may_return)| CreditLeft {
                title: title.to_owned(),
                href: "/grants/x".to_owned(),
                amount: usd("812.5"),
                may_return,
            })
            .to_vec(),
        ..EraseAccount::default()
    };
    let wrong = EraseAccount {
        input: input(&[("credit", "?")], &[("credit", "Select what becomes of your credit")]),
        ..free.clone()
    };
    let obstructed = EraseAccount {
        obstacles: vec![
            ("You review, decide or run this installation.".to_owned(), None),
            (
                "An application is with its program.".to_owned(),
                Some(("/applications".to_owned(), "Withdraw it, or answer".to_owned())),
            ),
        ],
        standing: Some(Standing::Asked(day)),
        ..free.clone()
    };
    let set = EraseAccount { standing: Some(Standing::Confirmed(day)), ..free.clone() };
    let confirm =
        ConfirmErasure { email: "amara@cs.mak.ac.ug".to_owned(), day, token: "t0k3n".to_owned() };
    vec![
        sample("erase", &free, &researcher("/account/erase")),
        sample("erase-wrong", &wrong, &researcher("/account/erase")),
        sample("erase-obstructed", &obstructed, &researcher("/account/erase")),
        sample("erase-set", &set, &researcher("/account/erase")),
        sample("erasure-confirm", &confirm, &stranger("/erasure/x")),
        sample("erasure-confirmed", &ErasureSet { day }, &stranger("/erasure")),
        sample("erasure-expired", &ErasureLinkExpired, &stranger("/erasure/x")),
    ]
}

fn signing_in() -> Vec<Sample> {
    let wrong = SignIn {
        input: input(
            &[("email", "amara(at)mak.ac.ug")],
            &[("email", "Enter an e-mail address like name@example.org")],
        ),
        next: Some("/applications".to_owned()),
        providers: Vec::new(),
        passkeys: true,
    };
    let email = "amara.okafor@cs.mak.ac.ug".to_owned();
    let confirm = ConfirmSignIn { email: email.clone(), token: "t0k3n".to_owned() };
    let with_providers = SignIn {
        providers: vec![("orcid".to_owned(), "ORCID".to_owned())],
        next: Some("/applications".to_owned()),
        ..SignIn::default()
    };
    let not_signed_in = NotSignedIn {
        label: HOSTILE.to_owned(),
        why: "The provider did not sign you in.".to_owned(),
        is_unknown: false,
        again: "/sign-in/with/orcid".to_owned(),
    };
    let unknown = NotSignedIn { is_unknown: true, ..not_signed_in.clone() };
    let first_run = FirstRun { command: "bursar admin sign-in --data ./data".to_owned() };
    vec![
        sample("sign-in-providers", &with_providers, &stranger("/sign-in")),
        sample("not-signed-in", &not_signed_in, &stranger("/sign-in/with/orcid/back")),
        sample("not-known-there", &unknown, &stranger("/sign-in/with/orcid/back")),
        sample("sign-in", &SignIn::default(), &stranger("/sign-in")),
        sample("sign-in-wrong", &wrong, &stranger("/sign-in")),
        sample("check-mail", &CheckMail { email, minutes: 30 }, &{
            let mut frame = researcher("/sign-in");
            frame.person = None;
            frame
        }),
        sample("confirm-sign-in", &confirm, &stranger("/sign-in/confirm")),
        sample("link-expired", &LinkExpired { minutes: 30 }, &stranger("/sign-in/confirm")),
        sample("first-run", &first_run, &stranger("/sign-in")),
    ]
}

fn task(title: &str, hint: Option<&str>, tone: Tone, label: &str) -> Task {
    Task {
        title: title.to_owned(),
        hint: hint.map(str::to_owned),
        href: (label != "Cannot start yet").then(|| "/applications/x/form/study".to_owned()),
        status: Status::new(tone, label),
    }
}

fn tasks() -> TaskList {
    TaskList {
        id: application(),
        program: "Researcher Access Program".to_owned(),
        applicant: None,
        reads_only: false,
        to_fill: vec![
            task("Your study", None, Tone::Good, "Completed"),
            task(LONG, None, Tone::Info, "In progress"),
            task("Funding and amount", None, Tone::Neutral, "Not started"),
        ],
        beside: vec![
            task(
                "What the study costs",
                Some("Your study comes to $5.04."),
                Tone::Good,
                "Completed",
            ),
            task("Who takes part", Some("Nobody else."), Tone::Neutral, "Optional"),
            task("Policies to accept", None, Tone::Neutral, "Not started"),
        ],
        last: vec![task(
            "Check your answers and submit",
            Some("3 to complete first."),
            Tone::Neutral,
            "Cannot start yet",
        )],
        done: 1,
        of: 4,
        round: Some(round()),
        minutes: 30,
        saved_at: Some(at("2026-11-20T16:04:00Z")),
        comes_back: true,
        estimate: Some((super::estimate::shown(), "/estimate".to_owned())),
    }
}

pub(super) fn section() -> SectionPage {
    SectionPage {
        found: BTreeMap::new(),
        action: "/applications/x/form/study".to_owned(),
        back: ("/applications/x/form".to_owned(), "Back to the tasks".to_owned()),
        program: "Researcher Access Program".to_owned(),
        title: "Your study".to_owned(),
        step: None,
        intro: Some("What you want to find out and how, in plain words.".to_owned()),
        questions: questions(),
        depends: BTreeMap::new(),
        advice: BTreeMap::from([(
            "title".to_owned(),
            "80 characters are advised; this has 91.".to_owned(),
        )]),
        files: BTreeMap::new(),
        input: input(&[("title", "Sandbagging in code review"), ("area", "risk")], &[]),
        was: "title:0011223344556677".to_owned(),
        conflicts: Vec::new(),
        is_unsaved: false,
    }
}

/// Questions of the other kinds: with files, a condition, several choices.
fn more() -> SectionPage {
    let like = questions().remove(0);
    let question = |id: &str, label: &str, kind| FormField {
        id: id.to_owned(),
        label: label.to_owned(),
        kind,
        ..like.clone()
    };
    let options = [("text", "Text"), ("image", "Pictures"), ("audio", "Sound")];
    let options = options.map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec();
    let types = vec![FileType::Pdf, FileType::Png];
    let file = |name: &str| FileShown {
        text: format!("{name} (PDF, 120 kB)"),
        href: "/applications/x/files/0f".to_owned(),
        remove: "protocol:0f".to_owned(),
    };
    let files = |id: &str| {
        let kind = FieldKind::Attachment { types: types.clone(), bytes_max: 5 << 20, files_max: 3 };
        question(id, "Add the protocol", kind)
    };
    SectionPage {
        title: "More about it".to_owned(),
        intro: None,
        questions: vec![
            question("kinds", "Which kinds of models?", FieldKind::Choices { options, most: 2 }),
            FormField {
                show_if: Some(Condition { field: "kinds".into(), answers: vec!["image".into()] }),
                ..question("source", "Where do the pictures come from?", FieldKind::Web)
            },
            question("items", "How many items?", FieldKind::Number { least: 1, most: 9_999 }),
            question("begins", "When does it begin?", FieldKind::Date { from: None, to: None }),
            question("email", "Your supervisor's mail address", FieldKind::Email),
            question("orcid", "Your ORCID iD", FieldKind::Orcid),
            files("protocol"),
            files("figures"),
        ],
        depends: BTreeMap::from([(
            "source".to_owned(),
            "Answer this only if you chose Pictures for \"Which kinds of models?\".".to_owned(),
        )]),
        advice: BTreeMap::new(),
        files: BTreeMap::from([
            ("protocol".to_owned(), (vec![file("plan.pdf"), file(LONG), file(ARABIC)], false)),
            ("figures".to_owned(), (Vec::new(), true)),
        ]),
        input: input(
            &[("kinds", "text\nimage"), ("items", "many")],
            &[
                ("items", "Items must be a whole number, like 1200"),
                ("figures", "The file is larger than 5 MB"),
            ],
        ),
        ..section()
    }
}

fn drafting() -> Vec<Sample> {
    let program = "Researcher Access Program".to_owned();
    let wrong = SectionPage {
        input: input(
            &[("title", HOSTILE), ("amount", "a lot"), ("affiliation", ARABIC)],
            &[
                ("area", "Select an area of research"),
                ("research_question", "Enter your research question"),
                ("amount", "Enter an amount in dollars, like 850"),
            ],
        ),
        advice: BTreeMap::new(),
        ..section()
    };
    let clash = SectionPage {
        conflicts: vec![
            Conflict { question: "Title of the project".to_owned(), saved: HOSTILE.to_owned() },
            Conflict { question: "Institution".to_owned(), saved: String::new() },
        ],
        is_unsaved: true,
        ..section()
    };
    let one = SectionPage {
        step: Some((2, 6)),
        questions: questions().into_iter().skip(2).take(1).collect(),
        advice: BTreeMap::new(),
        ..section()
    };
    let shared = TaskList {
        applicant: Some(LONG.to_owned()),
        reads_only: true,
        saved_at: None,
        comes_back: false,
        ..tasks()
    };
    let to_accept = Policies {
        id: application(),
        program: program.clone(),
        policies: policies(),
        input: input(
            &[("policy-usage", "yes")],
            &[("policy-sharing", "Accept the sharing and publication policy to submit")],
        ),
    };
    let [check, excluded, read] = checked(program.clone());
    let submitted = Submitted {
        id: application(),
        program,
        round: round(),
        email: "amara.okafor@cs.mak.ac.ug".to_owned(),
    };
    let at_section = researcher("/applications/x/form/study");
    vec![
        sample("tasks", &tasks(), &researcher("/applications/x/form")),
        sample("tasks-shared", &shared, &researcher("/applications/x/form")),
        sample("section", &section(), &at_section),
        sample("section-more-wrong", &more(), &at_section),
        sample("section-wrong", &wrong, &at_section),
        sample("section-clash", &clash, &at_section),
        sample("section-one", &one, &at_section),
        sample("policies-wrong", &to_accept, &researcher("/applications/x/policies")),
        sample("check-answers", &check, &researcher("/applications/x/check")),
        sample("check-answers-excluded", &excluded, &researcher("/applications/x/check")),
        sample("check-answers-read", &read, &researcher("/applications/x/check")),
        sample("submitted", &submitted, &researcher("/applications/x/submitted")),
    ]
}

/// What would be sent: by its lead, where the rules exclude it, and to somebody who only reads it.
fn checked(program: String) -> [CheckAnswers; 3] {
    let check = CheckAnswers {
        id: application(),
        program,
        sections: vec![("Your study".to_owned(), answers(true))],
        accepted: vec!["Usage policies, edition 2025-10-29, on 20 November 2026".to_owned()],
        submits: None,
        edits: true,
        round: Some(round()),
        screening: screening(),
        may_submit: true,
        points: points(),
        changes: Some(changed()),
        progress: Some("Of $1000.00 granted, $320.00 was spent in 1200 calls.".to_owned()),
        estimate: Some(super::estimate::shown()),
        estimate_at: "/estimate".to_owned(),
    };
    let excluded = CheckAnswers {
        may_submit: false,
        changes: Some(Vec::new()),
        progress: None,
        estimate: None,
        ..check.clone()
    };
    let read = CheckAnswers {
        submits: Some(LONG.to_owned()),
        edits: false,
        points: Vec::new(),
        ..check.clone()
    };
    [check, excluded, read]
}

fn together() -> Vec<Sample> {
    let row = |name: &str, email: &str, tone, label: &str, button: Option<&str>| MemberRow {
        name: name.to_owned(),
        email: email.to_owned(),
        role: "Reads it, and edits the draft".to_owned(),
        status: Status::new(tone, label),
        remove: button.map(|text| ("/applications/x/people/y/remove".to_owned(), text.to_owned())),
    };
    let people = People {
        id: application(),
        applicant: ARABIC.to_owned(),
        members: vec![
            row("Grace Hopper", "grace@lab.example", Tone::Good, "Takes part", Some("Take out")),
            row(LONG, "bo@lab.example", Tone::Good, "Takes part", Some("Take out")),
            row(
                "chen@lab.example",
                "chen@lab.example",
                Tone::Info,
                "Invited",
                Some("Take the invitation back"),
            ),
            row("dana@lab.example", "dana@lab.example", Tone::Neutral, "Declined", None),
        ],
        invite: Some(input(&[("email", "no address")], &[("email", "Enter a mail address")])),
    };
    let alone = People { members: vec![], invite: Some(Input::default()), ..people.clone() };
    let open = InvitationPage {
        secret: "s3cr3t".to_owned(),
        by: (LONG.to_owned(), "amara@mak.example".to_owned()),
        program: "Researcher Access Program".to_owned(),
        role: "Read it, and edit the draft".to_owned(),
        expires_at: at("2026-12-11T09:12:00Z"),
        is_open: true,
        application: None,
    };
    let over = InvitationPage { is_open: false, ..open.clone() };
    let taken = InvitationPage { application: Some("/applications/x".to_owned()), ..over.clone() };
    let question = QuestionPage {
        id: application(),
        action: Some("/applications/x/questions/y".to_owned()),
        program: "Researcher Access Program".to_owned(),
        question: asked(false),
        input: input(&[], &[("answer", "Enter your answer")]),
    };
    let answered = QuestionPage {
        action: None,
        question: asked(true),
        input: Input::default(),
        ..question.clone()
    };
    vec![
        sample("people-wrong", &people, &researcher("/applications/x/people")),
        sample("people-alone", &alone, &researcher("/applications/x/people")),
        sample("invitation", &open, &researcher("/invitations/x")),
        sample("invitation-over", &over, &researcher("/invitations/x")),
        sample("invitation-taken", &taken, &researcher("/invitations/x")),
        sample("question-wrong", &question, &researcher("/applications/x/questions/y")),
        sample("question-answered", &answered, &researcher("/applications/x/questions/y")),
    ]
}

pub(super) fn asked(is_answered: bool) -> QuestionShown {
    let status = if is_answered {
        Status::new(Tone::Good, "Answered")
    } else {
        Status::new(Tone::Warning, "Waits for an answer")
    };
    QuestionShown {
        text: "How many raters judge each answer, and how is their agreement measured?".to_owned(),
        detail: "Asked on 3 December 2026, to be answered by the end of 10 December 2026 (UTC)"
            .to_owned(),
        status,
        answer: is_answered.then(|| "Three; Krippendorff's alpha.".to_owned()),
        href: None,
        take_back: None,
    }
}

pub(super) fn answers(change: bool) -> Vec<Answer> {
    let answer = |question: &str, answer: &str| Answer {
        question: question.to_owned(),
        answer: answer.to_owned(),
        change: change.then(|| format!("{}#title", routes::application_form(application()))),
        files: Vec::new(),
    };
    vec![
        answer("Title of the project", "Do code models sandbag when they review themselves?"),
        answer("Area of research", "Risk mitigation"),
        answer(
            "What is your research question?",
            "Whether a model hides defects it planted when it believes that the review decides on \
             its deployment.\n\nWe compare 1,200 planted defects over three families of models.",
        ),
        answer("Institution", "Makerere University"),
        answer("Amount you need", ""),
    ]
}

fn following() -> Vec<Sample> {
    let row = |title: &str, detail: &str, tone, label: &str| ApplicationRow {
        title: title.to_owned(),
        detail: detail.to_owned(),
        status: Status::new(tone, label),
        href: routes::application(application()),
    };
    let dashboard = Dashboard {
        applications: vec![
            row(
                "Researcher Access Program",
                "Draft saved on 20 November 2026",
                Tone::Info,
                "Draft",
            ),
            row("Do code models sandbag?", "December 2026 round", Tone::Neutral, "In review"),
            row(LONG, "March 2026 round. Answer before 20 May 2026", Tone::Good, "Awarded"),
            row(ARABIC, "December 2025 round", Tone::Neutral, "Declined"),
        ],
        grants: researcher::grants(false),
        shared: vec![],
    };
    let empty =
        Dashboard { applications: vec![], grants: vec![], shared: researcher::grants(true) };
    let withdraw = Withdraw { id: application(), title: LONG.to_owned(), waits: false };
    let leave = Withdraw { waits: true, ..withdraw.clone() };
    let flash = with_flash(researcher("/applications"), "The draft is saved.");
    vec![
        sample("dashboard", &dashboard, &flash),
        sample("dashboard-empty", &empty, &researcher("/applications")),
        sample("status", &status(), &researcher("/applications/x")),
        sample("leave-waiting-list", &leave, &researcher("/applications/x/withdraw")),
        sample("withdraw", &withdraw, &researcher("/applications/x/withdraw")),
    ]
}

fn status() -> impl Page {
    let step = |what: &str, when: Option<&str>, note: Option<&str>| Step {
        what: what.to_owned(),
        at: when.map(at),
        note: note.map(str::to_owned),
    };
    ApplicationStatus {
        id: application(),
        questions: vec![
            QuestionShown { href: Some("/applications/x/questions/y".to_owned()), ..asked(false) },
            asked(true),
        ],
        people: Some(format!("Amara Okafor (applies), {LONG}")),
        title: "Do code models sandbag when they review themselves?".to_owned(),
        program: "Researcher Access Program".to_owned(),
        round: Some("December 2026".to_owned()),
        status: Status::new(Tone::Info, "Submitted"),
        next: "review begins on 1 December 2026. You get a mail by 1 January 2027.".to_owned(),
        steps: vec![
            step("Draft begun", Some("2026-11-03T09:12:00Z"), None),
            step("Submitted", Some("2026-11-20T16:30:00Z"), None),
            step("Review", None, Some("1 December 2026 to 1 January 2027")),
            step("Decision", None, Some("by 1 January 2027")),
        ],
        answers: answers(false),
        accepted: vec!["Usage policies, edition 2025-10-29, on 20 November 2026".to_owned()],
        progress: None,
        estimate: Some(super::estimate::shown()),
        apply_again: None,
        go_on: None,
        has_letter: false,
        can_withdraw: true,
    }
}

fn answering() -> Vec<Sample> {
    let awarded = Letter {
        id: application(),
        title: "Do code models sandbag?".to_owned(),
        program: "Researcher Access Program".to_owned(),
        released_at: at("2027-01-01T00:00:00Z"),
        outcome: Outcome::Awarded { amount: usd("850"), answer_by: None },
        text:
            "Dear Amara Okafor,\n\nyour application has been awarded.\n\nThe reviewers liked the \
               planted defects, and ask that you publish the list of them."
                .to_owned(),
        counted: vec![("Funding is limited.".to_owned(), 2)],
        feedback: vec!["The question: 4.5 of 5".to_owned(), format!("{LONG}: 2.0 of 5")],
        apply_again: routes::apply(&super::program::id()),
    };
    let declined = Letter {
        outcome: Outcome::Declined,
        text:
            "Dear Amara Okafor,\n\nthere was no award for it in this round.\n\nThe method did not \
               say how defects are planted."
                .to_owned(),
        ..awarded.clone()
    };
    let day = || Some("31 January 2027".to_owned());
    let dated = Letter {
        outcome: Outcome::Awarded { amount: usd("850"), answer_by: day() },
        ..awarded.clone()
    };
    let waitlisted = Letter { outcome: Outcome::Waitlisted { until: day() }, ..declined.clone() };
    let accept = AcceptAward {
        id: application(),
        program: "Researcher Access Program".to_owned(),
        amount: usd("850"),
        answer_by: day(),
        delivery_from: at("2027-01-29T00:00:00Z"),
        delivery_to: at("2027-02-12T00:00:00Z"),
        expiry_from: at("2028-01-29T00:00:00Z"),
        expiry_to: at("2028-02-12T00:00:00Z"),
        terms: vec![
            "Credit pays for research only.".to_owned(),
            "What is unspent at the expiry is lost; nobody can extend it.".to_owned(),
        ],
        input: Input::default(),
    };
    let not_ticked = AcceptAward {
        input: input(&[], &[("accept", "Accept the terms to receive the award")]),
        ..accept.clone()
    };
    let decline = DeclineAward { id: application(), amount: usd("850"), answer_by: None };
    let frame = researcher("/applications/x/letter");
    vec![
        sample("letter-awarded", &awarded, &frame),
        sample("letter-dated", &dated, &frame),
        sample("letter-waitlisted", &waitlisted, &frame),
        sample("letter-declined", &declined, &frame),
        sample("accept-award", &accept, &frame),
        sample("accept-award-wrong", &not_ticked, &frame),
        sample("decline-award", &decline, &frame),
    ]
}
