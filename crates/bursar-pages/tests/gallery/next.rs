//! What next, for a grant in each of its states.

use bursar_kernel::{BasisPoints, ListingId, Timestamp, Usd};
use bursar_pages::ui::{Ahead, BalanceChart, Status, Tone};
use bursar_pages::wallet::{Apply, Buy, Heading, NextPage, Stage, Way};

use super::researcher::id as researcher_id;
use super::{LONG, Sample, at, researcher, sample, usd};

pub(super) fn waiting() -> Stage {
    Stage::Waiting { from: at("2027-01-29T00:00:00Z"), to: at("2027-02-12T00:00:00Z") }
}

pub(super) fn heading(stage: Stage) -> Heading {
    let has_some = matches!(stage, Stage::Healthy | Stage::Low | Stage::NearExpiry);
    Heading {
        stage,
        available: if has_some { usd("412.803217190") } else { Usd::ZERO },
        expires_at: Some(at("2027-04-28T09:00:00Z")),
        days: 28,
        per_day: Some(usd("1.234567891")),
        runs_out_at: None,
        lost: if has_some { usd("218.99") } else { Usd::ZERO },
        band: Some((usd("100"), usd("412.803217190"))),
        tells_pace: true,
    }
}

fn chart() -> BalanceChart {
    let behind = |day: &str, left: &str| (at(&format!("{day}T00:00:00Z")), usd(left));
    let ahead = |at: Timestamp, left: &str, fast: &str, slow: &str| Ahead {
        at,
        left: usd(left),
        band: Some((usd(fast), usd(slow))),
    };
    BalanceChart {
        behind: vec![
            behind("2026-10-25", "447.5"),
            behind("2026-11-08", "430"),
            behind("2026-11-22", "412.80321719"),
        ],
        ahead: vec![
            ahead(at("2026-11-22T10:00:00Z"), "412.8", "412.8", "412.8"),
            ahead(at("2027-02-01T00:00:00Z"), "320", "250", "412.8"),
            ahead(at("2027-04-28T09:00:00Z"), "218.99", "100", "412.8"),
        ],
        has_pace: true,
    }
}

fn page(stage: Stage) -> NextPage {
    let program = super::program::program();
    NextPage {
        grant: researcher_id(),
        title: "Do code models sandbag?".to_owned(),
        status: Status::new(Tone::Good, "Active"),
        is_own: true,
        heading: heading(stage),
        pace_to_use_all: usd("2.63"),
        chart: Some(chart()),
        way: Way::Pool,
        brings: usd("218.99"),
        waiting_per_day: usd("1.4"),
        clause: ("Credit is not transferable.".to_owned(), "Service Credit Terms".to_owned()),
        apply: Some(Apply { program, round: super::program::round() }),
        buy: Some(Buy {
            listing: ListingId::new(at("2026-11-20T00:00:00Z"), [7; 10]),
            price: BasisPoints::percent(55),
            offered: usd("400"),
            expires_at: at("2027-06-01T00:00:00Z"),
            days_sooner: Some(67),
        }),
    }
}

pub(super) fn samples() -> Vec<Sample> {
    let over = |stage| NextPage { chart: None, ..page(stage) };
    let market = NextPage {
        title: LONG.to_owned(),
        way: Way::Market(BasisPoints::percent(55)),
        ..page(Stage::NearExpiry)
    };
    let unspent = NextPage {
        heading: Heading { per_day: None, band: None, days: 0, ..heading(Stage::Healthy) },
        way: Way::Nobody,
        apply: None,
        buy: None,
        is_own: false,
        ..page(Stage::Healthy)
    };
    let lasting = NextPage {
        heading: Heading {
            runs_out_at: Some(at("2027-01-10T00:00:00Z")),
            lost: Usd::ZERO,
            band: None,
            ..heading(Stage::Low)
        },
        ..page(Stage::Low)
    };
    let shown = |name, page: &NextPage| sample(name, page, &researcher("/grants/x/next"));
    vec![
        shown("next", &page(Stage::Healthy)),
        shown("next-market", &market),
        shown("next-unspent", &unspent),
        shown("next-lasting", &lasting),
        shown("next-used-up", &over(Stage::UsedUp)),
        shown("next-passed-on", &over(Stage::PassedOn)),
        shown("next-expired", &over(Stage::Expired)),
        shown("next-voided", &over(Stage::Voided)),
        shown("next-waiting", &over(waiting())),
    ]
}
