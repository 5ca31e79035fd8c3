//! Mails are listed, written and tried again by a script, and what came back is reported.

use bursar_api::types::{MailsQuery, ReportBounce, TrialMail};

use crate::house::House;

#[tokio::test]
async fn a_test_is_written_listed_and_reported_to_have_come_back() {
    let house = House::open().await;
    let client = &house.client;
    let to = "postmaster@example.edu".to_owned();
    let mail = client.send_trial_mail(&TrialMail { to }).await.unwrap();
    assert_eq!((mail.state.as_str(), mail.letter.as_str(), mail.attempts), ("written", "trial", 0));
    let all = client.mails(&MailsQuery::default()).await.unwrap().mails;
    assert_eq!(all, std::slice::from_ref(&mail));
    let again = client.retry_mail(mail.id).await.unwrap();
    assert_eq!(again.state, "waiting");
    let which = |state: &str| MailsQuery { state: Some(state.to_owned()), limit: Some(5) };
    assert_eq!(client.mails(&which("waiting")).await.unwrap().mails, [again]);
    assert_eq!(client.mails(&which("sent")).await.unwrap().mails, []);
    let odd = client.mails(&which("gone")).await.unwrap_err().to_string();
    assert!(odd.contains("`gone` is no state of a mail"), "{odd}");
    let of = format!("<{}@example.edu>", mail.id);
    let told = ReportBounce { of, why: "550 5.1.1 gone".to_owned() };
    let back = client.report_bounce(&told).await.unwrap();
    assert_eq!((back.email.as_str(), back.mail), ("postmaster@example.edu", Some(mail.id)));
    let silent = ReportBounce { why: String::new(), ..told };
    let silent = client.report_bounce(&silent).await.unwrap_err().to_string();
    assert!(silent.contains("Say why"), "{silent}");
}
