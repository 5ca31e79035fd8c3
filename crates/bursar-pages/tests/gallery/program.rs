//! Finding out.

use bursar_kernel::program::{
    AboveTypical, Advice, Assumption, Audiences, AwardTerms, Cadence, CardCheck, Countries,
    Criterion, Eligibility, Entitlements, FieldKind, FormField, Guide, Intake, LeadTime, LineTerms,
    Offer, OfferState, Policy, Program, ProposalFields, Reapplication, ReviewCalendar, Section,
    Term, TermLength, TermStart, Tool, TransferClause, WalletPeople,
};
use bursar_kernel::{
    ProgramId, RateClass, RateClassId, RateLimit, RoundId, Tier, TierId, TierNeeds, Tiers,
    TransferPolicy, UpstreamGroup,
};
use bursar_pages::discover::{
    AddressCheck, Coverage, EligibilityCheck, Failure, Home, Needed, Next, NotAllowed, NotFound,
    Planner, ProgramCard, ProgramPage, ProposalCheck, RoundDates, Search,
};
use bursar_pages::screening::{Changed, FindingShown, Piece, PointShown, Screening};
use bursar_pages::ui::{Input, Status, Tone};
use jiff::tz::TimeZone;

use super::people::input;
use super::{ARABIC, HOSTILE, LONG, Sample, at, researcher, sample, stranger, usd};

pub(super) fn id() -> ProgramId {
    ProgramId::new("openai-researcher-access")
}

pub(super) fn samples() -> Vec<Sample> {
    let guide = ProgramPage {
        program: program(),
        runs_here: true,
        next_round: Some(round()),
        ahead: vec![round(), RoundDates { credit: None, expires: None, ..round() }],
        coverage: coverage(),
        planner: Planner::default(),
    };
    let planned = Planner {
        input: input(&[("submit_on", "2026-11-25"), ("need_by", "2027-03-01")], &[]),
        submitted: Some(round()),
        needed: Some(Needed::By(round())),
        day: Some("2026-11-25".to_owned()),
    };
    let planned = ProgramPage { planner: planned, ..guide.clone() };
    let too_soon = Planner {
        input: input(
            &[("submit_on", "tomorrow"), ("need_by", "2026-12-24")],
            &[("submit_on", "Enter a day, like 2027-02-03")],
        ),
        submitted: None,
        day: None,
        needed: Some(Needed::TooSoon(Some(round()))),
    };
    let too_soon = ProgramPage { planner: too_soon, ..guide.clone() };
    let not_allowed = NotAllowed { who_may: "officers of this program".to_owned() };
    let failure = Failure { request_id: "req_01jd3k8m2q6v0x4z7b9c1e5g7h".to_owned() };
    vec![
        sample("program-elsewhere", &elsewhere(), &stranger("/programs/elsewhere")),
        sample("program", &guide, &researcher("/programs/openai-researcher-access")),
        sample("program-planned", &planned, &stranger("/programs/openai-researcher-access")),
        sample("program-wrong", &too_soon, &stranger("/programs/openai-researcher-access")),
        sample("not-found", &NotFound, &stranger("/nowhere")),
        sample("not-allowed", &not_allowed, &researcher("/decide/applications")),
        sample("not-allowed-stranger", &not_allowed, &stranger("/decide/applications")),
        sample("failure", &failure, &stranger("/")),
    ]
}

/// The directory, with what is run here and what is only described.
pub(super) fn directory() -> Vec<Sample> {
    let other = ProgramCard {
        id: ProgramId::new("another"),
        name: LONG.to_owned(),
        amounts: vec![
            "Faculty: up to $5,000, once".to_owned(),
            "PhD students: up to $1,000".to_owned(),
        ],
        runs_here: false,
        next: Next::AnyDay { decided: Some("6 to 8 weeks".to_owned()) },
        card_needed: false,
        who: None,
        difficulty: None,
        best_for: None,
        accelerator: None,
        ..card()
    };
    let officers = ProgramCard { next: Next::Officers, ..other.clone() };
    let home = Home { programs: vec![card(), officers], all: 2, search: Search::default() };
    let paused = ProgramCard {
        id: ProgramId::new("paused"),
        closed: Some(Status::new(Tone::Warning, "Paused")),
        next: Next::Unsaid,
        ..other.clone()
    };
    let opens = ProgramCard {
        id: ProgramId::new("windows"),
        next: Next::Round {
            opens: Some(at("2026-12-01T00:00:00Z")),
            closes: at("2026-12-15T00:00:00Z"),
            credit_by: None,
        },
        ..other.clone()
    };
    let rolling = ProgramCard { id: ProgramId::new("rolling"), ..other.clone() };
    let all = vec![card(), other, paused, opens, rolling];
    let compare = all.iter().take(3).map(|program| program.id.clone()).collect();
    let directory = Home { programs: all.clone(), all: 5, search: Search::default() };
    let search = Search { words: HOSTILE.to_owned(), open: true, without_card: true, compare };
    let compared = Home { programs: all, all: 5, search: search.clone() };
    let nothing = Home { programs: vec![], all: 5, search };
    vec![
        sample("home", &home, &stranger("/")),
        sample("home-empty", &Home::default(), &stranger("/")),
        sample("directory", &directory, &stranger("/programs")),
        sample("directory-compared", &compared, &stranger("/programs")),
        sample("directory-nothing", &nothing, &stranger("/programs")),
    ]
}

/// A program that is run by its provider, and of which little is known.
fn elsewhere() -> ProgramPage {
    let mut described = program();
    described.offer = Offer {
        state: OfferState::Discontinued,
        note: Some("No further call is planned".to_owned()),
        successor: Some(LONG.to_owned()),
    };
    described.term = None;
    described.delivery = None;
    described.award.in_kind = Some("up to 2,000 hours of a GPU".to_owned());
    described.review.cadence = Cadence::Unsaid;
    ProgramPage {
        program: described,
        runs_here: false,
        next_round: None,
        ahead: vec![],
        coverage: vec![],
        planner: Planner::default(),
    }
}

/// What can be found out before there is an account.
pub(super) fn checks() -> Vec<Sample> {
    let asked = EligibilityCheck {
        program: id(),
        name: LONG.to_owned(),
        questions: questions().into_iter().filter(|field| field.id == "area").collect(),
        input: Input::default(),
        outcome: None,
        may_apply: false,
        ask: None,
        address: Some(AddressCheck {
            shows: "an affiliation with a university".to_owned(),
            answers: Vec::new(),
            input: Input::default(),
            says: None,
        }),
    };
    let flagged = EligibilityCheck {
        input: input(&[("area", "risk")], &[]),
        outcome: Some(screening()),
        may_apply: true,
        ask: Some("/programs/x/ask?area=risk".to_owned()),
        address: asked.address.clone().map(|address| AddressCheck {
            answers: vec![("area".to_owned(), HOSTILE.to_owned())],
            input: input(&[("email", HOSTILE)], &[]),
            says: Some(LONG.to_owned()),
            ..address
        }),
        ..asked.clone()
    };
    let unread = ProposalCheck {
        program: id(),
        name: "Researcher Access Program".to_owned(),
        questions: questions(),
        input: Input::default(),
        points: Vec::new(),
    };
    let advised = ProposalCheck {
        input: input(&[("title", HOSTILE)], &[]),
        points: points(),
        ..unread.clone()
    };
    vec![
        sample("eligibility", &asked, &stranger("/programs/x/eligibility")),
        sample("eligibility-flagged", &flagged, &stranger("/programs/x/eligibility")),
        sample("proposal", &unread, &stranger("/programs/x/proposal")),
        sample("proposal-advised", &advised, &stranger("/programs/x/proposal")),
    ]
}

pub(super) fn round() -> RoundDates {
    RoundDates {
        round: RoundId::new("2026-12"),
        label: "December 2026".to_owned(),
        last_day: at("2026-11-30T23:59:59.999Z"),
        advised_by: at("2026-11-24T00:00:00Z"),
        closes: at("2026-12-01T00:00:00Z"),
        opens: None,
        decision: Some((at("2027-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"))),
        credit: Some((at("2027-01-29T00:00:00Z"), at("2027-02-12T00:00:00Z"))),
        expires: Some((at("2028-01-29T00:00:00Z"), at("2028-02-12T00:00:00Z"))),
        zone: TimeZone::UTC,
    }
}

fn card() -> ProgramCard {
    let program = program();
    ProgramCard {
        id: program.id,
        name: program.name,
        provider: program.provider,
        summary: program.summary,
        amounts: vec!["Up to $1,000; up to $5,000 with a justification".to_owned()],
        term: "12 months".to_owned(),
        runs_here: true,
        closed: None,
        zone: TimeZone::UTC,
        card_needed: true,
        who: Some("Affiliated researchers and research nonprofits".to_owned()),
        difficulty: Some("Intermediate: a proposal and a quarterly review".to_owned()),
        best_for: Some("Responsible-AI research, red-teaming".to_owned()),
        accelerator: Some("Not needed".to_owned()),
        next: Next::Round {
            opens: None,
            closes: round().closes,
            credit_by: round().credit.map(|(_, latest)| latest),
        },
    }
}

pub(super) fn screening() -> Screening {
    let finding = |question: &str, answer: &str, tone, label: &str| FindingShown {
        question: question.to_owned(),
        answer: answer.to_owned(),
        verdict: Status::new(tone, label),
        reason: "Your subject is one that the program names.".to_owned(),
        advice: (label == "Flagged").then(|| "Say how it bears on risk.".to_owned()),
    };
    Screening {
        verdict: Status::new(Tone::Warning, "Flagged"),
        summary: "You may apply, and an officer takes a closer look.".to_owned(),
        findings: vec![
            finding("Area of research", HOSTILE, Tone::Warning, "Flagged"),
            finding("Where are you based?", ARABIC, Tone::Good, "Eligible"),
            finding("What is your role?", "", Tone::Neutral, "Not said"),
        ],
        ask: Some(("the program's contact.".to_owned(), "https://example.org/".to_owned())),
    }
}

pub(super) fn points() -> Vec<PointShown> {
    let point = |about: &str, found| PointShown {
        about: about.to_owned(),
        found,
        says: "It would help to say how many: items, prompts, people, weeks.".to_owned(),
        change: Some("/applications/x/form#title".to_owned()),
    };
    vec![point("A clear question", true), point("A concrete method", false)]
}

pub(super) fn changed() -> Vec<Changed> {
    let pieces = vec![
        Piece::Same("We plant ".to_owned()),
        Piece::Gone("some ".to_owned()),
        Piece::New(format!("{HOSTILE} 1,200 ")),
        Piece::Same("defects.".to_owned()),
    ];
    vec![Changed { question: "Describe the research you plan".to_owned(), pieces }]
}

pub(super) fn rubric() -> Vec<Criterion> {
    let criterion = |id: &str, label: &str, weight| Criterion {
        id: id.to_owned(),
        label: label.to_owned(),
        asks: "Is there one clear question that a study can answer?".to_owned(),
        weight,
        scale: 5,
    };
    vec![criterion("question", "Question", 60), criterion("method", "Method", 40)]
}

fn coverage() -> Vec<Coverage> {
    let row = |family: &str, about: &str, tone, label: &str| Coverage {
        family: family.to_owned(),
        about: about.to_owned(),
        covered: Status::new(tone, label),
    };
    vec![
        row("GPT-5 family", "general purpose", Tone::Warning, "Partial"),
        row("GPT-4.1 family", "text, up to 1M context", Tone::Good, "Yes"),
        row("o3, o3-mini, o3-pro", "reasoning", Tone::Good, "Yes"),
        row("Embeddings and moderation", "search, safety", Tone::Good, "Yes"),
    ]
}

pub(super) fn questions() -> Vec<FormField> {
    let field = |id: &str, label: &str, hint: Option<&str>, kind, optional| FormField {
        id: id.to_owned(),
        label: label.to_owned(),
        name: id.replace('_', " "),
        missing: format!("Enter an answer to: {label}"),
        hint: hint.map(str::to_owned),
        kind,
        optional,
        section: "answers".to_owned(),
        show_if: None,
        visible_to: Audiences::all(),
        pii: false,
        advised_max: None,
    };
    let areas = [
        ("deployment", "Responsible deployment"),
        ("risk", "Risk mitigation"),
        ("impact", "Societal impact"),
    ];
    let options = areas.map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec();
    vec![
        field(
            "title",
            "Title of the project",
            None,
            FieldKind::Line { characters_max: 120, pattern: None },
            false,
        ),
        field("area", "Area of research", None, FieldKind::Choice { options }, false),
        field(
            "research_question",
            "What is your research question?",
            Some("One question, and why the answer matters."),
            FieldKind::Text { words_max: 300, characters_max: None },
            false,
        ),
        field(
            "planned_use",
            "How will you use the API?",
            Some("Models, number of calls, and why access is needed."),
            FieldKind::Text { words_max: 400, characters_max: None },
            false,
        ),
        field(
            "affiliation",
            "Institution",
            None,
            FieldKind::Line { characters_max: 200, pattern: None },
            false,
        ),
        field("amount", "Amount you need", None, FieldKind::Amount, true),
    ]
}

pub(super) fn policies() -> Vec<Policy> {
    let policy = |id: &str, title: &str, statement: &str| Policy {
        id: id.to_owned(),
        title: title.to_owned(),
        url: format!("https://example.org/policies/{id}"),
        version: "2025-10-29".to_owned(),
        statement: statement.to_owned(),
    };
    vec![
        policy("usage", "Usage policies", "I accept the usage policies"),
        policy("sharing", "sharing and publication policy", "I accept the sharing policy"),
    ]
}

pub(super) fn program() -> Program {
    Program {
        id: id(),
        version: 1,
        name: "Researcher Access Program".to_owned(),
        provider: "OpenAI".to_owned(),
        official_page: "https://openai.com/form/researcher-access-program/".to_owned(),
        summary:
            "Credit for research on responsible deployment, risk mitigation and the impact of \
                  AI on society."
                .to_owned(),
        source: "the program's page, August 2026".to_owned(),
        award: AwardTerms {
            typical_max: usd("1000"),
            above_typical: Some(AboveTypical { max: usd("5000"), second_approver: true }),
            ..AwardTerms::default()
        },
        term: Some(Term { length: TermLength::Months(12), from: TermStart::Delivery }),
        review: ReviewCalendar {
            cadence: Cadence::Months(vec![3, 6, 9, 12]),
            collects_days: None,
            zone: TimeZone::UTC,
        },
        delivery: Some(LeadTime { days_min: 28, days_max: 42 }),
        sections: vec![Section {
            id: "answers".to_owned(),
            title: "Your answers".to_owned(),
            intro: None,
            one_by_one: false,
        }],
        form: questions(),
        policies: policies(),
        entitlements: Entitlements {
            upstream_group: UpstreamGroup::new("openai"),
            limited_models: vec![],
            output_tokens_default: 4096,
        },
        transfer_policy: TransferPolicy::Pool,
        people: WalletPeople::SameInstitution,
        guide: guide(),
        form_address: "researcher-access-program".to_owned(),
        minutes_to_apply: 30,
        justification_field: None,
        progress_field: None,
        proposal: ProposalFields::default(),
        rubric: rubric(),
        panel: None,
        line: LineTerms::default(),
        reapplication: Reapplication { resubmissions_max: None, progress_needed: true },
        eligibility: Eligibility::default(),
        areas: vec![],
        countries: Countries {
            supported: vec![],
            source: "the provider's list".to_owned(),
            as_of: jiff::civil::date(2026, 8, 1),
        },
        card: Some(CardCheck {
            hold: usd("5"),
            purpose: "A checked card moves the account to the paid tiers.".to_owned(),
        }),
        studies: vec![],
        tiers: tiers(),
        intake: Intake::Open,
        offer: Offer::default(),
        transfer_clause: TransferClause {
            says: "The provider's terms forbid the sale of credit.".to_owned(),
            source: "terms of August 2026".to_owned(),
            ways_on: vec!["Return what you will not use to the program.".to_owned()],
        },
        assumptions: assumptions(),
    }
}

fn assumptions() -> Vec<Assumption> {
    vec![Assumption {
        about: "review.zone".to_owned(),
        because: "the provider names months and no zone".to_owned(),
    }]
}

pub(super) fn tiers() -> Tiers {
    let class = |id: &str, name: &str| RateClass {
        id: RateClassId::new(id),
        name: name.to_owned(),
        families: vec![],
        models: vec![],
    };
    let limit = |requests_per_minute, requests_per_day, tokens_per_minute| RateLimit {
        requests_per_minute: Some(requests_per_minute),
        requests_per_day,
        tokens_per_minute: Some(tokens_per_minute),
        tokens_per_day: requests_per_day.map(|requests| requests * 1_000),
        images_per_minute: requests_per_day.map(|_| 5),
        concurrent_calls: requests_per_day.map(|_| 10),
        batch_queue_tokens: Some(2_000_000),
    };
    let tier = |id: &str, name: &str, needs, limits: &[(&str, RateLimit)]| Tier {
        id: TierId::new(id),
        name: name.to_owned(),
        needs,
        limits: limits.iter().map(|(id, limit)| (RateClassId::new(*id), *limit)).collect(),
    };
    Tiers {
        classes: vec![class("small", "Small models"), class("large", LONG)],
        tiers: vec![
            tier(
                "free",
                "Free (Explore)",
                TierNeeds::Nothing,
                &[("small", limit(3, Some(200), 40_000))],
            ),
            tier(
                "tier-1",
                "Tier 1",
                TierNeeds::Card,
                &[
                    ("small", limit(500, Some(10_000), 200_000)),
                    ("large", limit(500, None, 30_000)),
                ],
            ),
        ],
        source: "third parties' tables, 2026".to_owned(),
    }
}

fn guide() -> Guide {
    let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
    let pairs = |items: &[(&str, &str)]| {
        items.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    };
    Guide {
        covers: list(&["A pilot study: prompts, models, samples", "Red-teaming over weeks"]),
        timeline: pairs(&[
            ("Any day", "Submit an application."),
            ("4 to 6 weeks later", "Credit."),
        ]),
        at_a_glance: pairs(&[
            ("Eligibility", "Affiliated researchers and research nonprofits"),
            ("Card required", "Yes, to unlock higher limits; a $5 hold is released"),
            ("Difficulty", "Intermediate: a proposal and a quarterly review"),
        ]),
        eligible: list(&[
            "Faculty, postdocs, PhD students",
            "Nonprofits whose credit supports research",
        ]),
        not_eligible: list(&["Companies and startups", "Internal tools and products"]),
        steps: list(&["Read this page", "Write the proposal", "Submit before the round closes"]),
        limits: list(&["Expiry is hard", "Some models need a further approval"]),
        advice: [
            ("Ask one clear question", Some(Tool::ProposalCheck)),
            ("Say that funding is limited", Some(Tool::Form)),
            ("Apply a week early", Some(Tool::Planner)),
            ("Add a card early", Some(Tool::Card)),
            ("Come back", Some(Tool::Resubmission)),
            ("Use the year", Some(Tool::Forecast)),
            ("Check first", Some(Tool::Eligibility)),
            ("Sleep over it", None),
        ]
        .map(|(text, tool)| Advice { text: text.to_owned(), tool })
        .to_vec(),
        questions: pairs(&[
            ("How long does credit last?", "Twelve months from the day it arrives."),
            ("Can I sell what is left?", "No. You can return it to the program."),
        ]),
    }
}
