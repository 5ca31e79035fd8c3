//! The chain of a book in memory: each batch that moves anything is a link of its own.

use std::collections::BTreeMap;

use bursar_kernel::{LotId, TransferId};
use bursar_ledger::audit::Auditor;
use bursar_ledger::chain::{Digest, Link, Rows};
use bursar_ledger::{Book, Event};

#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    links: Vec<Link>,
    lots: BTreeMap<LotId, (u64, String)>,
    transfers: BTreeMap<TransferId, u64>,
}

impl Chain {
    /// Adds the link of a batch.
    pub(super) fn add(&mut self, events: &[Event]) {
        let number = Link::number_after(self.links.last());
        let mut rows = Rows::default();
        for event in events {
            match event {
                Event::LotIssued(lot) => {
                    let body = serde_json::to_string(lot).expect("a lot is kept as JSON");
                    rows.lot(lot.id, &body);
                    self.lots.insert(lot.id, (number, body));
                }
                Event::Transferred(transfer) => {
                    rows.transfer(transfer);
                    self.transfers.insert(transfer.id, number);
                }
                Event::HoldPlaced(_)
                | Event::HoldResolved(_)
                | Event::HoldSettled(_)
                | Event::LeaseChanged(_)
                | Event::Corrected(_) => {}
            }
        }
        self.links.extend(rows.link_after(self.links.last()));
    }

    /// The link of a number, or the last one.
    pub(super) fn link(&self, number: Option<u64>) -> Option<Link> {
        match number {
            Some(number) => self.links.iter().find(|link| link.number == number).copied(),
            None => self.links.last().copied(),
        }
    }

    /// Feeds the chain to an auditor.
    pub(super) fn audit(&self, book: &Book, auditor: &mut Auditor) {
        self.links.iter().for_each(|link| auditor.link(*link));
        for (lot, (number, body)) in &self.lots {
            auditor.chained(*number, Digest::of_lot(*lot, body));
        }
        for (id, number) in &self.transfers {
            if let Some(transfer) = book.transfers.get(id) {
                auditor.chained(*number, Digest::of_transfer(transfer));
            }
        }
    }
}
