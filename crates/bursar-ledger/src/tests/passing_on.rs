//! Credit is handed back or sold, and cash changes hands with it or nothing does.

use bursar_kernel::*;

use super::{Desk, at, program_account, usd};
use crate::*;

fn buyer() -> PersonId {
    PersonId::from_bytes([9; 16])
}

/// A desk with a lot of $10 that may be sold, lives for ten hours, and a buyer with cash.
fn market(cash: &str) -> (Desk, LotId) {
    let mut desk = Desk::new();
    desk.fund("100");
    let lot = desk.lot_like("10", 0, 10, |lot| lot.transfer_policy = TransferPolicy::Market);
    let (id, amount) = (desk.transfer_id(), usd(cash));
    desk.ask(&Command::PayIn { id, person: buyer(), amount }).unwrap();
    (desk, lot)
}

fn sale(desk: &mut Desk, from: LotId, face: &str, price: &str, fee: &str) -> Trade {
    let entropy = desk.entropy();
    let sold = desk.book.lots[&from].clone();
    let lot = Lot {
        id: LotId::new(desk.now, entropy),
        holder: buyer(),
        origin: Origin::Purchase,
        category: Category::Paid,
        active_from: desk.now,
        face: usd(face),
        cost_basis: usd(price),
        ..sold
    };
    Trade { id: TradeId::from_bytes(desk.transfer_id().to_bytes()), from, lot, fee: usd(fee) }
}

fn ask(desk: &mut Desk, trade: &Trade) -> Result<Outcome, Refusal> {
    desk.ask(&Command::Trade(Box::new(trade.clone())))
}

#[test]
fn a_sale_moves_credit_and_cash_together() {
    let (mut desk, lot) = market("5");
    let trade = sale(&mut desk, lot, "4", "2.40", "0.12");
    ask(&mut desk, &trade).unwrap();
    ask(&mut desk, &trade).unwrap();
    assert_eq!(desk.lots(&[lot, trade.lot.id]), ["6.00/0.00", "4.00/0.00"]);
    let cash = [Account::BuyerCash(buyer()), Account::Payable(super::holder()), Account::Fees];
    assert_eq!(cash.map(|account| desk.posted(&account)), ["2.60", "2.28", "0.12"]);
    assert_eq!(desk.posted(&Account::CashExternal), "-5.00");
    assert_eq!(desk.audit(), []);
    // Under the same name, nothing else.
    let mut dearer = trade.clone();
    dearer.lot.cost_basis = usd("2.50");
    assert!(matches!(ask(&mut desk, &dearer), Err(Refusal::TransferConflict(_))));
}

#[test]
fn what_cannot_be_sold_moves_nothing() {
    let (mut desk, lot) = market("5");
    desk.hold("7").unwrap();
    let before = desk.book.balances.clone();
    let held = sale(&mut desk, lot, "4", "2", "0");
    let dear = sale(&mut desk, lot, "3", "5.01", "0");
    let mut longer = sale(&mut desk, lot, "1", "0.5", "0");
    longer.lot.expires_at = at(11);
    let mut own = sale(&mut desk, lot, "1", "0.5", "0");
    own.lot.holder = super::holder();
    let free = sale(&mut desk, lot, "1", "0", "0");
    let fee = sale(&mut desk, lot, "1", "0.5", "0.6");
    let told = [held, dear, longer, own, free, fee].map(|trade| {
        let refusal = ask(&mut desk, &trade).unwrap_err();
        format!("{refusal:?}").split([' ', '(']).next().unwrap().to_owned()
    });
    let expected = [
        "InsufficientFunds",
        "InsufficientFunds",
        "NotCarriedOver",
        "OwnLot",
        "NotPositive",
        "FeeOutOfRange",
    ];
    assert_eq!(told, expected);
    assert_eq!(desk.book.balances, before);
    let last = sale(&mut desk, lot, "1", "0.5", "0");
    desk.now = at(10);
    assert_eq!(ask(&mut desk, &last), Err(Refusal::Expired { at: at(10) }));
    let kept = desk.lot("1", 10, 20);
    let kept = sale(&mut desk, kept, "1", "0.5", "0");
    assert!(matches!(ask(&mut desk, &kept), Err(Refusal::NotTransferable { .. })));
}

#[test]
fn what_is_handed_back_is_the_pools_and_never_what_is_held() {
    let mut desk = Desk::new();
    desk.fund("10");
    let lot = desk.lot("10", 0, 10);
    desk.hold("4").unwrap();
    let (id, all) = (desk.transfer_id(), usd("6.01"));
    let refusal = desk.ask(&Command::Return { id, lot, amount: all }).unwrap_err().to_string();
    assert!(refusal.ends_with("has $6.00 available and $6.01 was asked for"), "{refusal}");
    let back = Command::Return { id, lot, amount: usd("5.5") };
    desk.ask(&back).unwrap();
    assert_eq!(desk.posted(&program_account(Account::Pool)), "5.50");
    desk.now = at(10);
    // Asked again later, it was done; asked anew, it is too late.
    desk.ask(&back).unwrap();
    let id = desk.transfer_id();
    let late = desk.ask(&Command::Return { id, lot, amount: usd("0.1") });
    assert_eq!(late, Err(Refusal::Expired { at: at(10) }));
    assert_eq!(desk.audit(), []);
}

#[test]
fn a_payment_counts_once_and_no_more_goes_out_than_came_in() {
    let (mut desk, lot) = market("5");
    let (id, person) = (TransferId::from_bytes([7; 16]), buyer());
    let paid = |amount: &str| Command::PayIn { id, person, amount: usd(amount) };
    desk.ask(&paid("3")).unwrap();
    desk.ask(&paid("3")).unwrap();
    assert_eq!(desk.ask(&paid("4")), Err(Refusal::TransferConflict(id)));
    let trade = sale(&mut desk, lot, "10", "7", "0");
    ask(&mut desk, &trade).unwrap();
    let id = desk.transfer_id();
    let refund = |amount: &str| Command::Refund { id, person, amount: usd(amount) };
    assert!(desk.ask(&refund("1.01")).is_err());
    desk.ask(&refund("1")).unwrap();
    let id = desk.transfer_id();
    let out = |amount: &str| Command::PayOut { id, person: super::holder(), amount: usd(amount) };
    assert!(desk.ask(&out("7.01")).is_err());
    desk.ask(&out("7")).unwrap();
    assert_eq!(desk.posted(&Account::CashExternal), "0.00");
    assert_eq!(desk.audit(), []);
}

#[test]
fn all_the_money_of_a_book_fits_what_one_account_can_hold() {
    let mut desk = Desk::new();
    let mut pay = |amount: Usd| {
        let id = desk.transfer_id();
        let command = Command::PayIn { id, person: buyer(), amount };
        // What the command says it needs is enough to see it: the account it comes from.
        let part = super::laws::slice(&desk.book, &command.needs());
        let asked = Asked { by: Actor::Operator, now: desk.now };
        let seen = decide(&part, &command, &asked).map(|decided| decided.outcome);
        assert_eq!(seen, desk.ask(&command));
        seen
    };
    let nano = Usd::from_nanos(1);
    pay(nano).unwrap();
    assert_eq!(pay(Usd::MAX), Err(Refusal::Overflow));
    pay(Usd::MAX.checked_sub(nano).unwrap()).unwrap();
    assert_eq!(pay(nano), Err(Refusal::Overflow));
    assert_eq!(desk.audit(), []);
}

#[test]
fn what_is_taken_back_goes_to_the_pool_once_and_never_what_a_call_holds() {
    let mut desk = Desk::new();
    desk.fund("10");
    let lot = desk.lot_like("10", 0, 5, |lot| lot.transfer_policy = TransferPolicy::None);
    desk.hold("4").unwrap();
    let (part, all) = (desk.transfer_id(), desk.transfer_id());
    let claw = |id, amount: &str| Command::TakeBack { id, lot, amount: Some(usd(amount)) };
    let void = |id| Command::TakeBack { id, lot, amount: None };
    let refused = desk.ask(&claw(part, "6.01")).unwrap_err().to_string();
    assert_eq!(refused, format!("`lot/{lot}` has $6.00 available and $6.01 was asked for"));
    assert_eq!(desk.ask(&claw(part, "2.50")), Ok(Outcome::TakenBack { amount: usd("2.50") }));
    assert_eq!(desk.ask(&claw(part, "2.50")), Ok(Outcome::TakenBack { amount: usd("2.50") }));
    for other in [claw(part, "2.49"), void(part)] {
        assert_eq!(desk.ask(&other), Err(Refusal::TransferConflict(part)));
    }
    assert_eq!(desk.ask(&void(all)), Ok(Outcome::TakenBack { amount: usd("3.50") }));
    assert_eq!(desk.ask(&claw(all, "3.50")), Err(Refusal::TransferConflict(all)));
    assert_eq!(desk.lots(&[lot]), ["4.00/4.00"]);
    assert_eq!(desk.posted(&program_account(Account::Pool)), "6.00");
    desk.now = at(5);
    assert_eq!(desk.ask(&void(all)), Ok(Outcome::TakenBack { amount: usd("3.50") }));
    let late = desk.transfer_id();
    assert_eq!(desk.ask(&void(late)), Ok(Outcome::TakenBack { amount: Usd::ZERO }));
    assert_eq!(desk.ask(&claw(late, "1")), Err(Refusal::Expired { at: at(5) }));
    assert_eq!(desk.audit(), vec![]);
}
