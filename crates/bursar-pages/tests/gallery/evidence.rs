//! What shows an affiliation, and asking a person.

use std::collections::BTreeMap;

use bursar_kernel::program::{FieldKind, FormField};
use bursar_kernel::{AppealId, ClaimId, Role};
use bursar_pages::apply::SectionPage;
use bursar_pages::evidence::{
    AppealDecision, AppealPage, AppealRow, AppealStage, AppealsList, Ask, ClaimShown, EvidencePage,
    LetterOut, MissingShown, OfficerEvidence, SaidShown, ShownRow, SponsorPage, WayShown,
};
use bursar_pages::routes;
use bursar_pages::ui::{Choice, Input, Status, Tone};

use super::people::{application, input};
use super::program::{id, questions};
use super::{ARABIC, HOSTILE, LONG, Sample, at, frame, researcher, sample, stranger};

pub(super) fn samples() -> Vec<Sample> {
    let mut samples = applicant();
    samples.extend(institutions());
    samples.extend(sponsor());
    samples.extend(officer());
    samples.extend(asking());
    samples.extend(deciding());
    samples
}

fn claim() -> ClaimId {
    ClaimId::new(at("2026-11-03T09:12:00Z"), [3; 10])
}

fn appeal() -> AppealId {
    AppealId::new(at("2026-11-03T09:12:00Z"), [4; 10])
}

fn shown() -> Vec<ShownRow> {
    let row = |kind: &str, says: &str, status, until: Option<&str>| ShownRow {
        kind: kind.to_owned(),
        says: says.to_owned(),
        status,
        since: at("2026-11-03T09:12:00Z"),
        until: until.map(at),
    };
    let until = Some("2027-11-03T09:12:00Z");
    vec![
        row("A mail address of an institution", LONG, Status::new(Tone::Good, "Likely"), until),
        row("The word of somebody", ARABIC, Status::new(Tone::Neutral, "Not accepted"), None),
        row("A document", HOSTILE, Status::new(Tone::Neutral, "Not believed any more"), until),
    ]
}

fn claims() -> Vec<ClaimShown> {
    let waiting = ClaimShown {
        what: format!("The word of {LONG}"),
        says: HOSTILE.to_owned(),
        status: Status::new(Tone::Info, "Waits for them"),
        reason: None,
        at: at("2026-11-03T09:12:00Z"),
        document: None,
        take_back: Some(routes::claim_take_back(application(), claim())),
    };
    let refused = ClaimShown {
        what: "A document".to_owned(),
        says: ARABIC.to_owned(),
        status: Status::new(Tone::Warning, "Does not count"),
        reason: Some(HOSTILE.to_owned()),
        document: Some(routes::claim_document(application(), claim())),
        take_back: None,
        ..waiting.clone()
    };
    vec![waiting, refused]
}

fn applicant() -> Vec<Sample> {
    let bare = EvidencePage {
        id: application(),
        program: LONG.to_owned(),
        back: (routes::application_form(application()), "Back to the tasks".to_owned()),
        shows: None,
        is_needed: true,
        missing: Vec::new(),
        shown: Vec::new(),
        address: "Anybody can have an address at gmail.com: it shows nothing.".to_owned(),
        exception: None,
        claims: Vec::new(),
        ways: Vec::new(),
        sponsor: None,
        document: None,
    };
    let missing = MissingShown {
        step: "To hand the application in".to_owned(),
        level: "Likely".to_owned(),
        by: "a mail address of an institution, or a document that an officer reads".to_owned(),
        stops: true,
    };
    let way = WayShown {
        kind: "The word of somebody at the institution".to_owned(),
        level: "Likely".to_owned(),
        lasts: "12 months".to_owned(),
        how: "Name somebody below: they get a letter.".to_owned(),
        href: Some("#sponsor".to_owned()),
    };
    let open = EvidencePage {
        shows: Some("an affiliation with a university".to_owned()),
        missing: vec![missing],
        ways: vec![way.clone(), WayShown { href: None, kind: "An officer's word".into(), ..way }],
        sponsor: Some(Input::default()),
        document: Some(Input::default()),
        ..bare.clone()
    };
    let wrong = EvidencePage {
        exception: Some(at("2026-12-24T00:00:00Z")),
        shown: shown(),
        claims: claims(),
        sponsor: Some(input(
            &[("name", HOSTILE), ("email", "grace@gmail.com")],
            &[("email", "Anybody can have an address at gmail.com")],
        )),
        document: Some(input(&[("says", ARABIC)], &[("document", "Choose a file first")])),
        ..open.clone()
    };
    let path = "/applications/x/evidence";
    vec![
        sample("evidence-none", &bare, &researcher(path)),
        sample("evidence-open", &open, &researcher(path)),
        sample("evidence-wrong", &wrong, &researcher(path)),
    ]
}

fn institutions() -> Vec<Sample> {
    let field = FormField {
        id: "affiliation".to_owned(),
        kind: FieldKind::Institution,
        ..questions().remove(0)
    };
    let found = Choice {
        value: format!("{HOSTILE} (ror.org/052gg0110)"),
        label: LONG.to_owned(),
        hint: Some("Oxford, GB, in place of another".to_owned()),
    };
    let section = |found: Option<Vec<Choice>>, value: &str| SectionPage {
        questions: vec![field.clone()],
        found: found.map(|found| ("affiliation".to_owned(), found)).into_iter().collect(),
        input: input(&[("affiliation", value)], &[]),
        conflicts: Vec::new(),
        advice: BTreeMap::new(),
        depends: BTreeMap::new(),
        files: BTreeMap::new(),
        ..super::people::section()
    };
    vec![
        sample(
            "form-institution-found",
            &section(Some(vec![found]), "A lab (ror.org/052gg0110)"),
            &researcher("/applications/x/form/study"),
        ),
        sample(
            "form-institution-none",
            &section(Some(Vec::new()), ARABIC),
            &researcher("/applications/x/form/study"),
        ),
    ]
}

fn sponsor() -> Vec<Sample> {
    let open = SponsorPage {
        secret: "8m2kq0v4t6".to_owned(),
        applicant: (LONG.to_owned(), "ada@home.example".to_owned()),
        program: "Researcher Access Program".to_owned(),
        shows: "an affiliation with a university".to_owned(),
        sponsor: (ARABIC.to_owned(), "grace@uni.example".to_owned()),
        relation: HOSTILE.to_owned(),
        expires_at: Some(at("2026-12-13T09:12:00Z")),
        answer: Some(input(&[], &[("answer", "Select whether it is so")])),
        answered: None,
    };
    let answered = SponsorPage {
        answer: None,
        answered: Some("You confirmed it.".to_owned()),
        ..open.clone()
    };
    let over = SponsorPage { answer: None, ..open.clone() };
    let path = "/sponsor/8m2kq0v4t6";
    vec![
        sample("sponsor-wrong", &open, &stranger(path)),
        sample("sponsor-answered", &answered, &stranger(path)),
        sample("sponsor-over", &over, &stranger(path)),
    ]
}

fn officer() -> Vec<Sample> {
    let action = routes::decide_claim(application(), claim());
    let other =
        routes::decide_claim(application(), ClaimId::new(at("2026-11-03T09:13:00Z"), [5; 10]));
    let [waiting, refused] = claims().try_into().expect("two claims");
    let page = OfficerEvidence {
        id: application(),
        applicant: LONG.to_owned(),
        shows: Some("an affiliation with a university".to_owned()),
        summary: (Tone::Warning, "Nothing is shown.".to_owned()),
        address: "No list has home.example as an institution's.".to_owned(),
        institutions: vec![HOSTILE.to_owned()],
        exception: Some(at("2026-12-24T00:00:00Z")),
        shown: shown(),
        claims: vec![
            (waiting.clone(), Some(action.clone())),
            (waiting, Some(other)),
            (refused, None),
        ],
        input: (action, input(&[], &[("reason", "Enter why")])),
        vouch: Some(Input::default()),
    };
    let empty = OfficerEvidence {
        shows: None,
        exception: None,
        shown: Vec::new(),
        claims: Vec::new(),
        input: (String::new(), Input::default()),
        vouch: None,
        ..page.clone()
    };
    let frame = || frame("/decide/applications/x/evidence", &[Role::Officer]);
    vec![
        sample("decide-evidence-wrong", &page, &frame()),
        sample("decide-evidence-none", &empty, &frame()),
    ]
}

fn answers() -> Vec<(String, String)> {
    vec![
        ("What is your role?".to_owned(), HOSTILE.to_owned()),
        (LONG.to_owned(), ARABIC.to_owned()),
    ]
}

fn said() -> Vec<SaidShown> {
    let said = SaidShown {
        who: "You".to_owned(),
        at: at("2026-11-03T09:12:00Z"),
        text: HOSTILE.to_owned(),
    };
    vec![said.clone(), SaidShown { who: "An officer".to_owned(), text: ARABIC.to_owned(), ..said }]
}

fn asking() -> Vec<Sample> {
    let ask = Ask {
        program: id(),
        name: LONG.to_owned(),
        back: "/programs/x/eligibility?role=company".to_owned(),
        answers: answers(),
        hidden: vec![("role".to_owned(), HOSTILE.to_owned())],
        verdict: Status::new(Tone::Bad, "Not eligible"),
        is_signed_in: false,
        input: input(&[("text", HOSTILE)], &[("email", "Enter your mail address")]),
    };
    let signed_in =
        Ask { is_signed_in: true, answers: Vec::new(), input: Input::default(), ..ask.clone() };
    let out = LetterOut { email: "ada@home.example".to_owned(), program: LONG.to_owned() };
    let stage = |stage, tone, text: &str| AppealPage {
        secret: "8m2kq0v4t6".to_owned(),
        program: id(),
        name: LONG.to_owned(),
        status: Status::new(tone, text),
        summary: text.to_owned(),
        said: said(),
        answers: answers(),
        stage,
    };
    let until = at("2026-12-24T00:00:00Z");
    let wrong = input(&[], &[("text", "Enter what you want to say")]);
    let path = "/asked/8m2kq0v4t6";
    let page = |name, page: &AppealPage| sample(name, page, &stranger(path));
    vec![
        sample("ask-wrong", &ask, &stranger("/programs/x/ask")),
        sample("ask-signed-in", &signed_in, &researcher("/programs/x/ask")),
        sample("ask-letter", &out, &stranger("/programs/x/ask")),
        page("asked-send", &stage(AppealStage::Send, Tone::Warning, "Not sent")),
        page(
            "asked-reply-wrong",
            &stage(AppealStage::Reply(wrong), Tone::Warning, "More is asked"),
        ),
        page("asked-apply", &stage(AppealStage::Apply(until), Tone::Good, "May apply")),
        page("asked-wait", &stage(AppealStage::Wait, Tone::Info, "With an officer")),
    ]
}

fn deciding() -> Vec<Sample> {
    let row = AppealRow {
        id: appeal(),
        email: "ada@home.example".to_owned(),
        program: LONG.to_owned(),
        verdict: Status::new(Tone::Bad, "Not eligible"),
        status: Status::new(Tone::Info, "With an officer"),
        at: at("2026-11-03T09:12:00Z"),
    };
    let list = AppealsList { waiting: 2, rows: vec![row.clone(), row] };
    let decision = AppealDecision {
        id: appeal(),
        email: "ada@home.example".to_owned(),
        address: "No list has home.example as an institution's.".to_owned(),
        program: LONG.to_owned(),
        verdict: Status::new(Tone::Bad, "Not eligible"),
        status: Status::new(Tone::Info, "With an officer"),
        answers: answers(),
        said: said(),
        until: None,
        answer: Some(input(&[("text", HOSTILE)], &[("until", "Enter a day from today on")])),
    };
    let over = AppealDecision {
        until: Some(at("2026-12-24T00:00:00Z")),
        answer: None,
        ..decision.clone()
    };
    let frame = || frame("/decide/asked", &[Role::Officer]);
    vec![
        sample("decide-asked", &list, &frame()),
        sample("decide-asked-none", &AppealsList { waiting: 0, rows: Vec::new() }, &frame()),
        sample("decide-asked-one-wrong", &decision, &frame()),
        sample("decide-asked-over", &over, &frame()),
    ]
}
