//! Holders are told in time: a year of the clock, with the jobs there and with the jobs away.

use bursar_kernel::GrantId;
use bursar_policy::Viewer;

use crate::desk::{Desk, usd};

impl Desk {
    /// Runs the jobs on a day.
    async fn on(&self, day: &str) {
        self.clock.put(day);
        self.service.run_due().await.unwrap();
    }

    /// Runs the jobs once a day from one day to another.
    async fn daily(&self, from: &str, to: &str) {
        let (from, to): (jiff::civil::Date, jiff::civil::Date) =
            (from.parse().unwrap(), to.parse().unwrap());
        for day in from.series(jiff::Span::new().days(1)).take_while(|day| *day <= to) {
            self.on(&day.to_string()).await;
        }
    }

    /// The letters of this room, the oldest first: when, and their subject.
    async fn told(&self) -> Vec<String> {
        let mails = self.service.store().mails(500).await.unwrap();
        let is_notice = |subject: &str| {
            ["expires in", "running low", "used up"].iter().any(|part| subject.contains(part))
        };
        let letters = mails.iter().rev().filter(|mail| is_notice(&mail.subject));
        let line = |mail: &bursar_store::rows::Mail| {
            let what = mail.subject.replace("Your credit from ", "");
            format!("{} {what}", mail.created_at.strftime("%F"))
        };
        letters.map(line).collect()
    }

    async fn newest(&self, part: &str) -> String {
        let mails = self.service.store().mails(500).await.unwrap();
        mails.into_iter().find(|mail| mail.subject.contains(part)).expect("a letter").body
    }

    async fn back(&self, grant: GrantId, amount: &str) {
        self.service.return_credit(&Viewer::Operator, grant, usd(amount)).await.unwrap();
    }
}

const NAME: &str = "OpenAI Researcher Access Program";

#[tokio::test]
async fn each_letter_comes_once_in_a_year_of_days() {
    let desk = Desk::new("2026-11-22").await;
    let grant = desk.grant("ada@lab.example", "1000").await;
    let caller = desk.caller(grant).await;
    desk.daily("2026-11-22", "2027-08-01").await;
    assert_eq!(desk.told().await, Vec::<String>::new());
    desk.spend(&caller, "100").await;
    desk.daily("2027-08-02", "2027-11-01").await;
    desk.spend(&caller, "720").await;
    desk.daily("2027-11-01", "2027-12-01").await;
    // Run again: nothing is told twice.
    desk.on("2027-12-01").await;
    let expected = [
        format!("2027-08-24 {NAME} expires in 90 days"),
        format!("2027-10-23 {NAME} expires in 30 days"),
        format!("2027-11-01 {NAME} is running low"),
        format!("2027-11-15 {NAME} expires in 7 days"),
        format!("2027-11-21 {NAME} expires in 1 day"),
    ];
    assert_eq!(desk.told().await, expected);
    assert_eq!(desk.service.store().notices(grant).await.unwrap().len(), expected.len());
    assert!(desk.mails().await.iter().any(|subject| subject.ends_with("has expired")));
    desk.audit().await;
}

#[tokio::test]
async fn a_job_that_was_down_tells_the_newest_that_is_still_true() {
    let desk = Desk::new("2026-11-22").await;
    desk.grant("ada@lab.example", "1000").await;
    desk.on("2027-10-30").await;
    let late = [format!("2027-10-30 {NAME} expires in 23 days")];
    assert_eq!(desk.told().await, late);
    desk.on("2027-10-31").await;
    assert_eq!(desk.told().await, late);
    // Down until it was over: nobody is told of what has been.
    desk.on("2027-11-22").await;
    assert_eq!(desk.told().await, late);
}

#[tokio::test]
async fn used_up_is_told_once_and_what_went_back_is_not_used() {
    let desk = Desk::new("2026-11-22").await;
    let grant = desk.grant("ada@lab.example", "100").await;
    let caller = desk.caller(grant).await;
    desk.spend(&caller, "79.99").await;
    desk.on("2026-11-23").await;
    assert_eq!(desk.told().await, Vec::<String>::new());
    desk.spend(&caller, "20.01").await;
    desk.daily("2026-11-24", "2026-12-10").await;
    let used_up = [format!("2026-11-24 {NAME} is used up")];
    assert_eq!(desk.told().await, used_up, "the newest, and not that it ran low before");

    let back = desk.grant("ben@lab.example", "100").await;
    let caller = desk.caller(back).await;
    desk.spend(&caller, "50").await;
    desk.clock.put("2026-12-11");
    desk.back(back, "50").await;
    let whole = desk.grant("eve@lab.example", "100").await;
    desk.back(whole, "100").await;
    desk.daily("2026-12-11", "2027-12-20").await;
    assert_eq!(desk.told().await, used_up);
    desk.audit().await;
}

#[tokio::test]
async fn little_that_is_left_is_not_worth_a_letter() {
    let desk = Desk::new("2026-11-22").await;
    desk.grant("ada@lab.example", "0.99").await;
    desk.grant("ben@lab.example", "1").await;
    desk.on("2027-08-24").await;
    assert_eq!(desk.told().await.len(), 1);
}

#[tokio::test]
async fn a_letter_says_what_is_lost_until_when_and_what_can_be_done() {
    let desk = Desk::new("2026-11-22T09:30:00Z").await;
    let grant = desk.grant("ada@lab.example", "1000").await;
    let caller = desk.caller(grant).await;
    for day in ["2027-10-05T10:00:00Z", "2027-10-12T10:00:00Z", "2027-10-21T10:00:00Z"] {
        desk.clock.put(day);
        desk.spend(&caller, "28").await;
    }
    desk.on("2027-10-23T09:30:00Z").await;
    let letter = desk.newest("expires in 30 days").await;
    let page = format!("http://portal.example/grants/{grant}");
    for part in [
        "$916.00 of your grant \"A test\" is not spent",
        "It ends on 22 November 2027, 09:30 UTC, and nothing can be spent at that instant",
        "That end is fixed",
        "At the pace of the last 28 days, $3.00 a day, $826.00 of it will be lost",
        "like the fastest of them it is $796.00, if every week is like the slowest $916.00",
        "Use it: $30.54 a day uses all of it",
        "could be awarded to somebody else: $826.00 today, and $27.54 less with each day",
        &format!("{page}/return"),
        &format!("{page}/next"),
    ] {
        assert!(letter.contains(part), "{part} is not in\n{letter}");
    }
    assert!(!letter.contains("/sell"), "research credit is not sold:\n{letter}");
    for word in ["extend", "extension", "renew", "later date"] {
        assert!(!letter.contains(word), "{word} is in\n{letter}");
    }
}

#[tokio::test]
async fn a_letter_about_what_is_spent_names_both_roads() {
    let desk = Desk::new("2026-11-22").await;
    let grant = desk.grant("ada@lab.example", "100").await;
    let firm = desk.brought_in("firm@corp.example", "500", "2027-06-01").await;
    desk.list(firm, "400", "55").await;
    let caller = desk.caller(grant).await;
    desk.spend(&caller, "85").await;
    desk.on("2026-11-23").await;
    let low = desk.newest("running low").await;
    for part in [
        "Four fifths of your grant \"A test\" are spent: $15.00 is left",
        "ends on 22 November 2027, 00:00 UTC",
        "$85.00 a day, it lasts until 23 November 2026",
        "Apply again, with your research progress. Submit before 1 December 2026, 00:00 UTC; the \
         decision comes after 1 January 2027, and credit between 29 January 2027 and 12 February \
         2027",
        "The best offer is 45 % off retail, for up to $400.00 of credit that ends on 1 June 2027; \
         it can be used at once, 67 days sooner",
    ] {
        assert!(low.contains(part), "{part} is not in\n{low}");
    }
    desk.spend(&caller, "15").await;
    desk.on("2026-11-24").await;
    let letter = desk.newest("used up").await;
    assert!(letter.contains("$100.00 was spent of it"), "{letter}");
    assert!(letter.contains("Apply again") && letter.contains("Buy on the market"), "{letter}");
}

#[tokio::test]
async fn a_market_letter_says_that_it_can_be_sold() {
    let desk = Desk::new("2026-11-22").await;
    let grant = desk.brought_in("firm@corp.example", "500", "2027-06-01").await;
    desk.on("2027-05-25").await;
    let letter = desk.newest("expires in 7 days").await;
    assert!(letter.contains(&format!("/grants/{grant}/sell")), "{letter}");
    assert!(letter.contains("could bring about $350.00 today, and $50.00 less"), "{letter}");
    assert!(letter.contains("Nothing was spent on it in the last 28 days"), "{letter}");
}
