//! Institutions, by their id, their names and their domains.

use bursar_institutions::Institution;
use bursar_institutions::ror::{Standing, sought};
use bursar_store::{Commit, InstitutionReads};

use super::world::Desk;

/// Writes institutions into an engine that has none, changes one, and looks them up.
pub async fn institutions(store: &(impl Commit + InstitutionReads)) {
    let desk = Desk::new(29);
    let put = async |institution: &Institution| {
        let batch = desk.batch().with(institution.clone());
        assert!(store.commit(batch).await.is_ok());
    };
    let named = async |text: &str| -> Vec<String> {
        let found = store.institutions_named(sought(text)).await.expect("it reads");
        found.into_iter().map(|institution| institution.ror).collect()
    };
    let at = async |domain: &str| store.institutions_at(domain.to_owned()).await;
    assert_eq!(store.institution_count().await, Ok(0));
    assert_eq!(store.institution("052gg0110".to_owned()).await, Ok(None));
    let oxford = Institution {
        ror: "052gg0110".to_owned(),
        name: "University of Oxford".to_owned(),
        names: vec!["Université d'Oxford ''; --".to_owned(), "牛津大学".to_owned()],
        country: Some("GB".to_owned()),
        city: Some("Oxford".to_owned()),
        kinds: vec!["education".to_owned()],
        domains: vec!["ox.ac.uk".to_owned()],
        standing: Standing::Active,
        successors: Vec::new(),
        parents: Vec::new(),
        modified: "2026-10-01".to_owned(),
    };
    let brookes = Institution {
        ror: "04v2twj65".to_owned(),
        name: "Oxford Brookes University".to_owned(),
        names: Vec::new(),
        domains: vec!["brookes.ac.uk".to_owned(), "ox.ac.uk".to_owned()],
        ..oxford.clone()
    };
    put(&oxford).await;
    put(&oxford).await;
    put(&brookes).await;
    assert_eq!(store.institution_count().await, Ok(2));
    assert_eq!(store.institution(oxford.ror.clone()).await, Ok(Some(oxford.clone())));
    assert_eq!(named("oxf UNIV").await, ["052gg0110", "04v2twj65"], "the shorter name first");
    assert_eq!(named("universite").await, ["052gg0110"]);
    assert_eq!(named("牛津").await, ["052gg0110"]);
    assert_eq!(named("ford").await, [""; 0], "words begin words");
    assert_eq!(named("100% _").await, [""; 0]);
    assert_eq!(named("").await, [""; 0]);
    assert_eq!(at("ox.ac.uk").await, Ok(vec![brookes.clone(), oxford.clone()]));
    assert_eq!(at("ac.uk").await, Ok(vec![]));
    let closed = Institution {
        name: "Polytechnic".to_owned(),
        domains: vec!["poly.example".to_owned()],
        standing: Standing::Inactive,
        successors: vec![oxford.ror.clone()],
        ..brookes
    };
    put(&closed).await;
    assert_eq!(named("brookes").await, [""; 0], "former names go with the record");
    assert_eq!(at("ox.ac.uk").await, Ok(vec![oxford]));
    assert_eq!(at("poly.example").await, Ok(vec![closed]));
    assert_eq!(store.institution_count().await, Ok(2));
}
