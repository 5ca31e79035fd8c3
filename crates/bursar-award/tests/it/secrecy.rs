//! What an applicant must not learn before the release, by any road.

use bursar_award::{Application, Command, State, applicant_view, decide, resubmit};
use bursar_kernel::ApplicationId;
use proptest::prelude::*;

use crate::laws::any_decision;
use crate::world::{accept, after, begin_review, carry_out, day, deliver, save, submission};

/// Everything that an applicant can try and see, as one text.
fn as_the_applicant_sees_it(application: &Application) -> String {
    let commands = [
        save("more"),
        Command::SetEstimate { estimate: None },
        submission(),
        Command::Withdraw,
        accept(),
        Command::DeclineAward,
        deliver(),
    ];
    let mut seen = serde_json::to_string(&applicant_view(application)).unwrap();
    for command in commands {
        match decide(application, command, day(80)) {
            Ok(events) => seen.push_str(&serde_json::to_string(&events).unwrap()),
            Err(refusal) => seen.push_str(&refusal.to_string()),
        }
        seen.push('\n');
    }
    let id = ApplicationId::new(day(80), [3; 10]);
    match resubmit(application, id, 1, None, day(80)) {
        Ok(started) => seen.push_str(&serde_json::to_string(&started).unwrap()),
        Err(refusal) => seen.push_str(&refusal.to_string()),
    }
    seen
}

proptest! {
    #[test]
    fn an_unreleased_decision_changes_nothing_an_applicant_can_see_or_do(
        decisions in proptest::collection::vec(any_decision(), 1..6),
        withdrawn: bool,
    ) {
        let submitted = after(vec![(1, submission())]);
        let mut undecided = after(vec![(1, submission()), (60, begin_review())]);
        let mut decided = undecided.clone();
        for decision in decisions {
            carry_out(&mut decided, Command::Decide(decision), day(61)).ok();
            carry_out(&mut decided, crate::world::approve(crate::world::SECOND), day(61)).ok();
        }
        let mut worlds = vec![submitted, undecided.clone(), decided.clone()];
        if withdrawn {
            carry_out(&mut undecided, Command::Withdraw, day(62)).unwrap();
            carry_out(&mut decided, Command::Withdraw, day(62)).unwrap();
            worlds = vec![undecided, decided];
        }
        for world in &worlds {
            prop_assert_eq!(applicant_view(world), applicant_view(&worlds[0]));
            prop_assert_eq!(
                as_the_applicant_sees_it(world),
                as_the_applicant_sees_it(&worlds[0])
            );
        }
    }
}

#[test]
fn a_released_decision_shows_its_reasons_but_not_its_officers() {
    let mut application = after(vec![(1, submission()), (60, begin_review())]);
    let decision = bursar_award::Decide {
        justification: Some("between officers".into()),
        ..crate::world::award(2_000)
    };
    let by = decision.by;
    carry_out(&mut application, Command::Decide(decision), day(61)).unwrap();
    carry_out(&mut application, crate::world::approve(crate::world::SECOND), day(62)).unwrap();
    assert_eq!(application.state, State::Decided);
    assert_eq!(application.released_award(), None);
    carry_out(&mut application, crate::world::release(), day(90)).unwrap();
    let seen = serde_json::to_string(&applicant_view(&application)).unwrap();
    assert!(seen.contains("\"award\":\"2000.00\"") && seen.contains("a sound plan"), "{seen}");
    assert!(!seen.contains("between officers") && !seen.contains(&by.to_string()), "{seen}");
}
