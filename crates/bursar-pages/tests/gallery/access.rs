//! Limited access: the holder's pages and the officer's.

use bursar_kernel::{AccessRequestId, ModelId, Rate, RateCard, Role};
use bursar_pages::decide::{AccessList, AccessPage, AccessRow};
use bursar_pages::ui::{Input, Status, Tone};
use bursar_pages::wallet::{GrantModels, ModelPage, ModelRow, RequestShown};
use jiff::civil::date;

use super::people::input;
use super::researcher::id;
use super::{ARABIC, HOSTILE, LONG, Sample, at, frame, researcher, sample};

fn card() -> RateCard {
    let rate = |text: &str| text.parse::<Rate>().ok();
    RateCard {
        input: rate("1.25"),
        cached: rate("0.125"),
        output: rate("10"),
        ..RateCard::default()
    }
}

fn model(name: &str, tone: Tone, label: &str) -> ModelRow {
    ModelRow {
        model: ModelId::new(name),
        status: Status::new(tone, label),
        in_use: false,
        card: Some(card()),
        shutdown: None,
        successor: None,
    }
}

fn old() -> ModelRow {
    ModelRow {
        in_use: true,
        shutdown: Some(date(2026, 12, 11)),
        successor: Some(ModelId::new("gpt-5.4-mini")),
        ..model("gpt-4.1-mini", Tone::Good, "Open")
    }
}

fn page() -> ModelPage {
    ModelPage {
        grant: id(),
        title: "Sandbagging, pilot".to_owned(),
        row: model("gpt-5", Tone::Warning, "Limited"),
        about: "GPT-5 family: reasoning".to_owned(),
        tokens_max: (Some(272_000), Some(128_000)),
        batch: Some(card()),
        limited: true,
        until: None,
        requests: vec![],
        input: Some(Input::default()),
        may_withdraw: false,
    }
}

fn request(tone: Tone, label: &str, note: Option<&str>) -> RequestShown {
    RequestShown {
        asked_at: at("2026-11-20T09:00:00Z"),
        reason: HOSTILE.to_owned(),
        status: Status::new(tone, label),
        answer: note.map(|note| (at("2026-11-21T09:00:00Z"), Some(note.to_owned()))),
    }
}

pub(super) fn holders() -> Vec<Sample> {
    let rows = vec![old(), page().row, model("gpt-5.1", Tone::Info, "Asked")];
    let ending = vec![(old().model, date(2026, 12, 11), old().successor)];
    let title = LONG.to_owned();
    let list = GrantModels { grant: id(), title, rows, ending };
    let wrong = ModelPage {
        input: Some(input(&[], &[("reason", "Say what you need the model for")])),
        ..page()
    };
    let asked = ModelPage {
        row: model("gpt-5.1", Tone::Info, "Asked"),
        requests: vec![request(Tone::Info, "Asked", None)],
        input: None,
        may_withdraw: true,
        ..page()
    };
    let approved = ModelPage {
        row: model("gpt-5", Tone::Good, "Approved"),
        until: Some(at("2027-03-01T00:00:00Z")),
        requests: vec![
            request(Tone::Good, "Approved", Some("For the comparison.")),
            request(Tone::Bad, "Declined", Some("Say which items.")),
        ],
        input: None,
        ..page()
    };
    let open = ModelPage { row: old(), limited: false, input: None, ..page() };
    vec![
        sample("models", &list, &researcher("/grants/x/models")),
        sample("model-limited", &page(), &researcher("/grants/x/models/gpt-5")),
        sample("model-wrong", &wrong, &researcher("/grants/x/models/gpt-5")),
        sample("model-asked", &asked, &researcher("/grants/x/models/gpt-5.1")),
        sample("model-approved", &approved, &researcher("/grants/x/models/gpt-5")),
        sample("model-open", &open, &researcher("/grants/x/models/gpt-4.1-mini")),
    ]
}

fn row(holder: &str, tone: Tone, label: &str) -> AccessRow {
    AccessRow {
        id: AccessRequestId::new(at("2026-11-20T09:00:00Z"), [1; 10]),
        model: ModelId::new("gpt-5"),
        holder: holder.to_owned(),
        grant: id(),
        title: HOSTILE.to_owned(),
        asked_at: at("2026-11-20T09:00:00Z"),
        status: Status::new(tone, label),
    }
}

pub(super) fn officers() -> Vec<Sample> {
    let officer = |path: &str| frame(path, &[Role::Officer]);
    let waiting = vec![row(LONG, Tone::Info, "Asked"), row(ARABIC, Tone::Info, "Asked")];
    let answered = vec![row("Amara Okafor", Tone::Good, "Approved")];
    let list = AccessList { waiting, answered };
    let none = AccessList { waiting: vec![], answered: vec![] };
    let open = AccessPage {
        row: row(LONG, Tone::Info, "Asked"),
        reason: HOSTILE.to_owned(),
        grant_expires_at: Some(at("2027-04-28T09:00:00Z")),
        answer: None,
        until: None,
        input: Some(Input::default()),
        waits: true,
        version: 1,
    };
    let wrong = AccessPage {
        input: Some(input(
            &[("decision", "decline")],
            &[("note", "Enter the reason that the holder will read")],
        )),
        ..open.clone()
    };
    let approved = AccessPage {
        row: row("Amara Okafor", Tone::Good, "Approved"),
        answer: Some((at("2026-11-21T09:00:00Z"), None)),
        until: Some(at("2027-03-01T00:00:00Z")),
        waits: false,
        version: 2,
        ..open.clone()
    };
    vec![
        sample("access", &list, &officer("/decide/access")),
        sample("access-empty", &none, &officer("/decide/access")),
        sample("access-request", &open, &officer("/decide/access/x")),
        sample("access-request-wrong", &wrong, &officer("/decide/access/x")),
        sample("access-request-approved", &approved, &officer("/decide/access/x")),
    ]
}
