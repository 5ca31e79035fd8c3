//! Editions of programs: each is written once, and read back whole.

use bursar_kernel::ProgramId;
use bursar_store::rows::Edition;
use bursar_store::{Commit, CommitError, EditionReads, Expect, Row, Write};

use super::world::Desk;

/// Writes editions in an engine that is still empty.
pub async fn editions(store: &(impl Commit + EditionReads)) {
    let desk = Desk::new(20);
    assert_eq!(store.editions().await, Ok(Vec::new()));
    let edition = |program: &str, edition| Edition {
        program: ProgramId::new(program),
        edition,
        document: format!("id = \"{program}\"\n# it's \u{1F4B6}"),
        first_run_at: desk.now,
    };
    let all = [edition("b", 10), edition("B", 1), edition("b", 9)];
    for one in &all {
        let put = || {
            let row = Row::Edition(Box::new(one.clone()));
            store.commit(desk.batch().with(Write::Row(row, Expect::New)))
        };
        assert!(put().await.is_ok());
        let again = put().await.map(|_| ());
        let name = format!("edition `{} {}`", one.program, one.edition);
        assert_eq!(again, Err(CommitError::Conflict(name)));
    }
    let [ten, capital, nine] = all;
    assert_eq!(store.editions().await, Ok(vec![capital, nine, ten]));
}
