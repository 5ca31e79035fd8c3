//! The officer's table of applications: searched, sorted, and read a page at a time.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bursar_award::{Application, State};
use bursar_kernel::limits::ROWS_PER_PAGE;
use bursar_kernel::program::{Audience, FieldKind, FormField};
use bursar_kernel::{ApplicationId, PersonId, Program, ProgramId, RoundId, institution_of};
use bursar_policy::{Action, Viewer, may};
use bursar_program::answers::title_of;
use bursar_store::rows::Person;
use bursar_store::{ApplicationFilter, Head};

use crate::{Service, ServiceError};

/// More words than that are not looked for.
const WORDS_MAX: usize = 12;

/// What an officer wants to see of all applications.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetQuery {
    /// Of this program.
    pub program: Option<ProgramId>,
    /// In this state.
    pub state: Option<State>,
    /// In this round.
    pub round: Option<RoundId>,
    /// Words that all have to be in the title, the applicant's name or address, the institution or
    /// the identifier; capitals make no difference.
    pub words: String,
    /// In which order.
    pub order: SheetOrder,
    /// Which page, from 1; all rows without one.
    pub page: Option<usize>,
}

/// An order of the table. Equals are in the order of their identifiers, the latest first, so that
/// pages never share a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SheetOrder {
    /// Handed in last, first.
    #[default]
    Latest,
    /// Handed in first, first.
    Oldest,
    /// By title.
    Title,
    /// By the applicant's name.
    Applicant,
    /// What asks for most, first.
    Asked,
}

impl SheetOrder {
    /// All orders.
    pub const ALL: [Self; 5] =
        [Self::Latest, Self::Oldest, Self::Title, Self::Applicant, Self::Asked];

    /// Its name in addresses and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::Oldest => "oldest",
            Self::Title => "title",
            Self::Applicant => "applicant",
            Self::Asked => "asked",
        }
    }

    /// The order of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.name() == name)
    }
}

/// A page of the table, and what is true of all of it.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The applications of the page, each with who applies.
    pub rows: Vec<(Application, Person)>,
    /// How many match, on all pages.
    pub matching: usize,
    /// How many applications there are in each state, whether they match or not.
    pub counts: BTreeMap<State, u64>,
    /// The rounds that there are applications in, the latest first, each with an edition of its
    /// program.
    pub rounds: Vec<(RoundId, Arc<Program>)>,
}

/// A row with what it is found and sorted by.
struct Candidate {
    head: Head,
    title: String,
    institution: String,
}

impl Service {
    /// Applications as an officer looks for them. Drafts are their writers' own, and what an
    /// officer is not free to judge is in no row, no count and no list of rounds. No answer is
    /// searched that officers do not read.
    pub async fn sheet(&self, viewer: &Viewer, query: &SheetQuery) -> Result<Sheet, ServiceError> {
        crate::allow(viewer, Action::RunPrograms)?;
        let kept = self.kept_from(viewer).await?;
        // All of them, in the order in which they lie: nothing to sort, and no index between.
        let mut heads = self.store.heads(ApplicationFilter::default()).await?;
        heads.retain(|head| {
            let (applicant, conflicted) = (head.applicant, kept.contains(&head.id));
            head.state != State::Draft && may(viewer, Action::Decide { applicant, conflicted })
        });
        let (counts, rounds) = (counts(&heads), self.rounds_in(&heads)?);
        let found = self.found(query, heads).await?;
        let matching = found.len();
        let last = matching.div_ceil(ROWS_PER_PAGE).max(1);
        let skipped = query.page.map_or(0, |page| (page.clamp(1, last) - 1) * ROWS_PER_PAGE);
        let length = query.page.map_or(usize::MAX, |_| ROWS_PER_PAGE);
        let here = found.into_iter().skip(skipped).take(length).collect();
        let rows = self.whole(query, here).await?;
        Ok(Sheet { rows, matching, counts, rounds })
    }

    /// What matches, in order.
    async fn found(
        &self,
        query: &SheetQuery,
        heads: Vec<Head>,
    ) -> Result<Vec<ApplicationId>, ServiceError> {
        let is_asked_for = |head: &Head| {
            query.program.as_ref().is_none_or(|program| head.program == *program)
                && query.state.is_none_or(|state| head.state == state)
                && query.round.as_ref().is_none_or(|round| head.round.as_ref() == Some(round))
        };
        let words: Vec<String> =
            query.words.split_whitespace().take(WORDS_MAX).map(str::to_lowercase).collect();
        let mut found = Vec::with_capacity(heads.len());
        for head in heads.into_iter().filter(is_asked_for) {
            found.push(self.candidate(head)?);
        }
        let by_name = query.order == SheetOrder::Applicant;
        let people = if words.is_empty() && !by_name {
            BTreeMap::new()
        } else {
            self.people_by_ids(found.iter().map(|one| one.head.applicant)).await?
        };
        found.retain(|one| matches(one, people.get(&one.head.applicant), &words));
        sort(&mut found, query.order, &people);
        Ok(found.into_iter().map(|one| one.head.id).collect())
    }

    fn candidate(&self, head: Head) -> Result<Candidate, ServiceError> {
        let program = self.edition(&head.program, head.program_version)?;
        let read = |field: &FormField| {
            let is_read = field.visible_to.has(Audience::Officer);
            head.beginnings.get(&field.id).filter(|_| is_read)
        };
        let is_institution = |field: &&FormField| matches!(field.kind, FieldKind::Institution);
        let named = program.form.iter().filter(is_institution).filter_map(read);
        let named: Vec<&str> = named.map(|answer| institution_of(answer).0).collect();
        let (title, institution) = (title_of(program, read), named.join(" "));
        Ok(Candidate { head, title, institution })
    }

    /// Whole applications with their applicants, in the order of their identifiers here.
    async fn whole(
        &self,
        query: &SheetQuery,
        here: Vec<ApplicationId>,
    ) -> Result<Vec<(Application, Person)>, ServiceError> {
        if here.is_empty() {
            return Ok(Vec::new());
        }
        let filter = ApplicationFilter {
            ids: if query.page.is_some() { here.clone() } else { Vec::new() },
            ..ApplicationFilter::default()
        };
        let found = self.store.applications(filter).await?;
        let mut found: BTreeMap<ApplicationId, Application> =
            found.into_iter().map(|one| (one.id, one)).collect();
        let people = self.people_by_ids(found.values().map(|one| one.applicant)).await?;
        let mut rows = Vec::with_capacity(here.len());
        for id in here {
            let Some(mut application) = found.remove(&id) else { continue };
            self.show_to(Audience::Officer, &mut application)?;
            let missing = || ServiceError::NotFound(format!("person `{}`", application.applicant));
            let applicant = people.get(&application.applicant).ok_or_else(missing)?.clone();
            rows.push((application, applicant));
        }
        Ok(rows)
    }

    /// People by name, read at once.
    pub async fn people_by_ids(
        &self,
        ids: impl Iterator<Item = PersonId> + Send,
    ) -> Result<BTreeMap<PersonId, Person>, ServiceError> {
        let ids: BTreeSet<PersonId> = ids.collect();
        let found = self.store.people_by_ids(ids.into_iter().collect()).await?;
        Ok(found.into_iter().map(|person| (person.id, person)).collect())
    }

    fn rounds_in(&self, heads: &[Head]) -> Result<Vec<(RoundId, Arc<Program>)>, ServiceError> {
        let mut rounds = BTreeMap::new();
        for head in heads {
            let Some(round) = &head.round else { continue };
            if !rounds.contains_key(round) {
                let program = self.edition(&head.program, head.program_version)?;
                rounds.insert(round.clone(), Arc::clone(program));
            }
        }
        Ok(rounds.into_iter().rev().collect())
    }
}

fn counts(heads: &[Head]) -> BTreeMap<State, u64> {
    let mut counts = BTreeMap::new();
    for head in heads {
        *counts.entry(head.state).or_default() += 1;
    }
    counts
}

fn matches(one: &Candidate, applicant: Option<&Person>, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let (name, email) =
        applicant.map_or(("", ""), |person| (person.name.as_str(), person.email.as_str()));
    let text = format!("{}\n{name}\n{email}\n{}\n{}", one.title, one.institution, one.head.id);
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

fn sort(found: &mut [Candidate], order: SheetOrder, people: &BTreeMap<PersonId, Person>) {
    let name = |one: &Candidate| {
        let person = people.get(&one.head.applicant);
        person.map(|person| {
            if person.name.is_empty() { person.email.clone() } else { person.name.to_lowercase() }
        })
    };
    // Stable, so that what is equal stays by identifier.
    found.sort_by_key(|one| Reverse(one.head.id));
    match order {
        SheetOrder::Latest => found.sort_by_key(|one| Reverse(one.head.submitted_at)),
        SheetOrder::Oldest => found.sort_by(earliest),
        SheetOrder::Title => found.sort_by_cached_key(|one| one.title.to_lowercase()),
        SheetOrder::Applicant => found.sort_by_cached_key(name),
        SheetOrder::Asked => found.sort_by_key(|one| Reverse(one.head.requested)),
    }
}

/// What was never handed in comes last.
fn earliest(one: &Candidate, other: &Candidate) -> Ordering {
    let key = |one: &Candidate| (one.head.submitted_at.is_none(), one.head.submitted_at);
    key(one).cmp(&key(other))
}
