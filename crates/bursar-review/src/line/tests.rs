//! Lists with their lines, and the laws of every list.

use bursar_kernel::{ApplicationId, BasisPoints, PersonId, Usd};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn application(letter: char) -> ApplicationId {
    ApplicationId::from_bytes([u8::try_from(letter).unwrap(); 16])
}

fn letter(application: ApplicationId) -> char {
    char::from(application.to_bytes()[0])
}

/// A list: `A 90+-5 400 p1 @mit first-time` is application A with 90 points, an interval of 5 to
/// either side, 400 dollars, person 1, an institution and a group; `!` before the letter is an
/// officer who funds it, `-` one who does not.
fn list(text: &str) -> Vec<Candidate> {
    let rows = text.split(';').map(str::trim).filter(|row| !row.is_empty());
    rows.map(|row| {
        let mut words = row.split_whitespace();
        let name = words.next().unwrap();
        let word = match name.chars().next().unwrap() {
            '!' => Some(Word { fund: true, reason: "it is urgent".to_owned() }),
            '-' => Some(Word { fund: false, reason: "it is a product".to_owned() }),
            _ => None,
        };
        let score = words.next().unwrap();
        let (points, spread) = score.split_once("+-").map_or((score, None), |(p, s)| (p, Some(s)));
        let points: Option<f64> = points.parse().ok();
        let spread: Option<f64> = spread.map(|spread| spread.parse().unwrap());
        let mut one = Candidate {
            application: application(name.chars().last().unwrap()),
            people: BTreeSet::new(),
            institution: None,
            points,
            interval: points.zip(spread).map(|(at, spread)| (at - spread, at + spread)),
            asked: usd(words.next().unwrap()),
            award: None,
            groups: BTreeSet::new(),
            word,
        };
        for word in words {
            if let Some(number) = word.strip_prefix('p') {
                one.people.insert(PersonId::from_bytes([number.parse().unwrap(); 16]));
            } else if let Some(name) = word.strip_prefix('@') {
                one.institution = Some(name.to_owned());
            } else {
                one.groups.insert(word.to_owned());
            }
        }
        one
    })
    .collect()
}

fn pool(pool: &str) -> Terms {
    Terms { pool: usd(pool), ..Terms::default() }
}

fn told(line: &Line) -> String {
    let letters = |list: &[ApplicationId]| list.iter().copied().map(letter).collect::<String>();
    let mut rows: Vec<String> = Vec::new();
    for one in &line.verdicts {
        let (letter, place) = (letter(one.application), one.place);
        rows.push(format!("{place} {letter} ${}: {} (${})", one.amount, one.words, one.running));
    }
    rows.push(format!("awarded ${}, left ${} {:?}", line.awarded, line.left, line.left_reserved));
    let at = line.line.map_or("-".to_owned(), |(above, below)| format!("{above} / {below}"));
    rows.push(format!(
        "line {at}, band {}, waiting {}",
        letters(&line.band),
        letters(&line.waiting)
    ));
    rows.join("\n") + "\n"
}

fn check(terms: &Terms, text: &str, expected: &Expect) {
    let made = line(terms, &list(text));
    expected.assert_eq(&made.map_or_else(|error| error.to_string(), |line| told(&line)));
}

#[test]
fn the_pool_pays_down_the_list_until_it_ends() {
    let text = "A 90+-4 400; B 85+-4 400; C 80+-4 300; D 60+-4 100; E - 100";
    check(
        &pool("1000"),
        text,
        &expect![[r#"
        1 A $400.00: funded by its place ($400.00)
        2 B $400.00: funded by its place; in the tie band ($800.00)
        3 C $300.00: not funded: $100.00 is missing; in the tie band ($800.00)
        4 D $100.00: not funded: the line is before it ($800.00)
        5 E $100.00: not funded: nobody scored it ($800.00)
        awarded $800.00, left $200.00 []
        line 85 / 80, band BC, waiting CD
    "#]],
    );
    let skip = Terms { shortage: Shortage::Skip, ..pool("1000") };
    check(
        &skip,
        text,
        &expect![[r#"
        1 A $400.00: funded by its place ($400.00)
        2 B $400.00: funded by its place; in the tie band ($800.00)
        3 C $300.00: not funded: $100.00 is missing; in the tie band ($800.00)
        4 D $100.00: funded by its place ($900.00)
        5 E $100.00: not funded: nobody scored it ($900.00)
        awarded $900.00, left $100.00 []
        line 85 / 80, band BC, waiting C
    "#]],
    );
    check(
        &pool("5000"),
        text,
        &expect![[r#"
        1 A $400.00: funded by its place ($400.00)
        2 B $400.00: funded by its place ($800.00)
        3 C $300.00: funded by its place ($1100.00)
        4 D $100.00: funded by its place ($1200.00)
        5 E $100.00: not funded: nobody scored it ($1200.00)
        awarded $1200.00, left $3800.00 []
        line -, band , waiting 
    "#]],
    );
    check(
        &pool("0"),
        "A 90 400",
        &expect![[r#"
        1 A $400.00: not funded: $400.00 is missing ($0.00)
        awarded $0.00, left $0.00 []
        line 90 / 90, band , waiting A
    "#]],
    );
}

#[test]
fn an_officers_word_outranks_the_order_and_nothing_else() {
    check(
        &pool("500"),
        "A 90 400; !B 10 300; -C 95 100",
        &expect![[r#"
        1 C $100.00: not funded: an officer says so: it is a product ($0.00)
        2 A $400.00: not funded: $200.00 is missing ($0.00)
        3 B $300.00: funded: an officer says so: it is urgent ($300.00)
        awarded $300.00, left $200.00 []
        line 90 / 90, band , waiting A
    "#]],
    );
    let capped = Terms { per_institution: Cap { awards: Some(1), amount: None }, ..pool("500") };
    check(
        &capped,
        "!A 90 200 @mit; !B 10 100 @mit; !C 5 400",
        &expect![[r#"
        1 A $200.00: funded: an officer says so: it is urgent ($200.00)
        2 B $100.00: not funded: one institution has 1 award at the most ($200.00)
        3 C $400.00: not funded: $100.00 is missing ($200.00)
        awarded $200.00, left $300.00 []
        line -, band , waiting C
    "#]],
    );
}

#[test]
fn caps_hold_for_people_and_institutions() {
    let terms = Terms {
        per_person: Cap { awards: Some(1), amount: None },
        per_institution: Cap { awards: None, amount: Some(usd("500")) },
        awards_max: Some(3),
        ..pool("10000")
    };
    let text = "A 90 300 p1 @mit; B 85 300 p1 @cmu; C 80 300 p2 @mit; D 70 200 p3 @mit; \
                E 60 100 p4; F 50 100 p5";
    check(
        &terms,
        text,
        &expect![[r#"
        1 A $300.00: funded by its place ($300.00)
        2 B $300.00: not funded: one person has 1 award at the most ($300.00)
        3 C $300.00: not funded: one institution has $500.00 in all at the most ($300.00)
        4 D $200.00: funded by its place ($500.00)
        5 E $100.00: funded by its place ($600.00)
        6 F $100.00: not funded: the round has its 3 awards ($600.00)
        awarded $600.00, left $9400.00 []
        line 60 / 50, band , waiting F
    "#]],
    );
}

#[test]
fn tiers_say_how_much_of_what_is_asked_for_is_awarded() {
    let tier = |from, share, most: Option<&str>| Tier {
        from,
        share: BasisPoints::percent(share),
        most: most.map(usd),
    };
    let tiers = vec![tier(60.0, 50, None), tier(80.0, 100, Some("500"))];
    let terms = Terms { tiers, ..pool("10000") };
    let mut list = list("A 90 600; B 80 300; C 79.9 300; D 59 300; E 10 300");
    list[4].award = Some(usd("20"));
    expect![[r#"
        1 A $500.00: funded by its place ($500.00)
        2 B $300.00: funded by its place ($800.00)
        3 C $150.00: funded by its place ($950.00)
        4 D $300.00: not funded: its score is below every tier ($950.00)
        5 E $20.00: funded by its place ($970.00)
        awarded $970.00, left $9030.00 []
        line -, band , waiting 
    "#]]
    .assert_eq(&told(&line(&terms, &list).unwrap()));
}

#[test]
fn a_reserve_waits_for_its_group_and_is_everybodys_where_none_of_it_is_left() {
    let reserve = |share| {
        let (group, share) = ("first-time".to_owned(), BasisPoints::percent(share));
        Terms { reserves: vec![Reserve { group, share }], ..pool("1000") }
    };
    let text = "A 90 400; B 85 400; C 80 300; D 50 300 first-time; E 40 300 first-time";
    check(
        &reserve(30),
        text,
        &expect![[r#"
        1 A $400.00: funded by its place ($400.00)
        2 B $400.00: not funded: $100.00 is missing ($400.00)
        3 C $300.00: not funded: the line is before it ($400.00)
        4 D $300.00: funded with $300.00 reserved for first-time ($700.00)
        5 E $300.00: not funded: the line is before it ($700.00)
        awarded $700.00, left $300.00 []
        line 90 / 85, band , waiting BCE
    "#]],
    );
    // One of the group waits for more than the reserve has: it is nobody else's.
    check(
        &reserve(20),
        text,
        &expect![[r#"
        1 A $400.00: funded by its place ($400.00)
        2 B $400.00: funded by its place ($800.00)
        3 C $300.00: not funded: $300.00 is missing ($800.00)
        4 D $300.00: not funded: the line is before it ($800.00)
        5 E $300.00: not funded: the line is before it ($800.00)
        awarded $800.00, left $200.00 [("first-time", Usd(200.00))]
        line 85 / 80, band , waiting CDE
    "#]],
    );
    // Nor is it that of somebody of the group who asks for less and comes later.
    let smaller = "A 90 800; D 50 300 first-time; E 40 100 first-time";
    check(
        &reserve(20),
        smaller,
        &expect![[r#"
        1 A $800.00: funded by its place ($800.00)
        2 D $300.00: not funded: $100.00 is missing ($800.00)
        3 E $100.00: not funded: the line is before it ($800.00)
        awarded $800.00, left $200.00 [("first-time", Usd(200.00))]
        line 90 / 50, band , waiting DE
    "#]],
    );
    let skips = Terms { shortage: Shortage::Skip, ..reserve(20) };
    check(
        &skips,
        smaller,
        &expect![[r#"
        1 A $800.00: funded by its place ($800.00)
        2 D $300.00: not funded: $100.00 is missing ($800.00)
        3 E $100.00: funded with $100.00 reserved for first-time ($900.00)
        awarded $900.00, left $100.00 [("first-time", Usd(100.00))]
        line 90 / 50, band , waiting D
    "#]],
    );
    check(
        &reserve(60),
        "A 90 400; B 85 400; D 50 300 first-time",
        &expect![[r#"
        1 A $400.00: funded by its place ($400.00)
        2 B $400.00: not funded: $100.00 is missing ($400.00)
        3 D $300.00: funded with $300.00 reserved for first-time ($700.00)
        awarded $700.00, left $300.00 []
        line 90 / 85, band , waiting B
    "#]],
    );
}

#[test]
fn what_the_evidence_cannot_tell_apart_is_settled_by_priorities_and_a_draw() {
    let text = "A 90+-3 400; B 85+-6 400; C 82+-6 400; D 80+-6 400 unfunded; E 60+-5 400";
    check(
        &pool("1200"),
        text,
        &expect![[r#"
        1 A $400.00: funded by its place ($400.00)
        2 B $400.00: funded by its place; in the tie band ($800.00)
        3 C $400.00: funded by its place; in the tie band ($1200.00)
        4 D $400.00: not funded: $400.00 is missing; in the tie band ($1200.00)
        5 E $400.00: not funded: the line is before it ($1200.00)
        awarded $1200.00, left $0.00 []
        line 82 / 80, band BCD, waiting DE
    "#]],
    );
    let priorities = vec!["unfunded".to_owned()];
    let prior = Terms { priorities, ..pool("1200") };
    check(
        &prior,
        text,
        &expect![[r#"
        1 A $400.00: funded by its place ($400.00)
        2 D $400.00: funded by its place; in the tie band, first for unfunded ($800.00)
        3 B $400.00: funded by its place; in the tie band ($1200.00)
        4 C $400.00: not funded: $400.00 is missing; in the tie band ($1200.00)
        5 E $400.00: not funded: the line is before it ($1200.00)
        awarded $1200.00, left $0.00 []
        line 82 / 80, band DBC, waiting CE
    "#]],
    );
    let draw = |letters: &str| letters.chars().map(application).collect();
    let drawn = Terms { draw: draw("CDB"), ..pool("1200") };
    check(
        &drawn,
        text,
        &expect![[r#"
        1 A $400.00: funded by its place ($400.00)
        2 C $400.00: funded by its place; in the tie band, in the order of the draw ($800.00)
        3 D $400.00: funded by its place; in the tie band, in the order of the draw ($1200.00)
        4 B $400.00: not funded: $400.00 is missing; in the tie band, in the order of the draw ($1200.00)
        5 E $400.00: not funded: the line is before it ($1200.00)
        awarded $1200.00, left $0.00 []
        line 82 / 80, band CDB, waiting BE
    "#]],
    );
    check(
        &Terms { draw: draw("CB"), ..pool("1200") },
        text,
        &expect![[r#"
        settle the tie band by a draw without application_248h248h248h248h248h248h24
        hint: draw again among all of the band"#]],
    );
}

#[test]
fn a_list_that_makes_no_sense_is_refused() {
    check(
        &pool("1"),
        "A 90 1; A 80 1",
        &expect![[r#"
        draw a line over an application that is listed twice, application_21850m2ga1850m2ga1850m2ga1
        hint: list each once"#]],
    );
    check(
        &pool("1"),
        "A 90 0",
        &expect![[r#"
        award $0.00 to application_21850m2ga1850m2ga1850m2ga1
        hint: an award is above zero"#]],
    );
    check(
        &pool("-1"),
        "A 90 1",
        &expect![[r#"
        award from a pool of $-1.00
        hint: a pool is not below zero"#]],
    );
    check(
        &pool("1"),
        "A inf 1",
        &expect![[r#"
        compare the score of application_21850m2ga1850m2ga1850m2ga1
        hint: scores are numbers, and intervals go from low to high"#]],
    );
    let reserve = |percent| Reserve {
        group: format!("group {percent}"),
        share: BasisPoints::percent(percent),
    };
    let reserves = vec![reserve(60), reserve(41)];
    check(
        &Terms { reserves, ..pool("1") },
        "A 90 1",
        &expect![[r#"
        reserve more than the pool
        hint: the shares of all groups come to 100 % at the most"#]],
    );
    let reserves = vec![reserve(10), reserve(10)];
    check(
        &Terms { reserves, ..pool("1") },
        "A 90 1",
        &expect![[r#"
        reserve twice for `group 10`
        hint: one share for each group"#]],
    );
    let tier = Tier { from: f64::NAN, share: BasisPoints::WHOLE, most: None };
    check(
        &Terms { tiers: vec![tier], ..pool("1") },
        "A 90 1",
        &expect![[r#"
        award by a tier from NaN points
        hint: tiers begin at numbers, each once"#]],
    );
}

prop_compose! {
    fn any_candidate()(
        points in prop::option::weighted(0.9, 0_u8..20), spread in 0_u8..4, asked in 1_i64..12,
        person in 0_u8..5, institution in prop::option::of(0_u8..3), groups in 0_u8..4,
        word in prop::option::weighted(0.2, any::<bool>()),
    ) -> Candidate {
        let points = points.map(f64::from);
        let names = ["new", "poor"].iter().enumerate();
        let spread = f64::from(spread);
        Candidate {
            application: application('A'),
            people: BTreeSet::from([PersonId::from_bytes([person; 16])]),
            institution: institution.map(|number| format!("place {number}")),
            points,
            interval: points.map(|at| (at - spread, at + spread)),
            asked: Usd::from_dollars(asked).unwrap(),
            award: None,
            groups: names
                .filter(|(place, _)| groups >> place & 1 == 1)
                .map(|(_, name)| (*name).to_owned())
                .collect(),
            word: word.map(|fund| Word { fund, reason: String::new() }),
        }
    }
}

fn any_list() -> impl Strategy<Value = Vec<Candidate>> {
    prop::collection::vec(any_candidate(), 0..14).prop_map(|mut list| {
        for (one, number) in list.iter_mut().zip(b'A'..) {
            one.application = application(char::from(number));
        }
        list
    })
}

prop_compose! {
    fn any_terms()(
        dollars in 0_i64..60, awards_max in prop::option::of(0_u32..8),
        person in prop::option::of(1_u32..3), place in prop::option::of(1_i64..20),
        shares in (0_u32..50, 0_u32..50), skips: bool, prior: bool,
    ) -> Terms {
        let reserve = |group: &str, share| Reserve {
            group: group.to_owned(),
            share: BasisPoints::percent(share),
        };
        Terms {
            pool: Usd::from_dollars(dollars).unwrap(),
            awards_max,
            per_person: Cap { awards: person, amount: None },
            per_institution: Cap { awards: None, amount: place.and_then(Usd::from_dollars) },
            reserves: vec![reserve("new", shares.0), reserve("poor", shares.1)],
            shortage: if skips { Shortage::Skip } else { Shortage::Stop },
            priorities: if prior { vec!["poor".to_owned()] } else { Vec::new() },
            ..Terms::default()
        }
    }
}

fn funded(line: &Line) -> BTreeSet<ApplicationId> {
    let funded = line.verdicts.iter().filter(|one| one.is_funded());
    funded.map(|one| one.application).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn no_list_is_above_the_pool_or_a_cap(terms in any_terms(), list in any_list()) {
        let made = line(&terms, &list).unwrap();
        let by = |id: ApplicationId| list.iter().find(|one| one.application == id).unwrap();
        let given: Vec<&Verdict> = made.verdicts.iter().filter(|one| one.is_funded()).collect();
        let sum = Usd::sum(given.iter().map(|one| one.amount)).unwrap();
        prop_assert_eq!(sum, made.awarded);
        prop_assert!(sum <= terms.pool);
        prop_assert_eq!(sum.checked_add(made.left), Some(terms.pool));
        prop_assert!(terms.awards_max.is_none_or(|most| given.len() <= most as usize));
        for person in 0..5 {
            let person = PersonId::from_bytes([person; 16]);
            let own = given.iter().filter(|one| by(one.application).people.contains(&person));
            prop_assert!(terms.per_person.awards.is_none_or(|most| own.count() <= most as usize));
        }
        for place in 0..3 {
            let name = Some(format!("place {place}"));
            let own = given.iter().filter(|one| by(one.application).institution == name);
            let own = Usd::sum(own.map(|one| one.amount)).unwrap();
            prop_assert!(terms.per_institution.amount.is_none_or(|most| own <= most));
        }
        for one in &given {
            let word = &by(one.application).word;
            prop_assert!(word.as_ref().is_none_or(|word| word.fund));
            prop_assert!(word.is_some() || by(one.application).points.is_some());
        }
    }

    #[test]
    fn a_reserve_is_its_groups_while_one_of_it_waits(
        terms in any_terms(), list in any_list(),
    ) {
        let made = line(&terms, &list).unwrap();
        for reserve in &terms.reserves {
            let part = reserve.share.of(terms.pool);
            let is_in = |one: &Verdict| {
                let own = list.iter().find(|other| other.application == one.application).unwrap();
                own.groups.contains(&reserve.group)
            };
            // Whoever draws on it is of the group.
            for one in &made.verdicts {
                let draws = one.reserved.iter().any(|(group, _)| *group == reserve.group);
                prop_assert!(!draws || is_in(one));
            }
            let waits = made.verdicts.iter().any(|one| {
                is_in(one) && matches!(one.why, Why::NoMoney { .. } | Why::BehindLine)
            });
            let drawn = made.verdicts.iter().flat_map(|one| &one.reserved);
            let drawn = drawn.filter(|(group, _)| *group == reserve.group).map(|(_, part)| *part);
            let drawn = Usd::sum(drawn).unwrap();
            let left = made.left_reserved.iter().find(|(group, _)| *group == reserve.group);
            let left = left.map_or(Usd::ZERO, |(_, left)| *left);
            let used = drawn.checked_add(left).unwrap();
            prop_assert!(used <= part);
            if waits {
                prop_assert_eq!(used, part, "nobody else has any of it");
            }
        }
    }

    #[test]
    fn more_money_takes_nothing_from_anybody_where_awards_are_alike(
        terms in any_terms(), list in any_list(), more in 0_i64..30, whole: bool,
    ) {
        let same = |mut list: Vec<Candidate>| {
            for one in &mut list {
                one.asked = usd("5");
            }
            list
        };
        let list = same(list);
        // With caps, an award by a reserve can be the one that another by its place leaves no room
        // for; and reserves that pay for a part of an award are joined to one another.
        let terms = Terms {
            reserves: if whole { vec![Reserve {
                group: "new".to_owned(),
                share: BasisPoints::percent(50),
            }] } else { Vec::new() },
            priorities: Vec::new(),
            awards_max: terms.awards_max.filter(|_| !whole),
            per_person: if whole { Cap::default() } else { terms.per_person },
            per_institution: if whole { Cap::default() } else { terms.per_institution },
            pool: Usd::from_dollars(if whole { 10 } else { 7 }).unwrap(),
            ..terms
        };
        let richer = more * if whole { 10 } else { 1 };
        let richer = terms.pool.checked_add(Usd::from_dollars(richer).unwrap()).unwrap();
        let before = line(&terms, &list).unwrap();
        let after = line(&Terms { pool: richer, ..terms }, &list).unwrap();
        prop_assert!(funded(&before).is_subset(&funded(&after)), "{}{}", told(&before), told(&after));
    }

    #[test]
    fn nobody_is_passed_over_by_somebody_who_costs_as_much(
        list in any_list(), dollars in 0_i64..60, skips: bool,
    ) {
        let shortage = if skips { Shortage::Skip } else { Shortage::Stop };
        let pool = Usd::from_dollars(dollars).unwrap();
        let made = line(&Terms { pool, shortage, ..Terms::default() }, &list).unwrap();
        for (place, one) in made.verdicts.iter().enumerate().filter(|(_, one)| one.waits()) {
            for other in made.verdicts[place + 1..].iter().filter(|other| other.is_funded()) {
                let by_word = other.why == Why::ByWord;
                // What an officer would fund and the pool cannot is no line.
                let own = list.iter().find(|it| it.application == one.application).unwrap();
                let may_skip = skips || own.word.is_some();
                prop_assert!(by_word || (may_skip && other.amount < one.amount));
            }
        }
        let waiting: Vec<ApplicationId> =
            made.verdicts.iter().filter(|one| one.waits()).map(|one| one.application).collect();
        prop_assert_eq!(&made.waiting, &waiting);
    }

    #[test]
    fn settling_moves_nobody_into_or_out_of_the_band(
        terms in any_terms(), list in any_list(), turn in 0_usize..10,
    ) {
        let terms = Terms { priorities: Vec::new(), ..terms };
        let plain = line(&terms, &list).unwrap();
        let mut draw: Vec<ApplicationId> = plain.band.clone();
        let turn = turn.min(draw.len());
        draw.rotate_left(turn);
        let drawn = line(&Terms { draw: draw.clone(), ..terms.clone() }, &list).unwrap();
        prop_assert_eq!(plain.line, drawn.line);
        prop_assert_eq!(&draw, &drawn.band);
        let outside = |line: &Line| {
            let rest = line.verdicts.iter().filter(|one| !plain.band.contains(&one.application));
            rest.map(|one| (one.place, one.application)).collect::<Vec<_>>()
        };
        prop_assert_eq!(outside(&plain), outside(&drawn));
    }

    #[test]
    fn the_order_of_the_input_does_not_matter(terms in any_terms(), mut list in any_list()) {
        let one = line(&terms, &list).unwrap();
        list.reverse();
        prop_assert_eq!(one, line(&terms, &list).unwrap());
    }
}
