//! The commands against a demonstration that runs.

use crate::shell::{Demonstration, bursar, told};

const PROGRAM: &str = "openai-researcher-access";

#[test]
fn a_grant_is_issued_keyed_and_followed_from_a_shell() {
    let demo = Demonstration::shared();
    assert_eq!(demo.ready["data"].as_str(), demo.data().to_str());
    let listed = demo.json(&["program", "list"]);
    assert_eq!(listed["programs"][0]["id"], PROGRAM);

    let issue = ["grant", "issue", "--program", PROGRAM, "--holder", "ada@example.edu"];
    let grant = demo.json(&[&issue[..], &["--amount", "0.00189"]].concat());
    assert_eq!((&grant["state"], &grant["available"]), (&"active".into(), &"0.00189".into()));
    let id = grant["id"].as_str().unwrap();

    let made = demo.json(&["key", "create", "--grant", id, "--cap", "0.001"]);
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("sk-bursar-"), "{made}");
    let shown = demo.json(&["grant", "show", id]);
    assert_eq!(shown["keys"][0]["cap"], "0.001");
    assert!(!shown.to_string().contains(secret), "a secret is told once");
    let key = made["id"].as_str().unwrap();
    let capped = |cap: &[&str]| demo.json(&[&["key", "cap", key], cap].concat())["cap"].clone();
    assert_eq!(capped(&["--cap", "0.0005"]), "0.0005");
    assert_eq!(capped(&["--no-cap"]), serde_json::Value::Null);
    assert_eq!(capped(&["--cap", "0.001"]), "0.001");
    let people = told(&demo.run(&["key", "cap", key, "--cap", "0.002"]));
    assert_eq!(people, format!("0\n`{key}` may spend $0.002 in all\n"));
    let none = told(&demo.run(&["key", "cap", key, "--cap", "0"]));
    assert!(none.starts_with("1\nerror: failed to change the cap: "), "{none}");
    assert!(none.contains("The amount must be more than $0"), "{none}");
    assert_eq!(demo.json(&["key", "revoke", key])["revoked"], true);
    assert!(demo.json(&["key", "list", "--grant", id])[0]["revoked_at"].is_string());
    let stopped = told(&demo.run(&["key", "cap", key, "--cap", "5"]));
    assert!(stopped.contains("a key that was revoked\nhint: make another key"), "{stopped}");

    let people = demo.run(&["grant", "show", id]);
    let people = told(&people);
    assert!(people.starts_with("0\n") && people.contains("available    $0.00189"), "{people}");

    let file = told(&demo.run(&["grant", "statement", id, "--csv"]));
    assert!(file.contains(",issue,pool/") && file.contains(",closing,,,0.00189,"), "{file}");
    let people = told(&demo.run(&["program", "statement", PROGRAM]));
    assert!(people.contains("opening") && people.contains("-$0.00189"), "{people}");
    let part = ["grant", "claw-back", id, "--amount", "0.00009", "--reason", "A test"];
    let taken = demo.json(&part);
    assert_eq!(
        (&taken["amount"], &taken["grant"]["available"]),
        (&"0.00009".into(), &"0.0018".into())
    );
    let void = demo.json(&["grant", "void", id, "--reason", "A test"]);
    assert_eq!((&void["amount"], &void["grant"]["state"]), (&"0.0018".into(), &"voided".into()));

    let dear = demo.run(&[&issue[..], &["--amount", "999999999"]].concat());
    assert_eq!(dear.status.code(), Some(1));
    assert!(dear.stdout.is_empty(), "what goes wrong goes to standard error");
    assert!(told(&dear).contains("error: failed to issue the grant: "), "{}", told(&dear));
}

#[test]
fn a_study_is_counted_from_figures_and_from_a_file() {
    let demo = Demonstration::shared();
    let study = ["estimate", "--model", "gpt-4.1-mini", "--items", "1200", "--repeats", "5"];
    let figures = [&study[..], &["--input", "900", "--output", "300"]].concat();
    let found = demo.json(&figures);
    assert_eq!((&found["total"], &found["lines"][0]["calls"]), (&"5.04".into(), &6_000.into()));
    let batch = demo.json(&[&figures[..], &["--batch", "--program", PROGRAM]].concat());
    assert_eq!(batch["total"], "2.52");
    let people = told(&demo.run(&figures));
    assert!(people.contains("total ") && people.contains("tier-1  36 min"), "{people}");

    let examples =
        "{\"prompt\": \"Hello there\", \"answer\": \"Yes\"}\n\n{\"prompt\": \"Hello\"}\n";
    let file = demo.write("sample.jsonl", examples);
    let sampled = demo.json(&[&study[..], &["--sample", file.to_str().unwrap()]].concat());
    let line = &sampled["lines"][0];
    assert_eq!((&line["input_tokens"], &line["output_tokens"]), (&9.into(), &1.into()));
    let file = demo.write("wrong.jsonl", "{\"prompt\": \"Hello\"}\nHello\n");
    let wrong = demo.run(&[&study[..], &["--sample", file.to_str().unwrap()]].concat());
    let wrong = told(&wrong);
    assert!(wrong.starts_with("1\nerror: line 2 of ") && wrong.contains("hint: write"), "{wrong}");
}

#[test]
fn the_clock_turns_and_what_is_due_happens() {
    let demo = Demonstration::shared();
    let before = demo.json(&["clock", "show"]);
    assert_eq!(before["turns"], true);
    let turned = demo.json(&["clock", "advance", "1w"]);
    assert!(before["now"].as_str() < turned["now"].as_str(), "{turned}");
    let next = demo.json(&["clock", "show"])["coming"][0]["at"].clone();
    let turned = demo.json(&["clock", "advance", "--next"]);
    assert!(next.as_str().unwrap()[..19] <= turned["now"].as_str().unwrap()[..19], "{turned}");
}

#[test]
fn the_server_is_found_by_its_address_and_token_too() {
    let demo = Demonstration::shared();
    let url = demo.ready["portal"].as_str().unwrap();
    let token = std::fs::read_to_string(demo.data().join("operator.token")).unwrap();
    let mut by_address = bursar(&["program", "list", "--json"]);
    by_address.env("BURSAR_URL", url).env("BURSAR_TOKEN", &token);
    let output = by_address.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let output = by_address.env("BURSAR_TOKEN", "bursar-op-wrong").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("not the administrator's token"), "{}", told(&output));
}

#[test]
fn the_books_are_proven_beside_the_server_and_a_wrong_price_is_found() {
    let demo = Demonstration::shared();
    let proof = demo.json(&["verify"]);
    assert_eq!((&proof["balanced"], &proof["findings"]), (&true.into(), &serde_json::json!([])));
    let repriced = proof["calls"]["repriced"].as_u64().unwrap();
    assert!(100 < repriced, "the demonstration has months of calls: {proof}");
    assert_eq!(proof["calls"]["other_table"], 0);

    // The same price table with one price changed: every call to that model is now wrong.
    let catalog = bursar_catalog::SHIPPED.replacen("input = \"", "input = \"9", 10_000);
    assert_ne!(catalog, bursar_catalog::SHIPPED, "a price was changed");
    let catalog = demo.write("other-prices.toml", &catalog);
    let catalog = format!("catalog = {:?}\n", catalog.display().to_string());
    let config = demo.write("other-prices-config.toml", &catalog);
    let config = config.to_str().unwrap();
    let output = demo.run(&["verify", "--config", config, "--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    let proof: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(proof["balanced"], false);
    let finding = proof["findings"][0].as_str().unwrap();
    assert!(finding.contains("the price table says $"), "{finding}");
    let output = demo.run(&["verify", "--config", config]);
    assert!(told(&output).contains("error: the books do not balance\nhint: "));
}
