//! A round tried once more: by other weights, another pool, fewer reviews or other reviewers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bursar_award::{Application, Review, score};
use bursar_kernel::program::Criterion;
use bursar_kernel::{ApplicationId, PersonId, Program, ProgramId, RoundId, Usd};
use bursar_policy::Viewer;
use bursar_program::calendar::Round;
use bursar_review::line::Candidate;
use bursar_review::scores::Score;
use bursar_review::simulate::{Plan, Simulated, Simulation, WithoutReviewer, simulate};
use bursar_service::{Service, ServiceError};

use crate::ranking::{CONFIDENCE, WhatIf, candidates, counting, ranking, screened, terms, weigh};

/// How often reviews are drawn anew, unless another number is asked for.
pub const DRAWS: u32 = 100;
/// Scores that are weighed in all, at the most: some ten seconds on a small machine.
pub const WORK_MAX: u64 = 600_000;
/// A weight counts at the most so much, as in a program's file.
const WEIGHT_MAX: u32 = 100;

/// What is tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnceMore {
    /// Another pool than what the round had.
    pub pool: Option<Usd>,
    /// Other weights, by criterion; the rest stay.
    pub weights: BTreeMap<String, u32>,
    /// So many reviews of each application, drawn by the seed.
    pub reviews: Option<usize>,
    /// Mail addresses of reviewers whose reviews are left out.
    pub without: Vec<String>,
    /// Whether to draw the line without each reviewer in turn.
    pub each_reviewer: bool,
    /// How often reviews are drawn anew; [`DRAWS`] where nothing is said.
    pub draws: Option<u32>,
    /// What chance comes out of.
    pub seed: u64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Once {
    /// The program.
    pub program: Arc<Program>,
    /// The round.
    pub round: Round,
    /// What there was to award in it.
    pub pool: Usd,
    /// What the awards come to, and what is left.
    pub awarded: (Usd, Usd),
    /// The applications in their order, each with its title and whether it is funded in fact: as
    /// was decided, or as the line of the round says where nothing is decided yet.
    pub rows: Vec<(String, bool, Simulated)>,
    /// How often reviews were drawn anew.
    pub draws: u32,
    /// How many of a thousand pairs of a draw and a funded application agree.
    pub agreement_per_mille: Option<u32>,
    /// The line without each reviewer, by name.
    pub reviewers: Vec<Without>,
}

/// The line without a reviewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Without {
    /// Who.
    pub reviewer: PersonId,
    /// What they are called.
    pub name: String,
    /// What is funded without them alone.
    pub gain: Vec<ApplicationId>,
    /// What is funded with them alone.
    pub lose: Vec<ApplicationId>,
}

impl Once {
    /// How many applications end on the other side than in fact.
    pub fn changes(&self) -> usize {
        self.rows.iter().filter(|(_, actual, row)| *actual != row.funded).count()
    }
}

/// Tries a round once more, over what the officer is free to judge. Officers' decisions are what it
/// is held against, and no part of it; what was found not to be eligible stays so. Nothing is
/// written.
pub async fn once_more(
    service: &Service,
    viewer: &Viewer,
    program: &ProgramId,
    round: &RoundId,
    wanted: OnceMore,
) -> Result<Once, ServiceError> {
    let ranked = ranking(service, viewer, program, round, WhatIf::default()).await?;
    let program = Arc::clone(&ranked.program);
    check_weights(&program, &wanted.weights)?;
    let without = reviewers_named(service, &wanted.without).await?;
    let actual: BTreeMap<ApplicationId, (String, bool)> = ranked
        .rows
        .iter()
        .map(|row| (row.application.id, (row.title.clone(), is_funded(&row.application, row))))
        .collect();
    let mut applications: Vec<Application> =
        ranked.rows.into_iter().map(|row| row.application).collect();
    applications.sort_by_key(|one| one.id);
    let reviews = counting(service, &program, round, &applications).await?;
    let fit = weigh(service, &applications, &reviews)?;
    let mut candidates = candidates(service, &fit, &applications)?;
    for (candidate, one) in candidates.iter_mut().zip(&applications) {
        candidate.word = one.screening.as_ref().and_then(screened);
    }
    let scores = weighed_anew(service, &applications, &reviews, &wanted.weights)?;
    let plan = Plan {
        terms: terms(&program, wanted.pool.unwrap_or(ranked.pool)),
        confidence: CONFIDENCE,
        without,
        reviews: wanted.reviews,
        draws: wanted.draws.unwrap_or(DRAWS),
        each_reviewer: wanted.each_reviewer,
        seed: wanted.seed,
    };
    check_work(&plan, &scores, ranked.reviewers.len())?;
    let pool = plan.terms.pool;
    let (draws, found) = (plan.draws, tried(candidates, scores, plan).await?);
    let names: BTreeMap<PersonId, String> =
        ranked.reviewers.into_iter().map(|(name, one)| (one.reviewer, name)).collect();
    let rows = found.rows.into_iter().map(|row| {
        let (title, is_funded) = actual.get(&row.application).cloned().unwrap_or_default();
        (title, is_funded, row)
    });
    Ok(Once {
        rows: rows.collect(),
        pool,
        awarded: (found.awarded, found.left),
        draws,
        agreement_per_mille: found.agreement_per_mille,
        reviewers: named(found.reviewers, &names),
        program,
        round: ranked.round,
    })
}

fn named(found: Vec<WithoutReviewer>, names: &BTreeMap<PersonId, String>) -> Vec<Without> {
    let name = |id| names.get(&id).cloned().unwrap_or_else(|| id.to_string());
    let mut reviewers: Vec<Without> = found
        .into_iter()
        .map(|one| Without {
            name: name(one.reviewer),
            reviewer: one.reviewer,
            gain: one.gain,
            lose: one.lose,
        })
        .collect();
    reviewers.sort_by(|one, other| one.name.cmp(&other.name));
    reviewers
}

/// As was decided; as the line says where nothing is.
fn is_funded(application: &Application, row: &crate::Ranked) -> bool {
    match &application.decision {
        Some(decision) => decision.outcome.amount().is_some(),
        None => row.verdict.is_funded(),
    }
}

/// Scores are weighed in a thread of their own: they can take seconds.
async fn tried(
    candidates: Vec<Candidate>,
    scores: Vec<Score>,
    plan: Plan,
) -> Result<Simulation, ServiceError> {
    let work = move || simulate(&candidates, &scores, &plan);
    match tokio::task::spawn_blocking(work).await {
        Ok(found) => found.map_err(|why| ServiceError::Refused(why.to_string())),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// What reviews come to by some weights.
fn weighed_anew(
    service: &Service,
    applications: &[Application],
    reviews: &[Review],
    weights: &BTreeMap<String, u32>,
) -> Result<Vec<Score>, ServiceError> {
    let by_id: BTreeMap<ApplicationId, &Application> =
        applications.iter().map(|one| (one.id, one)).collect();
    let mut scores = Vec::with_capacity(reviews.len());
    for review in reviews {
        let Some(application) = by_id.get(&review.application) else { continue };
        let rubric = weighted(&service.program_of(application)?.rubric, weights);
        let points = score(&rubric, &review.scores).map(|score| f64::from(score.0) / 10.0);
        let (application, reviewer) = (review.application, review.reviewer);
        scores.push(Score { application, reviewer, points });
    }
    Ok(scores)
}

/// A rubric with other weights. What counts nothing is no part of it.
fn weighted(rubric: &[Criterion], weights: &BTreeMap<String, u32>) -> Vec<Criterion> {
    let weigh = |one: &Criterion| {
        let weight = weights.get(&one.id).copied().unwrap_or(one.weight);
        Criterion { weight, ..one.clone() }
    };
    rubric.iter().map(weigh).filter(|one| 0 < one.weight).collect()
}

fn check_weights(program: &Program, weights: &BTreeMap<String, u32>) -> Result<(), ServiceError> {
    let known: Vec<&str> = program.rubric.iter().map(|one| one.id.as_str()).collect();
    if let Some(unknown) = weights.keys().find(|id| !known.contains(&id.as_str())) {
        let message = format!("`{unknown}` is no criterion here: there are {}", known.join(", "));
        return Err(ServiceError::field("weights", message));
    }
    if let Some((id, weight)) = weights.iter().find(|(_, weight)| WEIGHT_MAX < **weight) {
        let message = format!("`{id}` counts {weight}: a weight is from 0 to {WEIGHT_MAX}");
        return Err(ServiceError::field("weights", message));
    }
    if !known.is_empty() && weighted(&program.rubric, weights).is_empty() {
        let message = "At least one criterion has to count";
        return Err(ServiceError::field("weights", message));
    }
    Ok(())
}

async fn reviewers_named(
    service: &Service,
    emails: &[String],
) -> Result<BTreeSet<PersonId>, ServiceError> {
    let mut found = BTreeSet::new();
    for email in emails {
        let email = email.trim().to_lowercase();
        let person = service.store().person_by_email(email.clone()).await?;
        let Some(person) = person else {
            let message = format!("`{email}` is not a reviewer here");
            return Err(ServiceError::field("without", message));
        };
        found.insert(person.id);
    }
    Ok(found)
}

fn check_work(plan: &Plan, scores: &[Score], reviewers: usize) -> Result<(), ServiceError> {
    if plan.reviews == Some(0) {
        return Err(ServiceError::field("reviews", "Keep one review of each application or more"));
    }
    let scores = u64::try_from(scores.len()).unwrap_or(u64::MAX);
    let work = plan.fits(reviewers).saturating_mul(scores);
    if work <= WORK_MAX {
        return Ok(());
    }
    Err(ServiceError::Refused(format!(
        "weigh {scores} scores {} times\n\
         hint: ask for fewer draws, or leave reviewers out by name; {WORK_MAX} scores are weighed \
         at the most",
        plan.fits(reviewers)
    )))
}
