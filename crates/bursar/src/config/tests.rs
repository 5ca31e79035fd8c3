//! A configuration file is read whole, and everything that is wrong with it is told at once.

use std::path::Path;

use super::parse;

fn read(text: &str) -> String {
    match parse("bursar.toml", text, Path::new("etc")) {
        Ok(config) => format!("{config:#?}"),
        Err(mistakes) => mistakes.to_string(),
    }
}

#[test]
fn every_mistake_is_told_at_once() {
    let text = r#"
listen = "somewhere"
public_url = "credits.example.edu"
adminstrator = "ada@example.edu"

[[upstream]]
base_url = "ftp://example.edu"
api_key = "sk-secret"
api_key_env = "A"
api_key_file = "b"
"#;
    let told = read(text);
    for part in [
        "bursar.toml:2:10",
        "bursar.toml:3:14: `public_url` is not an address",
        "unknown key `adminstrator`\nhint: did you mean `administrator`?",
        "a key does not stand in a configuration file",
        "one key is named twice",
        "`base_url` is not an address",
        "`name`",
    ] {
        assert!(told.contains(part), "{part} is missing from:\n{told}");
    }
    assert!(!told.contains("sk-secret"), "{told}");
}

#[test]
fn an_upstream_takes_the_place_of_the_sandbox() {
    assert!(read("").contains("sandbox: true"));
    let told = read("[[upstream]]\nname = \"a\"\nbase_url = \"https://a.example/v1/\"\n");
    assert!(told.contains("sandbox: false"), "{told}");
    assert!(told.contains("base_url: \"https://a.example/v1\""), "{told}");
}

#[test]
fn several_upstreams_share_a_group_by_weight_and_model() {
    let told = read(
        r#"
[[upstream]]
name = "a"
base_url = "https://a.example/api/v1"
weight = 3
models = ["gpt-4o-mini"]

[[upstream]]
name = "b"
kind = "azure"
base_url = "https://b.openai.azure.com"
api_version = "2024-10-21"
deployments = { "gpt-5.4-mini" = "my-mini" }
weight = 0
"#,
    );
    for part in [
        "weight: 3",
        "models: Some(",
        "\"gpt-4o-mini\"",
        "weight: 0",
        "api_version: \"2024-10-21\"",
        "\"gpt-5.4-mini\": \"my-mini\"",
        "pins_service_tier: false",
    ] {
        assert!(told.contains(part), "{part} is missing from:\n{told}");
    }
}

#[test]
fn what_only_one_kind_of_upstream_knows_is_wrong_at_the_other() {
    let told = read(
        r#"
[[upstream]]
name = "a"
base_url = "https://a.example/v1"
weight = -1
api_version = "v1"
deployments = { "gpt-4o" = "x" }

[[upstream]]
name = "b"
kind = "azure"
base_url = "https://b.example"
models = ["gpt-4o"]

[[upstream]]
name = "c"
kind = "vertex"
base_url = "https://c.example/v1"
"#,
    );
    for part in [
        "`weight` is -1\nhint: use a number from 0 to 1000",
        "`api_version` is for an upstream of Azure's",
        "`deployments` is for an upstream of Azure's",
        "an upstream of Azure's has no list of models",
        "an upstream of Azure's needs its API version and its deployments",
        "`kind` cannot be \"vertex\"\nhint: use one of `openai`, `azure`",
    ] {
        assert!(told.contains(part), "{part} is missing from:\n{told}");
    }
}

#[test]
fn calls_are_told_to_nobody_unless_a_collector_is_named() {
    assert!(read("").contains("telemetry: None"));
    let told = read("[telemetry]\nendpoint = \"http://collector:4318/\"\n");
    assert!(told.contains("endpoint: \"http://collector:4318\""), "{told}");
    let told = read(
        "[telemetry]\nendpoint = \"https://a\"\nheaders_file = \"otlp\"\nsample_percent = \"2.5\"\n",
    );
    assert!(told.contains("etc/otlp") && told.contains("250"), "{told}");
    let told = read(
        "[telemetry]\nendpoint = \"http://me:secret@a\"\nsample_percent = \"101\"\nhost = \"a\"\n",
    );
    for part in ["a password does not stand", "`sample_percent`", "unknown key `host`"] {
        assert!(told.contains(part), "{part} is missing from:\n{told}");
    }
    assert!(!told.contains("me:secret"), "{told}");
    assert!(read("[telemetry]\n").contains("`endpoint`"));
}

#[test]
fn cards_are_taken_with_a_key_that_stands_elsewhere() {
    assert!(read("").contains("payments: None"));
    let told = read("[payments]\nstripe_key_env = \"STRIPE\"\n");
    assert!(told.contains("api_base: \"https://api.stripe.com\""), "{told}");
    let told = read("[payments]\napi_base = \"http://127.0.0.1:9/\"\n");
    assert!(told.contains("`[payments]` needs a key"), "{told}");
    let told = read("[payments]\nstripe_key = \"sk_test_secret\"\n");
    assert!(told.contains("a key does not stand in a configuration file"), "{told}");
    assert!(!told.contains("sk_test_secret"), "{told}");
}

#[test]
fn mail_goes_out_where_a_relay_is_named_and_never_in_the_open() {
    assert!(read("").contains("mail: None"));
    let above = "public_url = \"https://credits.example.edu\"\n[mail]\n";
    let told = read(&format!(
        "{above}relay = \"smtp.example.edu:587\"\nsecurity = \"starttls\"\nuser = \"us\"\n\
         password_file = \"mail\"\nfrom = \"Credits <credits@example.edu>\"\n"
    ));
    assert!(told.contains("StartTls") && told.contains("etc/mail"), "{told}");
    let told = read(&format!(
        "{above}relay = \"smtp.example.edu:25\"\nsecurity = \"none\"\nfrom = \"a@b.example\"\n"
    ));
    assert!(told.contains("mail would leave this machine in the open"), "{told}");
    let told = read(&format!(
        "{above}relay = \"[::1]:25\"\nsecurity = \"none\"\nfrom = \"a@b.example\"\n"
    ));
    assert!(told.contains("Plain"), "{told}");
    let told = read("[mail]\nrelay = \"smtp\"\nfrom = \"a\"\npassword = \"s3cret\"\ntls = true\n");
    for part in [
        "links in mail would lead nowhere",
        "`relay` is not the address of a mail relay",
        "`from` is not a mail address",
        "missing key `security`",
        "a password does not stand in a configuration file",
        "unknown key `tls`",
    ] {
        assert!(told.contains(part), "{part} is missing from:\n{told}");
    }
    assert!(!told.contains("s3cret"), "{told}");
    let told = read(&format!(
        "{above}relay = \"localhost:25\"\nsecurity = \"none\"\nfrom = \"a@b.example\"\n\
         user = \"x\"\nreturn_path_tags = true\nhello = \"not a host\"\nconnections = 99\n\
         return_path = \"a-very-long-address-for-what-comes-back@b.example\"\n"
    ));
    for part in ["go together", "no room for tags", "`hello` is not", "`connections`"] {
        assert!(told.contains(part), "{part} is missing from:\n{told}");
    }
}

#[test]
fn people_sign_in_with_providers_that_are_named_whole() {
    assert!(read("").contains("identities: []"));
    let above = "public_url = \"https://credits.example.edu\"\n";
    let orcid = "[[identity]]\nname = \"orcid\"\nlabel = \"ORCID\"\nissuer = \"https://orcid.org\"\n\
                 client_id = \"APP-1\"\nclient_secret_file = \"orcid\"\norcid = true\n";
    let told = read(&format!("{above}{orcid}"));
    assert!(told.contains("scopes: \"openid\"") && told.contains("etc/orcid"), "{told}");
    let told = read(&format!("{above}{orcid}{orcid}"));
    assert!(told.contains("two providers have one name"), "{told}");
    let told = read(
        "[[identity]]\nname = \"Or cid\"\nlabel = \"x\"\nissuer = \"http://id.example.edu\"\n\
         client_id = \"x\"\nclient_secret = \"s3cret\"\nscopes = \"email\"\n",
    );
    for part in [
        "providers would lead back to nowhere",
        "`name` is no name of a provider",
        "`issuer` is not the address of a provider",
        "`scopes` has no `openid`",
        "a secret does not stand in a configuration file",
    ] {
        assert!(told.contains(part), "{part} is missing from:\n{told}");
    }
    assert!(!told.contains("s3cret"), "{told}");
    let told = read(&format!("{above}{}", orcid.replace("client_secret_file = \"orcid\"\n", "")));
    assert!(told.contains("a provider needs one secret"), "{told}");
}

#[test]
fn an_operator_says_which_domains_are_academic_and_which_are_not() {
    let plain = |text: &str| read(text).split_whitespace().collect::<String>();
    assert!(plain("").contains(
        "institutions:Institutions{domains:DomainList{academic:[],refused:[],},providers:[],}"
    ));
    let told =
        plain("[institutions]\nacademic = [\"Lab.Example\"]\nnot = [\"spin.lab.example\"]\n");
    let list = "academic:[\"lab.example\",],refused:[\"spin.lab.example\",]";
    assert!(told.contains(list), "{told}");
    let told = read("[institutions]\nacademic = [\"uni\", \"gmail.com\"]\nnever = []\n");
    for part in [
        ":2:13: `uni` is not a domain",
        ":2:20: `gmail.com` gives addresses to anybody",
        "unknown key `never`",
    ] {
        assert!(told.contains(part), "{part} is missing from:\n{told}");
    }
    let told = read("[institutions.providers]\nuni = \"A university\"\n");
    assert!(told.contains("there is no provider `uni`"), "{told}");
}
