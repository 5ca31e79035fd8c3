//! What began under an edition of a program goes on under it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bursar_kernel::{Clock, ProgramId, Role, Timestamp};
use bursar_operator::{ProgramFile, install_programs, preview_program};
use bursar_policy::Viewer;
use bursar_program::SHIPPED;
use bursar_service::{MarketSettings, Parts, Service, ServiceError};
use bursar_store_sqlite::SqliteStore;

struct StandingClock(Mutex<Timestamp>);

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

fn program() -> ProgramId {
    ProgramId::new("openai-researcher-access")
}

/// The file that ships, changed.
fn file(changes: &[(&str, &str)]) -> ProgramFile {
    let mut document = SHIPPED[0].1.to_owned();
    for (from, to) in changes {
        assert!(document.contains(from), "{from}");
        document = document.replacen(from, to, 1);
    }
    let catalog = bursar_catalog::shipped();
    let program = bursar_program::read_to_run("p", &document, &catalog).unwrap();
    ProgramFile { program, document }
}

/// A server that starts with a file.
async fn start(directory: &Path, file: ProgramFile) -> Result<Arc<Service>, ServiceError> {
    let store = Arc::new(SqliteStore::open(directory).unwrap());
    let clock = Arc::new(StandingClock(Mutex::new("2026-11-29T10:00:00Z".parse().unwrap())));
    let catalog = bursar_catalog::shipped();
    let files = [file];
    let earlier = install_programs(&*store, &files, &catalog, clock.now()).await?;
    let [file] = files;
    Ok(Service::new(Parts {
        master_keys: bursar_service::MasterKeys::named("none/master.key".into()),
        institutions: bursar_kernel::Institutions::default(),
        store,
        clock,
        catalog: Arc::new(catalog),
        programs: vec![file.program],
        earlier,
        listed: Vec::new(),
        base_url: "http://portal.example".to_owned(),
        market: MarketSettings::default(),
        payments: None,
    }))
}

/// Waits for a server that has been dropped to let go of its store.
async fn stopped(directory: &Path) {
    for _ in 0..2_000 {
        if SqliteStore::open(directory).is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn an_application_stays_under_the_edition_that_it_began_under() {
    let directory = tempfile::tempdir().unwrap();
    let first = start(directory.path(), file(&[])).await.unwrap();
    let roles = [Role::Researcher].into();
    let ana = first.appoint(&Viewer::Operator, "ana@lab.example", "Ana", roles).await.unwrap();
    let ana = Viewer::Person { id: ana.id, roles: ana.roles };
    let draft = first.start_application(&ana, &program()).await.unwrap();
    drop(first);
    stopped(directory.path()).await;

    // Other words under the same version.
    let changed = file(&[("words_max = 100", "words_max = 5")]);
    let refused = start(directory.path(), changed).await;
    let Err(ServiceError::Refused(why)) = refused else { panic!("it started") };
    assert!(why.contains("words of a text") || why.contains("Words of a text"), "{why}");
    assert!(why.contains("raise `version` to 5"), "{why}");
    // Other comments are nobody's business.
    stopped(directory.path()).await;
    start(directory.path(), file(&[("# The guide", "# The Guide")])).await.unwrap();

    stopped(directory.path()).await;
    let later = file(&[
        ("version = 4", "version = 5"),
        ("months = [3, 6, 9, 12]", "months = [6, 12]"),
        ("words_max = 100", "words_max = 5"),
    ]);
    let document = later.document.clone();
    let second = start(directory.path(), later).await.unwrap();
    let long = "Do refusals differ by the language that the request is made in?";
    let answers = BTreeMap::from([("research_question".to_owned(), long.to_owned())]);
    second.save_draft(&ana, draft, answers).await.unwrap();
    let edition = second.edition(&program(), 4).unwrap();
    assert_eq!((edition.version, second.program(&program()).unwrap().version), (4, 5));
    let Err(ServiceError::Invalid(wrong)) = second.submit(&ana, draft, &[]).await else {
        panic!("it lacks answers")
    };
    assert!(wrong.iter().all(|error| error.field != "research_question"), "{wrong:?}");
    let seen = preview_program(&second, &Viewer::Operator, &program(), &document).await.unwrap();
    assert!(seen.differences.is_empty(), "{seen:?}");
    let under: Vec<_> = seen.under.iter().map(|one| (one.version, one.drafts)).collect();
    assert_eq!(under, [(4, 1)]);
    let fourth = document.replacen("version = 5", "version = 6", 1);
    let seen = preview_program(&second, &Viewer::Operator, &program(), &fourth).await.unwrap();
    assert_eq!(seen.differences.len(), 1, "{seen:?}");
    let other = document.replacen("id = \"openai", "id = \"closedai", 1);
    let seen = preview_program(&second, &Viewer::Operator, &program(), &other).await;
    assert!(matches!(seen, Err(ServiceError::Invalid(_))));
    let seen = preview_program(&second, &ana, &program(), &document).await;
    assert!(matches!(seen, Err(ServiceError::NotAllowed)));
    drop(second);
    stopped(directory.path()).await;

    let Err(ServiceError::Refused(why)) = start(directory.path(), file(&[])).await else {
        panic!("it went back")
    };
    assert!(why.contains("version 5 was run already"), "{why}");
}
