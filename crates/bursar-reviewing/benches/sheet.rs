//! What the officer's table costs with 5,000 applications in it: searched, sorted, filtered and
//! read a page at a time, beside the same table read whole, each applicant by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bursar_award::{Application, Event, State};
use bursar_kernel::program::FieldKind;
use bursar_kernel::{
    Actor, ApplicationId, Clock, Entropy, PersonId, Program, ProgramId, Role, RoundId, Timestamp,
    Usd,
};
use bursar_policy::Viewer;
use bursar_program::answers::title;
use bursar_service::{MarketSettings, MasterKeys, Parts, Service, SheetOrder, SheetQuery};
use bursar_store::rows::Person;
use bursar_store::{ApplicationFilter, Batch, Commit as _, Expect, Row, Write};
use bursar_store_sqlite::SqliteStore;

/// Applications in the table.
const APPLICATIONS: u32 = 5_000;
/// So many are written at once.
const AT_ONCE: usize = 100;
/// How often each of the queries is asked.
const TIMES: u32 = 30;
/// The same of the baseline, which takes long.
const TIMES_WHOLE: u32 = 3;

struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        instant(0)
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build();
    runtime.expect("a runtime starts").block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(SqliteStore::open(folder.path()).expect("a store opens"));
        let service = service(Arc::clone(&store));
        fill(&store, &service).await;
        let paged = measured(&service, TIMES, Way::Paged).await;
        let whole = measured(&service, TIMES_WHOLE, Way::Whole).await;
        let limit = ("the limit", Duration::from_millis(100));
        let baseline = "the whole table read, each applicant by itself";
        let name = "5,000 applications searched, sorted and filtered, 50 a page";
        figure(&format!("{name}: median"), paged.0, limit, 1);
        figure(&format!("{name}: median"), paged.0, (baseline, whole.0), 1);
        figure(&format!("{name}: p95"), paged.1, limit, 1);
        figure(&format!("{name}: p95"), paged.1, (baseline, whole.1), 1);
    });
}

fn service(store: Arc<SqliteStore>) -> Arc<Service> {
    let catalog = bursar_catalog::shipped();
    Service::new(Parts {
        master_keys: MasterKeys::named("none/master.key".into()),
        institutions: bursar_kernel::Institutions::default(),
        store,
        clock: Arc::new(Standing),
        programs: bursar_program::shipped(&catalog),
        catalog: Arc::new(catalog),
        earlier: Vec::new(),
        listed: Vec::new(),
        base_url: "http://portal.test".to_owned(),
        market: MarketSettings::default(),
        payments: None,
    })
}

/// As many applications of people and institutions of their own, with the answers that a form
/// gets.
async fn fill(store: &SqliteStore, service: &Service) {
    let program = service.program(&access()).expect("it ships");
    let rows: Vec<(Person, Application)> =
        (0..APPLICATIONS).map(|number| one(program, number)).collect();
    for rows in rows.chunks(AT_ONCE) {
        let mut batch = Batch::new(Actor::Operator, instant(0));
        for (person, application) in rows {
            let begun = Event::Withdrawn { at: application.created_at };
            let row = Row::Application(Box::new(application.clone()), vec![begun]);
            batch = batch.with(Write::Row(Row::Person(person.clone()), Expect::New));
            batch = batch.with(Write::Row(row, Expect::New));
        }
        store.commit(batch).await.expect("a batch is written");
    }
}

fn one(program: &Program, number: u32) -> (Person, Application) {
    let at = instant(i64::from(number));
    let entropy = entropy(number);
    let words = ["probing", "agents", "robust", "fair", "evals", "steering", "oversight", "code"];
    let word = |place: u32| words[usize::try_from((number / (place + 1)) % 8).expect("one of 8")];
    let sentence = format!("{} of {} under {}. ", word(0), word(1), word(2)).repeat(40);
    let answers = program.form.iter().map(|field| {
        let answer = match &field.kind {
            FieldKind::Text { .. } => format!("Study {number}: {sentence}"),
            FieldKind::Choice { options } | FieldKind::Choices { options, .. } => {
                options[usize::try_from(number).expect("few") % options.len()].0.clone()
            }
            FieldKind::Amount => "750".to_owned(),
            FieldKind::Institution => format!("University of Town {}", number % 400),
            FieldKind::Line { .. }
            | FieldKind::Date { .. }
            | FieldKind::Number { .. }
            | FieldKind::Email
            | FieldKind::Web
            | FieldKind::Orcid
            | FieldKind::Attachment { .. } => "A line".to_owned(),
        };
        (field.id.clone(), answer)
    });
    let states = [State::Submitted, State::InReview, State::Decided, State::Declined];
    let person = Person {
        id: PersonId::new(at, entropy),
        email: format!("person{number}@town{}.example", number % 400),
        name: format!("Amara Okafor {}", number % 1_000),
        roles: BTreeSet::new(),
        created_at: at,
        version: 1,
    };
    let application = Application {
        id: ApplicationId::new(at, entropy),
        program: program.id.clone(),
        program_version: program.version,
        applicant: person.id,
        state: states[usize::try_from(number % 4).expect("one of 4")],
        round: Some(RoundId::new(if number.is_multiple_of(2) { "2026-12" } else { "2026-09" })),
        answers: answers.collect(),
        requested: Usd::from_dollars(i64::from(number % 97) + 1),
        estimate: None,
        accepted_policies: Vec::new(),
        resubmission_of: None,
        after_grant: None,
        progress: None,
        created_at: at,
        edited_at: Some(at),
        submitted_at: Some(at),
        decision: None,
        screening: None,
        released_at: None,
        feedback: Vec::new(),
        offered_at: None,
        open_until: None,
        reminded_at: None,
        accepted_at: None,
        deliver_from: None,
        grant: None,
        version: 1,
    };
    (person, application)
}

/// What officers ask for: words, states, rounds and orders, on the first page and on later ones.
fn queries() -> Vec<SheetQuery> {
    let (state, round) = (Some(State::InReview), Some(RoundId::new("2026-12")));
    let words = |words: &str| words.to_owned();
    let all = SheetQuery { page: Some(1), ..SheetQuery::default() };
    vec![
        all.clone(),
        SheetQuery { page: Some(100), ..all.clone() },
        SheetQuery { words: words("okafor 42"), order: SheetOrder::Title, ..all.clone() },
        SheetQuery { words: words("probing town"), state, page: Some(2), ..all.clone() },
        SheetQuery { round: round.clone(), order: SheetOrder::Applicant, ..all.clone() },
        SheetQuery { words: words("nothing like it"), order: SheetOrder::Asked, ..all.clone() },
        SheetQuery { words: words("evals"), state, round, order: SheetOrder::Title, ..all },
    ]
}

/// How a table is read.
#[derive(Clone, Copy)]
enum Way {
    Paged,
    Whole,
}

/// The time that half of the answers take at the most, and that all but a twentieth do.
async fn measured(service: &Service, times: u32, way: Way) -> (Duration, Duration) {
    let roles = BTreeSet::from([Role::Officer]);
    let entropy = entropy(u32::MAX);
    let officer = Viewer::Person { id: PersonId::new(instant(0), entropy), roles };
    let mut took = Vec::new();
    for _ in 0..times {
        for query in queries() {
            let begun = Instant::now();
            let matching = match way {
                Way::Paged => service.sheet(&officer, &query).await.expect("a table").matching,
                Way::Whole => whole(service, &officer, &query).await,
            };
            took.push(begun.elapsed());
            assert!(matching <= 5_000, "there are no more");
        }
    }
    took.sort_unstable();
    (took[took.len() / 2], took[took.len() * 19 / 20])
}

/// The table as it is without a page and without a read of its own: everything, then everybody.
async fn whole(service: &Service, officer: &Viewer, query: &SheetQuery) -> usize {
    let all = service.store().applications(ApplicationFilter::default()).await.expect("a read");
    let all = service.free_to_decide(officer, all).await.expect("a policy");
    let mut people = BTreeMap::new();
    for one in &all {
        let person = service.store().person(one.applicant).await.expect("a read");
        people.insert(one.applicant, person.expect("there"));
    }
    let words: Vec<String> = query.words.split_whitespace().map(str::to_lowercase).collect();
    let mut found = Vec::new();
    for one in &all {
        let is_asked_for = query.state.is_none_or(|state| one.state == state)
            && query.round.as_ref().is_none_or(|round| one.round.as_ref() == Some(round));
        let program = service.program_of(one).expect("a program");
        let (person, title) = (&people[&one.applicant], title(program, &one.answers));
        let text = format!("{title} {} {}", person.name, person.email).to_lowercase();
        if is_asked_for && words.iter().all(|word| text.contains(word.as_str())) {
            found.push((title, one.id));
        }
    }
    found.sort();
    found.len()
}

fn entropy(number: u32) -> Entropy {
    let [a, b, c, d] = number.to_be_bytes();
    [0, 0, 0, 0, 0, 0, a, b, c, d]
}

fn access() -> ProgramId {
    ProgramId::new("openai-researcher-access")
}

fn instant(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + minutes * 60).expect("within the calendar")
}

/// One figure, less is better: the ratio is how many times the baseline is more.
fn figure(name: &str, value: Duration, baseline: (&str, Duration), goal: u32) {
    let (baseline, baseline_value) = baseline;
    let (value, baseline_value) = (value.as_micros(), baseline_value.as_micros());
    let thousandths = baseline_value * 1_000 / value.max(1);
    writeln!(
        std::io::stdout().lock(),
        "{{\"name\":\"{name}\",\"value\":{value},\"unit\":\"us\",\"baseline\":\"{baseline}\",\
         \"baseline_value\":{baseline_value},\"ratio\":{}.{:03},\"goal_ratio\":{goal}}}",
        thousandths / 1_000,
        thousandths % 1_000,
    )
    .expect("somebody reads");
}
