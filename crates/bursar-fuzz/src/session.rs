//! Realtime sessions: whatever either side sends, nothing goes out that was not paid for, and each
//! call ends once.

use std::collections::BTreeMap;
use std::sync::Arc;

use bursar_kernel::{ModelId, Usd};
use bursar_meter::{ErrorBody, Settlement};
use bursar_realtime::{Output, Purpose, Session};
use serde_json::Value;

use crate::file::CATALOG;

/// What is wanted and not answered at a time: one, or a few that the provider brought about.
const WANTED_MAX: usize = 16;

/// A session, and what became of its calls.
struct Desk {
    session: Session,
    wanted: Vec<(u64, Purpose, Usd)>,
    paid: BTreeMap<u64, (Purpose, Usd, u32)>,
    asked: usize,
    is_broken: bool,
}

impl Desk {
    fn obey(&mut self) {
        while let Some(output) = self.session.poll() {
            match output {
                Output::Forward(text) => self.forwarded(&text),
                Output::Hold(asked) => {
                    assert!(Usd::ZERO <= asked.bound.cost, "{asked:?}");
                    self.wanted.push((asked.number, asked.purpose, asked.bound.cost));
                    assert!(self.wanted.len() <= WANTED_MAX, "money is wanted without end");
                }
                Output::Settle { number, settlement, tell: _ } => {
                    let held = self.end(number);
                    if let Settlement::Charge(charge) = settlement {
                        let within = charge.cost.checked_sub(charge.excess);
                        assert!(within.is_some_and(|cost| cost <= held), "{charge:?} of {held}");
                    }
                }
                Output::GiveBack { number } => {
                    self.end(number);
                }
                Output::Breach(_) => self.is_broken = true,
                Output::Tell(_) | Output::TellRates => {}
            }
        }
    }

    fn end(&mut self, number: u64) -> Usd {
        let (_, held, ends) = self.paid.get_mut(&number).expect("what ends was paid for");
        *ends += 1;
        assert_eq!(*ends, 1, "call {number} ends once");
        *held
    }

    /// What goes out was written here, and asks for nothing that is not paid.
    fn forwarded(&mut self, text: &str) {
        let event: Value = serde_json::from_str(text).expect("what goes out is an event");
        let turn = event.pointer("/session/audio/input/turn_detection/create_response");
        assert_ne!(turn, Some(&Value::Bool(true)), "it would answer by itself: {text}");
        if event["type"] == "response.create" {
            self.asked += 1;
        }
        let paid = self.paid.values().filter(|(purpose, ..)| *purpose == Purpose::Response);
        assert!(self.asked <= paid.count(), "a response without a hold");
    }

    fn pay(&mut self, pays: bool) {
        if self.wanted.is_empty() {
            return;
        }
        let (number, purpose, held) = self.wanted.remove(0);
        if pays {
            self.paid.insert(number, (purpose, held, 0));
            self.session.held(number);
        } else {
            let kind = "insufficient_quota".into();
            let error = ErrorBody { message: String::new(), kind, param: None, code: None };
            self.session.not_held(number, &error);
        }
    }
}

/// Lines: `>` and a client's event, `<` and the provider's, `+` for money, `-` for none.
pub(crate) fn frames(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let model = Arc::clone(&CATALOG.models[&ModelId::new("gpt-realtime")]);
    let mut desk = Desk {
        session: Session::new(model, "gpt-realtime", Arc::clone(&CATALOG)),
        wanted: Vec::new(),
        paid: BTreeMap::new(),
        asked: 0,
        is_broken: false,
    };
    for line in text.lines() {
        let Some(first) = line.chars().next() else { continue };
        let rest = &line[first.len_utf8()..];
        match first {
            '>' if desk.session.listens() => desk.session.client(rest),
            '<' => desk.session.upstream(rest.to_owned()),
            '+' => desk.pay(true),
            '-' => desk.pay(false),
            _ => {}
        }
        desk.obey();
        if desk.is_broken {
            break;
        }
    }
    desk.session.leave();
    desk.obey();
    desk.session.end();
    desk.obey();
    assert_eq!(desk.session.calls_open(), 0);
    assert!(desk.paid.values().all(|(.., ends)| *ends == 1), "a call that never ends");
}
