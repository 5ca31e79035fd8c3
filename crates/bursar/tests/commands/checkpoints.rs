//! Checkpoints that were kept elsewhere tell a book that was rewritten, or cut off.

use bursar_postgres_fixture::Server;

use crate::database::{PROGRAM, json, serve, stop};
use crate::shell::{bursar, told};

/// A database's data directory, with what moves money there.
struct House {
    directory: tempfile::TempDir,
    database: String,
}

impl House {
    fn on(database: String) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), database }
    }

    fn fund(&self, dollars: &str) {
        let server = serve(self.directory.path(), &self.database);
        let fund = ["program", "fund", "--program", PROGRAM, "--amount", dollars];
        json(&fund, self.directory.path(), &self.database);
        stop(server);
    }

    /// What a command says.
    fn told(&self, arguments: &[&str]) -> String {
        let mut command = bursar(arguments);
        command.arg("--data").arg(self.directory.path()).env("BURSAR_DATABASE", &self.database);
        told(&command.output().unwrap())
    }

    fn checkpoint(&self) -> serde_json::Value {
        json(&["checkpoint"], self.directory.path(), &self.database)
    }
}

#[test]
fn a_book_goes_on_from_its_checkpoints_or_verify_says_where_it_does_not() {
    let postgres = Server::shared();
    let house = House::on(postgres.database());
    stop(serve(house.directory.path(), &house.database));
    let nothing = house.told(&["checkpoint"]);
    assert!(nothing.contains("nothing has moved in this book yet"), "{nothing}");
    house.fund("500");
    let copy = |house: &House| House::on(postgres.copy(house.database.rsplit('/').next().unwrap()));
    let (before, elsewhere) = (copy(&house), copy(&house));
    let first = house.checkpoint();
    house.fund("7");
    let second = house.checkpoint();
    assert_eq!((&first["link"], &second["link"]), (&1.into(), &2.into()));
    let key = first["key"].as_str().unwrap();
    assert_eq!(house.told(&["checkpoint", "--key"]), format!("0\n{key}\n"));

    let kept = house.directory.path().join("kept.txt");
    let notes = [&first, &second].map(|signed| signed["note"].as_str().unwrap());
    std::fs::write(&kept, notes.concat()).unwrap();
    let against = ["verify", "--against", kept.to_str().unwrap(), "--signed-by", key];
    let proven = house.told(&against);
    assert!(proven.starts_with("0\n") && proven.contains("checkpoints"), "{proven}");
    // As if the end had been cut off, and as if it had been written anew.
    let cut = before.told(&against);
    assert!(cut.starts_with("1\n") && cut.contains("the chain has no link 2"), "{cut}");
    elsewhere.fund("8");
    let rewritten = elsewhere.told(&against);
    assert!(rewritten.contains("what came before it was rewritten since"), "{rewritten}");
    // Another installation's key.
    let other = elsewhere.checkpoint();
    let other = other["key"].as_str().unwrap();
    let unsigned =
        house.told(&["verify", "--against", kept.to_str().unwrap(), "--signed-by", other]);
    assert!(unsigned.contains("on line 1 was not signed by the key"), "{unsigned}");
}

#[test]
fn a_file_that_holds_no_checkpoint_is_refused() {
    let house = House::on("postgres://nobody@localhost/nothing".to_owned());
    let file = house.directory.path().join("kept.txt");
    for (text, expected) in [
        ("", "there is no checkpoint in `FILE`"),
        ("hello\n", "`FILE` line 1: a checkpoint begins with `bursar chain v1`"),
    ] {
        std::fs::write(&file, text).unwrap();
        let said = house.told(&["verify", "--against", file.to_str().unwrap()]);
        let said = said.replace(file.to_str().unwrap(), "FILE");
        assert!(said.starts_with("1\n") && said.contains(expected), "{said}");
    }
    let said = house.told(&["verify", "--against", "kept.txt", "--signed-by", "me"]);
    assert!(said.contains("it is not a key that `bursar checkpoint --key` printed"), "{said}");
    let said = house.told(&["verify", "--signed-by", "me"]);
    assert!(said.starts_with("2\n"), "{said}");
}
