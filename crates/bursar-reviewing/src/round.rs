//! A round's panel as an officer sees it: who reviews what, and what is missing.

use std::collections::BTreeMap;
use std::sync::Arc;

use bursar_award::assignment::{Assignment, AssignmentState};
use bursar_award::panel::{Conflict, Profile};
use bursar_award::{Application, Review, State};
use bursar_kernel::program::Panel;
use bursar_kernel::{ApplicationId, PersonId, Program, ProgramId, Role, RoundId, Timestamp};
use bursar_policy::{Action, Viewer};
use bursar_program::answers::title;
use bursar_program::calendar::{self, Round};
use bursar_review::{assign, conflict};
use bursar_service::{Service, ServiceError, allow};
use bursar_store::AssignmentFilter;
use bursar_store::rows::Person;

use crate::{facts, planning};

/// How many are named who could step in for an application.
const CANDIDATES: usize = 12;

/// A reviewer and what they say of themselves.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) person: Person,
    pub(crate) profile: Profile,
}

/// A round as far as its panel goes, without what the officer is not free to judge.
pub(crate) struct Reviewed {
    pub(crate) program: Arc<Program>,
    pub(crate) panel: Panel,
    pub(crate) round: Round,
    pub(crate) applications: Vec<Application>,
    pub(crate) reviewers: Vec<Known>,
    /// Every assignment to these applications, in the order they were made.
    pub(crate) assignments: Vec<Assignment>,
    /// Open assignments of the round that the officer does not see, by reviewer.
    pub(crate) hidden: BTreeMap<PersonId, u32>,
    /// What was declared, pinned and cleared, of these applications.
    pub(crate) conflicts: Vec<Conflict>,
    pub(crate) reviews: Vec<Review>,
}

impl Reviewed {
    pub(crate) async fn load(
        service: &Service,
        viewer: &Viewer,
        program: &ProgramId,
        id: &RoundId,
    ) -> Result<Self, ServiceError> {
        let round = service.round(viewer, program, id).await?;
        let program = Arc::clone(service.program(program)?);
        let Some(panel) = program.panel.clone() else {
            let text = "plan who reviews in a program without a panel\n\
                        hint: every reviewer may take any application; add [panel] to its file";
            return Err(ServiceError::Refused(text.to_owned()));
        };
        let mut applications = round.applications;
        // Conflicts can be written down before the review begins; what was declined before that is
        // not for reviewers.
        let of_panel = |one: &Application| match one.state {
            State::Submitted | State::InReview => true,
            State::Decided => one.decision.as_ref().is_none_or(|decision| !decision.at_desk),
            State::Draft
            | State::AwardOffered
            | State::Declined
            | State::Accepted
            | State::Granted
            | State::Withdrawn
            | State::AwardDeclined
            | State::Waitlisted
            | State::AwardLapsed => false,
        };
        applications.retain(of_panel);
        applications.sort_by_key(|one| one.id);
        let of_round = AssignmentFilter {
            round: Some((program.id.clone(), id.clone())),
            ..AssignmentFilter::default()
        };
        let seen = |id| applications.iter().any(|one: &Application| one.id == id);
        let mut hidden = BTreeMap::<PersonId, u32>::new();
        let mut assignments = service.store().assignments(of_round).await?;
        assignments.retain(|one| {
            if !seen(one.application) && one.state.is_open() {
                let count = hidden.entry(one.reviewer).or_default();
                *count = count.saturating_add(1);
            }
            seen(one.application)
        });
        let mut conflicts = service.store().conflicts_in(program.id.clone(), id.clone()).await?;
        conflicts.retain(|one| seen(one.application));
        let mut reviews = service.store().reviews_in(program.id.clone(), id.clone()).await?;
        reviews.retain(|one| seen(one.application));
        let reviewers = reviewers_of(service).await?;
        let round = round.round;
        Ok(Self {
            program,
            panel,
            round,
            applications,
            reviewers,
            assignments,
            hidden,
            conflicts,
            reviews,
        })
    }

    pub(crate) fn open(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(|one| one.state.is_open())
    }

    pub(crate) fn of(&self, application: ApplicationId) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(move |one| one.application == application)
    }

    pub(crate) fn person(&self, id: PersonId) -> Option<&Known> {
        self.reviewers.iter().find(|one| one.person.id == id)
    }

    /// When its reviews are due.
    pub(crate) fn due(&self) -> Timestamp {
        calendar::reviews_due(&self.program, &self.round)
    }

    fn has_review(&self, one: &Assignment) -> bool {
        let is_theirs = |review: &Review| {
            review.application == one.application && review.reviewer == one.reviewer
        };
        self.reviews.iter().any(is_theirs)
    }

    fn line(&self, one: &Assignment, found: &conflict::Findings) -> Line {
        let of = |conflict: &&conflict::Conflict| {
            conflict.application == one.application && conflict.reviewer == one.reviewer
        };
        let conflict = found.conflicts.iter().find(of).filter(|_| one.state.is_open());
        Line {
            reviewer: self.name_of(one.reviewer),
            is_reviewed: self.has_review(one),
            conflict: conflict.map(|conflict| conflict.reason.clone()),
            assignment: one.clone(),
        }
    }

    /// What somebody is called; whoever is a reviewer no more goes by their id.
    fn name_of(&self, id: PersonId) -> String {
        self.person(id).map_or_else(|| id.to_string(), |known| name(&known.person))
    }
}

/// Whoever may review at all, with what they say of themselves.
async fn reviewers_of(service: &Service) -> Result<Vec<Known>, ServiceError> {
    let profiles = service.store().profiles().await?.into_iter();
    let mut profiles: BTreeMap<PersonId, Profile> =
        profiles.map(|profile| (profile.person, profile)).collect();
    let people = service.store().people().await?.into_iter();
    let reviewers = people.filter(|person| person.roles.contains(&Role::Reviewer));
    let known = reviewers.map(|person| {
        let profile = profiles.remove(&person.id);
        Known { profile: profile.unwrap_or_else(|| Profile::empty(person.id)), person }
    });
    Ok(known.collect())
}

pub(crate) fn name(person: &Person) -> String {
    if person.name.is_empty() { person.email.clone() } else { person.name.clone() }
}

/// A round's panel.
#[derive(Clone, Debug)]
pub struct PanelPage {
    /// The program.
    pub program: Arc<Program>,
    /// What it says of its panel.
    pub panel: Panel,
    /// The round.
    pub round: Round,
    /// When its reviews are due.
    pub due: Timestamp,
    /// Its applications, the first begun first.
    pub rows: Vec<PanelRow>,
    /// Its reviewers, by name.
    pub reviewers: Vec<ReviewerRow>,
}

/// An application and who reviews it.
#[derive(Clone, Debug)]
pub struct PanelRow {
    /// The application.
    pub application: ApplicationId,
    /// What it is called.
    pub title: String,
    /// What it is about, in the labels of the program's topics.
    pub topics: Vec<String>,
    /// Those who are to review it, or do.
    pub lines: Vec<Line>,
    /// How many reviewers it lacks.
    pub missing: u32,
}

/// An assignment with its reviewer.
#[derive(Clone, Debug)]
pub struct Line {
    /// The assignment.
    pub assignment: Assignment,
    /// What its reviewer is called.
    pub reviewer: String,
    /// Whether their review is in.
    pub is_reviewed: bool,
    /// A conflict of interest that was found, in words that fit after the reviewer's name.
    pub conflict: Option<String>,
}

/// A reviewer and what they have to do.
#[derive(Clone, Debug)]
pub struct ReviewerRow {
    /// Who.
    pub person: PersonId,
    /// What they are called.
    pub name: String,
    /// What they know, in the labels of the program's topics.
    pub topics: Vec<String>,
    /// Applications that they have, planned or agreed to.
    pub load: u32,
    /// Applications that they take at the most.
    pub max: u32,
    /// Reviews of theirs that are in.
    pub reviewed: u32,
    /// Why they are asked nothing in this round, if they are not.
    pub away: bool,
}

/// A round's panel, without what the officer is not free to judge.
pub async fn panel(
    service: &Service,
    viewer: &Viewer,
    program: &ProgramId,
    round: &RoundId,
) -> Result<PanelPage, ServiceError> {
    let reviewed = Reviewed::load(service, viewer, program, round).await?;
    let found = facts::findings(service, &reviewed).await?;
    let begun = reviewed.applications.iter().filter(|one| one.state != State::Submitted);
    let rows = begun.map(|application| {
        let open = reviewed.of(application.id).filter(|one| one.state.is_open());
        let lines: Vec<Line> = open.map(|one| reviewed.line(one, &found)).collect();
        let have = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        let is_open = application.state == State::InReview;
        PanelRow {
            application: application.id,
            title: title(&reviewed.program, &application.answers),
            topics: facts::topics(&reviewed, application).into_iter().collect(),
            missing: if is_open { reviewed.panel.reviews.saturating_sub(have) } else { 0 },
            lines,
        }
    });
    let rows = rows.collect();
    let reviewers = reviewed.reviewers.iter().map(|known| reviewer_row(&reviewed, known));
    let mut reviewers: Vec<ReviewerRow> = reviewers.collect();
    reviewers.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(PanelPage {
        due: reviewed.due(),
        rows,
        reviewers,
        program: reviewed.program,
        panel: reviewed.panel,
        round: reviewed.round,
    })
}

fn reviewer_row(reviewed: &Reviewed, known: &Known) -> ReviewerRow {
    let id = known.person.id;
    let theirs = || reviewed.open().filter(|one| one.reviewer == id);
    let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
    ReviewerRow {
        person: id,
        name: name(&known.person),
        topics: facts::known_topics(reviewed, known).into_iter().collect(),
        load: count(theirs().count()),
        max: planning::max_of(reviewed, known),
        reviewed: count(theirs().filter(|one| reviewed.has_review(one)).count()),
        away: planning::is_away(reviewed, known),
    }
}

/// Who reviews one application, who did or will not, and who could.
#[derive(Clone, Debug)]
pub struct Reviewers {
    /// The application.
    pub application: Application,
    /// Its program.
    pub program: Arc<Program>,
    /// Its round.
    pub round: Round,
    /// What it is called.
    pub title: String,
    /// What it is about, in the labels of the program's topics.
    pub topics: Vec<String>,
    /// Those who are to review it, or do, and those who are out, in the order they were chosen.
    pub lines: Vec<Line>,
    /// Who could step in, the best first.
    pub candidates: Vec<Candidate>,
    /// Whom a conflict of interest keeps away, and what was set aside.
    pub conflicts: Vec<ConflictLine>,
}

/// Somebody who could review an application.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Who.
    pub person: PersonId,
    /// What they are called.
    pub name: String,
    /// Why they, in words.
    pub because: String,
}

/// A conflict of interest, in words.
#[derive(Clone, Debug)]
pub struct ConflictLine {
    /// Whose.
    pub person: PersonId,
    /// What they are called.
    pub name: String,
    /// Why, in words that fit after the name.
    pub reason: String,
    /// The row that an officer can take back, where an officer wrote one.
    pub written: Option<Conflict>,
    /// Whether it was found, and is set aside.
    pub is_set_aside: bool,
    /// Whether an officer can set it aside.
    pub can_be_set_aside: bool,
}

/// Who reviews an application, as an officer sees it.
pub async fn reviewers(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<Reviewers, ServiceError> {
    let (reviewed, application) = of_application(service, viewer, id).await?;
    let found = facts::findings(service, &reviewed).await?;
    let lines = reviewed.of(id).map(|one| reviewed.line(one, &found)).collect();
    let problem = planning::problem(&reviewed, &found, Some(id), CANDIDATES, 0);
    let planned = assign::plan(&problem).map_err(|why| ServiceError::Refused(why.to_string()))?;
    // The plan would fill what is missing: whoever it takes comes before those who would be next.
    let new = planned.lines.iter().filter(|line| line.application == id && !line.is_kept);
    let new = new.map(|line| (line.reviewer, line.reason.clone()));
    let others = planned.alternates.into_iter().filter(|one| one.application == id);
    let others = others.flat_map(|one| one.reviewers);
    let candidates = new.chain(others).map(|(person, because)| Candidate {
        person,
        name: reviewed.name_of(person),
        because,
    });
    Ok(Reviewers {
        title: title(&reviewed.program, &application.answers),
        topics: facts::topics(&reviewed, &application).into_iter().collect(),
        lines,
        candidates: candidates.collect(),
        conflicts: conflict_lines(&reviewed, id, &found),
        application,
        program: reviewed.program,
        round: reviewed.round,
    })
}

/// A round by one of its applications, which the officer has to be free to judge.
pub(crate) async fn of_application(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<(Reviewed, Application), ServiceError> {
    let missing = || ServiceError::NotFound(format!("application `{id}` in review"));
    let application = service.store().application(id).await?.ok_or_else(missing)?;
    let conflicted = service.is_conflicted(viewer, id).await?;
    allow(viewer, Action::Decide { applicant: application.applicant, conflicted })?;
    let round = application.round.clone().ok_or_else(missing)?;
    let mut reviewed = Reviewed::load(service, viewer, &application.program, &round).await?;
    let here = reviewed.applications.iter().any(|one| one.id == id);
    if !here {
        return Err(missing());
    }
    // What a page of one application is about; the loads of the round stay.
    reviewed.conflicts.retain(|one| one.application == id);
    Ok((reviewed, application))
}

fn conflict_lines(
    reviewed: &Reviewed,
    id: ApplicationId,
    found: &conflict::Findings,
) -> Vec<ConflictLine> {
    let written = |person: PersonId| {
        let theirs = reviewed.conflicts.iter().rev().filter(|one| one.stands());
        theirs.filter(|one| one.application == id).find(|one| one.person == person).cloned()
    };
    let line = |one: &conflict::Conflict, is_set_aside: bool, words: Option<&str>| ConflictLine {
        person: one.reviewer,
        name: reviewed.name_of(one.reviewer),
        reason: match words {
            Some(words) => format!("{}. Set aside: {words}", one.reason),
            None => one.reason.clone(),
        },
        written: written(one.reviewer)
            .filter(|_| is_set_aside || one.kind == conflict::Kind::Pinned),
        is_set_aside,
        can_be_set_aside: !is_set_aside && conflict::can_be_set_aside(one),
    };
    let here = found.conflicts.iter().filter(|one| one.application == id);
    let aside = found.set_aside.iter().filter(|one| one.conflict.application == id);
    let aside = aside.map(|one| line(&one.conflict, true, Some(&one.words)));
    here.map(|one| line(one, false, None)).chain(aside).collect()
}

/// Whether an assignment's reviewer knows of it.
pub(crate) fn is_known(one: &Assignment) -> bool {
    one.state != AssignmentState::Proposed
}
