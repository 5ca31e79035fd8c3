//! Stories: commands by name, each on its day, and what each came to.

use bursar_award::{Application, Command, Decide, Event, Submit, resubmit};
use bursar_kernel::ApplicationId;
use expect_test::{Expect, expect};

use crate::world::{
    APPLICANT, OFFICER, SECOND, accept, after, approve, award, begin_review, carry_out, day,
    decline, deliver, dollars, draft, estimate, offer, release, save, screen, submission, wait,
};

/// Reads a story, a command a line as `day name`, and tells what each line came to.
fn check(story: &str, expected: Expect) {
    let mut application = draft();
    let mut told = Vec::new();
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (at, name) = line.split_once(' ').unwrap();
        let command = command(name);
        let outcome = carry_out(&mut application, command, day(at.parse().unwrap()));
        let outcome = match outcome {
            Ok(events) => {
                let names: Vec<_> = events.iter().map(Event::name).collect();
                format!("{} -> {}", names.join(", "), application.state.name())
            }
            Err(refusal) => format!("failed to {refusal}").replace('\n', "\n    "),
        };
        told.push(format!("{name}: {outcome}"));
    }
    expected.assert_eq(&told.join("\n"));
}

fn command(name: &str) -> Command {
    let decided = |decide: Decide| Command::Decide(decide);
    match name.split_once(' ').unwrap_or((name, "")) {
        ("save", _) => save("half a thought"),
        ("estimate", "") => Command::SetEstimate { estimate: None },
        ("estimate", total) => {
            Command::SetEstimate { estimate: Some(estimate(total.parse().unwrap())) }
        }
        ("submit", _) => submission(),
        ("withdraw", _) => Command::Withdraw,
        ("begin", _) => begin_review(),
        ("award", amount) => decided(award(amount.parse().unwrap())),
        ("justified", amount) => decided(Decide {
            justification: Some("forty labs wait for it".into()),
            ..award(amount.parse().unwrap())
        }),
        ("approve", _) => approve(SECOND),
        ("approve-alone", _) => approve(OFFICER),
        ("approve-own", _) => approve(APPLICANT),
        ("unexplained", _) => decided(Decide { reasons: " \n".into(), ..decline() }),
        ("wordy", _) => decided(Decide { reasons: "ä".repeat(10_001), ..decline() }),
        ("own", _) => decided(Decide { by: draft().applicant, ..decline() }),
        ("decline", _) => decided(decline()),
        ("release", _) => release(),
        ("wait", amount) => decided(wait(amount.parse().unwrap())),
        ("no-list", amount) => {
            let mut decide = wait(amount.parse().unwrap());
            decide.terms.waiting_days = None;
            decided(decide)
        }
        ("offer", _) => offer(),
        ("end-wait", _) => Command::EndWait,
        ("remind", _) => Command::RemindToAnswer,
        ("lapse", _) => Command::Lapse,
        ("screen", "as-the-rules") => screen(true, false, ""),
        ("screen", "otherwise") => screen(true, true, " "),
        ("screen", why) => screen(false, true, why),
        ("take-back", _) => Command::TakeBackDecision { by: crate::world::person(OFFICER) },
        ("accept", _) => accept(),
        ("turn-down", _) => Command::DeclineAward,
        ("deliver", _) => deliver(),
        (other, _) => unreachable!("a story has no `{other}`"),
    }
}

#[test]
fn a_draft_has_the_estimate_that_was_set_last_and_keeps_what_was_handed_in() {
    let mut application = draft();
    for (step, wanted) in [("estimate 100", Some(100)), ("save", Some(100)), ("estimate", None)] {
        carry_out(&mut application, command(step), day(1)).unwrap();
        let total = application.estimate.as_ref().map(|estimate| estimate.total);
        assert_eq!(total, wanted.map(dollars), "{step}");
    }
    carry_out(&mut application, submission(), day(2)).unwrap();
    assert_eq!(application.estimate, Some(estimate(780)));
    let late = carry_out(&mut application, command("estimate"), day(3)).unwrap_err();
    assert!(late.to_string().starts_with("change an application that is submitted"), "{late}");
}

#[test]
fn an_award_becomes_a_grant_step_by_step() {
    check(
        "1 save
         2 submit
         59 begin
         60 begin
         61 award 800
         62 award 1000
         89 release
         90 release
         91 accept
         119 deliver
         120 deliver
         121 deliver",
        expect![[r#"
            save: draft_edited -> draft
            submit: submitted -> submitted
            begin: failed to begin the review of an application before 2026-03-02T00:00:00Z
                hint: try again at or after that instant
            begin: review_begun -> in_review
            award 800: decided -> decided
            award 1000: decided -> decided
            release: failed to release the decision on an application before 2026-04-01T00:00:00Z
                hint: try again at or after that instant
            release: released -> award_offered
            accept: award_accepted -> accepted
            deliver: failed to deliver the award of an application before 2026-05-01T00:00:00Z
                hint: try again at or after that instant
            deliver: delivered -> granted
            deliver: failed to deliver the award of an application that is granted
                hint: an award is delivered once, after the applicant accepted it"#]],
    );
}

#[test]
fn a_decline_is_the_end_of_an_application() {
    check(
        "1 submit
         60 begin
         61 decline
         90 release
         91 accept
         92 withdraw
         93 award 100",
        expect![[r#"
            submit: submitted -> submitted
            begin: review_begun -> in_review
            decline: decided -> decided
            release: released -> declined
            accept: failed to accept the award of an application that is declined
                hint: an award is answered once, after its release; look at its status
            withdraw: failed to withdraw an application that is declined
                hint: an application can be withdrawn until its decision is released, and while it is on the waiting list
            award 100: failed to decide an application that is declined
                hint: a decision is made once the review has begun, before the release; until the review begins an application can be declined"#]],
    );
}

#[test]
fn an_award_keeps_to_the_terms_of_its_program() {
    check(
        "1 submit
         60 award 100
         60 begin
         61 award 0
         61 award -5
         61 award 1001
         61 justified 5001
         61 award 1000
         61 approve
         61 justified 1001
         62 approve-alone
         62 approve-own
         90 release
         91 approve
         91 approve
         92 justified 5000
         92 release
         92 approve
         62 unexplained
         62 wordy
         62 own",
        expect![[r#"
            submit: submitted -> submitted
            award 100: failed to decide an application that is submitted
                hint: a decision is made once the review has begun, before the release; until the review begins an application can be declined
            begin: review_begun -> in_review
            award 0: failed to take an amount that is not above zero
                hint: give an amount such as `1000`
            award -5: failed to take an amount that is not above zero
                hint: give an amount such as `1000`
            award 1001: failed to go on without the justification
                hint: say why the award is above the typical maximum
            justified 5001: failed to award more than the program's maximum of $5000.00
                hint: award $5000.00 or less
            award 1000: decided -> decided
            approve: failed to approve a decision that waits for nobody
                hint: an award that takes a second officer is approved once
            justified 1001: decided -> decided
            approve-alone: failed to take one officer's approval twice
                hint: ask another officer to approve it
            approve-own: failed to let somebody judge an application of their own
                hint: ask somebody else to
            release: failed to release an award that takes two officers on one officer's word
                hint: ask a second officer to approve it on its page
            approve: approved -> decided
            approve: failed to approve a decision that waits for nobody
                hint: an award that takes a second officer is approved once
            justified 5000: decided -> decided
            release: failed to release an award that takes two officers on one officer's word
                hint: ask a second officer to approve it on its page
            approve: approved -> decided
            unexplained: failed to go on without the reasons
                hint: say in a sentence why, in words that the applicant may read
            wordy: failed to keep more than 10000 characters of reasons
                hint: shorten the reasons
            own: failed to let somebody judge an application of their own
                hint: ask somebody else to"#]],
    );
}

#[test]
fn what_is_submitted_is_not_changed_and_not_submitted_twice() {
    check(
        "1 withdraw
         2 submit",
        expect![[r#"
            withdraw: withdrawn -> withdrawn
            submit: failed to submit an application that is withdrawn
                hint: only a draft can be submitted; start a new application instead"#]],
    );
    check(
        "1 submit
         2 save
         2 submit
         3 release
         3 turn-down",
        expect![[r#"
            submit: submitted -> submitted
            save: failed to change an application that is submitted
                hint: only a draft can be changed; start a new application instead
            submit: failed to submit an application that is submitted
                hint: only a draft can be submitted; start a new application instead
            release: failed to release the decision on an application that is submitted
                hint: decide it first; a decision is released once
            turn-down: failed to turn down the award of an application that is submitted
                hint: an award is answered once, after its release; look at its status"#]],
    );
}

#[test]
fn an_offer_is_answered_once() {
    check(
        "1 submit
         60 begin
         61 award 500
         90 release
         91 turn-down
         92 accept
         93 turn-down",
        expect![[r#"
            submit: submitted -> submitted
            begin: review_begun -> in_review
            award 500: decided -> decided
            release: released -> award_offered
            turn-down: award_declined -> award_declined
            accept: failed to accept the award of an application that is closed
                hint: an award is answered once, after its release; look at its status
            turn-down: failed to turn down the award of an application that is closed
                hint: an award is answered once, after its release; look at its status"#]],
    );
}

#[test]
fn an_offer_that_nobody_answers_ends_on_its_day() {
    check(
        "1 submit
         60 begin
         61 award 500
         90 release
         122 remind
         123 remind
         124 remind
         129 lapse
         130 accept
         130 lapse
         131 accept",
        expect![[r#"
            submit: submitted -> submitted
            begin: review_begun -> in_review
            award 500: decided -> decided
            release: released -> award_offered
            remind: failed to send a reminder of the award of an application before 2026-05-04T00:00:00Z
                hint: try again at or after that instant
            remind: answer_reminded -> award_offered
            remind: failed to send a reminder of the award of an application that is offered an award
                hint: one reminder comes before the day, and none behind it
            lapse: failed to end the award of an application before 2026-05-11T00:00:00Z
                hint: try again at or after that instant
            accept: failed to accept an award that was to be answered before 2026-05-11T00:00:00Z
                hint: ask the program's officers, or apply again
            lapse: award_lapsed -> award_lapsed
            accept: failed to accept the award of an application that is closed
                hint: an award is answered once, after its release; look at its status"#]],
    );
}

#[test]
fn what_comes_back_is_offered_to_whoever_waits_until_the_list_is_closed() {
    check(
        "1 submit
         60 begin
         61 no-list 500
         61 wait 0
         61 wait 500
         90 release
         91 accept
         92 offer
         93 withdraw
         140 accept",
        expect![[r#"
            submit: submitted -> submitted
            begin: review_begun -> in_review
            no-list 500: failed to put an application on a waiting list that the program does not keep
                hint: award or decline it, or write `waiting_days` in the program's [award]
            wait 0: failed to take an amount that is not above zero
                hint: give an amount such as `1000`
            wait 500: decided -> decided
            release: released -> waitlisted
            accept: failed to accept the award of an application that is on the waiting list
                hint: an award is answered once, after its release; look at its status
            offer: offered -> award_offered
            withdraw: failed to withdraw an application that is offered an award
                hint: an application can be withdrawn until its decision is released, and while it is on the waiting list
            accept: award_accepted -> accepted"#]],
    );
    check(
        "1 submit
         60 begin
         61 wait 500
         90 release
         91 end-wait
         130 end-wait
         131 offer",
        expect![[r#"
            submit: submitted -> submitted
            begin: review_begun -> in_review
            wait 500: decided -> decided
            release: released -> waitlisted
            end-wait: failed to take an application off the waiting list before 2026-05-11T00:00:00Z
                hint: try again at or after that instant
            end-wait: wait_ended -> declined
            offer: failed to offer an award to an application that is declined
                hint: only what is on the waiting list has a turn"#]],
    );
    check(
        "1 submit
         60 begin
         61 wait 500
         90 release
         91 withdraw",
        expect![[r#"
            submit: submitted -> submitted
            begin: review_begun -> in_review
            wait 500: decided -> decided
            release: released -> waitlisted
            withdraw: withdrawn -> withdrawn"#]],
    );
}

#[test]
fn before_the_review_begins_an_application_is_screened_and_can_be_declined() {
    check(
        "0 screen as-the-rules
         1 submit
         2 screen as-the-rules
         3 screen otherwise
         4 screen The lab is a company
         5 award 500
         6 decline
         7 award 500
         8 screen as-the-rules
         9 take-back
         10 decline
         60 begin
         61 take-back
         62 begin
         63 screen as-the-rules
         64 award 500
         65 take-back
         66 take-back
         67 decline
         90 release
         91 take-back",
        expect![[r#"
            screen as-the-rules: failed to screen an application that is still a draft
                hint: an application is screened once it is submitted, until its decision
            submit: submitted -> submitted
            screen as-the-rules: screened -> submitted
            screen otherwise: failed to go on without the reason
                hint: say why it is otherwise than the program's rules say
            screen The lab is a company: screened -> submitted
            award 500: failed to decide an application that is submitted
                hint: a decision is made once the review has begun, before the release; until the review begins an application can be declined
            decline: decided -> decided
            award 500: failed to decide an application that is submitted
                hint: a decision is made once the review has begun, before the release; until the review begins an application can be declined
            screen as-the-rules: failed to screen an application that is submitted
                hint: an application is screened once it is submitted, until its decision
            take-back: decision_taken_back -> submitted
            decline: decided -> decided
            begin: failed to begin the review of an application that is submitted
                hint: a review begins once, after the application is submitted
            take-back: decision_taken_back -> submitted
            begin: review_begun -> in_review
            screen as-the-rules: screened -> in_review
            award 500: decided -> decided
            take-back: decision_taken_back -> in_review
            take-back: failed to take back the decision on an application that is submitted
                hint: a decision is taken back before its release
            decline: decided -> decided
            release: released -> declined
            take-back: failed to take back the decision on an application that is declined
                hint: a decision is taken back before its release"#]],
    );
}

#[test]
fn a_new_application_follows_a_finished_one_with_its_answers() {
    let id = ApplicationId::new(day(100), [7; 10]);
    let open = after(vec![(1, submission())]);
    let refusal = resubmit(&open, id, 2, None, day(100)).unwrap_err();
    expect![[r#"
        start anew from an application that is submitted
        hint: wait for the answer, or withdraw the application first"#]]
    .assert_eq(&refusal.to_string());
    let declined = after(vec![
        (1, submission()),
        (60, begin_review()),
        (61, Command::Decide(decline())),
        (90, release()),
    ]);
    let next = resubmit(&declined, id, 2, None, day(100)).unwrap();
    assert_eq!(next.resubmission_of, Some(declined.id));
    assert_eq!((next.program_version, &next.answers), (2, &declined.answers));
    assert_eq!((next.estimate.is_some(), &next.estimate), (true, &declined.estimate));
    assert_eq!(next.applicant, declined.applicant);
}

/// A submission without an estimate.
fn uncounted() -> Command {
    let Command::Submit(submit) = submission() else { panic!("it is a submission") };
    Command::Submit(Submit { estimate: None, ..submit })
}

#[test]
fn an_estimate_reads_back_and_a_history_from_before_there_were_any_does_too() {
    let mut application = draft();
    let mut history = vec![crate::world::started()];
    history.extend(carry_out(&mut application, submission(), day(1)).unwrap());
    let json = serde_json::to_string(&history).unwrap();
    let read: Vec<Event> = serde_json::from_str(&json).unwrap();
    assert_eq!(Application::replay(&read), Some(application.clone()));
    let mut before = serde_json::to_value(&history).unwrap();
    for event in before.as_array_mut().unwrap() {
        event.as_object_mut().unwrap().remove("estimate");
    }
    let read: Vec<Event> = serde_json::from_value(before).unwrap();
    let expected = Application { estimate: None, ..application.clone() };
    assert_eq!(Application::replay(&read), Some(expected));
    let mut row = serde_json::to_value(&application).unwrap();
    row.as_object_mut().unwrap().remove("estimate");
    let read: Application = serde_json::from_value(row).unwrap();
    assert_eq!(read.estimate, None);
}

#[test]
fn history_is_readable_json_and_reads_back() {
    let mut application = draft();
    let mut history = vec![crate::world::started()];
    let commands = [uncounted(), begin_review(), command("justified 2000"), approve(SECOND)];
    for (at, command) in [1, 60, 61, 62].into_iter().zip(commands) {
        history.extend(carry_out(&mut application, command, day(at)).unwrap());
    }
    let json = serde_json::to_string_pretty(&history).unwrap();
    expect![[r#"
        [
          {
            "event": "started",
            "id": "application_01kdvdna00f44rj289144gj289",
            "program": "openai-researcher-access",
            "program_version": 1,
            "applicant": "person_01kdvdna00e40r2081040g2081",
            "answers": {},
            "estimate": null,
            "resubmission_of": null,
            "after_grant": null,
            "at": "2026-01-01T00:00:00Z"
          },
          {
            "event": "submitted",
            "answers": {
              "research_question": "does it hold?"
            },
            "requested": "800.00",
            "estimate": null,
            "policies": [
              {
                "id": "usage",
                "version": "2025-10-29",
                "at": "2026-01-02T00:00:00Z"
              }
            ],
            "round": "2026-03",
            "progress": null,
            "at": "2026-01-02T00:00:00Z"
          },
          {
            "event": "review_begun",
            "at": "2026-03-02T00:00:00Z"
          },
          {
            "event": "decided",
            "decision": {
              "by": "person_01kdvdna00e81840g2081040g2",
              "approved_by": null,
              "outcome": {
                "award": {
                  "amount": "2000.00"
                }
              },
              "reasons": "a sound plan",
              "justification": "forty labs wait for it",
              "needs_approval": true,
              "at_desk": false,
              "at": "2026-03-03T00:00:00Z"
            }
          },
          {
            "event": "approved",
            "by": "person_01kdvdna00ec1r60r30c1g60r3",
            "at": "2026-03-04T00:00:00Z"
          }
        ]"#]]
    .assert_eq(&json);
    let read: Vec<Event> = serde_json::from_str(&json).unwrap();
    assert_eq!(read, history);
}
