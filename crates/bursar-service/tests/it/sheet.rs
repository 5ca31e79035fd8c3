//! The officer's table: what is found, in which order, and what it never tells.

use bursar_kernel::limits::ROWS_PER_PAGE;
use bursar_kernel::{ApplicationId, Role, RoundId};
use bursar_policy::Viewer;
use bursar_service::{SheetOrder, SheetQuery, State};

use crate::desk::{Desk, access, answers, usd};

impl Desk {
    /// An application with a title, from an institution, that asks for so much.
    async fn asks(&self, email: &str, title: &str, from: &str, amount: &str) -> ApplicationId {
        let applicant = self.person(email, &[]).await;
        let mut given = answers(&self.program());
        given.insert("research_question".to_owned(), format!("{title}\nAnd more words."));
        given.insert("affiliation".to_owned(), from.to_owned());
        given.insert("amount".to_owned(), amount.to_owned());
        let id = self.service.start_application(&applicant, &access()).await.unwrap();
        self.service.save_draft(&applicant, id, given).await.unwrap();
        self.service.submit(&applicant, id, &self.policies()).await.unwrap();
        id
    }
}

async fn found(desk: &Desk, viewer: &Viewer, query: SheetQuery) -> (usize, Vec<String>) {
    let sheet = desk.service.sheet(viewer, &query).await.unwrap();
    (sheet.matching, sheet.rows.into_iter().map(|(_, person)| person.email).collect())
}

fn words(words: &str) -> SheetQuery {
    SheetQuery { words: words.to_owned(), page: Some(1), ..SheetQuery::default() }
}

#[tokio::test]
async fn a_table_is_searched_and_sorted_and_tells_nobody_of_what_is_kept_from_them() {
    let desk = Desk::new("2026-11-20").await;
    let officer = desk.person("officer@office.example", &[Role::Officer]).await;
    desk.asks("cy@north.example", "Zebra probes", "North University", "300").await;
    desk.clock.put("2026-11-21");
    desk.asks("ada@south.example", "Étude of AGENTS", "South University", "900").await;
    desk.clock.put("2026-11-22");
    let theirs = desk.asks("officer2@north.example", "Agents, too", "North College", "700").await;
    let both = desk.person("officer2@north.example", &[Role::Officer]).await;
    desk.clock.put("2026-12-01");
    desk.service.run_due().await.unwrap();

    let all = |order| SheetQuery { order, ..words("") };
    let (cy, ada, two) = ("cy@north.example", "ada@south.example", "officer2@north.example");
    for (query, expected) in [
        (all(SheetOrder::Latest), vec![two, ada, cy]),
        (all(SheetOrder::Oldest), vec![cy, ada, two]),
        (all(SheetOrder::Title), vec![two, cy, ada]),
        (all(SheetOrder::Applicant), vec![ada, cy, two]),
        (all(SheetOrder::Asked), vec![ada, two, cy]),
        (words("agents"), vec![two, ada]),
        (words("AGENTS étude"), vec![ada]),
        (words("north"), vec![two, cy]),
        (words("university ada@"), vec![ada]),
        // Only what a list shows is searched.
        (words("And more words"), vec![]),
        (SheetQuery { state: Some(State::Submitted), ..words("") }, vec![]),
        (SheetQuery { round: Some(RoundId::new("2026-12")), ..words("zebra") }, vec![cy]),
        (SheetQuery { page: None, ..words("university") }, vec![ada, cy]),
        (SheetQuery { page: Some(9), ..words("zebra") }, vec![cy]),
        (words(&theirs.to_string()), vec![two]),
    ] {
        let (matching, shown) = found(&desk, &officer, query.clone()).await;
        assert_eq!((matching, shown), (expected.len(), owned(&expected)), "{query:?}");
    }

    // Their own application is in no row, no count and no list of rounds of theirs.
    let sheet = desk.service.sheet(&both, &words("agents")).await.unwrap();
    assert_eq!((sheet.matching, sheet.counts[&State::InReview]), (1, 2));
    let sheet = desk.service.sheet(&officer, &words("agents")).await.unwrap();
    assert_eq!((sheet.matching, sheet.counts[&State::InReview]), (2, 3));
    assert_eq!(sheet.rows[0].0.requested, Some(usd("700")));
    let applicant = desk.person("cy@north.example", &[]).await;
    assert!(desk.service.sheet(&applicant, &words("")).await.is_err());
}

#[tokio::test]
async fn no_row_is_on_two_pages_and_none_is_lost() {
    let desk = Desk::new("2026-11-20").await;
    let officer = desk.person("officer@office.example", &[Role::Officer]).await;
    // All are handed in at one instant, under one title, and ask for the same.
    for number in 0..=ROWS_PER_PAGE {
        desk.asks(&format!("p{number}@north.example"), "Same", "North", "300").await;
    }
    for order in SheetOrder::ALL {
        let page = |page| SheetQuery { order, page: Some(page), ..SheetQuery::default() };
        let (matching, first) = found(&desk, &officer, page(1)).await;
        let (_, second) = found(&desk, &officer, page(2)).await;
        assert_eq!((matching, first.len(), second.len()), (ROWS_PER_PAGE + 1, ROWS_PER_PAGE, 1));
        assert!(!first.contains(&second[0]), "{order:?}");
    }
}

fn owned(emails: &[&str]) -> Vec<String> {
    emails.iter().map(|email| (*email).to_owned()).collect()
}
