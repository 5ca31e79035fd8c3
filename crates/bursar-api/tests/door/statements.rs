//! Statements through the door: they add up, hand over, and read the same as JSON and as CSV.

use bursar_api::types::{Advance, IssueGrant, NewKey, Return, StatementQuery};
use bursar_client::{ClientError, Statement};
use bursar_kernel::Usd;

use crate::house::{House, program, text};
use crate::story::spend;

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn wanted(from: Option<&str>, to: Option<&str>) -> StatementQuery {
    let (from, to) = (from.map(str::to_owned), to.map(str::to_owned));
    StatementQuery { from, to, ..StatementQuery::default() }
}

async fn days_pass(house: &House, to: &str) {
    let to = Some(to.to_owned());
    house.client.advance_clock(&Advance { to, ..Advance::default() }).await.unwrap();
}

#[tokio::test]
async fn a_statement_adds_up_and_hands_over_to_the_next() {
    let house = House::open().await;
    let client = &house.client;
    client.fund(&program(), usd("1000")).await.unwrap();
    let grant = IssueGrant {
        program: program(),
        holder: "ada@example.edu".to_owned(),
        amount: usd("10"),
        expires: Some("2026-12-25".to_owned()),
        title: None,
        origin: None,
        tier: None,
    };
    let id = client.issue_grant(&grant).await.unwrap().id;
    let secret = client.make_key(id, &NewKey::default()).await.unwrap().secret;
    let mut calls = vec![spend(&house, &secret, "0.000400001").await];
    calls.push(spend(&house, &secret, "0.0002").await);
    days_pass(&house, "2026-12-02T12:00:00Z").await;
    calls.push(spend(&house, &secret, "0.001").await);
    client.return_credit(id, &Return { amount: Some(usd("2.5")) }).await.unwrap();
    days_pass(&house, "2026-12-26").await;

    let of = Statement::Grant(id);
    let all = client.statement(&of, &wanted(None, None)).await.unwrap();
    let shown: Vec<String> = all
        .lines
        .iter()
        .map(|line| format!("{} {} {} {:?}", line.kind, line.amount, line.balance, line.charges))
        .collect();
    let expected = [
        "issue 10.00 10.00 None",
        "calls -0.000600001 9.999399999 Some(2)",
        "calls -0.001 9.998399999 Some(1)",
        "return -2.50 7.498399999 None",
        "expire -7.498399999 0.00 None",
    ];
    assert_eq!(
        (shown, all.opening, all.closing),
        (expected.map(str::to_owned).to_vec(), Usd::ZERO, Usd::ZERO)
    );

    let first = client.statement(&of, &wanted(None, Some("2026-12-01"))).await.unwrap();
    let second = client.statement(&of, &wanted(Some("2026-12-01"), None)).await.unwrap();
    assert_eq!((first.closing, first.lines.len()), (usd("9.999399999"), 2));
    assert_eq!((second.opening, second.lines.len()), (first.closing, 3));

    let each = StatementQuery { calls: true, ..wanted(None, None) };
    let each = client.statement(&of, &each).await.unwrap();
    let charged: Vec<_> = each.lines.iter().filter_map(|line| line.call).collect();
    assert_eq!((charged, each.closing), (calls, Usd::ZERO), "each line names its call");

    let mut csv = Vec::new();
    let write = |piece: &[u8]| {
        csv.extend_from_slice(piece);
        Ok(())
    };
    client.statement_csv(&of, &wanted(None, None), write).await.unwrap();
    let csv = String::from_utf8(csv).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3 + all.lines.len());
    assert_eq!(lines[1], format!("{},opening,,,0.00,,,,,,,", all.from));
    assert!(lines[3].ends_with("Z,calls,,-0.000600001,9.999399999,2,,,,,,"), "{}", lines[3]);
    assert!(lines[7].ends_with("Z,closing,,,0.00,,,,,,,"), "{}", lines[7]);

    let pool = client.statement(&Statement::Pool(program()), &wanted(None, None)).await.unwrap();
    let kinds: Vec<_> = pool.lines.iter().map(|line| (&*line.kind, line.grant)).collect();
    assert_eq!(kinds, [("fund", None), ("issue", Some(id)), ("return", Some(id))]);
    assert_eq!(pool.closing, client.program_money(&program()).await.unwrap().pool);
}

#[tokio::test]
async fn a_period_that_ends_before_it_begins_is_refused_by_its_field() {
    let house = House::open().await;
    let pool = Statement::Pool(program());
    let refused = client_error(&house, &pool, wanted(Some("2026-11-20"), Some("2026-11-20"))).await;
    assert!(refused.contains("`to`: The statement must end after it begins"), "{refused}");
    let refused = client_error(&house, &pool, wanted(Some("soon"), None)).await;
    assert!(refused.contains("`from`: Write a date"), "{refused}");
    let answer = house.send("GET", "/api/programs/nowhere/statement", "").await;
    assert_eq!(answer.0, 404);
    let nobody = http::Request::builder();
    let path = format!("/api/programs/{}/statement", crate::house::PROGRAM);
    let answer = house.knock(nobody, "GET", &path, "").await;
    assert_eq!(answer.status().as_u16(), 401, "{}", text(answer).await);
}

async fn client_error(house: &House, of: &Statement, which: StatementQuery) -> String {
    let refused: ClientError = house.client.statement(of, &which).await.unwrap_err();
    refused.to_string()
}
