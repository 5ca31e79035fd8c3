//! The market's rows: what conflicts, what is read back and in which order, and what left a grant.

use bursar_kernel::{
    Actor, BasisPoints, ListingId, LotId, Origin, PersonId, TradeId, TransferPolicy, UpstreamGroup,
    Usd,
};
use bursar_ledger::{Command, TransferKind};
use bursar_market::{Listing, ListingState, RightToSell, STATEMENT, Trade};

use super::world::{Desk, usd};
use bursar_store::{
    Commit, CommitError, Expect, ListingFilter, MarketReads, PassedOn, Row, TradeFilter, Write,
};

/// Writes listings and trades to an engine that is still empty, and reads them back.
pub async fn market(store: &(impl Commit + MarketReads)) {
    let mut desk = Desk::new(4);
    listings(store, &mut desk).await;
    trades(store, &mut desk).await;
    passed_on(store, &mut desk).await;
}

async fn put(store: &impl Commit, desk: &Desk, row: Row, expect: Expect) {
    let answer = store.commit(desk.batch().with(Write::Row(row, expect))).await;
    assert!(answer.is_ok(), "{answer:?}");
}

async fn conflicts(store: &impl Commit, desk: &Desk, row: Row, expect: Expect) {
    let (table, name, _) = row.key();
    let answer = store.commit(desk.batch().with(Write::Row(row, expect))).await;
    assert_eq!(answer, Err(CommitError::Conflict(format!("{table} `{name}`"))));
}

impl Desk {
    fn listing(&mut self, percent: u32) -> Listing {
        let (lot, seller) = (self.lot(usd("500")), self.holder);
        Listing {
            id: ListingId::new(self.now, self.chance.entropy()),
            seller,
            grant: lot.grant.expect("the desk's lots are of grants"),
            lot: lot.id,
            program: lot.program,
            upstream_group: lot.upstream_group,
            source: Origin::Enterprise,
            face: usd("300.000000001"),
            sold: usd("12.5"),
            price: BasisPoints::percent(percent),
            minimum: usd("25"),
            state: ListingState::Open,
            right: RightToSell {
                source: Origin::Enterprise,
                issuer: "OpenAI; O'Brien & 知".to_owned(),
                reference: "Order form 12, section 4".to_owned(),
                attested_by: Actor::Person(seller),
                at: self.now,
                statement: STATEMENT.to_owned(),
            },
            expires_at: lot.expires_at,
            created_at: self.now,
            version: 1,
        }
    }

    fn trade(&mut self, seller: PersonId, buyer: PersonId) -> Trade {
        let (from, to) = (self.lot(usd("1")), self.lot(usd("1")));
        Trade {
            id: TradeId::new(self.now, self.chance.entropy()),
            listing: ListingId::new(self.now, self.chance.entropy()),
            program: from.program,
            source: Origin::StartupGrant,
            seller,
            buyer,
            seller_grant: from.grant.expect("the desk's lots are of grants"),
            buyer_grant: to.grant.expect("the desk's lots are of grants"),
            seller_lot: from.id,
            buyer_lot: to.id,
            face: usd("100"),
            price: BasisPoints::percent(55),
            cost: usd("55"),
            fee: usd("0.55"),
            expires_at: from.expires_at,
            at: self.now,
        }
    }

    fn somebody(&mut self) -> PersonId {
        PersonId::new(self.now, self.chance.entropy())
    }
}

async fn listings(store: &(impl Commit + MarketReads), desk: &mut Desk) {
    let row = |listing: &Listing| Row::Listing(Box::new(listing.clone()));
    let mut listings = Vec::new();
    for percent in [60, 40, 60, 50, 45] {
        desk.now = desk.in_hours(1);
        listings.push(desk.listing(percent));
    }
    listings[1].seller = desk.somebody();
    listings[3].expires_at = desk.in_hours(2);
    listings[4].upstream_group = UpstreamGroup::new("elsewhere");
    for listing in &listings {
        put(store, desk, row(listing), Expect::New).await;
    }
    conflicts(store, desk, row(&listings[0]), Expect::New).await;
    conflicts(store, desk, row(&listings[0]), Expect::Version(2)).await;
    let withdrawn = Listing { state: ListingState::Withdrawn, version: 2, ..desk.listing(10) };
    put(store, desk, row(&Listing { version: 1, ..withdrawn.clone() }), Expect::New).await;
    put(store, desk, row(&withdrawn), Expect::Version(1)).await;
    conflicts(store, desk, row(&withdrawn), Expect::Version(1)).await;
    let found = store.listing(withdrawn.id).await;
    assert_eq!(found, Ok(Some(withdrawn.clone())));

    let all = [listings.as_slice(), &[withdrawn]].concat();
    let (now, later) = (desk.now, desk.in_hours(2));
    let open = |now, group: Option<&str>| ListingFilter::Open {
        now,
        upstream_group: group.map(UpstreamGroup::new),
    };
    let mine = ListingFilter::Seller(desk.holder);
    let cases: [(ListingFilter, &[usize]); 6] = [
        (open(now, None), &[1, 4, 3, 0, 2]),
        (open(now, Some("openai")), &[1, 3, 0, 2]),
        (open(later, Some("openai")), &[1, 0, 2]),
        (ListingFilter::Expired(now), &[]),
        (ListingFilter::Expired(later), &[3]),
        (mine, &[5, 4, 3, 2, 0]),
    ];
    for (which, indices) in cases {
        let mut expected: Vec<Listing> = indices.iter().map(|at| all[*at].clone()).collect();
        if matches!(which, ListingFilter::Seller(_)) {
            expected.sort_by_key(|listing| std::cmp::Reverse(listing.id));
        }
        assert_eq!(store.listings(which.clone()).await, Ok(expected), "{which:?}");
    }
}

async fn trades(store: &(impl Commit + MarketReads), desk: &mut Desk) {
    let (ada, ben, eve) = (desk.somebody(), desk.somebody(), desk.somebody());
    let mut trades = Vec::new();
    for (seller, buyer) in [(ada, ben), (ben, eve), (ada, eve), (eve, ada)] {
        desk.now = desk.in_hours(1);
        let trade = desk.trade(seller, buyer);
        put(store, desk, Row::Trade(Box::new(trade.clone())), Expect::New).await;
        trades.push(trade);
    }
    conflicts(store, desk, Row::Trade(Box::new(trades[0].clone())), Expect::New).await;
    conflicts(store, desk, Row::Trade(Box::new(trades[0].clone())), Expect::Version(1)).await;
    assert_eq!(store.trade(trades[1].id).await, Ok(Some(trades[1].clone())));
    let cases: [(Option<PersonId>, usize, &[usize]); 4] = [
        (None, 3, &[3, 2, 1]),
        (Some(ada), 9, &[3, 2, 0]),
        (Some(ada), 2, &[3, 2]),
        (Some(ben), 9, &[1, 0]),
    ];
    for (person, limit, indices) in cases {
        let expected: Vec<Trade> = indices.iter().map(|at| trades[*at].clone()).collect();
        assert_eq!(store.trades(TradeFilter { person, limit }).await, Ok(expected), "{person:?}");
    }
}

async fn passed_on(store: &(impl Commit + MarketReads), desk: &mut Desk) {
    let mut lot = desk.lot(usd("10"));
    lot.transfer_policy = TransferPolicy::Market;
    let grant = lot.grant.expect("the desk's lots are of grants");
    let (fund, issue, buyer) = (desk.fund(usd("10")), desk.issue(lot.clone()), desk.somebody());
    let pay = Command::PayIn { id: desk.transfer(), person: buyer, amount: usd("5") };
    let mut batch = desk.batch().with(fund).with(issue).with(pay);
    for face in ["2", "1.5"] {
        let bought = bursar_kernel::Lot {
            id: LotId::new(desk.now, desk.chance.entropy()),
            holder: buyer,
            grant: None,
            origin: Origin::Purchase,
            category: Origin::Purchase.category(),
            face: usd(face),
            cost_basis: usd("1"),
            ..lot.clone()
        };
        let id = TradeId::new(desk.now, desk.chance.entropy());
        let fee = Usd::ZERO;
        let trade = bursar_ledger::Trade { id, from: lot.id, lot: bought, fee };
        batch = batch.with(Command::Trade(Box::new(trade)));
    }
    let answer = store.commit(batch).await;
    assert!(answer.is_ok(), "{answer:?}");
    let sold = desk.now;
    for amount in ["0.2", "0.05"] {
        desk.now = desk.in_hours(1);
        let back = Command::Return { id: desk.transfer(), lot: lot.id, amount: usd(amount) };
        let answer = store.commit(desk.batch().with(back)).await;
        assert!(answer.is_ok(), "{answer:?}");
    }
    let handed_back = desk.now;
    desk.now = lot.expires_at;
    let end = Command::Expire { id: desk.transfer(), lot: lot.id };
    assert!(store.commit(desk.batch().with(end)).await.is_ok());
    let expected = [
        (TransferKind::Expire, "6.25", desk.now),
        (TransferKind::Return, "0.25", handed_back),
        (TransferKind::Sell, "3.5", sold),
    ];
    let expected = expected.map(|(kind, amount, last_at)| {
        let amount = usd(amount);
        PassedOn { kind, amount, last_at }
    });
    assert_eq!(store.passed_on(grant).await, Ok(expected.to_vec()));
    assert_eq!(store.passed_on(desk.grant().id).await, Ok(Vec::new()));
}
