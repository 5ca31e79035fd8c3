//! Where a round's money goes, beside the order of its scores.

use bursar_kernel::BasisPoints;
use bursar_kernel::program::{AwardCap, AwardTier, LineTerms, Reserve};
use bursar_toml::{Field, Table};

use super::form::Form;
use super::people::{self, Lists};
use super::text;

/// Awards of one person, or of one institution, in a round.
const AWARDS_MAX: u32 = 1_000;
/// The best score.
const POINTS_MAX: u32 = 100;

/// What the file says beside the order of the scores; a file that says nothing goes by that alone.
pub(super) fn line(root: Table<'_>, form: &Form, lists: Lists<'_>) -> LineTerms {
    let Some(table) = root.get("line").table() else { return LineTerms::default() };
    let reserves = table.get("reserve").tables();
    let reserves = reserves.into_iter().filter_map(|reserve| {
        let group = text(reserve, "group");
        let share = share(&reserve.need("share"));
        let (field, answers) = people::answered(reserve, form, lists)?;
        Some(Reserve { group: group?, field, answers, share: share? })
    });
    let reserves: Vec<Reserve> = reserves.collect();
    let sum: u32 = reserves.iter().map(|reserve| reserve.share.get()).sum();
    if BasisPoints::WHOLE.get() < sum {
        let message = "the reserves come to more than the pool";
        table.get("reserve").error(message, "let their shares come to 100 at the most");
    }
    let tiers = table.get("tier").tables().into_iter().filter_map(|tier| {
        let from = tier.need("from").integer(0..=POINTS_MAX);
        let most = tier.get("most").usd();
        let share = share(&tier.need("share"));
        Some(AwardTier { from: from?, share: share?, most })
    });
    let mut tiers: Vec<AwardTier> = tiers.collect();
    tiers.sort_by_key(|tier| tier.from);
    if tiers.windows(2).any(|pair| pair[0].from == pair[1].from) {
        table.get("tier").error("two tiers begin at one score", "let each begin at its own");
    }
    LineTerms {
        per_person: cap(table.get("per_person").table()),
        per_institution: cap(table.get("per_institution").table()),
        reserves,
        tiers,
        skips: table.get("skip").boolean().unwrap_or_default(),
    }
}

fn cap(table: Option<Table<'_>>) -> AwardCap {
    let Some(table) = table else { return AwardCap::default() };
    let field = table.get("amount");
    let amount = field.usd();
    if amount.is_some_and(|amount| !amount.is_positive()) {
        field.error("`amount` is not above zero", "write the most in dollars, or leave it out");
    }
    AwardCap { awards: table.get("awards").integer(1..=AWARDS_MAX), amount }
}

/// A share above nothing.
fn share(field: &Field<'_>) -> Option<BasisPoints> {
    let share: BasisPoints = field.parsed("write a percentage as text, like \"62.5\"")?;
    if share == BasisPoints::ZERO {
        field.error("a share of nothing", "write a percentage above 0");
        return None;
    }
    Some(share)
}
