//! Calls, priced again.

use bursar_kernel::{
    GrantId, HoldId, KeyId, ModelId, PriceVersion, RequestId, ServiceTier, Timestamp, Usage,
};
use bursar_store::rows::CallOutcome;

use super::*;

/// A call of 1,000 input and 100 output tokens to `gpt-4.1-mini`: $0.40 and $1.60 a million.
fn call(catalog: &Catalog) -> Call {
    let at = Timestamp::UNIX_EPOCH;
    Call {
        request: RequestId::new(at, [1; 10]),
        hold: HoldId::new(at, [2; 10]),
        key: KeyId::new(at, [3; 10]),
        grant: GrantId::new(at, [4; 10]),
        endpoint: Endpoint::ChatCompletions,
        model: ModelId::new("gpt-4.1-mini"),
        tier: ServiceTier::Default,
        streamed: false,
        usage: Usage { input: 1_000, output: 100, ..Usage::default() },
        held: usd("0.01"),
        cost: usd("0.00056"),
        basis: Basis::Reported,
        outcome: CallOutcome::Answered,
        status: 200,
        price_version: catalog.version.clone(),
        started_at: at,
        ended_at: at,
    }
}

fn tables(catalog: Catalog) -> BTreeMap<PriceVersion, Catalog> {
    BTreeMap::from([(catalog.version.clone(), catalog)])
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

#[test]
fn a_reported_call_costs_price_times_usage_to_the_nano_dollar() {
    let catalog = bursar_catalog::shipped();
    let sound = call(&catalog);
    assert_eq!(reprice(&tables(catalog.clone()), &sound), Verdict::Exact);
    for off in ["0.000560001", "0.000559999", "0.00"] {
        let verdict = reprice(&tables(catalog.clone()), &Call { cost: usd(off), ..sound.clone() });
        assert!(matches!(&verdict, Verdict::Wrong(why) if why.contains("$0.00056")), "{verdict:?}");
    }
    // A provider's report may come to more than the hold: the bound was wrong, not the charge.
    let above = Call { held: usd("0.0001"), ..sound.clone() };
    assert_eq!(reprice(&tables(catalog.clone()), &above), Verdict::Exact);
}

#[test]
fn an_estimate_never_exceeds_its_hold() {
    let catalog = bursar_catalog::shipped();
    let counted = Call { basis: Basis::Counted, ..call(&catalog) };
    assert_eq!(reprice(&tables(catalog.clone()), &counted), Verdict::Estimate);
    let capped = Call { held: usd("0.0005"), cost: usd("0.0005"), ..counted.clone() };
    assert_eq!(reprice(&tables(catalog.clone()), &capped), Verdict::Estimate);
    let above = Call { held: usd("0.0005"), ..counted };
    assert!(matches!(reprice(&tables(catalog.clone()), &above), Verdict::Wrong(_)));
    let full = Call { basis: Basis::HeldInFull, cost: usd("0.01"), ..call(&catalog) };
    assert_eq!(reprice(&tables(catalog.clone()), &full), Verdict::Estimate);
    let less = Call { cost: usd("0.009"), ..full };
    assert!(matches!(reprice(&tables(catalog.clone()), &less), Verdict::Wrong(_)));
}

#[test]
fn what_made_nothing_and_what_is_free_cost_nothing() {
    let catalog = bursar_catalog::shipped();
    for (endpoint, basis) in
        [(Endpoint::ChatCompletions, Basis::Nothing), (Endpoint::Moderations, Basis::Reported)]
    {
        let free = Call { endpoint, basis, cost: Usd::ZERO, ..call(&catalog) };
        assert_eq!(reprice(&tables(catalog.clone()), &free), Verdict::Free);
        let charged = Call { cost: usd("0.00056"), ..free };
        assert!(matches!(reprice(&tables(catalog.clone()), &charged), Verdict::Wrong(_)));
    }
}

#[test]
fn a_table_that_is_not_here_is_not_guessed_at() {
    let catalog = bursar_catalog::shipped();
    let price_version = PriceVersion::new("another");
    let old = Call { price_version, cost: usd("0.007"), ..call(&catalog) };
    assert_eq!(reprice(&tables(catalog.clone()), &old), Verdict::OtherTable);
    let unknown = Call { model: ModelId::new("no-such-model"), ..call(&catalog) };
    assert!(matches!(reprice(&tables(catalog.clone()), &unknown), Verdict::Wrong(_)));
}
