//! Which lot is spent first.

use bursar_kernel::Lot;

/// Sorts lots into the order in which they are spent: priority, then the soonest expiry, then the
/// narrowest scope, then given before paid for, then age. Total, so every engine agrees.
pub fn in_spending_order<'a>(lots: impl IntoIterator<Item = &'a Lot>) -> Vec<&'a Lot> {
    let mut lots: Vec<&Lot> = lots.into_iter().collect();
    lots.sort_by_key(|lot| spending_order(lot));
    lots
}

/// What lots are sorted by: whatever is smaller is spent first.
pub fn spending_order(lot: &Lot) -> impl Ord + use<> {
    (lot.priority, lot.expires_at, lot.scope.breadth(), lot.category, lot.id)
}
