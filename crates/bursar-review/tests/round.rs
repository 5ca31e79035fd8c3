//! A whole round: conflicts, a plan, scores, a line, a draw, a report, each from the one before.

use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::{ApplicationId, PersonId, Timestamp, Usd};
use bursar_review::assign::{self, Line, Problem, Reviewer, Wanted};
use bursar_review::conflict::{self, ApplicationFacts, ReviewerFacts, Somebody};
use bursar_review::line::{self, Candidate};
use bursar_review::scores::{self, Disagreement, Score};
use bursar_review::{lottery, report};

const APPLICATIONS: u8 = 40;
const REVIEWERS: u8 = 8;
const LEVEL: f64 = 0.8;

fn application(number: u8) -> ApplicationId {
    ApplicationId::from_bytes([number + 1; 16])
}

fn person(number: u8) -> PersonId {
    PersonId::from_bytes([number + 1; 16])
}

fn topic(number: u8) -> BTreeSet<String> {
    BTreeSet::from([["evaluation", "red-teaming", "audio"][usize::from(number % 3)].to_owned()])
}

/// Every fifth applicant has an address where a reviewer has one.
fn kept_apart() -> BTreeSet<(ApplicationId, PersonId)> {
    let domain = |number: u8| vec![format!("cs.place-{number}.example")];
    let reviewers: Vec<ReviewerFacts> = (0..REVIEWERS)
        .map(|number| ReviewerFacts {
            person: person(number),
            name: String::new(),
            addresses: Vec::new(),
            domains: vec![format!("place-{number}.example")],
            affiliations: Vec::new(),
            coauthors: Vec::new(),
            declared: Vec::new(),
            applies: false,
        })
        .collect();
    let applications: Vec<ApplicationFacts> = (0..APPLICATIONS)
        .map(|number| ApplicationFacts {
            application: application(number),
            people: vec![Somebody { person: Some(person(100 + number)), ..Somebody::default() }],
            domains: if number % 5 == 0 { domain(number / 5) } else { Vec::new() },
            affiliations: Vec::new(),
            coauthors: Vec::new(),
            pins: Vec::new(),
        })
        .collect();
    let terms =
        conflict::Terms { institution_years: 3, coauthor_years: 3, applicants_review: false };
    let found = conflict::find(&reviewers, &applications, terms, Timestamp::UNIX_EPOCH);
    found.expect("facts that can be compared").pairs()
}

fn problem(conflicts: BTreeSet<(ApplicationId, PersonId)>) -> Problem {
    Problem {
        reviewers: (0..REVIEWERS)
            .map(|number| Reviewer { person: person(number), topics: topic(number), max: 16 })
            .collect(),
        applications: (0..APPLICATIONS)
            .map(|number| Wanted {
                application: application(number),
                topics: topic(number),
                reviews: 3,
            })
            .collect(),
        conflicts,
        seed: 2_026,
        ..Problem::default()
    }
}

/// Later applications are better, and reviewer 0 gives thirty points less than the others.
fn score(line: &Line) -> Score {
    let (application, reviewer) = (line.application, line.reviewer);
    let worth = 40.0 + f64::from(application.to_bytes()[0]);
    let severity = if reviewer == person(0) { 30.0 } else { 0.0 };
    let bytes = [application.to_bytes()[0], reviewer.to_bytes()[0]];
    let chance = f64::from((bytes[0].wrapping_mul(31) ^ bytes[1].wrapping_mul(57)) % 17) - 8.0;
    Score { application, reviewer, points: Some(worth - severity + chance) }
}

#[test]
fn a_round_goes_from_conflicts_to_a_draw() {
    let conflicts = kept_apart();
    assert_eq!(conflicts.len(), usize::from(REVIEWERS));
    let plan = assign::plan(&problem(conflicts.clone())).unwrap();
    assert_eq!(plan.warning(), None);
    assert!(plan.lines.iter().all(|line| !conflicts.contains(&(line.application, line.reviewer))));

    let scores: Vec<Score> = plan.lines.iter().map(score).collect();
    let fit = scores::fit(&[], &scores, Disagreement::default()).unwrap();
    assert_eq!(fit.warning(), None);
    let severe = fit.reviewers.iter().max_by(|a, b| a.severity.partial_cmp(&b.severity).unwrap());
    assert_eq!(severe.unwrap().reviewer, person(0));

    let candidates: Vec<Candidate> = fit
        .applications
        .iter()
        .map(|one| Candidate {
            application: one.application,
            people: BTreeSet::new(),
            institution: None,
            points: one.adjusted,
            interval: one.interval(LEVEL).unwrap(),
            asked: Usd::from_dollars(1_000).unwrap(),
            award: None,
            groups: BTreeSet::new(),
            word: None,
        })
        .collect();
    let terms = line::Terms { pool: Usd::from_dollars(10_500).unwrap(), ..Default::default() };
    let first = line::line(&terms, &candidates).unwrap();
    assert_eq!(first.awarded, Usd::from_dollars(10_000).unwrap());
    assert!(2 < first.band.len() && first.band.len() < 30, "{}", first.band.len());

    let drawn = lottery::draw("told after the deadline", first.band.iter().copied()).unwrap();
    let draw: Vec<ApplicationId> = drawn.into_iter().map(|(application, _)| application).collect();
    let settled = line::line(&line::Terms { draw: draw.clone(), ..terms }, &candidates).unwrap();
    assert_eq!(settled.band, draw);
    assert_eq!(settled.awarded, first.awarded);
    // Whoever is clearly above the line stays there.
    let funded = |line: &line::Line| {
        let funded = line.verdicts.iter().filter(|one| one.is_funded());
        funded.map(|one| one.application).collect::<BTreeSet<_>>()
    };
    let clearly: BTreeSet<ApplicationId> =
        funded(&first).into_iter().filter(|one| !draw.contains(one)).collect();
    assert!(clearly.is_subset(&funded(&settled)));

    let topics: BTreeMap<ApplicationId, String> = (0..APPLICATIONS)
        .map(|number| (application(number), topic(number).into_iter().next().unwrap()))
        .collect();
    let decided =
        settled.verdicts.iter().map(|one| (topics[&one.application].as_str(), one.is_funded()));
    let table = report::acceptance(decided, report::SMALL_BELOW);
    let total = table.total.unwrap();
    assert_eq!((total.accepted, total.declined), (10, 30));
}
