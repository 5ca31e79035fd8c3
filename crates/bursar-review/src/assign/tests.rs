//! Plans: what they say, and the laws that hold of each, against every plan there is of a small
//! round.

use bursar_kernel::{ApplicationId, PersonId};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn person(number: u8) -> PersonId {
    PersonId::from_bytes([number; 16])
}

fn application(number: u8) -> ApplicationId {
    ApplicationId::from_bytes([number; 16])
}

/// A round of applications `A`, `B`, … and reviewers 1, 2, …: `A3: x y` wants three reviews and is
/// about two topics, `1/4: x` takes four, `A!1` is a conflict, `A=1` a line of the earlier plan and
/// `A#1` one whose review has begun.
fn round(text: &str) -> Problem {
    let mut problem = Problem { alternates: 1, seed: 7, ..Problem::default() };
    for row in text.split(';').map(str::trim).filter(|row| !row.is_empty()) {
        let pair = |sign: char| {
            let (letter, number) = row.split_once(sign)?;
            Some((application(letter.as_bytes()[0] - b'A'), person(number.parse().ok()?)))
        };
        if let Some(pair) = pair('!') {
            problem.conflicts.insert(pair);
        } else if let Some((application, reviewer)) = pair('=') {
            problem.kept.push(Kept { application, reviewer, has_begun: false });
        } else if let Some((application, reviewer)) = pair('#') {
            problem.kept.push(Kept { application, reviewer, has_begun: true });
        } else {
            let (head, topics) = row.split_once(':').unwrap();
            let topics = topics.split_whitespace().map(str::to_owned).collect();
            if let Some((number, max)) = head.split_once('/') {
                let (person, max) = (person(number.parse().unwrap()), max.parse().unwrap());
                problem.reviewers.push(Reviewer { person, topics, max });
            } else {
                let (letter, reviews) = head.split_at(1);
                let application = application(letter.as_bytes()[0] - b'A');
                let reviews = reviews.parse().unwrap();
                problem.applications.push(Wanted { application, topics, reviews });
            }
        }
    }
    problem
}

fn letter(application: ApplicationId) -> char {
    char::from(application.to_bytes()[0] + b'A')
}

fn number(person: PersonId) -> u8 {
    person.to_bytes()[0]
}

fn told(plan: &Plan) -> String {
    let mut rows = Vec::new();
    for line in &plan.lines {
        let (letter, number) = (letter(line.application), number(line.reviewer));
        rows.push(format!("{letter} {number}: {}", line.reason));
    }
    for one in &plan.removed {
        let (letter, number) = (letter(one.application), number(one.reviewer));
        rows.push(format!("{letter} {number} removed: {}", one.why.in_words()));
    }
    for shortfall in &plan.shortfalls {
        rows.push(format!("{} {}", letter(shortfall.application), shortfall.in_words()));
    }
    for alternates in &plan.alternates {
        for (reviewer, reason) in &alternates.reviewers {
            let letter = letter(alternates.application);
            rows.push(format!("{letter} or {}: {reason}", number(*reviewer)));
        }
    }
    let Cost { mismatch, balance, removal, mixing } = plan.cost;
    rows.push(format!("cost {mismatch} + {balance} + {removal}, {mixing} for mixing"));
    let group = |group: &Vec<ApplicationId>| group.iter().copied().map(letter).collect::<String>();
    let groups: Vec<String> = plan.groups.iter().map(group).collect();
    rows.push(format!("groups {}; {} pairs in common", groups.join(" "), plan.pairs_in_common));
    rows.extend(plan.warning());
    rows.join("\n") + "\n"
}

fn check(problem: &Problem, expected: &Expect) {
    let text = plan(problem).map_or_else(|error| error.to_string(), |plan| told(&plan));
    expected.assert_eq(&text);
}

#[test]
fn whoever_knows_the_topic_reviews_and_loads_are_even() {
    check(
        &round(
            "A2: evaluation red-teaming; B2: audio; 1/3: evaluation red-teaming; 2/3: audio; 3/3: evaluation",
        ),
        &expect![[r#"
            A 1: knows evaluation, red-teaming; 1 of 3
            A 3: knows evaluation; 2 of 3
            B 2: knows audio; 1 of 3
            B 3: knows none of its topics; 2 of 3
            A or 2: knows none of its topics; 1 of 3
            B or 1: knows none of its topics; 1 of 3
            cost 150 + 10 + 0, 0 for mixing
            groups AB; 1 pairs in common
        "#]],
    );
}

#[test]
fn a_conflict_keeps_the_best_reviewer_away_and_says_what_is_missing() {
    check(
        &round("A2: x; B1: x; 1/2: x; 2/2:; A!1"),
        &expect![[r#"
            A 2: knows none of its topics; 1 of 2
            B 1: knows x; 1 of 2
            A 1 missing: 1 of 2 reviewers has no conflict with it
            B or 2: knows none of its topics; 1 of 2
            cost 100 + 0 + 0, 0 for mixing
            groups A B; 0 pairs in common
            2 groups of applications have no reviewer in common, so their scores cannot be compared; 1 application lacks reviews
        "#]],
    );
}

#[test]
fn where_load_is_short_no_application_lacks_two_reviews_while_another_lacks_none() {
    check(
        &round("A2:; B2:; 1/1:; 2/1:"),
        &expect![[r#"
            A 1: the application names no topic; 1 of 1
            B 2: the application names no topic; 1 of 1
            A 1 missing: the 2 reviewers without a conflict have all that they take
            B 1 missing: the 2 reviewers without a conflict have all that they take
            cost 0 + 0 + 0, 0 for mixing
            groups A B; 0 pairs in common
            2 groups of applications have no reviewer in common, so their scores cannot be compared; 2 applications lack reviews
        "#]],
    );
}

#[test]
fn ensuring_adds_what_is_missing_and_keeps_the_rest() {
    // Reviewer 2 would be the better one for A, and stays where they are not.
    check(
        &round("A1: x; B1: x; 1/1:; 2/2: x; A=1"),
        &expect![[r#"
            A 1: assigned before; knows none of its topics; 1 of 1
            B 2: knows x; 1 of 2
            A or 2: knows x; 1 of 2
            cost 100 + 0 + 0, 0 for mixing
            groups A B; 0 pairs in common
            2 groups of applications have no reviewer in common, so their scores cannot be compared
        "#]],
    );
}

#[test]
fn adjusting_plans_anew_where_that_is_worth_a_removal() {
    let adjusted = |text| Problem { mode: Mode::Adjust, ..round(text) };
    check(
        &adjusted("A1: x; B1:; 1/2:; 2/2: x; A=1; B=2"),
        &expect![[r#"
        A 2: knows x; 2 of 2
        B 2: assigned before; the application names no topic; 2 of 2
        A 1 removed: another plan is better
        A or 1: knows none of its topics; 0 of 2
        B or 1: the application names no topic; 0 of 2
        cost 0 + 10 + 60, 0 for mixing
        groups AB; 1 pairs in common
    "#]],
    );
    // Half a topic is not.
    check(
        &adjusted("A1: x y; 1/2: x; 2/2: x y; A=1"),
        &expect![[r#"
        A 1: assigned before; knows x; 1 of 2
        A or 2: knows x, y; 0 of 2
        cost 50 + 0 + 0, 0 for mixing
        groups A; 0 pairs in common
    "#]],
    );
    // What has begun stays, whatever it costs.
    check(
        &adjusted("A1: x; B1:; 1/2:; 2/2: x; A#1; B=2"),
        &expect![[r#"
            A 1: assigned before; knows none of its topics; 1 of 2
            B 2: assigned before; the application names no topic; 1 of 2
            A or 2: knows x; 1 of 2
            B or 1: the application names no topic; 1 of 2
            cost 100 + 0 + 0, 0 for mixing
            groups A B; 0 pairs in common
            2 groups of applications have no reviewer in common, so their scores cannot be compared
        "#]],
    );
}

#[test]
fn a_line_goes_with_its_reviewer_its_application_or_a_conflict() {
    check(
        &round("A1:; 1/1:; A=1; A=9; F=1; A!1"),
        &expect![[r#"
            A 1 removed: there is a conflict
            A 9 removed: the reviewer has left the round
            F 1 removed: the application has left the round
            A 1 missing: 0 of 1 reviewers have no conflict with it
            cost 0 + 0 + 0, 0 for mixing
            groups ; 0 pairs in common
            1 application lacks reviews
        "#]],
    );
}

#[test]
fn two_groups_are_connected_where_that_is_worth_a_bridge() {
    let text = "A2: x; B2: x; C2: y; D2: y; 1/2: x; 2/2: x; 3/2: y; 4/2: y";
    check(
        &round(text),
        &expect![[r#"
        A 2: knows x; 2 of 2
        A 3: knows none of its topics; 2 of 2
        B 1: knows x; 2 of 2
        B 2: knows x; 2 of 2
        C 1: knows none of its topics; 2 of 2
        C 4: knows y; 2 of 2
        D 3: knows y; 2 of 2
        D 4: knows y; 2 of 2
        cost 200 + 40 + 0, 200 for mixing
        groups ABCD; 4 pairs in common
    "#]],
    );
    let dear = Problem { costs: Costs { bridge: 199, ..Costs::default() }, ..round(text) };
    check(
        &dear,
        &expect![[r#"
            A 1: knows x; 2 of 2
            A 2: knows x; 2 of 2
            B 1: knows x; 2 of 2
            B 2: knows x; 2 of 2
            C 3: knows y; 2 of 2
            C 4: knows y; 2 of 2
            D 3: knows y; 2 of 2
            D 4: knows y; 2 of 2
            cost 0 + 40 + 0, 0 for mixing
            groups AB CD; 2 pairs in common
            2 groups of applications have no reviewer in common, so their scores cannot be compared
        "#]],
    );
}

#[test]
fn the_same_two_reviewers_meet_over_as_few_applications_as_can_be() {
    // Four reviewers and six applications of two reviews: each pair of reviewers once.
    let text = "A2:; B2:; C2:; D2:; E2:; F2:; 1/3:; 2/3:; 3/3:; 4/3:";
    for seed in 0..20 {
        let plan = plan(&Problem { seed, ..round(text) }).unwrap();
        assert_eq!(plan.pairs_in_common, 12, "seed {seed}");
        assert_eq!(plan.cost.mixing, 0);
    }
}

#[test]
fn another_plan_is_told_by_what_it_changes() {
    let lines = |text: &str| {
        let kept = round(text).kept.into_iter();
        kept.map(|kept| (kept.application, kept.reviewer)).collect::<Vec<_>>()
    };
    let changed = difference(lines("A=1; B=1; C=2"), lines("A=1; B=2; C=2"));
    assert_eq!(changed.added, [(application(1), person(2))]);
    assert_eq!(changed.removed, [(application(1), person(1))]);
    assert_eq!(changed.same, 2);
    let loads: Vec<_> = changed.loads.iter().map(|load| (load.before, load.after)).collect();
    assert_eq!(loads, [(2, 1), (1, 2)]);
    assert_eq!(difference(lines("A=1"), lines("A=1; A=1")).added, []);
}

#[test]
fn what_cannot_be_planned_is_refused_with_the_reason() {
    check(
        &round("A1:; A2:"),
        &expect![[r#"
        plan with an application that is listed twice, application_00000000000000000000000000
        hint: list each once"#]],
    );
    check(
        &round("1/1:; 1/2:"),
        &expect![[r#"
        plan with a reviewer who is listed twice, person_01040g2081040g2081040g2081
        hint: list each once"#]],
    );
    check(
        &round("A21:"),
        &expect![[r#"
        plan 21 reviews for application_00000000000000000000000000
        hint: an application has at most 20"#]],
    );
    let dear = Costs { removal: 10_001, ..Costs::default() };
    check(
        &Problem { costs: dear, ..round("A1:") },
        &expect![[r#"
        plan at a cost of 10001
        hint: a cost is at most 10000"#]],
    );
    check(
        &round(""),
        &expect![[r#"
        cost 0 + 0 + 0, 0 for mixing
        groups ; 0 pairs in common
    "#]],
    );
    let many = (0..=1_000_u128).map(|number| Reviewer {
        person: PersonId::from_bytes(number.to_be_bytes()),
        topics: BTreeSet::new(),
        max: 1,
    });
    check(
        &Problem { reviewers: many.collect(), ..Problem::default() },
        &expect![[r#"
        plan 0 applications with 1001 reviewers
        hint: a round has at most 10000 and 1000, and their product is at most 4000000"#]],
    );
    let many = |count: u128| (1..=count).map(u128::to_be_bytes);
    let reviewer = |id| {
        let person = PersonId::from_bytes(id);
        Reviewer { person, topics: BTreeSet::new(), max: 1 }
    };
    let wanted = |id| {
        let application = ApplicationId::from_bytes(id);
        Wanted { application, topics: BTreeSet::new(), reviews: 6 }
    };
    let reviewers = many(1_000).map(reviewer).collect();
    let applications = many(4_000).map(wanted).collect();
    check(
        &Problem { reviewers, applications, ..Problem::default() },
        &expect![[r#"
        plan 24000 reviews by 1000 reviewers
        hint: reviews times the square of reviewers are at most 20000000000; plan it in parts"#]],
    );
}

/// What is missing, as the flow weighs it, and the cost of the cheapest plan: of all there are.
fn best_of_all(problem: &Problem) -> (u64, u64) {
    let reviewers = &problem.reviewers;
    let free_of_conflict = |kept: &&Kept| {
        let has = |person| reviewers.iter().any(|one| one.person == person);
        let pair = (kept.application, kept.reviewer);
        has(kept.reviewer) && !problem.conflicts.contains(&pair)
    };
    let kept: Vec<&Kept> = problem.kept.iter().filter(free_of_conflict).collect();
    let stays = |kept: &&&Kept| problem.mode == Mode::Ensure || kept.has_begun;
    let mut best = (u64::MAX, u64::MAX);
    let mut chosen: Vec<Vec<PersonId>> = Vec::new();
    choose(problem, &kept, &stays, &mut chosen, &mut best);
    best
}

fn choose(
    problem: &Problem,
    kept: &[&Kept],
    stays: &dyn Fn(&&&Kept) -> bool,
    chosen: &mut Vec<Vec<PersonId>>,
    best: &mut (u64, u64),
) {
    let Some(wanted) = problem.applications.get(chosen.len()) else {
        *best = (*best).min(weight(problem, kept, chosen));
        return;
    };
    let own = |one: &&&Kept| one.application == wanted.application;
    let fixed: Vec<PersonId> =
        kept.iter().filter(own).filter(stays).map(|one| one.reviewer).collect();
    let free: Vec<PersonId> = problem.reviewers.iter().map(|one| one.person).collect();
    for set in 0_u32..1 << free.len() {
        let people = free.iter().zip(0..).filter(|(_, place)| set >> place & 1 == 1);
        let people: Vec<PersonId> = people.map(|(person, _)| *person).collect();
        let has_fixed = fixed.iter().all(|person| people.contains(person));
        let most = usize::try_from(wanted.reviews).unwrap().max(fixed.len());
        let is_free =
            |person: &PersonId| !problem.conflicts.contains(&(wanted.application, *person));
        if !has_fixed || most < people.len() || !people.iter().all(is_free) {
            continue;
        }
        chosen.push(people);
        let fits = problem.reviewers.iter().all(|reviewer| {
            let has = chosen.iter().filter(|people| people.contains(&reviewer.person)).count();
            let own = |one: &&&Kept| one.reviewer == reviewer.person;
            let fixed = kept.iter().filter(own).filter(stays).count();
            has <= usize::try_from(reviewer.max).unwrap().max(fixed)
        });
        if fits {
            choose(problem, kept, stays, chosen, best);
        }
        chosen.pop();
    }
}

fn weight(problem: &Problem, kept: &[&Kept], chosen: &[Vec<PersonId>]) -> (u64, u64) {
    let (mut missing, mut cost) = (0, 0);
    for (wanted, people) in problem.applications.iter().zip(chosen) {
        let lacks = u64::from(wanted.reviews).saturating_sub(people.len() as u64);
        missing += lacks * (lacks + 1) / 2;
        for person in people {
            let reviewer = problem.reviewers.iter().find(|one| one.person == *person).unwrap();
            let all = wanted.topics.len() as u64;
            let unknown = wanted.topics.difference(&reviewer.topics).count() as u64;
            cost += (u64::from(problem.costs.mismatch) * unknown).checked_div(all).unwrap_or(0);
        }
    }
    for reviewer in &problem.reviewers {
        let load = chosen.iter().filter(|people| people.contains(&reviewer.person)).count() as u64;
        cost += u64::from(problem.costs.balance) * (load * load.saturating_sub(1) / 2);
    }
    for one in kept {
        let place = problem.applications.iter().position(|w| w.application == one.application);
        let is_there = place.is_none_or(|place| chosen[place].contains(&one.reviewer));
        cost += if is_there { 0 } else { u64::from(problem.costs.removal) };
    }
    (missing, cost)
}

fn missing(plan: &Plan) -> u64 {
    let weights = plan.shortfalls.iter().map(|one| u64::from(one.missing));
    weights.map(|missing| missing * (missing + 1) / 2).sum()
}

/// For each two reviewers, how many pairs of applications both see.
fn pairs_seen_twice(plan: &Plan) -> u64 {
    let pairs = lines(plan);
    let of = |person: PersonId| {
        let own = pairs.iter().filter(move |(_, other)| *other == person);
        own.map(|(application, _)| *application).collect::<BTreeSet<_>>()
    };
    let mut sum = 0;
    for (place, one) in plan.loads.iter().enumerate() {
        for other in &plan.loads[place + 1..] {
            let both = of(one.reviewer).intersection(&of(other.reviewer)).count() as u64;
            sum += both * both.saturating_sub(1) / 2;
        }
    }
    sum
}

fn any_topics() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set("[xyz]", 0..3)
}

prop_compose! {
    fn any_round()(
        reviewers in prop::collection::vec((any_topics(), 0_u32..4), 1..5),
        applications in prop::collection::vec((any_topics(), 0_u32..4), 1..5),
        conflicts in prop::collection::btree_set((0_u8..4, 1_u8..5), 0..5),
        kept in prop::collection::btree_map((0_u8..4, 1_u8..5), any::<bool>(), 0..5),
        adjusts: bool, balance in 0_u32..60, removal in 0_u32..120, seed: u64,
    ) -> Problem {
        let reviewers = reviewers.into_iter().zip(1..);
        let applications = applications.into_iter().zip(0..);
        let reviewers: Vec<Reviewer> = reviewers
            .map(|((topics, max), number)| Reviewer { person: person(number), topics, max })
            .collect();
        let applications: Vec<Wanted> = applications
            .map(|((topics, reviews), number)| {
                Wanted { application: application(number), topics, reviews }
            })
            .collect();
        let count = u8::try_from(applications.len()).unwrap();
        Problem {
            conflicts: conflicts.into_iter().map(|(a, r)| (application(a), person(r))).collect(),
            kept: kept
                .into_iter()
                .filter(|((a, _), _)| *a < count)
                .map(|((a, r), has_begun)| {
                    Kept { application: application(a), reviewer: person(r), has_begun }
                })
                .collect(),
            mode: if adjusts { Mode::Adjust } else { Mode::Ensure },
            costs: Costs { balance, removal, ..Costs::default() },
            alternates: 2,
            seed,
            reviewers,
            applications,
        }
    }
}

fn lines(plan: &Plan) -> Vec<(ApplicationId, PersonId)> {
    plan.lines.iter().map(|line| (line.application, line.reviewer)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_plan_is_cheaper_and_none_misses_less(problem in any_round()) {
        let free = Costs { bridge: 0, meeting: 0, ..problem.costs };
        let plain = plan(&Problem { costs: free, ..problem.clone() }).unwrap();
        let (least_missing, least_cost) = best_of_all(&problem);
        prop_assert_eq!(missing(&plain), least_missing);
        prop_assert_eq!(plain.cost.total(), least_cost);
        // Being comparable costs no more than it says, and no review.
        let mixed = plan(&problem).unwrap();
        prop_assert_eq!(missing(&mixed), least_missing);
        prop_assert_eq!(mixed.cost.total(), least_cost + mixed.cost.mixing);
        let bridges = u64::try_from(plain.groups.len()).unwrap() * 200;
        prop_assert!(mixed.cost.mixing <= bridges + pairs_seen_twice(&plain));
        prop_assert!(mixed.groups.len() <= plain.groups.len());
    }

    #[test]
    fn no_pair_is_forbidden_or_there_twice_and_nobody_has_more_than_they_take(
        problem in any_round(),
    ) {
        let plan = plan(&problem).unwrap();
        let pairs = lines(&plan);
        prop_assert_eq!(pairs.iter().collect::<BTreeSet<_>>().len(), pairs.len());
        prop_assert!(pairs.iter().all(|pair| !problem.conflicts.contains(pair)));
        for reviewer in &problem.reviewers {
            let count = pairs.iter().filter(|(_, person)| *person == reviewer.person).count();
            let own = |kept: &&Kept| kept.reviewer == reviewer.person;
            let stays = |kept: &&Kept| problem.mode == Mode::Ensure || kept.has_begun;
            let kept = problem.kept.iter().filter(own).filter(stays).count();
            prop_assert!(count <= usize::try_from(reviewer.max).unwrap().max(kept));
            let load = plan.loads.iter().find(|load| load.reviewer == reviewer.person).unwrap();
            prop_assert_eq!(usize::try_from(load.count).unwrap(), count);
        }
        for wanted in &problem.applications {
            let id = wanted.application;
            let count = pairs.iter().filter(|(application, _)| *application == id).count();
            let short = plan.shortfalls.iter().find(|short| short.application == id);
            let missing = usize::try_from(short.map_or(0, |short| short.missing)).unwrap();
            let wants = usize::try_from(wanted.reviews).unwrap();
            prop_assert_eq!(missing, wants.saturating_sub(count));
            let list = plan.alternates.iter().find(|list| list.application == id).unwrap();
            for (person, _) in &list.reviewers {
                prop_assert!(!pairs.contains(&(id, *person)));
                prop_assert!(!problem.conflicts.contains(&(id, *person)));
                let load = plan.loads.iter().find(|load| load.reviewer == *person).unwrap();
                prop_assert!(load.count < load.max);
            }
        }
    }

    #[test]
    fn ensuring_keeps_each_line_without_a_conflict_and_nothing_that_has_begun_goes(
        problem in any_round(),
    ) {
        let pairs = lines(&plan(&problem).unwrap());
        for kept in &problem.kept {
            let pair = (kept.application, kept.reviewer);
            let is_here = problem.reviewers.iter().any(|one| one.person == kept.reviewer);
            let stays = kept.has_begun || problem.mode == Mode::Ensure;
            if is_here && stays && !problem.conflicts.contains(&pair) {
                prop_assert!(pairs.contains(&pair));
            }
        }
    }

    #[test]
    fn the_order_of_the_input_does_not_matter(
        problem in any_round(), turn in 0_usize..4, other_turn in 0_usize..4,
    ) {
        let mut turned = problem.clone();
        turned.reviewers.reverse();
        turned.kept.reverse();
        let (reviewers, applications) = (turned.reviewers.len(), turned.applications.len());
        turned.reviewers.rotate_left(turn % reviewers);
        turned.applications.rotate_left(other_turn % applications);
        prop_assert_eq!(plan(&problem), plan(&turned));
    }

    #[test]
    fn planning_again_on_a_plan_changes_nothing(problem in any_round(), adjusts: bool) {
        let mode = if adjusts { Mode::Adjust } else { Mode::Ensure };
        let costs = Costs { removal: COST_MAX, ..problem.costs };
        let problem = Problem { kept: Vec::new(), mode, costs, ..problem };
        let first = lines(&plan(&problem).unwrap());
        let kept = first.iter().map(|(application, reviewer)| Kept {
            application: *application,
            reviewer: *reviewer,
            has_begun: false,
        });
        let again = plan(&Problem { kept: kept.collect(), ..problem }).unwrap();
        prop_assert_eq!(lines(&again), first);
        prop_assert_eq!(again.removed, []);
    }
}

/// A round large enough that reviewers hand over along longer paths: its cost is held against an
/// independent solver's, a matching by cycles of negative cost.
#[test]
fn in_a_larger_round_no_cycle_of_exchanges_makes_the_plan_cheaper() {
    for (seed, applications, reviewers) in [(0, 40, 9), (1, 40, 9), (2, 60, 14), (3, 200, 40)] {
        let problem = large(seed, applications, reviewers, 3);
        let costs = Costs { bridge: 0, meeting: 0, ..problem.costs };
        let problem = Problem { costs, ..problem };
        let plan = plan(&problem).unwrap();
        assert!(plan.shortfalls.is_empty());
        assert!(!has_cheaper_neighbour(&problem, &plan), "seed {seed}");
    }
}

fn large(seed: u64, applications: u64, reviewers: u64, reviews: u32) -> Problem {
    let mut state = seed;
    let mut draw = move |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let topics = |draw: &mut dyn FnMut(u64) -> u64, count| {
        (0..count).map(|_| format!("t{}", draw(7))).collect::<BTreeSet<String>>()
    };
    let reviewers: Vec<Reviewer> = (0..reviewers)
        .map(|number| Reviewer {
            person: PersonId::from_bytes(u128::from(number).to_be_bytes()),
            topics: topics(&mut draw, 2),
            max: 16,
        })
        .collect();
    let applications: Vec<Wanted> = (0..applications)
        .map(|number| Wanted {
            application: ApplicationId::from_bytes(u128::from(number).to_be_bytes()),
            topics: topics(&mut draw, 3),
            reviews,
        })
        .collect();
    let mut conflicts = BTreeSet::new();
    for one in &applications {
        let reviewer = draw(reviewers.len() as u64);
        let reviewer = reviewers[usize::try_from(reviewer).unwrap()].person;
        conflicts.insert((one.application, reviewer));
    }
    Problem { reviewers, applications, conflicts, seed, ..Problem::default() }
}

/// Bellman and Ford over reviewers and the sink: a cycle of negative cost in what is left of the
/// network is a cheaper plan, and there is none only at the least cost (Klein 1967).
fn has_cheaper_neighbour(problem: &Problem, plan: &Plan) -> bool {
    let pairs: BTreeSet<_> = lines(plan).into_iter().collect();
    let count = problem.reviewers.len();
    let cost = |wanted: &Wanted, reviewer: &Reviewer| {
        let unknown = wanted.topics.difference(&reviewer.topics).count();
        let unknown = i64::try_from(unknown).unwrap();
        let all = i64::try_from(wanted.topics.len()).unwrap();
        (i64::from(problem.costs.mismatch) * unknown).checked_div(all).unwrap_or(0)
    };
    let mut edges = Vec::new();
    for (from, holder) in problem.reviewers.iter().enumerate() {
        let load = plan.loads.iter().find(|load| load.reviewer == holder.person).unwrap();
        let balance = i64::from(problem.costs.balance);
        if load.count < load.max {
            edges.push((from, count, balance * i64::from(load.count)));
        }
        if 0 < load.count {
            edges.push((count, from, -balance * i64::from(load.count - 1)));
        }
        for (to, other) in problem.reviewers.iter().enumerate() {
            for wanted in &problem.applications {
                let has = |who: &Reviewer| pairs.contains(&(wanted.application, who.person));
                let pair = (wanted.application, other.person);
                if has(holder) && !has(other) && !problem.conflicts.contains(&pair) {
                    edges.push((from, to, cost(wanted, other) - cost(wanted, holder)));
                }
            }
        }
    }
    let mut distances = vec![0_i64; count + 1];
    for _ in 0..=count {
        for (from, to, cost) in &edges {
            distances[*to] = distances[*to].min(distances[*from] + cost);
        }
    }
    edges.iter().any(|(from, to, cost)| distances[*from] + cost < distances[*to])
}
