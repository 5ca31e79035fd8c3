//! Requests for limited models: who may ask when, and what may follow what.

use bursar_kernel::{AccessRequestId, Actor, GrantId, ModelId, PersonId, Timestamp};
use jiff::SignedDuration;

use crate::*;

fn at(hours: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
}

fn wanted(model: &str, expires_at: Option<i64>) -> Ask {
    Ask {
        id: AccessRequestId::from_bytes([1; 16]),
        grant: GrantId::from_bytes([2; 16]),
        holder: PersonId::from_bytes([3; 16]),
        expires_at: expires_at.map(at),
        model: ModelId::new(model),
        reason: "A comparison of reasoning models.".to_owned(),
    }
}

fn asked(model: &str) -> AccessRequest {
    ask(wanted(model, None), &[ModelId::new(model)], &[], at(1)).unwrap()
}

fn approve(until: Option<i64>) -> AccessCommand {
    AccessCommand::Approve { note: None, until: until.map(at) }
}

fn decline() -> AccessCommand {
    AccessCommand::Decline { reason: "Not for this study.".to_owned() }
}

/// The state after a command, with the version, or why not.
fn check(request: AccessRequest, command: AccessCommand) -> String {
    match answer(request, command, Actor::Operator, Some(at(100)), at(10)) {
        Ok(request) => format!("{} {}", request.state.name(), request.version),
        Err(refusal) => refusal.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

#[test]
fn a_limited_model_is_asked_for_once_at_a_time() {
    let limited = [ModelId::new("gpt-5")];
    let again = |earlier: &[AccessRequest], now| {
        ask(wanted("gpt-5", Some(100)), &limited, earlier, at(now)).map(|request| request.state)
    };
    let refused = |state| Err(AccessRefusal::AlreadyThere { model: ModelId::new("gpt-5"), state });
    let after = |command| answer(asked("gpt-5"), command, Actor::Operator, None, at(2)).unwrap();
    assert_eq!(again(&[], 3), Ok(AccessState::Asked));
    assert_eq!(again(&[asked("gpt-5.1")], 3), Ok(AccessState::Asked));
    assert_eq!(again(&[asked("gpt-5")], 3), refused(AccessState::Asked));
    assert_eq!(again(&[after(approve(None))], 3), refused(AccessState::Approved));
    assert_eq!(again(&[after(approve(Some(3)))], 3), Ok(AccessState::Asked));
    assert_eq!(again(&[after(decline())], 3), Ok(AccessState::Asked));
    assert_eq!(again(&[after(AccessCommand::Withdraw)], 3), Ok(AccessState::Asked));
    assert_eq!(again(&[], 100), Err(AccessRefusal::GrantExpired(at(100))));
    let open = ask(wanted("gpt-4.1", None), &limited, &[], at(1));
    assert_eq!(open, Err(AccessRefusal::NotLimited(ModelId::new("gpt-4.1"))));
}

#[test]
fn a_request_is_answered_once_and_an_approval_can_be_ended() {
    let after = |command| answer(asked("gpt-5"), command, Actor::Operator, None, at(2)).unwrap();
    let (approved, declined) = (after(approve(None)), after(decline()));
    let withdrawn = after(AccessCommand::Withdraw);
    assert_eq!(check(asked("gpt-5"), approve(Some(100))), "approved 2");
    assert_eq!(check(asked("gpt-5"), decline()), "declined 2");
    assert_eq!(check(asked("gpt-5"), AccessCommand::Withdraw), "withdrawn 2");
    assert_eq!(check(approved.clone(), decline()), "declined 3");
    assert!(
        !answer(approved.clone(), decline(), Actor::Operator, None, at(9)).unwrap().is_open(at(9))
    );
    for (request, command, state) in [
        (approved.clone(), approve(None), "approved"),
        (approved, AccessCommand::Withdraw, "approved"),
        (declined.clone(), approve(None), "declined"),
        (declined, decline(), "declined"),
        (withdrawn, approve(None), "withdrawn"),
    ] {
        assert_eq!(check(request, command), format!("change a request that is {state}"));
    }
}

#[test]
fn an_approval_never_outlives_the_grant() {
    let past = "let an approval run until 1970-01-05T05:00:00Z, past the grant's expiry at \
                1970-01-05T04:00:00Z";
    assert_eq!(check(asked("gpt-5"), approve(Some(101))), past);
    let passed = "let an approval lapse at 1970-01-01T10:00:00Z, which has come";
    assert_eq!(check(asked("gpt-5"), approve(Some(10))), passed);
    let late = answer(asked("gpt-5"), approve(None), Actor::Operator, Some(at(5)), at(5));
    assert_eq!(late, Err(AccessRefusal::GrantExpired(at(5))));
}
