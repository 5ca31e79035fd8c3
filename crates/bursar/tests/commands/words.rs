//! What the command line says without a server: its help, and what to do next.

use expect_test::{Expect, expect};

use crate::shell::{bursar, told};

fn check(arguments: &[&str], expected: Expect) {
    let output = bursar(arguments).output().unwrap();
    expected.assert_eq(&told(&output));
}

/// The help of a command, without what every command takes: the help of all shows that.
fn check_help(arguments: &[&str], expected: Expect) {
    let output = bursar(arguments).output().unwrap();
    let help = told(&output);
    let (own, every) = help.split_once("\nOptions of every command:\n").expect(&help);
    assert!(every.contains("--data <DIR>") && every.contains("--json"), "{every}");
    expected.assert_eq(own);
}

#[test]
fn the_help_names_every_command() {
    check(
        &["--help"],
        expect![[r#"
            0
            Runs a research API-credits program, from the call for proposals to the last token

            Usage: bursar [OPTIONS] <COMMAND>

            Commands:
              serve         Run the server
              demo          Run the server over a believable world with a clock that can be turned
              program       Programs and their money
              round         A program's review rounds
              application   Applications
              grant         Grants and their calls
              call          What calls cost after all
              access        Requests for limited models
              key           API keys
              study         Named budgets of a grant, which their keys share
              market        Credit that changes hands
              suspense      What nobody knows whether it was spent
              upstream      Where calls go: what is stopped, and stopping it
              prices        What calls cost: price tables, from when on each holds, and the files they come from
              person        People and their roles
              institutions  Institutions: bringing them from a file of ROR's, and finding one
              mail          Mails on their way: how far each is, another try, and what came back
              clock         What the time is there; the demonstration's can be turned
              plan          When to submit to a program, and when credit arrives
              estimate      What a study costs before it starts, and how long it takes
              verify        Prove the books of a data directory, also beside its running server
              checkpoint    Sign what the book has come to, to be kept elsewhere
              master-key    The file that seals upstreams' keys
              migrate       Move an installation from its data directory into a PostgreSQL database
              help          Print this message or the help of the given subcommand(s)

            Options:
              -h, --help     Print help
              -V, --version  Print version

            Options of every command:
                  --data <DIR>  The data directory: what the server keeps everything in, and how a command finds the server [default: ./bursar-data] [env: BURSAR_DATA=]
                  --url <URL>   The server's address, in place of the data directory; its administrator's token is then read from `BURSAR_TOKEN` [env: BURSAR_URL=]
                  --json        Print one JSON document on standard output
        "#]],
    );
}

#[test]
fn the_help_of_a_command_names_its_options() {
    check_help(
        &["grant", "issue", "--help"],
        expect![[r#"
            0
            Issue credit at once, without an application, from the program's pool

            Usage: bursar grant issue [OPTIONS] --program <PROGRAM> --holder <EMAIL> --amount <USD>

            Options:
                  --program <PROGRAM>  The program whose pool it comes from
                  --holder <EMAIL>     The mail address of whom it is for; an account is made if there is none
                  --amount <USD>       How much, in dollars
                  --expires <DATE>     When it expires, if sooner than the program's term: a date, which means its first instant in the program's zone, or an instant
                  --title <TEXT>       What it is for, in a line
                  --origin <SOURCE>    Where the credit comes from [default: research] [possible values: research, startup, enterprise, prepaid]
                  --tier <TIER>        The tier of its calls, where that is higher than its holder's own
              -h, --help               Print help
              -V, --version            Print version
        "#]],
    );
    check_help(
        &["clock", "advance", "--help"],
        expect![[r#"
            0
            Turn the demonstration's clock on; all that is due on the way happens at its time

            Usage: bursar clock advance [OPTIONS] <SPAN|--by <SPAN>|--to <INSTANT>|--next>

            Arguments:
              [SPAN]  By so much: 12h, 3d, 1w, P1W

            Options:
                  --by <SPAN>     By so much, as above
                  --to <INSTANT>  To this instant, or to the first instant of this day in UTC
                  --next          To the next instant at which something is due
              -h, --help          Print help
              -V, --version       Print version
        "#]],
    );
}

#[test]
fn the_help_names_what_can_be_done_about_access() {
    check_help(
        &["access", "--help"],
        expect![[r#"
            0
            Requests for limited models

            Usage: bursar access [OPTIONS] <COMMAND>

            Commands:
              ask       Ask for a limited model in a grant's name
              list      List the requests that wait, the longest first, and the latest that are answered
              show      Show a request
              approve   Approve a request: the model opens at once
              decline   Decline a request, or end an approval
              withdraw  Take a request back that nobody has answered
              help      Print this message or the help of the given subcommand(s)

            Options:
              -h, --help     Print help
              -V, --version  Print version
        "#]],
    );
    check_help(
        &["access", "approve", "--help"],
        expect![[r#"
            0
            Approve a request: the model opens at once

            Usage: bursar access approve [OPTIONS] <REQUEST>

            Arguments:
              <REQUEST>  The request

            Options:
                  --until <DATE>  When the approval lapses: a date, which means its first instant in the program's zone, or an instant; with the grant if left out
                  --note <TEXT>   What the holder is told
              -h, --help          Print help
              -V, --version       Print version
        "#]],
    );
}

#[test]
fn the_help_names_what_can_be_done_about_tiers_and_cards() {
    check_help(
        &["grant", "tier", "--help"],
        expect![[r#"
            0
            Show a grant's tier with its limits, or name one: its calls have it where it is higher than its holder's own

            Usage: bursar grant tier [OPTIONS] <GRANT>

            Arguments:
              <GRANT>  The grant

            Options:
                  --tier <TIER>    The tier to name, by its name in the program's file
                  --reason <TEXT>  Why, for the audit trail
              -h, --help           Print help
              -V, --version        Print version
        "#]],
    );
    check_help(
        &["person", "card", "--help"],
        expect![[r#"
            0
            Show somebody's payment card and its checks; never its number

            Usage: bursar person card [OPTIONS] --email <EMAIL>

            Options:
                  --email <EMAIL>  Their mail address
              -h, --help           Print help
              -V, --version        Print version
        "#]],
    );
}

#[test]
fn the_help_of_an_estimate_says_what_becomes_of_a_sample() {
    check_help(
        &["estimate", "--help"],
        expect![[r#"
            0
            What a study costs before it starts, and how long it takes

            Usage: bursar estimate [OPTIONS] --model <MODEL> --items <COUNT>

            Options:
                  --model <MODEL>      The model; several compare the same study on each
                  --items <COUNT>      Rows of the data set
                  --variants <COUNT>   Prompts, or variants of one, that each item is sent with [default: 1]
                  --repeats <COUNT>    How often all of that is done [default: 1]
                  --input <TOKENS>     Input tokens of a call
                  --output <TOKENS>    Output tokens of a call, the reasoning included
                  --sample <FILE>      Examples to count tokens from: JSON lines with `prompt` and `answer`. They are sent to the server, counted and forgotten
                  --serving <HOW>      How calls are served [possible values: default, batch, flex, priority]
                  --batch              At the provider's price for a batch; the same as `--serving batch`
                  --program <PROGRAM>  The program whose tiers and award it is held against [default: the first that takes applications]
              -h, --help               Print help
              -V, --version            Print version
        "#]],
    );
}

#[test]
fn a_command_that_is_not_understood_ends_with_two() {
    check(
        &["grant", "issue", "--program", "p"],
        expect![[r#"
        2
        error: the following required arguments were not provided:
          --holder <EMAIL>
          --amount <USD>

        Usage: bursar grant issue --program <PROGRAM> --holder <EMAIL> --amount <USD>

        For more information, try '--help'.
    "#]],
    );
    check(
        &["grant", "show", "lot_1"],
        expect![[r#"
        2
        error: invalid value 'lot_1' for '<GRANT>': `lot_1` is not a grant's identifier; one looks like `grant_01jd3…`

        For more information, try '--help'.
    "#]],
    );
    check(
        &["key", "create", "--grant", "x", "--cap", "a lot"],
        expect![[r#"
        2
        error: invalid value 'x' for '--grant <ID>': `x` is not a grant's identifier; one looks like `grant_01jd3…`

        For more information, try '--help'.
    "#]],
    );
    check(
        &["clock", "advance", "1w", "--next"],
        expect![[r#"
        2
        error: the argument '[SPAN]' cannot be used with '--next'

        Usage: bursar clock advance <SPAN|--by <SPAN>|--to <INSTANT>|--next>

        For more information, try '--help'.
    "#]],
    );
    check(
        &["person", "appoint", "--email", "a", "--name", "b", "--role", "king"],
        expect![[r#"
        2
        error: invalid value 'king' for '--role <ROLE>'
          [possible values: researcher, reviewer, officer, operator]

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn a_tier_is_named_with_a_reason_and_a_decline_with_a_note() {
    let grant = "grant_01kag3v5f0e7s9m4q2x8w6t1zc";
    check(
        &["grant", "tier", grant, "--tier", "tier-1"],
        expect![[r#"
        2
        error: the following required arguments were not provided:
          --reason <TEXT>

        Usage: bursar grant tier --tier <TIER> --reason <TEXT> <GRANT>

        For more information, try '--help'.
    "#]],
    );
    let request = "access_01kag3v5f0e7s9m4q2x8w6t1zc";
    check(
        &["access", "decline", request],
        expect![[r#"
        2
        error: the following required arguments were not provided:
          --note <TEXT>

        Usage: bursar access decline --note <TEXT> <REQUEST>

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn a_cap_is_an_amount_or_none() {
    check_help(
        &["key", "cap", "--help"],
        expect![[r#"
        0
        Change what a key may spend in all, on every server within a second

        Usage: bursar key cap [OPTIONS] <KEY>

        Arguments:
          <KEY>  The key's name, never its secret

        Options:
              --cap <USD>  What it may spend in all, in dollars, what it has spent so far included
              --no-cap     Let it spend the whole grant
          -h, --help       Print help
          -V, --version    Print version
    "#]],
    );
    let key = ["key", "cap", "key_01kag3v5f0e7s9m4q2x8w6t1zc"];
    check(
        &key,
        expect![[r#"
        2
        error: the following required arguments were not provided:
          --cap <USD>

        Usage: bursar key cap --cap <USD> <KEY>

        For more information, try '--help'.
    "#]],
    );
    check(
        &[&key[..], &["--cap", "5", "--no-cap"]].concat(),
        expect![[r#"
        2
        error: the argument '--cap <USD>' cannot be used with '--no-cap'

        Usage: bursar key cap --cap <USD> <KEY>

        For more information, try '--help'.
    "#]],
    );
    check(
        &[&key[..], &["--cap", "five"]].concat(),
        expect![[r#"
        2
        error: invalid value 'five' for '--cap <USD>': an amount is digits with at most one point, such as `1000` or `0.25`

        For more information, try '--help'.
    "#]],
    );
    check(
        &["key", "cap", "sk-bursar-secret", "--cap", "5"],
        expect![[r#"
        2
        error: invalid value 'sk-bursar-secret' for '<KEY>': `sk-bursar-secret` is not a key's identifier; one looks like `key_01jd3…`

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn a_list_is_asked_for_what_there_can_be() {
    check(
        &["application", "list", "--state", "draft"],
        expect![[r#"
            2
            error: invalid value 'draft' for '--state <STATE>'
              [possible values: submitted, in_review, decided, award_offered, declined, accepted, granted, withdrawn, award_declined, waitlisted, award_lapsed]

            For more information, try '--help'.
        "#]],
    );
    check(
        &["grant", "list", "--program", ""],
        expect![[r#"
        2
        error: a value is required for '--program <PROGRAM>' but none was supplied

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn without_a_server_it_says_how_to_start_one_and_ends_with_one() {
    let nowhere = ["--data", "/nonexistent/bursar"];
    check(
        &[&["program", "list"][..], &nowhere].concat(),
        expect![[r#"
        1
        error: no server runs on the data directory `/nonexistent/bursar`
        hint: `bursar serve --data /nonexistent/bursar` starts one, or `bursar demo --data /nonexistent/bursar`; or name one by BURSAR_URL and BURSAR_TOKEN
    "#]],
    );
    check(
        &[&["verify"][..], &nowhere].concat(),
        expect![[r#"
        1
        error: there is no bursar database in `/nonexistent/bursar`
        hint: `bursar serve --data DIR` makes one
    "#]],
    );
    check(
        &["program", "list", "--url", "http://127.0.0.1:9"],
        expect![[r#"
        1
        error: `http://127.0.0.1:9` needs its administrator's token
        hint: put it into the environment as BURSAR_TOKEN; the server keeps it in `operator.token` in its data directory
    "#]],
    );
    check(
        &["program", "list", "--url", "127.0.0.1:9"],
        expect![[r#"
        1
        error: `127.0.0.1:9` needs its administrator's token
        hint: put it into the environment as BURSAR_TOKEN; the server keeps it in `operator.token` in its data directory
    "#]],
    );
}

/// A file of the test's own, and its path.
fn file(name: &str, text: &str) -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (directory, path)
}

const PROGRAM: &str = include_str!("../../../../programs/openai-researcher-access.toml");

#[test]
fn a_program_file_is_looked_through_without_a_server() {
    let (_sound, sound) = file("sound.toml", PROGRAM);
    let day = ["--on", "2026-08-30"];
    let output = bursar(&[&["program", "lint", &sound][..], &day].concat()).output().unwrap();
    assert!(output.status.success(), "{}", told(&output));

    let broken = PROGRAM.replacen("months = 12", "mnoths = 12", 1);
    let (_broken, broken) = file("broken.toml", &broken);
    let output = bursar(&["program", "lint", &broken]).output().unwrap();
    let said = told(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(":34:1: unknown key `mnoths`\nhint: did you mean `months`?"), "{said}");

    let strange = PROGRAM.replacen("as_of = 2026-08-05", "as_of = 2199-08-05", 1);
    let (_strange, strange) = file("strange.toml", &strange);
    let output = bursar(&["program", "lint", &strange, "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let kinds: Vec<_> = found["findings"].as_array().unwrap().iter().collect();
    assert!(kinds.iter().any(|one| one["kind"] == "contradiction" && one["line"] == 94), "{found}");
}

#[test]
fn a_program_file_becomes_a_calendar_a_guide_and_a_difference() {
    let (_before, before) = file("before.toml", PROGRAM);
    let after = PROGRAM.replacen("typical_max = \"1000\"", "typical_max = \"2000\"", 1);
    let (_after, after) = file("after.toml", &after);
    check(
        &["program", "plan", &before, "--on", "2026-11-30", "--months", "4"],
        expect![[r#"
            0
            days in UTC; a day begins at midnight there

            ROUND    BEST BY     SUBMIT BEFORE  DECISION         CREDIT                    EXPIRES
            2026-12  2026-11-24  2026-12-01     from 2027-01-01  2027-01-29 to 2027-02-12  2028-01-29 to 2028-02-12
            2027-03  2027-02-22  2027-03-01     from 2027-04-01  2027-04-29 to 2027-05-13  2028-04-29 to 2028-05-13
        "#]],
    );
    check(
        &["program", "diff", &before, &after],
        expect![[r#"
        0
        The typical maximum of an award, in dollars: was "1000", and is "2000".
    "#]],
    );
    check(
        &["program", "diff", &before, &before],
        expect![[r#"
        0
        the two say the same
    "#]],
    );
    let guide = told(&bursar(&["program", "guide", &before]).output().unwrap());
    assert!(guide.starts_with("0\n# OpenAI Researcher Access Program\n"), "{guide}");
    let schema = bursar(&["program", "schema"]).output().unwrap();
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    assert_eq!(schema["properties"]["review"]["required"][0], "zone");
}

#[test]
fn a_program_file_that_is_not_there_is_named() {
    check(
        &["program", "guide", "/nowhere/program.toml"],
        expect![[r#"
        1
        error: failed to read `/nowhere/program.toml`: No such file or directory (os error 2)
    "#]],
    );
    check(
        &["program", "plan", "/nowhere/program.toml", "--months", "0"],
        expect![[r#"
        2
        error: invalid value '0' for '--months <COUNT>': 0 is not in 1..=120

        For more information, try '--help'.
    "#]],
    );
}
