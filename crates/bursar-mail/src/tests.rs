//! Messages, addresses and replies, as text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bursar_kernel::{MailId, Timestamp};
use bursar_outbox::Manner;
use bursar_store::rows::Mail;
use proptest::prelude::*;

use super::*;
use crate::encode::{header, phrase, quoted_printable};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn mail() -> Mail {
    let now = at("2027-01-04T09:00:00Z");
    Mail {
        id: MailId::new(now, [7; 10]),
        to: "ada@example.edu".to_owned(),
        subject: "Your credit is here".to_owned(),
        body: "It is here.\n\n.A line with a point.\nFrom now on: 知 = €\n".to_owned(),
        html: "<p>It is here.</p>".to_owned(),
        letter: "delivered".to_owned(),
        useless_after: None,
        created_at: now,
        sent_at: None,
    }
}

fn sender() -> Sender {
    Sender {
        from: "credits@example.edu".parse().unwrap(),
        name: "Bursar of \"Example\"".to_owned(),
        reply_to: Some("help@example.edu".parse().unwrap()),
        return_path: "bounces@example.edu".parse().unwrap(),
        tags: true,
        base_url: "https://credits.example.edu".to_owned(),
    }
}

fn composed(mail: &Mail, manner: Manner) -> String {
    let to = mail.to.parse().unwrap();
    String::from_utf8(compose(mail, &to, manner, &sender())).unwrap()
}

#[test]
fn a_message_has_all_that_mail_servers_look_for() {
    let mail = mail();
    let text = composed(&mail, Manner::Ordinary);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let expected = [
        "Date: Mon, 04 Jan 2027 09:00:00 +0000",
        "From: \"Bursar of \\\"Example\\\"\" <credits@example.edu>",
        "To: <ada@example.edu>",
        "Reply-To: <help@example.edu>",
        "Subject: Your credit is here",
        &format!("Message-ID: <{}@example.edu>", mail.id),
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Type: multipart/alternative;",
        &format!(" boundary=\"=_{}\"", mail.id),
    ];
    assert_eq!(head.split("\r\n").collect::<Vec<_>>(), expected);
    assert!(body.contains("\r\n=2EA line with a point.\r\n"), "{body}");
    assert!(body.contains("\r\n=46rom now on: =E7=9F=A5 =3D =E2=82=AC\r\n"), "{body}");
    assert!(body.contains("Content-Type: text/html; charset=utf-8\r\n"));
    assert!(text.ends_with(&format!("--=_{}--\r\n", mail.id)));
    let reminder = composed(&mail, Manner::Reminder);
    assert!(reminder.contains("\r\nList-Unsubscribe: <https://credits.example.edu/account>\r\n"));
    let tagged = return_path(mail.id, &sender()).to_string();
    assert_eq!(tagged, format!("bounces+{}@example.edu", mail.id));
}

#[test]
fn addresses_are_those_that_mail_can_go_to() {
    let read = |text: &str| text.parse::<Mailbox>().map(|mailbox| mailbox.to_string());
    for (text, there) in [
        ("ada@example.edu", "ada@example.edu"),
        ("o'brien+x@EXAMPLE.edu", "o'brien+x@example.edu"),
        ("ünal@exämple.edu", "ünal@xn--exmple-cua.edu"),
        ("a@münchen.example", "a@xn--mnchen-3ya.example"),
        ("a@例え.テスト", "a@xn--r8jz45g.xn--zckzah"),
        ("a@правда.example", "a@xn--80aafi6cg.example"),
    ] {
        assert_eq!(read(text), Ok(there.to_owned()), "{text}");
    }
    for text in [
        "",
        "@",
        "ada",
        "ada@",
        "@example.edu",
        "a b@example.edu",
        "a\r\nRCPT@example.edu",
        "a@example.edu\r\n",
        "a<b@example.edu",
        "a@b>c",
        "a@-b.c",
        "a..b@example.edu",
        ".a@example.edu",
        "a@b..c",
        "\"a\"@example.edu",
        "a@\u{202e}b.c",
        "a\u{200b}@b.c",
    ] {
        assert_eq!(read(text), Err(BadMailbox), "{text:?}");
    }
    let long = format!("{}@example.edu", "a".repeat(65));
    assert_eq!(read(&long), Err(BadMailbox));
    assert!(read(&format!("a@{}.edu", "é".repeat(60))).is_err());
}

#[test]
fn a_reply_says_whether_there_is_a_mailbox() {
    let reply = |code, line: &str| Reply { code, lines: vec![line.to_owned()] };
    assert!(reply(550, "5.1.1 no such user").says_no_mailbox());
    assert!(!reply(550, "5.7.1 relaying denied").says_no_mailbox());
    assert!(!reply(550, "no such user").says_no_mailbox());
    assert!(!reply(450, "5.1.1 no such user").says_no_mailbox());
    assert_eq!(Reply::line(b"250-x y\r\n"), Ok((250, false, "x y".to_owned())));
    assert_eq!(Reply::line(b"354\n"), Ok((354, true, String::new())));
    for strange in ["", "25", "abc x", "999 x", "250x", "+50 x", "100 x"] {
        assert!(Reply::line(strange.as_bytes()).is_err(), "{strange}");
    }
}

/// What a reader of mail makes of a header's value.
fn decoded(value: &str) -> String {
    let mut out = String::new();
    let mut bytes = Vec::new();
    for word in value.replace("\r\n", "").split(' ').filter(|word| !word.is_empty()) {
        let encoded = word.strip_prefix("=?utf-8?B?").and_then(|word| word.strip_suffix("?="));
        if let Some(encoded) = encoded {
            bytes.extend(STANDARD.decode(encoded).unwrap());
        } else {
            out.push(' ');
            out.push_str(word);
        }
    }
    format!("{}{}", out.trim_start(), String::from_utf8(bytes).unwrap())
}

fn unquoted(text: &str) -> String {
    let text = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        if *first == b'=' {
            let hex = std::str::from_utf8(&more[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &more[2..];
        } else {
            bytes.push(*first);
            rest = more;
        }
    }
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

proptest! {
    #[test]
    fn a_body_of_any_script_survives_in_short_lines(lines in prop::collection::vec("\\PC{0,120}", 0..6)) {
        let text = format!("{}\n", lines.join("\n"));
        let encoded = quoted_printable(&text);
        prop_assert_eq!(unquoted(&encoded), text);
        for line in encoded.split("\r\n") {
            prop_assert!(line.len() <= 76 && line.is_ascii(), "{line}");
            prop_assert!(!line.starts_with('.') && !line.starts_with("From "), "{line}");
            prop_assert!(!line.ends_with([' ', '\t']), "{line:?}");
        }
        prop_assert!(!encoded.contains("=_"));
    }

    #[test]
    fn a_subject_of_any_script_survives(words in prop::collection::vec("[^\\s\\p{C}]{1,60}", 0..9)) {
        let text = words.join(" ");
        let line = header("Subject", &text);
        prop_assert!(line.is_ascii() && line.ends_with("\r\n"));
        for line in line.trim_end_matches("\r\n").split("\r\n") {
            prop_assert!(line.len() <= 78, "{line}");
        }
        let value = line.strip_prefix("Subject:").unwrap().trim_end_matches("\r\n");
        prop_assert_eq!(decoded(value), text);
    }

    #[test]
    fn nothing_that_people_write_begins_another_header(
        text in "([\\x00-\\x7f]|\\PC|\r\n|\nBcc: x@y.z|=\\?utf-8\\?Q\\?a\\?=){0,40}",
    ) {
        let line = header("Subject", &text);
        let folds = line.strip_suffix("\r\n").unwrap();
        prop_assert!(folds.split("\r\n").skip(1).all(|line| line.starts_with(' ')), "{folds:?}");
        prop_assert!(!folds.replace("\r\n", "").contains(['\r', '\n', '\0']));
        prop_assert!(phrase(&text).iter().all(|word| !word.contains(['\r', '\n', '\0'])));
        // An address is one, or it is none.
        if let Ok(mailbox) = format!("{text}@example.edu").parse::<Mailbox>() {
            let plain = |c: char| !c.is_control() && !c.is_whitespace() && !"<>\",;:\\".contains(c);
            prop_assert!(mailbox.to_string().chars().all(plain), "{mailbox}");
        }
    }

    #[test]
    fn a_relay_can_say_anything(bytes: Vec<u8>) {
        let _ = Reply::line(&bytes);
    }
}
