//! The market.

use bursar_kernel::{BasisPoints, GrantId, ListingId, Role, TradeId};
use bursar_pages::market::{
    Buyer, Desk, DeskTrade, Facts, Fill, Front, GiveBack, ListingPage, Mine, MyListing, MyTrade,
    NotForSale, OfferRow, Owed, Receipt, Sell, Side, TapeRow,
};
use bursar_pages::ui::{Input, Status, Tone};

use super::people::input;
use super::{ARABIC, HOSTILE, LONG, Sample, at, frame, researcher, sample, stranger, usd};

fn listing() -> ListingId {
    ListingId::new(at("2026-11-20T09:00:00Z"), [2, 7, 1, 8, 2, 8, 1, 8, 2, 8])
}

fn grant() -> GrantId {
    GrantId::new(at("2026-04-28T00:00:00Z"), [2, 7, 1, 8, 2, 8, 1, 8, 2, 8])
}

fn trade() -> TradeId {
    TradeId::new(at("2026-11-21T09:00:00Z"), [2, 7, 1, 8, 2, 8, 1, 8, 2, 8])
}

const fn percent(percent: u32) -> BasisPoints {
    BasisPoints::percent(percent)
}

fn front(empty: bool) -> Front {
    let offer = |source: &str, offered: &str, price: u32, expires: &str| OfferRow {
        id: listing(),
        source: source.to_owned(),
        provider: "OpenAI".to_owned(),
        offered: usd(offered),
        cost: percent(price).of(usd(offered)),
        price: percent(price),
        expires_at: at(expires),
        models: "All public models, some after approval".to_owned(),
    };
    let trade = |source: &str, face: &str, price: u32| TapeRow {
        at: at("2026-11-18T15:12:00Z"),
        source: source.to_owned(),
        face: usd(face),
        cost: percent(price).of(usd(face)),
        price: percent(price),
    };
    let offers = vec![
        offer("Startup credit", "1800", 38, "2027-02-28T00:00:00Z"),
        offer("Enterprise commitment", "12500.5", 55, "2027-09-30T00:00:00Z"),
        offer("Prepaid balance", "240.25", 68, "2027-11-01T00:00:00Z"),
    ];
    Front {
        offers: if empty { vec![] } else { offers },
        tape: if empty { vec![] } else { vec![trade("Enterprise commitment", "500", 56)] },
        band: (percent(30), percent(70)),
        ceiling: percent(70),
        fee: BasisPoints::ZERO,
    }
}

fn facts() -> Facts {
    Facts {
        id: listing(),
        state: None,
        source: "Enterprise commitment".to_owned(),
        provider: "OpenAI".to_owned(),
        offered: usd("12500.5"),
        price: percent(55),
        minimum: usd("50"),
        expires_at: at("2027-09-30T00:00:00Z"),
        models: "All public models".to_owned(),
        issuer: HOSTILE.to_owned(),
        reference: "Order form, section 4.2: unused credit may be assigned.".to_owned(),
        recorded_at: at("2026-11-20T09:00:00Z"),
        clause: "Its holder may list it after recording the right to sell it.".to_owned(),
    }
}

fn somebody(balance: &str, fill: Option<(&str, &str, &str, bool)>, input: Input) -> ListingPage {
    let fill = fill.map(|(face, cost, missing, cards)| Fill {
        face: usd(face),
        cost: usd(cost),
        missing: usd(missing),
        cards,
    });
    ListingPage { facts: facts(), buyer: Buyer::Somebody { balance: usd(balance), input, fill } }
}

fn sell(input: Input) -> Sell {
    Sell {
        grant: grant(),
        title: LONG.to_owned(),
        source: "Enterprise commitment".to_owned(),
        available: usd("850.5"),
        expires_at: at("2027-09-30T00:00:00Z"),
        band: (percent(30), percent(70)),
        ceiling: percent(70),
        fee: percent(1),
        smallest: usd("1"),
        statement: "I hold this credit, and the terms it was issued under let me sell it."
            .to_owned(),
        input,
    }
}

fn mine() -> Mine {
    let listing = |face: &str, tone, label: &str, is_open| MyListing {
        id: listing(),
        source: "Enterprise commitment".to_owned(),
        face: usd(face),
        sold: usd("150"),
        offered: usd("250"),
        price: percent(55),
        expires_at: at("2027-09-30T00:00:00Z"),
        status: Status::new(tone, label),
        is_open,
    };
    let trade = |bought, cash: &str| MyTrade {
        id: trade(),
        at: at("2026-11-18T15:12:00Z"),
        bought,
        source: "Prepaid balance".to_owned(),
        face: usd("100"),
        cash: usd(cash),
        price: percent(55),
    };
    Mine {
        listings: vec![
            listing("400", Tone::Good, "On offer", true),
            listing("1000", Tone::Neutral, "Withdrawn", false),
        ],
        trades: vec![trade(true, "55"), trade(false, "54.45")],
        balance: usd("17.5"),
        proceeds: usd("82.5"),
    }
}

fn receipt(side: Side) -> Receipt {
    Receipt {
        id: trade(),
        side,
        at: at("2026-11-21T09:00:00Z"),
        source: "Enterprise commitment".to_owned(),
        face: usd("150"),
        price: percent(55),
        cost: usd("82.5"),
        fee: usd("0.825"),
        proceeds: usd("81.675"),
        expires_at: at("2027-09-30T00:00:00Z"),
        issuer: "OpenAI".to_owned(),
        reference: "Order form, section 4.2".to_owned(),
    }
}

fn desk(empty: bool) -> Desk {
    let trade = DeskTrade {
        id: trade(),
        at: at("2026-11-21T09:00:00Z"),
        seller: LONG.to_owned(),
        buyer: ARABIC.to_owned(),
        source: "Startup credit".to_owned(),
        face: usd("500"),
        cost: usd("190"),
        price: percent(38),
    };
    let owed = Owed {
        name: LONG.to_owned(),
        email: "treasury@firm.example".to_owned(),
        amount: usd("190"),
    };
    Desk {
        trades: if empty { vec![] } else { vec![trade] },
        owed: if empty { vec![] } else { vec![owed] },
        fees: usd("0"),
        input: Input::default(),
    }
}

pub(super) fn samples() -> Vec<Sample> {
    let mut samples = vec![
        sample("market", &front(false), &stranger("/market")),
        sample("market-signed-in", &front(false), &researcher("/market")),
        sample("market-empty", &front(true), &researcher("/market")),
        sample("market-mine", &mine(), &researcher("/market/mine")),
        sample(
            "market-mine-empty",
            &Mine { listings: vec![], trades: vec![], balance: usd("0"), proceeds: usd("0") },
            &researcher("/market/mine"),
        ),
    ];
    samples.extend(buying());
    samples.extend(selling());
    samples
}

fn buying() -> Vec<Sample> {
    let here = || researcher("/market/listings/listing_1");
    let wrong = input(&[("amount", "5")], &[("amount", "Buy at least $50.00")]);
    let typed = || input(&[("amount", "150")], &[]);
    let sold = Facts { state: Some(Status::new(Tone::Good, "Sold")), ..facts() };
    let page = |buyer| ListingPage { facts: facts(), buyer };
    let officer = || frame("/market/trades/trade_1", &[Role::Officer]);
    let operator = || frame("/decide/market", &[Role::Officer, Role::Operator]);
    let ready = Some(("150", "82.5", "0", false));
    let short = Some(("150", "82.5", "65", true));
    let no_cards = Some(("150", "82.5", "65", false));
    vec![
        sample("listing-stranger", &page(Buyer::Stranger), &stranger("/market/listings/l")),
        sample("listing-own", &page(Buyer::Seller), &here()),
        sample("listing-sold", &ListingPage { facts: sold, buyer: Buyer::Stranger }, &here()),
        sample("listing", &somebody("17.5", None, Input::default()), &here()),
        sample("listing-wrong", &somebody("17.5", None, wrong), &here()),
        sample("listing-ready", &somebody("100", ready, typed()), &here()),
        sample("listing-card", &somebody("17.5", short, typed()), &here()),
        sample("listing-no-cards", &somebody("17.5", no_cards, typed()), &here()),
        sample("receipt-buyer", &receipt(Side::Buyer(grant())), &here()),
        sample("receipt-seller", &receipt(Side::Seller(grant())), &here()),
        sample(
            "receipt-officer",
            &receipt(Side::Overseer(LONG.to_owned(), ARABIC.to_owned())),
            &officer(),
        ),
        sample("trades", &desk(false), &operator()),
        sample("trades-empty", &desk(true), &officer()),
    ]
}

fn selling() -> Vec<Sample> {
    let here = || researcher("/grants/grant_1/sell");
    let typed = input(&[("amount", "850.5"), ("source", "enterprise")], &[]);
    let wrong = input(
        &[("amount", "900"), ("price", "80")],
        &[("amount", "$850.50 is free: list that, or less"), ("accepted", "Accept the statement")],
    );
    let refused = NotForSale {
        grant: grant(),
        title: HOSTILE.to_owned(),
        why: "The terms of Access do not let it be sold.".to_owned(),
        clause: "Credit is not transferable.".to_owned(),
        clause_source: "Service Credit Terms, as quoted in 2026".to_owned(),
        ways_on: vec!["Return what you will not use.".to_owned()],
        may_return: Some(usd("412.803217190")),
    };
    let give_back = |input| GiveBack {
        grant: grant(),
        title: LONG.to_owned(),
        program: "Researcher Access Program".to_owned(),
        available: usd("412.803217190"),
        input,
    };
    let more = input(&[("amount", "500")], &[("amount", "$412.80 is free: return that, or less")]);
    vec![
        sample("sell", &sell(typed), &here()),
        sample("sell-wrong", &sell(wrong), &here()),
        sample("sell-refused", &refused, &here()),
        sample("return", &give_back(Input::default()), &here()),
        sample("return-wrong", &give_back(more), &here()),
    ]
}
