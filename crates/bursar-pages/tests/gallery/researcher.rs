//! Grants, keys and calls.

use bursar_kernel::{
    Endpoint, GrantId, KeyId, ModelId, PriceVersion, Rate, RequestId, StudyPace, StudySize, Usd,
};
use bursar_pages::ui::{Input, SpendChart, Status, Tone};
use bursar_pages::wallet::{
    CallPage, CallRow, Calls, CardCheckPage, CardShown, CardStage, ChangeCap, CostLine, Expiry,
    GrantPage, GrantRow, GrantsList, Heading, HowToUse, KeyMade, KeyRow, May, Money, Pace,
    PassingOn, PaymentMethod, RevokeKey, Stage, StudyBasis, StudyTime,
};

use jiff::SignedDuration;

use super::people::input;
use super::program::tiers;
use super::{ARABIC, HOSTILE, LONG, Sample, at, researcher, sample, usd};

pub(super) fn id() -> GrantId {
    GrantId::new(at("2026-04-28T00:00:00Z"), [2, 7, 1, 8, 2, 8, 1, 8, 2, 8])
}

fn request(last: u8) -> RequestId {
    RequestId::new(at("2026-11-21T14:00:00Z"), [2, 7, 1, 8, 2, 8, 1, 8, 2, last])
}

pub(super) fn grants(holders: bool) -> Vec<GrantRow> {
    let row = |title: &str, holder: &str, tone, label: &str, left: &str, expires: Option<&str>| {
        GrantRow {
            id: id(),
            title: title.to_owned(),
            holder: holders.then(|| holder.to_owned()),
            status: Status::new(tone, label),
            face: usd("1000"),
            left: usd(left),
            expires_at: expires.map(at),
        }
    };
    let soon = Some("2026-12-05T09:00:00Z");
    vec![
        row("Sandbagging, pilot", "Amara Okafor", Tone::Warning, "Expires soon", "212.4", soon),
        row(LONG, LONG, Tone::Good, "Active", "999.999999999", Some("2027-04-28T09:00:00Z")),
        row("Probing refusals", ARABIC, Tone::Info, "Accepted", "0", None),
        row(HOSTILE, HOSTILE, Tone::Neutral, "Expired", "0", Some("2026-02-01T00:00:00Z")),
    ]
}

pub(super) fn samples() -> Vec<Sample> {
    let mut samples = grant_lists();
    samples.extend(grant_states());
    samples.extend(keys());
    samples.extend(calls());
    samples.extend(super::access::holders());
    samples.extend(card_checks());
    samples.extend(super::next::samples());
    samples
}

fn grant_states() -> Vec<Sample> {
    let active = active();
    let fresh = GrantPage {
        status: Status::new(Tone::Info, "Accepted"),
        money: money("0", "0", "0", "0"),
        payment_method: Some(PaymentMethod { card: None, check: None, ..payment_method() }),
        expiry: Expiry::NotDelivered {
            from: at("2027-01-29T00:00:00Z"),
            to: at("2027-02-12T00:00:00Z"),
            lives: "12 months from the instant it arrives".to_owned(),
        },
        heading: super::next::heading(super::next::waiting()),
        chart: None,
        keys: vec![],
        calls: 0,
        ..active.clone()
    };
    let mut paced = pace();
    paced.study = Some(StudyTime {
        size: StudySize { calls: 6_000, tokens: 7_200_000 },
        basis: StudyBasis::Estimate { total: usd("5.04"), address: "/estimate".to_owned() },
        now: StudyPace::Closed,
        next: Some(StudyPace::TooLong(30_000)),
    });
    let in_question = GrantPage {
        money: Money {
            in_question: usd("3.2"),
            ..money("412.803217190", "0", "583.99678281", "0")
        },
        ..active.clone()
    };
    let expired = GrantPage {
        pace: Some(paced),
        status: Status::new(Tone::Neutral, "Expired"),
        money: money("0", "0", "787.6", "212.4"),
        heading: Heading {
            expires_at: Some(at("2026-11-01T09:00:00Z")),
            ..super::next::heading(Stage::Expired)
        },
        expiry: Expiry::Delivered {
            at: at("2025-11-01T09:00:00Z"),
            expires_at: at("2026-11-01T09:00:00Z"),
        },
        ..active.clone()
    };
    let wrong = GrantPage {
        title: LONG.to_owned(),
        status: Status::new(Tone::Warning, "Expires soon"),
        expiry: Expiry::Delivered {
            at: at("2025-12-05T09:00:00Z"),
            expires_at: at("2026-12-05T09:00:00Z"),
        },
        input: input(
            &[("cap", "5000")],
            &[
                ("name", "Enter a name for the key"),
                ("cap", "A cap is at most what is left, $412.80"),
            ],
        ),
        ..active.clone()
    };
    vec![
        sample("grant", &active, &researcher("/grants/x")),
        sample("grant-in-question", &in_question, &researcher("/grants/x")),
        sample("grant-not-delivered", &fresh, &researcher("/grants/x")),
        sample("grant-expired", &expired, &researcher("/grants/x")),
        sample("grant-stopped", &stopped(), &researcher("/grants/x")),
        sample("grant-wrong", &wrong, &researcher("/grants/x")),
    ]
}

fn grant_lists() -> Vec<Sample> {
    let all = GrantsList { grants: grants(false), shared: grants(true) };
    let none = GrantsList { grants: vec![], shared: vec![] };
    let frame = || researcher("/grants");
    vec![sample("grants", &all, &frame()), sample("grants-empty", &none, &frame())]
}

/// Stopped by itself, and with its whole program.
fn stopped() -> GrantPage {
    GrantPage {
        stopped: Some(super::staff::stopped()),
        program_stopped: Some(super::staff::stopped()),
        may_stop: true,
        ..active()
    }
}

fn money(left: &str, held: &str, spent: &str, expired: &str) -> Money {
    Money {
        face: usd("1000"),
        left: usd(left),
        held: usd(held),
        spent: usd(spent),
        in_question: usd("0"),
        expired: usd(expired),
        sold: usd("0"),
        returned: usd("0"),
        taken_back: usd("0"),
    }
}

pub(super) fn active() -> GrantPage {
    GrantPage {
        id: id(),
        title: "Do code models sandbag?".to_owned(),
        program: "Researcher Access Program".to_owned(),
        status: Status::new(Tone::Good, "Active"),
        money: money("412.803217190", "3.2", "583.99678281", "0"),
        expiry: Expiry::Delivered {
            at: at("2026-04-28T09:00:00Z"),
            expires_at: at("2027-04-28T09:00:00Z"),
        },
        heading: super::next::heading(Stage::Healthy),
        ending: vec![(ModelId::new("gpt-4.1"), jiff::civil::date(2027, 1, 15), None)],
        chart: Some(chart()),
        keys: key_rows(),
        studies: super::studies::rows(),
        input: Input::default(),
        calls: 2118,
        holder: None,
        may: May::ALL,
        passing_on: PassingOn {
            clause: "Credit is not transferable.".to_owned(),
            source: "Service Credit Terms, as quoted in 2026".to_owned(),
            may_sell: false,
            may_return: true,
        },
        may_take_back: false,
        stopped: None,
        program_stopped: None,
        may_stop: false,
        payment_method: Some(payment_method()),
        pace: Some(pace()),
    }
}

fn pace() -> Pace {
    let tiers = tiers();
    Pace {
        tier: tiers.tiers[0].clone(),
        is_named: false,
        next: tiers.tiers.get(1).cloned(),
        add_card: Some("/card".to_owned()),
        study: Some(StudyTime {
            size: StudySize { calls: 3_030_303, tokens: 3_939_393_900 },
            basis: StudyBasis::Typical {
                amount: usd("1000"),
                model: "gpt-4o-mini".to_owned(),
                call: (1_000, 300),
            },
            now: StudyPace::Takes(SignedDuration::from_hours(24 * 15_152)),
            next: Some(StudyPace::Takes(SignedDuration::from_hours(24 * 304))),
        }),
        tiers,
    }
}

fn card() -> CardShown {
    let (brand, last4, expiry) = ("Visa", "4242", "12/2030");
    CardShown { brand: brand.to_owned(), last4: last4.to_owned(), expiry: expiry.to_owned() }
}

fn payment_method() -> PaymentMethod {
    PaymentMethod {
        hold: usd("5"),
        purpose: "A checked card moves the account to the paid tiers.".to_owned(),
        takes_cards: true,
        card: Some((card(), at("2026-05-02T09:00:00Z"))),
        check: Some((
            "/grants/x/card/y".to_owned(),
            Status::new(Tone::Good, "Verified, hold released"),
        )),
        waits: false,
    }
}

fn card_checks() -> Vec<Sample> {
    let check = |stage: CardStage, card: Option<CardShown>| CardCheckPage {
        reference: "check_01kag3v5f0e7s9m4q2x8w6t1zc".to_owned(),
        grant: id(),
        amount: usd("5"),
        held_at: card.is_some().then(|| at("2026-11-22T10:01:00Z")),
        card,
        stage,
        started_at: at("2026-11-22T10:00:00Z"),
        ended_at: Some(at("2026-11-22T10:01:01Z")),
        is_own: true,
    };
    let here = &researcher("/grants/x/card/y");
    let declined = Some("Your card was declined.".to_owned());
    let failed = CardStage::Failed("No card was given in time. Nothing was held.".to_owned());
    vec![
        sample("card-waits", &check(CardStage::Waits(None), None), here),
        sample("card-declined", &check(CardStage::Waits(declined), None), here),
        sample("card-held", &check(CardStage::Held, Some(card())), here),
        sample("card-released", &check(CardStage::Released, Some(card())), here),
        sample("card-failed", &check(failed, None), here),
    ]
}

pub(super) fn chart() -> SpendChart {
    let first = jiff::civil::date(2026, 10, 24);
    let days = (0_i64..30).map(|day| {
        let weekday = day % 7 < 5;
        let wave = if weekday { 9 + (day * day * 7 + day * 5) % 23 } else { day % 3 };
        let parts = [wave * 430_000_123, wave * 210_000_000 % 3_000_000_000, wave * 70_000_000];
        let date = first.saturating_add(jiff::Span::new().days(day));
        (date, parts.into_iter().map(Usd::from_nanos).collect())
    });
    SpendChart {
        series: ["gpt-4.1", "o3-mini", "text-embedding-3-small"].map(str::to_owned).to_vec(),
        days: days.collect(),
    }
}

fn key_rows() -> Vec<KeyRow> {
    let row = |name: &str, cap: Option<&str>, spent: &str, used: bool, active: bool| KeyRow {
        id: KeyId::new(at("2026-05-01T00:00:00Z"), [1; 10]),
        name: name.to_owned(),
        hint: "…x7q2".to_owned(),
        whose: (!active).then(|| ARABIC.to_owned()),
        study: (!active || cap.is_none()).then(|| (super::studies::study_id(), "Pilot".to_owned())),
        status: if active {
            Status::new(Tone::Good, "Active")
        } else {
            Status::new(Tone::Neutral, "Revoked")
        },
        cap: cap.map(usd),
        spent: usd(spent),
        used_at: used.then(|| at("2026-11-21T14:31:07Z")),
        can_cap: active,
        can_revoke: active,
    };
    vec![
        row("Cluster, nightly evaluation", Some("500"), "431.20041", true, true),
        row(LONG, None, "152.79637281", true, true),
        row(ARABIC, Some("20"), "0", false, false),
    ]
}

fn keys() -> Vec<Sample> {
    let made = KeyMade {
        grant: id(),
        name: "Cluster, nightly evaluation".to_owned(),
        secret: "sk-bursar-7f3kq0v9w2m5x8z1b4c6d0e3g5h7j9k2".to_owned(),
        model: ModelId::new("gpt-4.1-mini"),
    };
    let input = input(&[("cap", "five")], &[("cap", "Enter an amount in dollars, like 850")]);
    let cap = ChangeCap {
        grant: id(),
        key: KeyId::new(at("2026-05-01T00:00:00Z"), [1; 10]),
        name: "Cluster, nightly evaluation".to_owned(),
        hint: "…x7q2".to_owned(),
        cap: Some(usd("500")),
        spent: usd("431.20041"),
        input: Input::default(),
    };
    let wrong = ChangeCap { cap: None, name: LONG.to_owned(), input, ..cap.clone() };
    let revoke = RevokeKey {
        grant: id(),
        key: KeyId::new(at("2026-05-01T00:00:00Z"), [1; 10]),
        name: "Cluster, nightly evaluation".to_owned(),
        hint: "…x7q2".to_owned(),
    };
    let how_to = HowToUse {
        grant: id(),
        title: "Do code models sandbag?".to_owned(),
        model: ModelId::new("gpt-4.1-mini"),
        output_tokens_default: 4096,
    };
    vec![
        sample("key-made", &made, &researcher("/grants/x/keys")),
        sample("key-cap", &cap, &researcher("/grants/x/keys/y/cap")),
        sample("key-cap-wrong", &wrong, &researcher("/grants/x/keys/y/cap")),
        sample("key-revoke", &revoke, &researcher("/grants/x/keys/y/revoke")),
        sample("how-to-use", &how_to, &researcher("/grants/x/use")),
    ]
}

fn calls() -> Vec<Sample> {
    let row = |last, model: &str, endpoint, cost: &str, tone, label: &str| CallRow {
        id: request(last),
        at: at("2026-11-21T14:31:07Z"),
        model: model.to_owned(),
        endpoint,
        key: if last == 2 { LONG } else { "Cluster, nightly evaluation" }.to_owned(),
        input: 1204 * u64::from(last),
        output: 318,
        cost: usd(cost),
        status: Status::new(tone, label),
    };
    let chat = Endpoint::ChatCompletions;
    let list = Calls {
        grant: id(),
        title: "Do code models sandbag?".to_owned(),
        rows: vec![
            row(1, "gpt-4.1", chat, "0.00021", Tone::Good, "Charged"),
            row(2, "o3-mini", chat, "0.018432001", Tone::Warning, "Estimated"),
            row(
                3,
                "text-embedding-3-small",
                Endpoint::Embeddings,
                "0.00000016",
                Tone::Good,
                "Charged",
            ),
            row(4, "omni-moderation-latest", Endpoint::Moderations, "0", Tone::Neutral, "Free"),
        ],
        newer: None,
        older: Some("?before=x".to_owned()),
        position: "1 to 4 of 2,118".to_owned(),
    };
    let none = Calls { rows: vec![], ..list.clone() };
    let line = |kind: &str, units, rate: i64, cost: &str| CostLine {
        kind: kind.to_owned(),
        units,
        rate: Rate::from_nanos(rate).expect("a rate"),
        cost: cost.to_owned(),
    };
    let call = CallPage {
        grant: id(),
        id: request(1),
        at: at("2026-11-21T14:31:07Z"),
        model: "gpt-4.1-mini".to_owned(),
        endpoint: chat,
        key: "Cluster, nightly evaluation".to_owned(),
        status: Status::new(Tone::Good, "Charged"),
        basis: "The provider's own report".to_owned(),
        tier: "default".to_owned(),
        held: usd("0.0066"),
        cost: usd("0.000560001"),
        corrections: Vec::new(),
        lines: vec![
            line("Input tokens", 1_000, 400_000_000, "0.0004"),
            line("Cached input tokens", 1, 100_000, "0.0000000001"),
            line("Output tokens", 100, 1_600_000_000, "0.00016"),
        ],
        sum: Some("0.0005600001".to_owned()),
        prices: PriceVersion::new("2026-11"),
        note: Some(
            "The client left before the end; the provider reported what was used.".to_owned(),
        ),
    };
    vec![
        sample("calls", &list, &researcher("/grants/x/calls")),
        sample("calls-empty", &none, &researcher("/grants/x/calls")),
        sample("call", &call, &researcher("/grants/x/calls/y")),
    ]
}
