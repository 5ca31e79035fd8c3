//! What is not well formed is refused with what to do, and changes nothing.

use std::fmt::Write as _;

use bursar_api::types::GrantsQuery;
use expect_test::{Expect, expect};
use http::Request;

use crate::house::{House, TOKEN, program, text};

/// What the door answers to one request, in one line (two with a hint).
async fn told(house: &House, method: &str, path: &str, body: &str) -> String {
    let (status, answer) = house.send(method, path, body).await;
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let error = answer["error"].as_object().unwrap_or_else(|| panic!("an error, not {answer}"));
    let say = |name: &str| error.get(name).and_then(|value| value.as_str());
    let mut told = format!("{status} {}: {}", say("code").unwrap(), say("message").unwrap());
    if let (Some(line), Some(column)) = (error.get("line"), error.get("column")) {
        write!(told, " (line {line} column {column})").unwrap();
    }
    for bad in error.get("fields").and_then(|fields| fields.as_array()).into_iter().flatten() {
        write!(told, "; {}: {}", bad["field"], bad["message"]).unwrap();
    }
    if let Some(hint) = say("hint") {
        write!(told, "\n    hint: {hint}").unwrap();
    }
    told
}

async fn check(method: &str, path: &str, bodies: &[&str], expected: Expect) {
    let house = House::open().await;
    let before = house.client.program_money(&program()).await.unwrap();
    let mut all = String::new();
    for body in bodies {
        writeln!(all, "{body}\n  {}", told(&house, method, path, body).await).unwrap();
    }
    assert_eq!(house.client.program_money(&program()).await.unwrap(), before);
    expected.assert_eq(&all);
}

#[tokio::test]
async fn a_grant_that_cannot_be_read_is_not_issued() {
    let bodies = [
        "",
        "{",
        "[]",
        r#"["openai-researcher-access","ada@example.edu","5",null,null]"#,
        "{\n  \"program\": \"openai-researcher-access\",\n  \"holder\": 1\n}",
        r#"{"program":"openai-researcher-access","holder":"ada@example.edu"}"#,
        r#"{"amount":5}"#,
        r#"{"amount":"five"}"#,
        r#"{"amount":"1e3"}"#,
        r#"{"amount":" 5"}"#,
        r#"{"amount":"0.0000000001"}"#,
        r#"{"amount":"99999999999"}"#,
        r#"{"amount":"5","amount":"6"}"#,
        r#"{"amount":"5","tip":"1"}"#,
        r#"{"program":"openai-researcher-access","holder":"ada@example.edu","amount":"5"} {}"#,
    ];
    check("POST", "/api/grants", &bodies, expect![[r#"

          400 malformed_json: the body is not JSON: EOF while parsing a value (line 1 column 0)
        {
          400 malformed_json: the body is not JSON: EOF while parsing an object (line 1 column 1)
        []
          422 invalid_request: the body is not a JSON object
        ["openai-researcher-access","ada@example.edu","5",null,null]
          422 invalid_request: the body is not a JSON object
        {
          "program": "openai-researcher-access",
          "holder": 1
        }
          422 invalid_request: invalid type: integer `1`, expected a string (line 3 column 13)
        {"program":"openai-researcher-access","holder":"ada@example.edu"}
          422 invalid_request: missing field `amount` (line 1 column 65)
        {"amount":5}
          422 invalid_request: invalid type: integer `5`, expected an amount of dollars as a string, such as "0.25" (line 1 column 11)
        {"amount":"five"}
          422 invalid_request: an amount is digits with at most one point, such as `1000` or `0.25` (line 1 column 16)
        {"amount":"1e3"}
          422 invalid_request: an amount is digits with at most one point, such as `1000` or `0.25` (line 1 column 15)
        {"amount":" 5"}
          422 invalid_request: an amount is digits with at most one point, such as `1000` or `0.25` (line 1 column 14)
        {"amount":"0.0000000001"}
          422 invalid_request: an amount has at most nine digits after the point (line 1 column 24)
        {"amount":"99999999999"}
          422 invalid_request: an amount is at most 9,223,372,036 dollars (line 1 column 23)
        {"amount":"5","amount":"6"}
          422 invalid_request: duplicate field `amount` (line 1 column 22)
        {"amount":"5","tip":"1"}
          422 invalid_request: unknown field `tip`, expected one of `program`, `holder`, `amount`, `expires`, `title`, `origin`, `tier` (line 1 column 19)
        {"program":"openai-researcher-access","holder":"ada@example.edu","amount":"5"} {}
          400 malformed_json: the body is not JSON: trailing characters (line 1 column 80)
    "#]]).await;
}

/// A sound request but for what is changed.
fn grant(changes: &str) -> String {
    let mut sound = serde_json::json!({
        "program": "openai-researcher-access", "holder": "ada@example.edu", "amount": "5",
    });
    let changes: serde_json::Value = serde_json::from_str(changes).unwrap();
    for (name, value) in changes.as_object().unwrap() {
        sound[name] = value.clone();
    }
    sound.to_string()
}

#[tokio::test]
async fn a_grant_that_does_not_fit_is_not_issued() {
    let house = House::open().await;
    let changes = [
        r#"{"amount":"-5"}"#,
        r#"{"amount":"0"}"#,
        r#"{"holder":"ada"}"#,
        r#"{"program":"no-such"}"#,
        r#"{"expires":"soon"}"#,
        r#"{"expires":"9999-12-31"}"#,
        r#"{"expires":"-000001-01-01"}"#,
        r#"{"title":"a\nb"}"#,
        "{}",
    ];
    let mut all = String::new();
    for change in changes {
        let told = told(&house, "POST", "/api/grants", &grant(change)).await;
        writeln!(all, "{change}\n  {told}").unwrap();
    }
    expect![[r#"
        {"amount":"-5"}
          422 invalid_request: `amount` cannot be taken as sent; "amount": "The amount must be more than $0"
        {"amount":"0"}
          422 invalid_request: `amount` cannot be taken as sent; "amount": "The amount must be more than $0"
        {"holder":"ada"}
          422 invalid_request: `holder` cannot be taken as sent; "holder": "Enter an email address, like name@example.edu"
        {"program":"no-such"}
          404 not_found: there is no program `no-such`
        {"expires":"soon"}
          422 invalid_request: `expires` cannot be taken as sent; "expires": "Write a date, like 2027-03-01, or an instant with its zone, like 2027-03-01T12:00:00Z"
        {"expires":"9999-12-31"}
          422 invalid_request: `expires` cannot be taken as sent; "expires": "Write a date, like 2027-03-01, or an instant with its zone, like 2027-03-01T12:00:00Z"
        {"expires":"-000001-01-01"}
          422 invalid_request: `expires` cannot be taken as sent; "expires": "Write a date, like 2027-03-01, or an instant with its zone, like 2027-03-01T12:00:00Z"
        {"title":"a\nb"}
          422 invalid_request: `title` cannot be taken as sent; "title": "The title must be a line of 200 characters or fewer"
        {}
          409 refused: the pool of `openai-researcher-access` holds $0.00 and $5.00 was asked for
            hint: fund the program first: `bursar program fund --program openai-researcher-access --amount USD`
    "#]].assert_eq(&all);
    assert_eq!(house.client.grants(&GrantsQuery::default()).await.unwrap().grants, []);
}

#[tokio::test]
async fn a_cap_is_an_amount_or_said_to_be_none() {
    let bodies = [
        "{}",
        r#"{"cap":25}"#,
        r#"{"cap":"-1"}"#,
        r#"{"cap":"0"}"#,
        r#"{"cap":"a lot"}"#,
        r#"{"cap":"99999999999"}"#,
        r#"{"cap":"5","grant":"x"}"#,
        r#"{"cap":null}"#,
    ];
    check("PUT", "/api/keys/key_01kag3v5f0e7s9m4q2x8w6t1zc/cap", &bodies, expect![[r#"
        {}
          422 invalid_request: missing field `cap` (line 1 column 2)
        {"cap":25}
          422 invalid_request: invalid type: integer `25`, expected an amount of dollars as a string, such as "0.25" (line 1 column 9)
        {"cap":"-1"}
          422 invalid_request: `cap` cannot be taken as sent; "cap": "The amount must be more than $0"
        {"cap":"0"}
          422 invalid_request: `cap` cannot be taken as sent; "cap": "The amount must be more than $0"
        {"cap":"a lot"}
          422 invalid_request: an amount is digits with at most one point, such as `1000` or `0.25` (line 1 column 14)
        {"cap":"99999999999"}
          422 invalid_request: an amount is at most 9,223,372,036 dollars (line 1 column 20)
        {"cap":"5","grant":"x"}
          422 invalid_request: unknown field `grant`, expected `cap` (line 1 column 18)
        {"cap":null}
          404 not_found: there is no key `key_01kag3v5f0e7s9m4q2x8w6t1zc`
    "#]]).await;
}

#[tokio::test]
async fn the_clock_is_told_once_how_far() {
    let bodies = [
        "{}",
        r#"{"by":"1w","next":true}"#,
        r#"{"by":"-1w"}"#,
        r#"{"by":"a while"}"#,
        r#"{"by":"P900000Y"}"#,
        r#"{"by":"10y"}"#,
        r#"{"to":"2026-11-21"}"#,
        r#"{"to":"99999-01-01"}"#,
        r#"{"next":false}"#,
    ];
    check("POST", "/api/clock/advance", &bodies, expect![[r#"
        {}
          422 invalid_request: how far to turn the clock is said once
            hint: send one of `by`, `to` and `next`
        {"by":"1w","next":true}
          422 invalid_request: how far to turn the clock is said once
            hint: send one of `by`, `to` and `next`
        {"by":"-1w"}
          422 invalid_request: `by` cannot be taken as sent; "by": "Write how far to turn the clock on, like 12h, 3d, 1w or P1W"
        {"by":"a while"}
          422 invalid_request: `by` cannot be taken as sent; "by": "Write how far to turn the clock on, like 12h, 3d, 1w or P1W"
        {"by":"P900000Y"}
          422 invalid_request: `by` cannot be taken as sent; "by": "Write how far to turn the clock on, like 12h, 3d, 1w or P1W"
        {"by":"10y"}
          409 refused: turn the clock back, or more than five years on
            hint: name a later instant within five years
        {"to":"2026-11-21"}
          409 refused: turn the clock back, or more than five years on
            hint: name a later instant within five years
        {"to":"99999-01-01"}
          422 invalid_request: `to` cannot be taken as sent; "to": "Write a date, like 2027-03-01, or an instant with its zone, like 2027-03-01T12:00:00Z"
        {"next":false}
          422 invalid_request: how far to turn the clock is said once
            hint: send one of `by`, `to` and `next`
    "#]]).await;
}

#[tokio::test]
async fn people_are_appointed_to_roles_that_exist() {
    let bodies = [
        r#"{"email":"g@example.edu","name":"G","roles":["boss"]}"#,
        r#"{"email":"g@example.edu","name":"G","roles":"officer"}"#,
        r#"{"email":"g@example","name":"G","roles":[]}"#,
        r#"{"email":"g@example.edu","name":"G\u0007","roles":[]}"#,
    ];
    check("POST", "/api/people", &bodies, expect![[r#"
        {"email":"g@example.edu","name":"G","roles":["boss"]}
          422 invalid_request: unknown variant `boss`, expected one of `researcher`, `reviewer`, `officer`, `operator` (line 1 column 51)
        {"email":"g@example.edu","name":"G","roles":"officer"}
          422 invalid_request: invalid type: string "officer", expected a sequence (line 1 column 53)
        {"email":"g@example","name":"G","roles":[]}
          422 invalid_request: `email` cannot be taken as sent; "email": "Enter an email address, like name@example.edu"
        {"email":"g@example.edu","name":"G\u0007","roles":[]}
          422 invalid_request: `name` cannot be taken as sent; "name": "A name must be 200 characters or fewer"
    "#]]).await;
}

async fn check_all(asked: &[(&str, &str)], expected: Expect) {
    let house = House::open().await;
    let mut all = String::new();
    for (method, path) in asked {
        writeln!(all, "{method} {path}\n  {}", told(&house, method, path, "").await).unwrap();
    }
    expected.assert_eq(&all);
}

#[tokio::test]
async fn what_is_not_there_is_said_in_json() {
    let asked = [
        ("GET", "/api"),
        ("GET", "/api/"),
        ("GET", "/api/nothing/here"),
        ("PUT", "/api/grants"),
        ("GET", "/api/clock/advance"),
        ("GET", "/api/grants/grant_01kag3v5f0e7s9m4q2x8w6t1zc"),
        ("GET", "/api/grants/grant_01kag3v5f0e7s9m4q2x8w6t1zc/calls"),
        ("GET", "/api/grants/key_01kag3v5f0e7s9m4q2x8w6t1zc"),
        ("GET", "/api/grants/%FF"),
        ("DELETE", "/api/keys/key_01kag3v5f0e7s9m4q2x8w6t1zc"),
        ("GET", "/api/calls/req_01kag3v5f0e7s9m4q2x8w6t1zc"),
        ("GET", "/api/programs/none/money"),
        ("GET", "/api/programs/openai-researcher-access/rounds/2026-13"),
        ("GET", "/api/grants?program=none"),
    ];
    check_all(&asked, expect![[r#"
        GET /api
          404 not_found: there is nothing at `/api`
            hint: `/api/openapi.json` lists every route
        GET /api/
          404 not_found: there is nothing at `/api/`
            hint: `/api/openapi.json` lists every route
        GET /api/nothing/here
          404 not_found: there is nothing at `/api/nothing/here`
            hint: `/api/openapi.json` lists every route
        PUT /api/grants
          405 method_not_allowed: `/api/grants` does not answer `PUT`
            hint: `/api/openapi.json` lists every route
        GET /api/clock/advance
          405 method_not_allowed: `/api/clock/advance` does not answer `GET`
            hint: `/api/openapi.json` lists every route
        GET /api/grants/grant_01kag3v5f0e7s9m4q2x8w6t1zc
          404 not_found: there is no grant `grant_01kag3v5f0e7s9m4q2x8w6t1zc`
        GET /api/grants/grant_01kag3v5f0e7s9m4q2x8w6t1zc/calls
          404 not_found: there is no grant `grant_01kag3v5f0e7s9m4q2x8w6t1zc`
        GET /api/grants/key_01kag3v5f0e7s9m4q2x8w6t1zc
          404 not_found: `key_01kag3v5f0e7s9m4q2x8w6t1zc` is not a grant's identifier; one looks like `grant_01jd3…`
        GET /api/grants/%FF
          404 not_found: there is nothing at this address
        DELETE /api/keys/key_01kag3v5f0e7s9m4q2x8w6t1zc
          404 not_found: there is no key `key_01kag3v5f0e7s9m4q2x8w6t1zc`
        GET /api/calls/req_01kag3v5f0e7s9m4q2x8w6t1zc
          404 not_found: there is no settled call `req_01kag3v5f0e7s9m4q2x8w6t1zc`
        GET /api/programs/none/money
          404 not_found: there is no program `none`
        GET /api/programs/openai-researcher-access/rounds/2026-13
          404 not_found: there is no round `2026-13` of `openai-researcher-access`
        GET /api/grants?program=none
          404 not_found: there is no program `none`
    "#]]).await;
    let house = House::open().await;
    let token = Request::builder().header("authorization", format!("Bearer {TOKEN}"));
    let wrong = house.knock(token, "PUT", "/api/grants", "").await;
    assert_eq!(wrong.headers()["allow"], "GET,HEAD,POST");
}

#[tokio::test]
async fn a_query_says_what_it_means() {
    let asked = [
        ("GET", "/api/grants?programme=x"),
        ("GET", "/api/grants?program=a&program=b"),
        ("GET", "/api/grants/grant_01kag3v5f0e7s9m4q2x8w6t1zc/calls?limit=0"),
        ("GET", "/api/grants/grant_01kag3v5f0e7s9m4q2x8w6t1zc/calls?limit=1001"),
        ("GET", "/api/grants/grant_01kag3v5f0e7s9m4q2x8w6t1zc/calls?limit=-1"),
        ("GET", "/api/grants/grant_01kag3v5f0e7s9m4q2x8w6t1zc/calls?before=x"),
        ("GET", "/api/applications?state=draft"),
    ];
    check_all(&asked, expect![[r#"
        GET /api/grants?programme=x
          422 invalid_request: the query cannot be taken: programme: unknown field `programme`, expected `program`
        GET /api/grants?program=a&program=b
          422 invalid_request: the query cannot be taken: duplicate field `program`
        GET /api/grants/grant_01kag3v5f0e7s9m4q2x8w6t1zc/calls?limit=0
          422 invalid_request: `limit` cannot be taken as sent; "limit": "The limit must be from 1 to 1000"
        GET /api/grants/grant_01kag3v5f0e7s9m4q2x8w6t1zc/calls?limit=1001
          422 invalid_request: `limit` cannot be taken as sent; "limit": "The limit must be from 1 to 1000"
        GET /api/grants/grant_01kag3v5f0e7s9m4q2x8w6t1zc/calls?limit=-1
          422 invalid_request: the query cannot be taken: limit: invalid digit found in string
        GET /api/grants/grant_01kag3v5f0e7s9m4q2x8w6t1zc/calls?before=x
          422 invalid_request: the query cannot be taken: before: `x` is not a request's identifier; one looks like `req_01jd3…`
        GET /api/applications?state=draft
          422 invalid_request: `state` cannot be taken as sent; "state": "The state must be one of submitted, in_review, decided, award_offered, declined, accepted, granted, withdrawn, award_declined, waitlisted, award_lapsed"
    "#]]).await;
}

#[tokio::test]
async fn a_body_is_json_of_bounded_size() {
    let house = House::open().await;
    let fund = "/api/programs/openai-researcher-access/fund";
    let form = Request::builder()
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(house.knock(form, "POST", fund, "amount=5").await.status().as_u16(), 415);
    let huge = format!("{{\"amount\":\"{}\"}}", "9".repeat(1024 * 1024));
    assert_eq!(house.send("POST", fund, &huge).await.0, 413);
    let deep = "[".repeat(100_000);
    assert_eq!(house.send("POST", fund, &deep).await.0, 422, "a list is not an object");
    let deep = format!("{{\"amount\":{deep}");
    assert_eq!(house.send("POST", fund, &deep).await.0, 422, "nor is it an amount");
    assert_eq!(house.client.program_money(&program()).await.unwrap().funded.nanos(), 0);
}

#[tokio::test]
async fn nobody_gets_in_without_the_token() {
    let house = House::open().await;
    let tokens = [
        None,
        Some("Bearer wrong"),
        Some("Bearer "),
        Some("Bearer"),
        Some("Basic YTpi"),
        Some(TOKEN),
    ];
    let document = bursar_api::openapi();
    let mut knocks = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            for token in tokens {
                let mut request = Request::builder().header("content-type", "application/json");
                if let Some(token) = token {
                    request = request.header("authorization", token);
                }
                let method = method.to_uppercase();
                let answer = house.knock(request, &method, path, "{").await;
                assert_eq!(answer.status().as_u16(), 401, "{method} {path} with {token:?}");
                assert_eq!(answer.headers()["www-authenticate"], "Bearer realm=\"bursar\"");
                assert_eq!(answer.headers()["cache-control"], "no-store");
                assert!(text(answer).await.contains("invalid_token"));
                knocks += 1;
            }
        }
    }
    assert_eq!(knocks, tokens.len() * 106, "every route was tried");
    let request = Request::builder().header("authorization", format!("bEARER  {TOKEN}"));
    assert_eq!(house.knock(request, "GET", "/api/clock", "").await.status().as_u16(), 200);
}
