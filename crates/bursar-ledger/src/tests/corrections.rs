//! A call's last word: back the way it came, more as it would have been taken.

use bursar_kernel::*;
use bursar_kernel::{Cap, Caps};

use super::{Desk, at, program_account, usd};
use crate::*;

fn correct(
    desk: &mut Desk,
    charge: HoldId,
    cost: &str,
) -> (CorrectionId, Result<Outcome, Refusal>) {
    let id = CorrectionId::from_bytes(desk.transfer_id().to_bytes());
    (id, again(desk, id, charge, cost))
}

fn again(
    desk: &mut Desk,
    id: CorrectionId,
    charge: HoldId,
    cost: &str,
) -> Result<Outcome, Refusal> {
    let (cost, reason) = (usd(cost), "the provider's cost report".to_owned());
    desk.ask(&Command::Correct(Box::new(Correct { id, charge, cost, reason })))
}

/// A yes.
fn said(before: &str, cost: &str) -> Outcome {
    Outcome::Corrected { before: usd(before), cost: usd(cost) }
}

#[test]
fn less_goes_back_in_the_reverse_of_the_recorded_order_and_more_in_the_spending_order() {
    let mut desk = Desk::new();
    desk.fund("100");
    let (first, second) = (desk.lot("3", 0, 5), desk.lot("4", 0, 9));
    let hold = desk.hold("5").unwrap();
    desk.capture(hold, "5").unwrap();
    assert_eq!(desk.lots(&[first, second]), ["0.00/0.00", "2.00/0.00"]);
    let (id, answer) = correct(&mut desk, hold, "2.5");
    assert_eq!(answer, Ok(said("5", "2.5")));
    assert_eq!(desk.lots(&[first, second]), ["0.50/0.00", "4.00/0.00"], "the second first");
    assert_eq!(again(&mut desk, id, hold, "2.5"), Ok(said("5", "2.5")), "it counts once");
    assert_eq!(again(&mut desk, id, hold, "2.4"), Err(Refusal::CorrectionConflict(id)));
    assert_eq!(correct(&mut desk, hold, "6").1, Ok(said("2.5", "6")));
    assert_eq!(
        desk.lots(&[first, second]),
        ["0.00/0.00", "1.00/0.00"],
        "the soonest to expire first"
    );
    assert_eq!(correct(&mut desk, hold, "8").1, Ok(said("6", "8")));
    assert_eq!(desk.lots(&[first, second]), ["0.00/0.00", "0.00/0.00"]);
    assert_eq!(desk.posted(&program_account(Account::Overrun)), "-1.00", "then nobody");
    assert_eq!(correct(&mut desk, hold, "6.5").1, Ok(said("8", "6.5")));
    assert_eq!(desk.posted(&program_account(Account::Overrun)), "0.00", "who is freed first");
    assert_eq!(desk.lots(&[first, second]), ["0.00/0.00", "0.50/0.00"]);
    assert_eq!(correct(&mut desk, hold, "0").1, Ok(said("6.5", "0")));
    assert_eq!(desk.lots(&[first, second]), ["3.00/0.00", "4.00/0.00"]);
    assert_eq!(desk.audit(), vec![]);
}

#[test]
fn a_refund_to_a_lot_that_has_expired_is_breakage() {
    let mut desk = Desk::new();
    desk.fund("10");
    let lot = desk.lot("3", 0, 5);
    let hold = desk.hold("2").unwrap();
    desk.capture(hold, "2").unwrap();
    desk.now = at(5);
    let id = desk.transfer_id();
    desk.ask(&Command::Expire { id, lot }).unwrap();
    assert_eq!(correct(&mut desk, hold, "0.5").1, Ok(said("2", "0.5")));
    assert_eq!(desk.lots(&[lot]), ["0.00/0.00"]);
    assert_eq!(desk.posted(&program_account(Account::Breakage)), "2.50");
    assert_eq!(correct(&mut desk, hold, "3").1, Ok(said("0.5", "3")), "and it pays nothing more");
    assert_eq!(desk.posted(&program_account(Account::Overrun)), "-2.50");
    assert_eq!(desk.audit(), vec![]);
}

#[test]
fn a_call_that_was_free_has_nobody_to_give_back_to() {
    let mut desk = Desk::new();
    desk.fund("10");
    desk.lot("3", 0, 5);
    let hold = desk.hold("2").unwrap();
    assert_eq!(correct(&mut desk, hold, "1").1, Err(Refusal::NothingCharged(hold)));
    desk.ask(&Command::Release { hold }).unwrap();
    assert_eq!(correct(&mut desk, hold, "1").1, Err(Refusal::NothingCharged(hold)));
}

#[test]
fn a_cap_follows_as_far_as_it_reaches() {
    let mut desk = Desk::new();
    desk.fund("10");
    desk.lot("9", 0, 5);
    let (id, key) = (desk.transfer_id(), KeyId::from_bytes([7; 16]));
    desk.ask(&Command::Allow { id, cap: Cap::Key(key), amount: usd("4") }).unwrap();
    let mut question = desk.question("3");
    question.caps = Caps::of_key(key);
    let hold = question.hold;
    desk.ask(&Command::PlaceHold(question)).unwrap();
    desk.capture(hold, "3").unwrap();
    let cap = Account::Cap(Cap::Key(key));
    for (cost, left) in [("1", "3.00"), ("2", "2.00"), ("6", "0.00"), ("5", "0.00"), ("3", "1.00")]
    {
        correct(&mut desk, hold, cost).1.unwrap();
        assert_eq!(desk.posted(&cap), left, "${cost}");
    }
    assert_eq!(desk.audit(), vec![]);
}
