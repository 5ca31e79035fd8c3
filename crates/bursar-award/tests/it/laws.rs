//! Laws that hold for any commands in any order at any time.

use bursar_award::{Application, Command, Decide, Event, Outcome, State};
use bursar_kernel::GrantId;
use proptest::prelude::*;

use crate::world::{
    DELIVER_FROM, accept, after, begin_review, carry_out, day, dollars, draft, estimate, offer,
    person, release, save, screen, started, submission, terms,
};

/// Any command, by anybody, with any amount.
pub(crate) fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        2 => any::<String>().prop_map(|text| save(&text)),
        1 => proptest::option::of((0_i64..2_000).prop_map(estimate))
            .prop_map(|estimate| Command::SetEstimate { estimate }),
        3 => Just(submission()),
        1 => Just(Command::Withdraw),
        3 => Just(begin_review()),
        4 => any_decision().prop_map(Command::Decide),
        2 => (1_u8..5).prop_map(|by| Command::Approve { by: person(by) }),
        3 => Just(release()),
        3 => Just(accept()),
        1 => Just(Command::DeclineAward),
        1 => Just(offer()),
        1 => Just(Command::RemindToAnswer),
        1 => Just(Command::EndWait),
        1 => Just(Command::Lapse),
        1 => (1_u8..5).prop_map(|by| Command::TakeBackDecision { by: person(by) }),
        1 => (any::<bool>(), any::<bool>(), prop_oneof![Just(""), Just("why")])
            .prop_map(|(is_eligible, overrules, why)| screen(is_eligible, overrules, why)),
        3 => any::<[u8; 10]>().prop_map(|entropy| Command::Deliver {
            grant: GrantId::new(day(0), entropy),
        }),
    ]
}

pub(crate) fn any_decision() -> impl Strategy<Value = Decide> {
    let outcome = prop_oneof![
        3 => Just(None),
        4 => (1_i64..1_001).prop_map(Some),
        2 => (-10_i64..6_000).prop_map(Some),
    ];
    let texts = (prop_oneof![Just(""), Just("why")], proptest::option::of(Just("because")));
    let waits = prop_oneof![3 => Just(false), 1 => Just(true)];
    (outcome, waits, texts, 1_u8..5).prop_map(|(amount, waits, (reasons, justification), by)| {
        let amount = amount.map(dollars);
        let outcome = match amount {
            None => Outcome::Decline,
            Some(amount) if waits => Outcome::Waitlist { amount, place: 2 },
            Some(amount) => Outcome::Award { amount },
        };
        Decide {
            by: person(by),
            outcome,
            reasons: reasons.to_owned(),
            justification: justification.map(str::to_owned),
            terms: terms(),
        }
    })
}

/// A life: commands on days that go by.
pub(crate) fn any_life() -> impl Strategy<Value = Vec<(i64, Command)>> {
    proptest::collection::vec((0_i64..20, any_command()), 0..40).prop_map(|steps| {
        let days = steps.into_iter().scan(0, |today, (passed, command)| {
            *today += passed;
            Some((*today, command))
        });
        days.collect()
    })
}

fn is_within_terms(decision: &bursar_award::Decision) -> bool {
    let Some(amount) = decision.outcome.at_most() else {
        return true;
    };
    let above = terms().above_typical.unwrap();
    let is_typical = amount <= terms().typical_max;
    amount.is_positive()
        && decision.needs_approval != is_typical
        && (is_typical || (amount <= above.max && decision.justification.is_some()))
}

proptest! {
    #[test]
    fn any_life_keeps_the_laws(life in any_life()) {
        let mut application = draft();
        let mut history = vec![started()];
        for (today, command) in life {
            let before = application.clone();
            let Ok(events) = carry_out(&mut application, command, day(today)) else {
                prop_assert_eq!(&before, &application, "a refusal changes nothing");
                continue;
            };
            prop_assert_eq!(events.len(), 1);
            prop_assert_eq!(application.version, before.version + 1);
            prop_assert!(before.state.next().contains(&application.state));
            prop_assert!(events.iter().all(|event| event.at() == day(today)));
            history.extend(events);
        }
        prop_assert_eq!(Application::replay(&history), Some(application.clone()));
        if let Some(decision) = &application.decision {
            let second = decision.approved_by;
            prop_assert_ne!(second, Some(decision.by));
            prop_assert_ne!(second, Some(application.applicant));
            let is_known = application.released_at.is_some();
            prop_assert!(!is_known || !decision.needs_approval || second.is_some());
        }

        let granted: Vec<_> =
            history.iter().filter(|event| event.name() == "delivered").collect();
        prop_assert!(granted.len() <= 1);
        prop_assert_eq!(granted.len() == 1, application.state == State::Granted);
        prop_assert!(granted.iter().all(|event| day(DELIVER_FROM) <= event.at()));
    }

    #[test]
    fn a_decision_is_within_the_terms_and_by_a_disinterested_person(decided in any_decision()) {
        let mut application = after(vec![(1, submission()), (60, begin_review())]);
        let award = decided.outcome.at_most();
        let outcome = carry_out(&mut application, Command::Decide(decided), day(61));
        let Some(decision) = application.decision else {
            prop_assert!(outcome.is_err());
            return Ok(());
        };
        prop_assert_eq!(decision.outcome.at_most(), award);
        prop_assert!(!decision.reasons.is_empty());
        prop_assert!(is_within_terms(&decision), "{:?}", decision);
        prop_assert_ne!(decision.by, application.applicant);
        prop_assert_eq!(decision.approved_by, None);
    }

    #[test]
    fn applications_and_histories_read_back_from_json(life in any_life()) {
        let mut application = draft();
        let mut history = vec![started()];
        for (today, command) in life {
            history.extend(carry_out(&mut application, command, day(today)).unwrap_or_default());
        }
        let json = serde_json::to_string(&application).unwrap();
        prop_assert_eq!(serde_json::from_str::<Application>(&json).unwrap(), application);
        let json = serde_json::to_string(&history).unwrap();
        // What was typed into a draft and taken out again is not kept.
        for event in &mut history {
            if let Event::DraftEdited { changes, .. } = event {
                changes.clear();
            }
        }
        prop_assert_eq!(serde_json::from_str::<Vec<Event>>(&json).unwrap(), history);
    }
}

#[test]
fn every_state_is_reached_from_a_draft_and_has_its_own_name() {
    let mut reached = vec![State::Draft];
    let mut index = 0;
    while let Some(state) = reached.get(index).copied() {
        let new = state.next().iter().filter(|next| !reached.contains(next));
        let new: Vec<_> = new.copied().collect();
        reached.extend(new);
        index += 1;
    }
    for state in State::ALL {
        assert!(reached.contains(&state), "{state:?}");
        assert_eq!(State::from_name(state.name()), Some(state));
        assert_eq!(serde_json::to_value(state).unwrap(), state.name());
    }
}

#[test]
#[should_panic(expected = "cannot take in")]
fn an_event_out_of_turn_is_a_bug() {
    draft().apply(&Event::Released { open_until: None, feedback: vec![], at: day(1) });
}
