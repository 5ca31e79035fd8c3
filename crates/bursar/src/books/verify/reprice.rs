//! Prices a settled call again, from what the books say it used.

use std::collections::BTreeMap;

use bursar_kernel::{Catalog, Endpoint, PriceVersion, Usd};
use bursar_meter::price;
use bursar_store::rows::{Basis, Call};

/// What a call's cost is, beside what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// What the price table says of the usage.
    Exact,
    /// An estimate, within what was set aside.
    Estimate,
    /// Nothing, as it should.
    Free,
    /// Another price table priced it.
    OtherTable,
    /// It does not add up, and why.
    Wrong(String),
}

/// Prices a settled call again.
pub(super) fn reprice(tables: &BTreeMap<PriceVersion, Catalog>, call: &Call) -> Verdict {
    let (id, cost, held) = (call.request, call.cost, call.held);
    let wrong = |why: String| Verdict::Wrong(format!("call `{id}` cost ${cost}, and {why}"));
    // Only the provider's own report may come to more than was set aside.
    if call.basis != Basis::Reported && held < cost {
        return wrong(format!("${held} was set aside for it"));
    }
    let is_free = call.basis == Basis::Nothing || call.endpoint == Endpoint::Moderations;
    if is_free {
        return if cost.is_zero() { Verdict::Free } else { wrong("nothing was due".to_owned()) };
    }
    if call.basis == Basis::HeldInFull {
        let due = format!("the whole hold of ${held} was due");
        return if cost == held { Verdict::Estimate } else { wrong(due) };
    }
    // Nobody has what it used: an operator had the provider's figures, and is in the audit trail.
    if call.basis == Basis::Settled {
        return Verdict::Estimate;
    }
    let Some(catalog) = tables.get(&call.price_version) else { return Verdict::OtherTable };
    let due = match price_of(catalog, call) {
        Ok(due) => due,
        Err(why) => return wrong(why),
    };
    match call.basis {
        Basis::Reported if cost == due => Verdict::Exact,
        Basis::Counted if cost == due.min(held) => Verdict::Estimate,
        Basis::Reported | Basis::Counted | Basis::HeldInFull | Basis::Nothing | Basis::Settled => {
            wrong(format!("the price table says ${due} of what it used"))
        }
    }
}

fn price_of(catalog: &Catalog, call: &Call) -> Result<Usd, String> {
    let model = catalog.models.get(call.model.as_str());
    let prices = model.and_then(|model| model.prices.as_ref());
    let prices = prices.ok_or_else(|| format!("`{}` has no price", call.model))?;
    price(prices, call.tier, &call.usage).map_err(|unpriced| unpriced.to_string())
}

#[cfg(test)]
mod tests;
