//! Finding out.

use bursar_kernel::program::{
    AboveTypical, Assumption, AwardTerms, CardCheck, Countries, Eligibility, Entitlements,
    FieldKind, FormField, Guide, Intake, LeadTime, Policy, Program, Reapplication, ReviewCalendar,
    Term, TransferClause,
};
use bursar_kernel::{ProgramId, RoundId, TransferPolicy, UpstreamGroup};
use bursar_pages::discover::{
    Coverage, Failure, Home, NotAllowed, NotFound, ProgramCard, ProgramPage, RoundDates,
};
use bursar_pages::ui::{Status, Tone};
use jiff::tz::TimeZone;

use super::{Sample, at, researcher, sample, stranger, usd};

pub(super) fn id() -> ProgramId {
    ProgramId::new("openai-researcher-access")
}

pub(super) fn samples() -> Vec<Sample> {
    let home = Home { programs: vec![card()] };
    let guide = ProgramPage { program: program(), next_round: Some(round()), coverage: coverage() };
    let not_allowed = NotAllowed { who_may: "officers of this program".to_owned() };
    let failure = Failure { request_id: "req_01jd3k8m2q6v0x4z7b9c1e5g7h".to_owned() };
    vec![
        sample("home", &home, &stranger("/")),
        sample("home-empty", &Home { programs: vec![] }, &stranger("/")),
        sample("program", &guide, &researcher("/programs/openai-researcher-access")),
        sample("not-found", &NotFound, &stranger("/nowhere")),
        sample("not-allowed", &not_allowed, &researcher("/decide/applications")),
        sample("not-allowed-stranger", &not_allowed, &stranger("/decide/applications")),
        sample("failure", &failure, &stranger("/")),
    ]
}

pub(super) fn round() -> RoundDates {
    RoundDates {
        round: RoundId::new("2026-12"),
        label: "December 2026".to_owned(),
        closes: at("2026-12-01T00:00:00Z"),
        review_ends: at("2027-01-01T00:00:00Z"),
        delivery_from: at("2027-01-29T00:00:00Z"),
        delivery_to: at("2027-02-12T00:00:00Z"),
    }
}

fn card() -> ProgramCard {
    let program = program();
    ProgramCard {
        id: program.id,
        name: program.name,
        provider: program.provider,
        summary: program.summary,
        typical_max: program.award.typical_max,
        months: program.term.months,
        closes: Some(round().closes),
    }
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
            FieldKind::Line { characters_max: 120 },
            false,
        ),
        field("area", "Area of research", None, FieldKind::Choice { options }, false),
        field(
            "research_question",
            "What is your research question?",
            Some("One question, and why the answer matters."),
            FieldKind::Text { words_max: 300 },
            false,
        ),
        field(
            "planned_use",
            "How will you use the API?",
            Some("Models, number of calls, and why access is needed."),
            FieldKind::Text { words_max: 400 },
            false,
        ),
        field("affiliation", "Institution", None, FieldKind::Line { characters_max: 200 }, false),
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
        },
        term: Term { months: 12 },
        review: ReviewCalendar { months: vec![3, 6, 9, 12], zone: TimeZone::UTC },
        delivery: LeadTime { days_min: 28, days_max: 42 },
        form: questions(),
        policies: policies(),
        entitlements: Entitlements {
            upstream_group: UpstreamGroup::new("openai"),
            limited_models: vec![],
            output_tokens_default: 4096,
        },
        transfer_policy: TransferPolicy::Pool,
        guide: guide(),
        form_address: "researcher-access-program".to_owned(),
        minutes_to_apply: 30,
        justification_field: None,
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
        intake: Intake::Open,
        transfer_clause: TransferClause {
            says: "The provider's terms forbid the sale of credit.".to_owned(),
            source: "terms of August 2026".to_owned(),
            ways_on: vec!["Return what you will not use to the program.".to_owned()],
        },
        assumptions: vec![Assumption {
            about: "review.zone".to_owned(),
            because: "the provider names months and no zone".to_owned(),
        }],
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
        advice: list(&["Ask one clear question", "Apply a week early"]),
        questions: pairs(&[
            ("How long does credit last?", "Twelve months from the day it arrives."),
            ("Can I sell what is left?", "No. You can return it to the program."),
        ]),
    }
}
