//! Random program files: whatever lint accepts never fails later.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bursar_kernel::program::FieldKind;
use bursar_kernel::{Program, Timestamp};
use proptest::prelude::*;

use crate::answers::{Occasion, check_answers, questions};
use crate::ics::Calendar;
use crate::lint::{Gravity, lint};
use crate::{calendar, editions, eligibility, guide, proposal};

/// The parts of a file, each as text.
fn files() -> impl Strategy<Value = String> {
    (
        (header(), award(), term(), review(), delivery()),
        (question_ids(), rules(), kinds(), panel()),
        (mostly(), mostly(), text(), text()),
    )
        .prop_map(|((header, award, term, review, delivery), (form, rules, kinds, panel), rest)| {
            let (entitled, policies, clause, guide) = rest;
            let mut file = format!("{header}\n{award}\n{kinds}\n{term}\n{review}\n{delivery}\n");
            let _ = writeln!(
                file,
                "[transfer]\npolicy = \"pool\"\nclause = {clause:?}\nsource = \"a\"\n\
                 ways_on = [\"b\"]\n[areas]\none = \"One\"\ntwo = \"Two\"\n\
                 [countries]\nsource = \"c\"\nas_of = 2026-01-01\nsupported = {{ EE = \"Estonia\" }}"
            );
            if entitled {
                file.push_str(
                    "[entitlements]\nupstream_group = \"g\"\noutput_tokens_default = 10\n",
                );
            }
            file.push_str(&rules);
            file.push_str(&form);
            file.push_str(&panel);
            if policies {
                file.push_str(
                    "[[policy]]\nid = \"p\"\ntitle = \"P\"\nurl = \"https://p.example\"\n\
                     version = \"1\"\nstatement = \"I do.\"\n",
                );
            }
            let _ = writeln!(
                file,
                "[guide]\ncovers = [{guide:?}]\neligible = [\"d\"]\nnot_eligible = [\"e\"]\n\
                 steps = [\"f\"]\nlimits = [\"g\"]\n[[guide.advice]]\ntext = \"h\""
            );
            file
        })
}

/// True in most cases: what is often wrong is seldom used.
fn mostly() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.9)
}

/// Text as a file may have it, quoted as TOML and Rust both do.
fn text() -> impl Strategy<Value = String> {
    "[a-zA-ZäöüßŠ|;,<>&*_ ]{1,80}"
}

fn header() -> impl Strategy<Value = String> {
    let status = prop_oneof![
        9 => Just(""),
        1 => Just("status = \"paused\"\nstatus_note = \"since May\"\n"),
        1 => Just("status = \"discontinued\"\nsuccessor = \"another\"\n"),
        1 => Just("intake = \"officers\"\n"),
    ];
    (status, text(), 1_u32..9).prop_map(|(status, name, version)| {
        format!(
            "id = \"random\"\nversion = {version}\nname = {name:?}\nprovider = \"P\"\n\
             official_page = \"https://p.example\"\nsource = \"s\"\nsummary = \"t\"\n{status}"
        )
    })
}

fn award() -> impl Strategy<Value = String> {
    let above = prop::option::of(0_u32..3_000);
    (1_u32..2_000, above, any::<bool>(), prop::option::of(1_u32..9)).prop_map(
        |(typical, above, in_kind, most)| {
            let mut text = format!("[award]\ntypical_max = \"{typical}\"\n");
            if in_kind {
                text.push_str("in_kind = \"hours\"\n");
            }
            if let Some(most) = most {
                let _ = writeln!(text, "per_round_max = {most}\nper_person_max = {most}");
            }
            if let Some(above) = above.map(|more| typical + more) {
                let _ = writeln!(
                    text,
                    "[award.above_typical]\nmax = \"{above}\"\nsecond_approver = true"
                );
            }
            text
        },
    )
}

fn kinds() -> impl Strategy<Value = String> {
    let kind =
        (prop::sample::select(&["yes", "no"][..]), 1_u32..3_000).prop_map(|(answer, most)| {
            format!(
                "[[award.kind]]\nlabel = \"Who says {answer}\"\nfield = \"q0\"\n\
             answers = [\"{answer}\"]\ntypical_max = \"{most}\"\nper_person_max = 1\n"
            )
        });
    let kinds = prop::collection::vec(kind, 1..3);
    prop_oneof![2 => Just(Vec::new()), 1 => kinds].prop_map(|kinds| kinds.concat())
}

fn term() -> impl Strategy<Value = String> {
    let from = prop_oneof![Just(""), Just("from = \"decision\"\n")];
    let length = prop_oneof![
        (1_u32..=120).prop_map(|months| format!("months = {months}\n")),
        (1_u32..=400).prop_map(|days| format!("days = {days}\n")),
        (2026_u32..2040, 1_u32..=12)
            .prop_map(|(year, month)| format!("until = {year}-{month:02}-28\n")),
    ];
    prop_oneof![1 => Just(String::new()), 9 => (length, from).prop_map(|(l, f)| format!("[term]\n{l}{f}"))]
}

fn review() -> impl Strategy<Value = String> {
    let zone = prop::sample::select(
        &["UTC", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe"][..],
    );
    let collects = prop::option::of(1_u32..200);
    let months = (prop::collection::btree_set(1_u8..=12, 1..12), collects.clone()).prop_map(
        |(months, collects)| {
            let months: Vec<u8> = months.into_iter().collect();
            format!("months = {months:?}\n{}", collected(collects))
        },
    );
    let monthly = (1_u8..=4, 1_u8..=27, collects).prop_map(|(week, days, collects)| {
        format!("weekday = \"friday\"\nweek = {week}\ndays = {days}\n{}", collected(collects))
    });
    let days = prop::option::weighted(0.9, (0_u32..100, 1_u32..200));
    let every = prop::sample::select(&["day", "week"][..]);
    let rolling = (every, days).prop_map(|(every, days)| {
        let decided = days.map_or_else(String::new, |(min, more)| {
            format!("decided_days_min = {min}\ndecided_days_max = {}\n", min + more)
        });
        format!("rolling = \"{every}\"\n{decided}")
    });
    let call = (2025_u32..2030, 1_u32..=12, any::<bool>()).prop_map(|(year, month, decided)| {
        let decided =
            if decided { format!("decided_by = {year}-{month:02}-20\n") } else { String::new() };
        format!(
            "[[review.call]]\nopens = {year}-{month:02}-01\ncloses = {year}-{month:02}-10\n\
             {decided}"
        )
    });
    let calls = prop::collection::btree_set(call, 1..4);
    let calls = calls.prop_map(|calls| calls.into_iter().collect::<String>());
    let cadence =
        prop_oneof![4 => months, 4 => monthly, 4 => rolling, 4 => calls, 1 => Just(String::new())];
    (zone, cadence).prop_map(|(zone, cadence)| format!("[review]\nzone = \"{zone}\"\n{cadence}"))
}

fn collected(days: Option<u32>) -> String {
    days.map_or_else(String::new, |days| format!("collects_days = {days}\n"))
}

fn delivery() -> impl Strategy<Value = String> {
    prop::option::weighted(0.9, (0_u32..50, 0_u32..30)).prop_map(|days| {
        days.map_or_else(String::new, |(min, more)| {
            format!("[delivery]\ndays_min = {min}\ndays_max = {}\n", min + more)
        })
    })
}

fn panel() -> impl Strategy<Value = String> {
    let topics = prop_oneof![4 => Just("topics = \"q0\"\n"), 1 => Just("")];
    let panel =
        (1_u32..5, prop::option::of(1_u32..60), topics).prop_map(|(reviews, due, topics)| {
            let due = due.map_or_else(String::new, |days| format!("due_days = {days}\n"));
            format!("[panel]\nreviews = {reviews}\nload_max = 9\n{due}{topics}")
        });
    prop_oneof![1 => Just(String::new()), 2 => panel]
}

fn question_ids() -> impl Strategy<Value = String> {
    let kind = prop_oneof![
        Just("kind = \"line\"\ncharacters_max = 9\n".to_owned()),
        Just("kind = \"text\"\nwords_max = 3\noptional = true\n".to_owned()),
        Just("kind = \"choice\"\noptions_from = \"areas\"\n".to_owned()),
    ];
    let amount = prop_oneof![
        1 => Just(""),
        9 => Just("[[form]]\nid = \"amount\"\nlabel = \"A\"\nname = \"a\"\nkind = \"amount\"\n")
    ];
    (prop::collection::vec(kind, 0..5), amount).prop_map(|(kinds, amount)| {
        let first = "[[form]]\nid = \"q0\"\nlabel = \"Q\"\nname = \"q\"\nkind = \"choice\"\n\
                     options = { yes = \"Yes\", no = \"No\" }\n";
        let mut form = first.to_owned();
        for (kind, place) in kinds.iter().zip(1_u32..) {
            let _ = write!(
                form,
                "[[form]]\nid = \"q{place}\"\nlabel = \"Q{place}\"\nname = \"q\"\n{kind}"
            );
        }
        form + amount
    })
}

fn rules() -> impl Strategy<Value = String> {
    let verdict =
        || prop_oneof![4 => Just("eligible"), 2 => Just("flagged"), 1 => Just("ineligible")];
    let more = prop::collection::vec(prop::sample::select(&["yes", "no"][..]), 0..2);
    let more = prop_oneof![9 => Just(Vec::new()), 1 => more];
    (verdict(), verdict(), more).prop_map(|(yes, no, more)| {
        let rule = |answer: &str, verdict: &str| {
            format!(
                "[[eligibility.rule]]\nfield = \"q0\"\nanswers = [\"{answer}\"]\n\
                 verdict = \"{verdict}\"\nreason = \"r\"\n"
            )
        };
        let more: String = more.iter().map(|answer| rule(answer, "eligible")).collect();
        rule("yes", yes) + &rule("no", no) + &more
    })
}

/// Everything that a program is asked once somebody trusts its file.
fn is_used(program: &Program, now: Timestamp, said: &[String]) {
    let plans = calendar::months_ahead(program, now, 24);
    for plan in &plans {
        let round = &plan.round;
        assert_eq!(calendar::parse_round(program, &round.id).as_ref(), Some(round));
        assert!(round.collects_from < round.review_begins);
        assert!(round.review_begins <= round.decided_from);
        assert!(round.decided_from <= round.review_ends);
        assert!(!calendar::name(program, round).is_empty());
        let spans = [plan.decision, plan.credit, plan.expires];
        assert!(spans.into_iter().flatten().all(|(from, to)| from <= to), "{plan:?}");
        // Of what nobody can apply to, lint does not ask when it would end.
        let lives = plan.credit.zip(plan.expires).filter(|_| program.takes_applications());
        if let Some((arrives, ends)) = lives {
            assert!(arrives.0 < ends.0, "credit lives: {plan:?}");
        }
    }
    for round in calendar::in_review(program, now) {
        let due = calendar::reviews_due(program, &round);
        assert!(round.review_begins <= due && due <= round.review_ends);
    }
    if program.lacks().is_empty() && program.takes_applications() {
        let plan = calendar::plan(program, now).expect("lint: somebody can apply");
        let (decided, (earliest, latest)) =
            (plan.decision.expect("said"), plan.credit.expect("said"));
        assert_eq!(calendar::delivery_window(program, decided.0).0, earliest);
        assert!(latest < calendar::expiry(program, decided.1, latest));
    }
    assert!(guide::text(program, &plans).contains(program.name.trim()));
    let calendar = Calendar::new(&program.name, now, "https://b.example");
    let text = calendar.with_rounds(program, now).finish();
    assert!(text.lines().all(|line| line.len() <= 75), "{text}");
    let lines = |begin: &str| text.lines().filter(|line| line.starts_with(begin)).count();
    assert_eq!(lines("BEGIN:"), lines("END:"));
    let mut answers = BTreeMap::new();
    for (field, said) in questions(program, Occasion::First).zip(said) {
        let answer = if let FieldKind::Choice { options } = &field.kind {
            options.first().map_or(String::new(), |(value, _)| value.clone())
        } else {
            said.clone()
        };
        answers.insert(field.id.clone(), answer);
    }
    let _ = check_answers(program, Occasion::First, &answers);
    eligibility::check(program, &answers);
    eligibility::priority(program, &answers);
    proposal::check(program, &answers);
    let terms = program.award.of(&answers);
    assert!(terms.most() <= program.award.most());
}

proptest! {
    #[test]
    fn whatever_lint_accepts_never_fails_later(
        file in files(),
        second in 1_767_312_000_i64..1_900_000_000,
        said in prop::collection::vec("\\PC{0,20}", 8),
    ) {
        let now = Timestamp::from_second(second).unwrap();
        let catalog = super::catalog();
        let Ok((program, found)) = lint("random.toml", &file, catalog, now) else { return Ok(()) };
        let same = editions::difference(("a", &file), ("b", &file)).unwrap();
        prop_assert!(same.is_empty());
        if found.iter().all(|one| one.gravity == Gravity::Remark) {
            is_used(&program, now, &said);
        }
    }
}
