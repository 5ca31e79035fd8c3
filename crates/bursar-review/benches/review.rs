//! How long a round's rules take, and how good what they give is, beside what an office does
//! without them: reviewers chosen greedily.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use bursar_kernel::{ApplicationId, PersonId};
use bursar_review::assign::{Problem, Reviewer, Wanted, plan};
use bursar_review::duplicates::{Limits, Text, find};
use bursar_review::scores::{Disagreement, Score, Standing, fit};

/// How often each thing is done; the best time counts.
const ROUNDS: u32 = 3;

fn main() {
    let mut out = String::new();
    assignment(&mut out);
    scores(&mut out);
    duplicates(&mut out);
    std::io::stdout().lock().write_all(out.as_bytes()).expect("somebody reads");
}

/// 2,000 applications of three reviews each, 200 reviewers, a conflict in fifty pairs.
fn assignment(out: &mut String) {
    const APPLICATIONS: u128 = 2_000;
    const REVIEWERS: u128 = 200;
    let mut chance = Chance(1);
    // Some topics are asked for more often than others, and known no more often.
    let mut topics = |count, draws| {
        let mut one = || (0..draws).map(|_| chance.below(24)).min().unwrap_or(0);
        (0..count).map(|_| format!("topic {}", one())).collect::<BTreeSet<String>>()
    };
    let reviewers: Vec<Reviewer> = (0..REVIEWERS)
        .map(|number| Reviewer { person: person(number), topics: topics(5, 1), max: 32 })
        .collect();
    let applications: Vec<Wanted> = (0..APPLICATIONS)
        .map(|number| Wanted { application: application(number), topics: topics(3, 2), reviews: 3 })
        .collect();
    let conflicts = (0..APPLICATIONS * REVIEWERS / 50)
        .map(|_| {
            let one = u128::from(chance.below(2_000));
            (application(one), person(u128::from(chance.below(200))))
        })
        .collect();
    let alternates = 3;
    let problem = Problem { reviewers, applications, conflicts, alternates, ..Problem::default() };
    let (took, made) = best(|| plan(&problem).expect("a plan"));
    assert!(made.shortfalls.is_empty(), "everybody is reviewed");
    let (greedy_took, greedy) = best(|| greedy(&problem));
    let name = "2,000 x 3 reviews over 200 reviewers";
    figure(out, &format!("{name}: time"), (took.as_millis(), "ms"), "the limit", 2_000, 1);
    let missing = APPLICATIONS * 3 - greedy.lines.len() as u128;
    let took = greedy_took.as_millis();
    let baseline = format!("a greedy choice ({took} ms, {missing} reviews missing)");
    // Even loads cost the same whoever chooses.
    let even = u128::from(problem.costs.balance) * REVIEWERS * (30 * 29 / 2);
    let cost = u128::from(made.cost.total()) - even;
    let name = format!("{name}: cost above even loads");
    figure(out, &name, (cost, "units"), &baseline, greedy.cost - even, 1);
    let seen = |load: u64| u128::from(load * (load - 1) / 2);
    let twice = |loads: Vec<u64>, in_common: u64| {
        loads.into_iter().filter(|load| 1 < *load).map(seen).sum::<u128>() - u128::from(in_common)
    };
    let loads = made.loads.iter().map(|load| u64::from(load.count)).collect();
    figure(
        out,
        "pairs of applications that are lost since two reviewers see both",
        (twice(loads, made.pairs_in_common), "pairs"),
        &baseline,
        twice(greedy.loads.values().map(|load| u64::from(*load)).collect(), greedy.in_common()),
        1,
    );
}

/// What a greedy choice comes to.
#[derive(Default)]
struct Greedy {
    lines: Vec<(ApplicationId, PersonId)>,
    loads: BTreeMap<PersonId, u32>,
    cost: u128,
}

impl Greedy {
    /// How many pairs of applications have a reviewer in common.
    fn in_common(&self) -> u64 {
        let mut pairs = BTreeSet::new();
        for person in self.loads.keys() {
            let own = self.lines.iter().filter(|(_, other)| other == person);
            let own: Vec<ApplicationId> = own.map(|(application, _)| *application).collect();
            for (place, one) in own.iter().enumerate() {
                pairs.extend(own[place + 1..].iter().map(|other| (*one, *other)));
            }
        }
        pairs.len() as u64
    }
}

/// Each application takes, in turn, the cheapest reviewers who have room.
fn greedy(problem: &Problem) -> Greedy {
    let mut made = Greedy::default();
    for wanted in &problem.applications {
        let mut choice: Vec<(u32, PersonId)> = Vec::new();
        for reviewer in &problem.reviewers {
            let load = made.loads.get(&reviewer.person).copied().unwrap_or(0);
            let pair = (wanted.application, reviewer.person);
            if load < reviewer.max && !problem.conflicts.contains(&pair) {
                let unknown = wanted.topics.difference(&reviewer.topics).count();
                let unknown = u32::try_from(unknown).expect("few topics");
                let all = u32::try_from(wanted.topics.len()).expect("few topics");
                let mismatch = problem.costs.mismatch * unknown / all;
                choice.push((mismatch + problem.costs.balance * load, reviewer.person));
            }
        }
        choice.sort_unstable();
        for (price, person) in choice.into_iter().take(3) {
            made.cost += u128::from(price);
            made.lines.push((wanted.application, person));
            *made.loads.entry(person).or_default() += 1;
        }
    }
    made
}

/// 6,000 scores of 2,000 applications by 200 reviewers, made up with a known truth.
fn scores(out: &mut String) {
    let mut chance = Chance(2);
    let severities: Vec<f64> = (0..200).map(|_| chance.normal(8.0)).collect();
    let truths: Vec<f64> = (0..2_000).map(|_| 60.0 + chance.normal(10.0)).collect();
    let mut scores = Vec::new();
    for (truth, number) in truths.iter().zip(0..) {
        let mut reviewers = BTreeSet::new();
        while reviewers.len() < 3 {
            reviewers.insert(chance.below(200));
        }
        for reviewer in reviewers {
            let severity = severities[usize::try_from(reviewer).expect("200 reviewers")];
            let points = Some(truth + severity + chance.normal(8.0));
            let (application, reviewer) = (application(number), person(u128::from(reviewer)));
            scores.push(Score { application, reviewer, points });
        }
    }
    let (took, made) = best(|| fit(&[], &scores, Disagreement::default()).expect("a fit"));
    let name = "6,000 scores adjusted";
    figure(out, &format!("{name}: time"), (took.as_millis(), "ms"), "the limit", 200, 1);
    let standings = || made.applications.iter().zip(&truths);
    let error = |value: fn(&Standing) -> Option<f64>| {
        let far = standings().map(|(one, truth)| value(one).expect("scored") - truth);
        let mean = far.map(|far| far * far).sum::<f64>() / 2_000.0;
        // Thousandths are milliseconds of a number of seconds.
        Duration::from_secs_f64(mean.sqrt()).as_millis()
    };
    let (adjusted, raw) = (error(|one| one.adjusted), error(|one| one.raw_mean));
    let unit = "thousandths of a point";
    figure(out, &format!("{name}: root mean square error"), (adjusted, unit), "raw means", raw, 1);
}

/// 2,000 new applications against 20,000 earlier ones, 600 words each, of which 50 are copied in
/// part.
fn duplicates(out: &mut String) {
    let mut chance = Chance(3);
    let mut sentence = |words: u32| -> String {
        // Few words are common, most are rare, as in any language.
        let mut word = || {
            let rarity = chance.below(14);
            chance.below(2 << rarity)
        };
        let words: Vec<String> = (0..words).map(|_| format!("w{}", word())).collect();
        words.join(" ")
    };
    let earlier: Vec<String> = (0..20_000).map(|_| sentence(600)).collect();
    let mut new: Vec<String> = (0..2_000).map(|_| sentence(600)).collect();
    for (copy, original) in new.iter_mut().zip(&earlier).take(50) {
        *copy = format!("{} {}", &original[..original.len() / 2], &copy[..copy.len() / 2]);
    }
    let (new, earlier) = (texts(&new, 0), texts(&earlier, 1_000_000));
    let (took, found) = best(|| find(&new, &earlier, Limits::default()).expect("pairs"));
    assert_eq!(found.len(), 50, "each copy is found, and nothing else");
    let name = "2,000 applications against 20,000: time, all pairs exactly";
    figure(out, name, (took.as_millis(), "ms"), "the limit", 5_000, 1);
}

/// Answers as texts of applications, numbered from one on.
fn texts(list: &[String], from: u128) -> Vec<Text<'_>> {
    let numbered = list.iter().zip(from..);
    let text = numbered.map(|(answer, number)| Text {
        application: application(number),
        people: BTreeSet::new(),
        parts: vec![("plan", answer.as_str())],
    });
    text.collect()
}

fn person(number: u128) -> PersonId {
    PersonId::from_bytes((number + 1).to_be_bytes())
}

fn application(number: u128) -> ApplicationId {
    ApplicationId::from_bytes((number + 1).to_be_bytes())
}

/// Chance that is the same in each run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A normal number, as the sum of twelve even ones.
    fn normal(&mut self, spread: f64) -> f64 {
        let even = |chance: &mut Self| f64::from(u32::try_from(chance.next() >> 32).unwrap_or(0));
        let sum: f64 = (0..12).map(|_| even(self) / 4_294_967_296.0).sum();
        spread * (sum - 6.0)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

fn best<T>(mut measure: impl FnMut() -> T) -> (Duration, T) {
    let mut once = || {
        let begun = Instant::now();
        let made = measure();
        (begun.elapsed(), made)
    };
    let first = once();
    (1..ROUNDS).map(|_| once()).fold(first, |a, b| if b.0 < a.0 { b } else { a })
}

/// One figure, less is better: the ratio is how many times the baseline is more.
fn figure(
    out: &mut String,
    name: &str,
    (value, unit): (u128, &str),
    baseline: &str,
    baseline_value: u128,
    goal: u32,
) {
    let thousandths = baseline_value * 1_000 / value.max(1);
    writeln!(
        out,
        "{{\"name\":\"{name}\",\"value\":{value},\"unit\":\"{unit}\",\"baseline\":\"{baseline}\",\
         \"baseline_value\":{baseline_value},\"ratio\":{}.{:03},\"goal_ratio\":{goal}}}",
        thousandths / 1_000,
        thousandths % 1_000,
    )
    .expect("a string takes all");
}
