//! A mail's way out.

use bursar_kernel::{MailId, Timestamp};
use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn begin() -> (Delivery, Timestamp) {
    let now = at("2027-01-04T09:00:00Z");
    (Delivery::new(MailId::new(now, [7; 10]), now), now)
}

#[test]
fn a_mail_that_is_put_off_waits_longer_each_time_and_is_given_up_after_days() {
    let (mut delivery, mut now) = begin();
    let first = now;
    let (mut waits, mut tries) = (Vec::new(), 0_u32);
    while delivery.state.is_open() {
        assert!(delivery.is_due(now));
        delivery = delivery.claimed(now);
        assert!(!delivery.is_due(now), "nobody else takes it");
        delivery = delivery.after(&Attempt::Deferred("451 later".to_owned()), now);
        tries += 1;
        if delivery.state.is_open() {
            waits.push(delivery.next_at.duration_since(now));
            now = delivery.next_at;
        }
    }
    assert_eq!(delivery.state, State::GaveUp);
    assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]), "{waits:?}");
    assert!((20..40).contains(&tries), "{tries} tries");
    assert!(first + SignedDuration::from_hours(90) < now && delivery.at < first + TRIED_FOR);
    assert_eq!(delivery.answer, "451 later");
}

#[test]
fn who_died_at_a_mail_is_followed_by_another() {
    let (delivery, now) = begin();
    let claimed = delivery.claimed(now);
    assert!(!claimed.is_due(now + SignedDuration::from_mins(9)));
    assert!(claimed.is_due(now + CLAIM_LIFE));
    assert_eq!(claimed.clone().again(now), Err(NotNow::Sending));
    assert!(claimed.again(now + CLAIM_LIFE).is_ok());
}

#[test]
fn nothing_goes_to_who_was_forgotten() {
    let (delivery, now) = begin();
    let address = Address::new(&format!("person_x{NOBODYS}"));
    for manner in [Manner::Ordinary, Manner::Reminder, Manner::Proof] {
        assert_eq!(delivery.goes(manner, None, Some(&address), now), Go::Not(State::Unwanted));
    }
}

#[test]
fn an_address_that_came_back_holds_all_but_what_proves_that_it_works() {
    let (delivery, now) = begin();
    let bounce = Bounce { at: now, why: "550 5.1.1 no such user".to_owned(), mail: None };
    let address = Address::new("ada@example.edu").bounced(bounce);
    let goes = |manner, address: &Address| delivery.goes(manner, None, Some(address), now);
    assert_eq!(goes(Manner::Ordinary, &address), Go::Not(State::Held));
    assert_eq!(goes(Manner::Reminder, &address), Go::Not(State::Held));
    assert_eq!(goes(Manner::Proof, &address), Go::Out);
    let address = address.confirmed();
    assert_eq!(goes(Manner::Ordinary, &address), Go::Out);
    let address = address.with_reminders(false);
    assert_eq!(goes(Manner::Reminder, &address), Go::Not(State::Unwanted));
    assert_eq!(goes(Manner::Ordinary, &address), Go::Out);
    assert_eq!(address.version, 3);
}

#[test]
fn a_link_that_has_expired_is_not_sent() {
    let (delivery, now) = begin();
    let soon = now + SignedDuration::from_mins(1);
    assert_eq!(delivery.goes(Manner::Proof, Some(soon), None, now), Go::Out);
    assert_eq!(delivery.goes(Manner::Proof, Some(soon), None, soon), Go::Not(State::Lapsed));
}

#[test]
fn what_was_refused_can_be_tried_again_and_what_was_sent_cannot() {
    let (delivery, now) = begin();
    let refused = Attempt::Refused { answer: "554 no".to_owned(), no_mailbox: false };
    let refused = delivery.clone().claimed(now).after(&refused, now);
    assert_eq!(refused.state, State::Refused);
    let later = now + SignedDuration::from_hours(24 * 30);
    let again = refused.again(later).unwrap();
    assert!(again.is_due(later) && again.attempts == 0);
    assert_eq!(again.goes(Manner::Ordinary, None, None, later), Go::Out);
    let sent = delivery.claimed(now).after(&Attempt::Taken("250 ok".to_owned()), now);
    assert_eq!(sent.clone().again(later), Err(NotNow::Sent));
    assert_eq!(sent.came_back("5.1.1", later).state, State::CameBack);
}

#[test]
fn each_state_has_a_name_of_its_own() {
    for state in State::ALL {
        assert_eq!(State::from_name(state.name()), Some(state));
    }
    assert_eq!(State::from_name("gone"), None);
}

proptest! {
    #[test]
    fn a_relays_words_are_one_bounded_line(text in "\\PC*|[\\x00-\\x1f\\x7fa-z\u{202e}]*") {
        let kept = scrubbed(&text, ANSWER_CHARACTERS_MAX);
        prop_assert!(kept.chars().count() <= ANSWER_CHARACTERS_MAX);
        prop_assert!(!kept.chars().any(char::is_control), "{kept:?}");
        prop_assert_eq!(scrubbed(&kept, ANSWER_CHARACTERS_MAX), kept);
    }

    #[test]
    fn a_wait_is_never_shorter_than_the_one_before(attempts in 1_u32..60, byte: u8) {
        let mut bytes = [0; 16];
        bytes[15] = byte;
        let mail = MailId::from_bytes(bytes);
        let (this, next) = (wait_after(attempts, mail), wait_after(attempts + 1, mail));
        prop_assert!(this <= next && this.is_positive());
        prop_assert!(next <= SignedDuration::from_mins(270));
    }
}
