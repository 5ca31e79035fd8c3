//! What reviewers' scores say of applications once each reviewer's severity is taken out, how sure
//! that is, and what it cannot tell apart.
//!
//! The model is additive: score = mean + application + reviewer + noise, the last three at random
//! and apart from each other. The three variances are those of greatest restricted likelihood
//! (REML: Patterson and Thompson, Biometrika 58, 1971), in the form of Bates, Mächler, Bolker and
//! Walker (Fitting Linear Mixed-Effects Models Using lme4, Journal of Statistical Software 67(1),
//! 2015, equations 34 to 41). Applications and reviewers are then the best linear unbiased
//! predictions, with their prediction errors (Henderson, Biometrics 31, 1975; Robinson, That BLUP
//! Is a Good Thing, Statistical Science 6, 1991). So an application with few reviews lies nearer to
//! the mean than its raw mean does, and a severe reviewer costs nobody a place.
//!
//! Standard errors take the variances as known; with few reviews they are somewhat too small.
//! Scores are advice: nothing here is money, and nothing decides. The same scores give the same
//! figures to the last bit, in whichever order they are listed.

mod cholesky;
mod judge;
mod likelihood;
mod normal;
mod prepare;
mod search;

use bursar_kernel::{ApplicationId, PersonId};

use likelihood::Solution;
use prepare::Layout;

pub use normal::{LevelError, z_of};

/// One review's score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The application.
    pub application: ApplicationId,
    /// Whoever scored it.
    pub reviewer: PersonId,
    /// The score in points, on one scale for the round; `None` where the reviewer abstained.
    pub points: Option<f64>,
}

/// From where on reviewers are said to disagree about an application.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disagreement {
    /// The range between the highest score and the lowest, in points.
    pub range: f64,
    /// How far one score is from the mean of the others of the application, each less what is its
    /// reviewer's, in standard deviations of what noise alone makes of it.
    pub deviations: f64,
}

impl Default for Disagreement {
    /// A range that no scale up to 100 reaches by chance, and one in eighty reviews by noise alone.
    fn default() -> Self {
        Self { range: 40.0, deviations: 2.5 }
    }
}

/// What scores say.
#[derive(Clone, Debug)]
pub struct Fit {
    /// What the figures rest on.
    pub basis: Basis,
    /// The mean in points; `None` without a score.
    pub mean: Option<f64>,
    /// Where the differences between scores come from; `None` where that cannot be told.
    pub variances: Option<Variances>,
    /// Applications by identifier: those that were listed and those that have a score.
    pub applications: Vec<Standing>,
    /// Reviewers who scored or abstained, by identifier.
    pub reviewers: Vec<Calibration>,
    /// Applications with a score, by what common reviewers connect, the largest group first. More
    /// than one is a warning: between groups nothing but the spread of all is compared.
    pub groups: Vec<Vec<ApplicationId>>,
    layout: Layout,
    solution: Option<Solution>,
}

/// What the figures rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The model.
    Model,
    /// Nobody scored anything.
    NoScores,
    /// No application has two scores, so that nothing tells an application from chance: raw means
    /// alone, without standard errors.
    OneScoreEach,
    /// All scores are the same: nothing is told apart.
    AllEqual,
}

impl Basis {
    /// What it means, in a sentence; `None` where there is nothing to say.
    pub const fn warning(self) -> Option<&'static str> {
        match self {
            Self::Model => None,
            Self::NoScores => Some("nobody has scored anything yet"),
            Self::OneScoreEach => {
                Some("no application has two scores, so severity cannot be told from quality")
            }
            Self::AllEqual => Some("all scores are the same, so none tells applications apart"),
        }
    }
}

/// Variances in points squared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variances {
    /// Between applications.
    pub application: f64,
    /// Between reviewers: severity.
    pub reviewer: f64,
    /// Of everything else: chance, and tastes that differ.
    pub noise: f64,
}

/// How an application stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Which one.
    pub application: ApplicationId,
    /// How many scores it has.
    pub scores: usize,
    /// How many reviewers abstained.
    pub abstained: usize,
    /// The plain mean of its scores in points; `None` without any.
    pub raw_mean: Option<f64>,
    /// What it would get from reviewers of mean severity, in points; as the raw mean where there
    /// is no model; `None` without a score.
    pub adjusted: Option<f64>,
    /// The standard error of that in points: the root of the prediction error's variance.
    pub standard_error: Option<f64>,
    /// Its place by raw means, from 1; equals share the best place of theirs.
    pub raw_rank: Option<usize>,
    /// Its place by adjusted scores.
    pub rank: Option<usize>,
    /// Why reviewers are said to disagree about it, if they are.
    pub disagreement: Option<Disagrees>,
}

impl Standing {
    /// How many places it gains by being adjusted; negative where it loses some.
    pub fn movement(&self) -> Option<i64> {
        let place = |rank: Option<usize>| rank.and_then(|rank| i64::try_from(rank).ok());
        Some(place(self.raw_rank)? - place(self.rank)?)
    }

    /// From where to where it may lie at a level of confidence, in points: for 0.9, nine of ten
    /// such intervals hold what they are about.
    pub fn interval(&self, level: f64) -> Result<Option<(f64, f64)>, LevelError> {
        let z = z_of(level)?;
        let interval = |(at, error): (f64, f64)| (at - z * error, at + z * error);
        Ok(self.adjusted.zip(self.standard_error).map(interval))
    }
}

/// How reviewers disagree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Disagrees {
    /// The range of the scores is as large as what was stated, or larger: in points.
    Range(f64),
    /// A score is as far from the others as what was stated, or farther: in standard deviations.
    Deviations(f64),
}

/// How a reviewer scores.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Who.
    pub reviewer: PersonId,
    /// How many applications they scored.
    pub scores: usize,
    /// How many they abstained from.
    pub abstained: usize,
    /// How many points they give less than reviewers do on the average, drawn to zero where few
    /// scores say so; negative for a generous one. `None` where nothing tells it from noise.
    pub severity: Option<f64>,
    /// The standard error of that in points.
    pub standard_error: Option<f64>,
    /// The correlation, from -1 to 1, of their scores with the means of the other reviewers' of
    /// the same applications, each less what is its reviewer's. `None` for fewer than three
    /// common applications, or where either does not vary.
    pub agreement: Option<f64>,
}

/// How far two applications are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Apart {
    /// By how many points the first is ahead.
    pub points: f64,
    /// The standard error of that, which takes in that common reviewers err on both alike.
    pub standard_error: f64,
}

/// Why scores cannot be weighed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ScoreError {
    /// A reviewer scored an application twice.
    #[error(
        "weigh two scores of {reviewer} for {application}\nhint: hand in the latest of each alone"
    )]
    Twice {
        /// The application.
        application: ApplicationId,
        /// The reviewer.
        reviewer: PersonId,
    },
    /// A score that is no number, or beyond every scale.
    #[error("weigh a score of {points} for {application}\nhint: scores are at most 1,000,000")]
    OffScale {
        /// The application.
        application: ApplicationId,
        /// The score.
        points: f64,
    },
}

/// Weighs the scores of a round. `applications` lists those that may have no score.
///
/// It takes a tenth of a second for 6,000 scores by 200 reviewers, and grows with the third power
/// of the reviewers.
pub fn fit(
    applications: &[ApplicationId],
    scores: &[Score],
    disagreement: Disagreement,
) -> Result<Fit, ScoreError> {
    let layout = Layout::of(applications, scores)?;
    Ok(judge::judge(layout, disagreement))
}

impl Fit {
    /// What is to be known before anybody reads the figures; `None` where all is well.
    pub fn warning(&self) -> Option<String> {
        let groups = (1 < self.groups.len()).then(|| {
            format!(
                "{} groups of applications have no reviewer in common, so between them severity \
                 cannot be told from quality",
                self.groups.len()
            )
        });
        let parts: Vec<String> =
            self.basis.warning().map(str::to_owned).into_iter().chain(groups).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// How far one application is ahead of another, if there is a model and both have a score.
    pub fn apart(&self, one: ApplicationId, other: ApplicationId) -> Option<Apart> {
        let place = |id| self.applications.binary_search_by_key(&id, |it| it.application).ok();
        let (one, other) = (place(one)?, place(other)?);
        let adjusted = |place: usize| self.applications[place].adjusted;
        let points = adjusted(one)? - adjusted(other)?;
        let standard_error = match (&self.solution, self.basis) {
            (Some(solution), _) => solution.error_between(&self.layout, one, other),
            (None, Basis::AllEqual) => 0.0,
            (None, Basis::Model | Basis::NoScores | Basis::OneScoreEach) => return None,
        };
        Some(Apart { points, standard_error })
    }

    /// The applications that the evidence cannot tell from one of them, at a level of confidence:
    /// those whose distance to it is no more than so many standard errors of the distance. By
    /// adjusted score, the best first, and itself among them; `None` without a model, or where it
    /// has no score.
    pub fn tied_with(
        &self,
        application: ApplicationId,
        level: f64,
    ) -> Result<Option<Vec<ApplicationId>>, LevelError> {
        let z = z_of(level)?;
        if self.apart(application, application).is_none() {
            return Ok(None);
        }
        let is_tied = |other: &ApplicationId| {
            let apart = self.apart(application, *other);
            apart.is_some_and(|apart| apart.points.abs() <= z * apart.standard_error)
        };
        Ok(Some(self.ranking().into_iter().filter(is_tied).collect()))
    }

    /// Applications with an adjusted score, the best first; equals by identifier.
    pub fn ranking(&self) -> Vec<ApplicationId> {
        let mut order: Vec<&Standing> =
            self.applications.iter().filter(|standing| standing.adjusted.is_some()).collect();
        let points = |standing: &Standing| standing.adjusted.unwrap_or(f64::NEG_INFINITY);
        order.sort_by(|a, b| points(b).total_cmp(&points(a)));
        order.into_iter().map(|standing| standing.application).collect()
    }
}

#[cfg(test)]
mod tests;
