//! A chain is whole, or the audit says where it is not.

use bursar_kernel::{PersonId, ProgramId, Timestamp, TransferId, Usd};
use proptest::prelude::*;

use super::*;
use crate::account::Account;
use crate::audit::Auditor;
use crate::transfer::TransferKind;

/// A transfer of a name and an amount.
fn transfer(id: u128, nanos: i64) -> Transfer {
    Transfer {
        id: TransferId::from_bytes(id.to_be_bytes()),
        debit: Account::External(ProgramId::new("open-science")),
        credit: Account::Pool(ProgramId::new("open-science")),
        amount: Usd::from_nanos(nanos),
        kind: TransferKind::Fund,
        hold: None,
        at: Timestamp::from_second(1_800_000_000).unwrap(),
        actor: Actor::Person(PersonId::from_bytes([7; 16])),
    }
}

/// Transfers with the numbers of their links, and the links.
#[derive(Clone, Debug)]
struct Chained {
    rows: Vec<(u64, Transfer)>,
    links: Vec<Link>,
}

/// Transfers with random names, in groups of some lengths.
fn chained(groups: &[(u8, u64)]) -> Chained {
    let mut chained = Chained { rows: Vec::new(), links: Vec::new() };
    for (length, seed) in groups {
        let mut rows = Rows::default();
        let number = Link::number_after(chained.links.last());
        for place in 0..*length {
            let random = u128::from(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 64;
            let moved = transfer(random | u128::from(number) << 8 | u128::from(place), 5);
            rows.transfer(&moved);
            chained.rows.push((number, moved));
        }
        chained.links.extend(rows.link_after(chained.links.last()));
    }
    chained.rows.sort_by_key(|(_, moved)| moved.id);
    chained
}

/// What an audit finds of the chain alone, with links read as early as a store reads them.
fn findings(chained: &Chained) -> Vec<String> {
    let mut auditor = Auditor::default();
    let mut links = chained.links.iter().copied().peekable();
    for (number, moved) in &chained.rows {
        while let Some(link) = links.next_if(|link| link.number <= *number) {
            auditor.link(link);
        }
        auditor.chained(*number, Digest::of_transfer(moved));
    }
    links.for_each(|link| auditor.link(link));
    auditor.finish().1.iter().map(ToString::to_string).collect()
}

fn groups() -> impl Strategy<Value = Vec<(u8, u64)>> {
    prop::collection::vec((1..6_u8, any::<u64>()), 1..20)
}

proptest! {
    #[test]
    fn a_chain_that_nobody_touched_is_whole(groups in groups()) {
        prop_assert_eq!(findings(&chained(&groups)), Vec::<String>::new());
    }

    #[test]
    fn whatever_is_changed_in_a_row_is_found(
        groups in groups(),
        which in any::<prop::sample::Index>(),
        field in 0..7_u8,
    ) {
        let mut chained = chained(&groups);
        let place = which.index(chained.rows.len());
        let (_, moved) = &mut chained.rows[place];
        match field {
            0 => moved.amount = Usd::from_nanos(6),
            1 => moved.debit = Account::Fees,
            2 => moved.credit = Account::Fees,
            3 => moved.kind = TransferKind::Issue,
            4 => moved.hold = Some(HoldId::from_bytes([3; 16])),
            5 => moved.at = Timestamp::from_second(1_800_000_001).unwrap(),
            _ => moved.actor = Actor::Operator,
        }
        prop_assert_eq!(findings(&chained).len(), 1);
    }

    #[test]
    fn a_row_that_is_taken_out_or_put_in_is_found(
        groups in groups(),
        which in any::<prop::sample::Index>(),
        adds in any::<bool>(),
    ) {
        let mut chained = chained(&groups);
        let place = which.index(chained.rows.len());
        if adds {
            let (number, _) = chained.rows[place];
            chained.rows.push((number, transfer(u128::MAX, 1)));
        } else {
            chained.rows.remove(place);
        }
        prop_assert!(!findings(&chained).is_empty());
    }

    #[test]
    fn a_link_that_is_taken_out_or_rewritten_is_found(
        groups in groups(),
        which in any::<prop::sample::Index>(),
        rewritten in any::<bool>(),
    ) {
        let mut chained = chained(&groups);
        let place = which.index(chained.links.len());
        if rewritten {
            chained.links[place].digest = Digest([1; 32]);
        } else {
            let gone = chained.links.remove(place).number;
            chained.rows.retain(|(number, _)| *number != gone);
            // The last group of all is gone without a trace but in a checkpoint.
            prop_assume!(place < chained.links.len());
        }
        prop_assert!(!findings(&chained).is_empty());
    }
}

/// What is hashed, byte for byte, is a promise: books that were chained by an earlier release have
/// to prove whole.
#[test]
fn hashes_stay_what_they_are() {
    let moved = transfer(1, 5);
    let lot = Digest::of_lot(LotId::from_bytes([9; 16]), r#"{"face":"5"}"#);
    let mut rows = Rows::default();
    rows.transfer(&moved);
    rows.lot(LotId::from_bytes([9; 16]), r#"{"face":"5"}"#);
    let first = rows.clone().link_after(None).unwrap();
    let second = rows.link_after(Some(&first)).unwrap();
    let shown = [Digest::of_transfer(&moved), lot, first.digest, second.digest].map(|digest| {
        let text = digest.to_string();
        assert_eq!(text.parse(), Ok(digest));
        text
    });
    let promised = [
        "bc7b407f4d6735f4ace6e43a96c4ca0fad06a41c78d420fa1fc20d494eddaf9c",
        "82165d8cd75a9c3a1fc48c3aededdffc5ae1049c0b410e52db4e67ffad6a48ee",
        "144b7ac8281226ceb73c9c8aaf39249e7086d53b55e14c5d0c0e2bd06cfd1a70",
        "84299e616a15b9205f5b692f7b11d800a9c13a22438254b8d2bffbf6fe15353e",
    ];
    assert_eq!(shown, promised);
}

#[test]
fn a_hash_that_is_none_is_refused() {
    for text in ["", "12", &"g".repeat(64), &"0".repeat(65)] {
        assert_eq!(text.parse::<Digest>(), Err(DigestError));
    }
}
