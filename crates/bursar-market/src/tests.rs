//! Who may list what, and that parts sum to the whole.

use bursar_kernel::*;
use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::*;

fn usd(dollars: &str) -> Usd {
    dollars.parse().unwrap()
}

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + day * 86_400).unwrap()
}

fn person(byte: u8) -> PersonId {
    PersonId::from_bytes([byte; 16])
}

/// The program that ships, with another policy.
fn program(policy: TransferPolicy) -> Program {
    let mut program = bursar_program::shipped(&bursar_catalog::shipped()).remove(0);
    program.transfer_policy = policy;
    program.transfer_clause.ways_on =
        vec!["Return it to the pool.".to_owned(), "Use it in time.".to_owned()];
    program
}

fn lot() -> Lot {
    Lot {
        id: LotId::from_bytes([1; 16]),
        holder: person(1),
        grant: Some(GrantId::from_bytes([2; 16])),
        program: ProgramId::new("access"),
        origin: Origin::Enterprise,
        face: usd("1000"),
        active_from: at(0),
        expires_at: at(100),
        scope: Scope::default(),
        upstream_group: UpstreamGroup::new("openai"),
        transfer_policy: TransferPolicy::Market,
        priority: 0,
        category: Category::Paid,
        cost_basis: Usd::ZERO,
    }
}

fn ask(face: &str, price: &str) -> Ask {
    Ask {
        id: ListingId::from_bytes([3; 16]),
        face: usd(face),
        price: price.parse().unwrap(),
        minimum: None,
        right: Some(RightToSell {
            source: Origin::Enterprise,
            issuer: "OpenAI".to_owned(),
            reference: "Order form 12, section 4".to_owned(),
            attested_by: Actor::Person(person(1)),
            at: at(0),
            statement: STATEMENT.to_owned(),
        }),
    }
}

fn listed(available: &str, ask: Ask, now: i64) -> Result<Listed, Refusal> {
    let grant = GrantId::from_bytes([2; 16]);
    let program = program(TransferPolicy::Market);
    list(&Settings::default(), &program, (&lot(), grant, usd(available)), ask, at(now))
}

fn check(available: &str, ask: Ask, now: i64, expected: &Expect) {
    let told = match listed(available, ask, now) {
        Ok(Listed { listing, warnings }) => {
            format!(
                "${} at {} %, least ${} {warnings:?}",
                listing.face, listing.price, listing.minimum
            )
        }
        Err(refusal) => refusal.to_string(),
    };
    expected.assert_eq(&told);
}

#[test]
fn what_is_listed_is_free_priced_and_backed_by_a_right() {
    check("500", ask("300", "60"), 0, &expect![["$300.00 at 60 %, least $1.00 []"]]);
    check("500", ask("500", "70"), 0, &expect![["$500.00 at 70 %, least $1.00 []"]]);
    check(
        "500",
        ask("300", "29.99"),
        80,
        &expect![["$300.00 at 29.99 %, least $1.00 [BelowBand, ExpiresSoon]"]],
    );
    check(
        "500",
        ask("300", "70.01"),
        0,
        &expect![[r"
        ask 70.01 % of face value
        hint: this market's ceiling is 70 %"]],
    );
    check(
        "299.99",
        ask("300", "60"),
        0,
        &expect![[r"
        list $300.00 where $299.99 is free
        hint: list what is free, or less"]],
    );
    check(
        "500",
        ask("0.99", "60"),
        0,
        &expect![[r"
        list $0.99
        hint: list at least $1.00"]],
    );
    check(
        "500",
        ask("300", "0"),
        0,
        &expect![[r"
        sell credit for nothing
        hint: ask a price, or return the credit to its pool"]],
    );
    check(
        "500",
        Ask { right: None, ..ask("300", "60") },
        0,
        &expect![[r"
        list credit without a right to sell
        hint: say who issued it and which clause or contract lets you sell it, and accept the statement"]],
    );
    check(
        "500",
        Ask { minimum: Some(usd("301")), ..ask("300", "60") },
        0,
        &expect![[r"
        sell at least $301.00 at a time
        hint: the least part is from $1.00 to what is listed, $300.00"]],
    );
    check(
        "500",
        ask("300", "60"),
        100,
        &expect![[r"
        sell credit that expired at 2027-04-25T08:00:00Z
        hint: look for credit that can still be used"]],
    );
}

#[test]
fn only_the_market_policy_of_both_program_and_lot_lets_credit_be_listed() {
    for policy in TransferPolicy::ALL {
        for (of_program, of_lot) in
            [(policy, TransferPolicy::Market), (TransferPolicy::Market, policy)]
        {
            let lot = Lot { transfer_policy: of_lot, ..lot() };
            let answer = may_be_sold(&program(of_program), &lot);
            assert_eq!(answer.is_ok(), policy == TransferPolicy::Market, "{policy:?}");
            if let Err(refusal) = answer {
                let text = refusal.to_string();
                assert!(
                    text.ends_with("hint: Return it to the pool; or: Use it in time"),
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn a_part_is_bought_within_what_is_offered_by_somebody_else() {
    let settings = Settings::default();
    let listing = listed("500", Ask { minimum: Some(usd("50")), ..ask("300", "60") }, 0);
    let listing = listing.unwrap().listing;
    let told = |listing: &Listing, buyer: u8, face: &str, available: &str, now: i64| {
        let quote = quote(&settings, listing, person(buyer), (usd(face), usd(available)), at(now));
        match quote {
            Ok(quote) => format!("${} for ${}", quote.face, quote.cost),
            Err(refusal) => refusal.to_string(),
        }
    };
    expect![[r"
        $100.00 for $60.00
        $20.00 for $12.00
        buy $49.00
        hint: buy at least $50.00, or all of $300.00
        buy $301.00
        hint: $300.00 is on offer now
        buy $200.00
        hint: $120.00 is on offer now
        buy from your own listing
        hint: withdraw it to keep the credit
        sell credit that expired at 2027-04-25T08:00:00Z
        hint: look for credit that can still be used
        use a listing that is withdrawn
        hint: look at the market for one that is open"]]
    .assert_eq(
        &[
            told(&listing, 2, "100", "500", 1),
            // The rest may be less than the least part.
            told(&listing, 2, "20", "20", 1),
            told(&listing, 2, "49", "500", 1),
            told(&listing, 2, "301", "500", 1),
            // The seller went on using it.
            told(&listing, 2, "200", "120", 1),
            told(&listing, 1, "100", "500", 1),
            told(&listing, 2, "100", "500", 100),
            told(&withdraw(&listing).unwrap(), 2, "100", "500", 1),
        ]
        .join("\n"),
    );
    assert_eq!(withdraw(&end(&listing)), Err(Refusal::NotOpen { state: ListingState::Ended }));
}

proptest! {
    #[test]
    fn parts_sum_to_the_whole_in_price_and_fee(
        cuts in prop::collection::vec(1_i64..200_000_000_000, 1..12),
        price in 1_u32..=7_000,
        fee in 0_u32..=2_000,
    ) {
        let face = Usd::from_nanos(cuts.iter().sum());
        let settings = Settings { fee: BasisPoints::new(fee).unwrap(), ..Settings::default() };
        let mut listing = listed("1", ask("1", "60"), 0).unwrap().listing;
        (listing.face, listing.price) = (face, BasisPoints::new(price).unwrap());
        listing.minimum = Usd::from_nanos(1);
        let (mut cost, mut kept) = (Usd::ZERO, Usd::ZERO);
        for cut in &cuts {
            let available = Usd::MAX;
            let part = (Usd::from_nanos(*cut), available);
            match quote(&settings, &listing, person(2), part, at(1)) {
                Ok(quote) => {
                    prop_assert!(quote.fee <= quote.cost);
                    cost = cost.checked_add(quote.cost).unwrap();
                    kept = kept.checked_add(quote.fee).unwrap();
                    listing = sell(&listing, &quote);
                }
                Err(Refusal::TooSmallToPrice) => return Ok(()),
                Err(refusal) => prop_assert!(false, "{refusal}"),
            }
        }
        prop_assert_eq!(cost, listing.price.of(face));
        prop_assert_eq!(kept, settings.fee.of(cost));
        prop_assert_eq!(listing.state, ListingState::Sold);
        prop_assert!(cost <= settings.ceiling.of(face));
    }
}
