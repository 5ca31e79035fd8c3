//! The machine keeps its promises, one at a time; whole lives are the simulation's.

use bursar_kernel::*;
use bursar_ledger::{Balance, Leased, Report};

use crate::*;

/// A node with a clock, and the answers that a store would give.
struct Desk {
    node: Node,
    now: u64,
    ids: u64,
    group: Option<Group>,
}

impl Desk {
    fn new() -> Self {
        let (id, epoch) = (NodeId::from_bytes([1; 16]), Epoch::new(1));
        let settings = Settings { slice_min: usd("1"), ..Settings::default() };
        let node = Node::new(id, epoch, settings, Guards::default(), Moment::default());
        Self { node, now: 0, ids: 0, group: None }
    }

    fn moment(&self) -> Moment {
        Moment::from_millis(self.now)
    }

    /// Lets time pass, with a store that is heard of.
    fn wait_ms(&mut self, millis: u64) {
        self.now += millis;
        self.node.heard(Moment::from_millis(self.now));
    }

    fn question(&mut self, dollars: &str) -> Question {
        self.ids += 1;
        let mut hold = [0; 16];
        hold[..8].copy_from_slice(&self.ids.to_be_bytes());
        Question {
            hold: HoldId::from_bytes(hold),
            holder: holder(),
            grant: None,
            model: ModelId::new("gpt-4.1-mini"),
            endpoint: Endpoint::ChatCompletions,
            upstream_group: UpstreamGroup::new("openai"),
            amount: usd(dollars),
            least: None,
            caps: Caps::NONE,
            placed_at: at(0),
            settle_by: at(1),
        }
    }

    fn authorise(&mut self, dollars: &str) -> Result<Hold, Refusal> {
        let question = self.question(dollars);
        self.node.authorise(&question, Moment::from_millis(self.now))
    }

    /// Waits with a question, and polls.
    fn line_up(&mut self, dollars: &str, least: Option<&str>) -> Ticket {
        let question = Question { least: least.map(usd), ..self.question(dollars) };
        self.node.wait(question, Moment::from_millis(self.now))
    }

    fn poll(&mut self) -> Option<Output> {
        let now = self.moment();
        self.node.poll(now)
    }

    fn ask(&mut self) -> Box<Ask> {
        match self.poll() {
            Some(Output::Ask(ask)) => ask,
            other => panic!("the store is asked, not {other:?}"),
        }
    }

    fn answer(&mut self) -> Answer {
        match self.poll() {
            Some(Output::Answer(answer)) => answer,
            other => panic!("a call is answered, not {other:?}"),
        }
    }

    /// The store answers a question: so much was lent in all on each of these lots.
    fn answered(&mut self, number: u64, lent: &[(u8, &str)], short: Option<bool>) {
        let loans = lent.iter().map(|(lot, dollars)| loan(*lot, dollars)).collect();
        let short = short.map(|is_busy| Short { is_busy });
        let now = self.moment();
        self.node.answered(&Answered { number, loans, short }, now);
    }

    /// A node that has borrowed so much of a lot and may spend it.
    fn lent(dollars: &str) -> Self {
        let mut desk = Self::new();
        desk.line_up(dollars, None);
        let number = desk.ask().number;
        desk.answered(number, &[(1, dollars)], None);
        desk.rise();
        let hold = desk.answer().result.unwrap();
        desk.node.release(hold);
        desk
    }

    /// Somebody waits for the watermark: it rises.
    fn rise(&mut self) {
        assert_eq!(self.poll(), None);
        assert!(!self.write().is_empty());
        self.commit(false);
    }

    /// The next group, with what it says of each lease.
    fn write(&mut self) -> Vec<Report> {
        let now = self.moment();
        self.group = self.node.next_group(now);
        self.group.as_ref().map_or_else(Vec::new, |group| group.reports.clone())
    }

    fn commit(&mut self, is_late: bool) {
        let group = self.group.take().unwrap();
        let late = vec![is_late; group.reports.len()];
        self.node.group_committed(&group, &late);
    }
}

fn loan(lot: u8, dollars: &str) -> Loan {
    let lease = LeaseId::from_bytes([lot; 16]);
    let lot = Lot {
        id: LotId::from_bytes([lot; 16]),
        holder: holder(),
        grant: None,
        program: ProgramId::new("access"),
        origin: Origin::ResearchGrant,
        face: usd("100"),
        active_from: at(0),
        expires_at: at(i64::from(lot)),
        scope: Scope::default(),
        upstream_group: UpstreamGroup::new("openai"),
        transfer_policy: TransferPolicy::Pool,
        priority: 0,
        category: Category::Promotional,
        cost_basis: Usd::ZERO,
    };
    let of = Leased::Lot(lot.id);
    Loan { lease, of, lot: Some(lot), lent: usd(dollars), valid_ms: 10_000, is_last: false }
}

fn usd(dollars: &str) -> Usd {
    dollars.parse().unwrap()
}

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hours * 3_600).unwrap()
}

fn holder() -> PersonId {
    PersonId::from_bytes([2; 16])
}

#[test]
fn a_node_that_has_borrowed_nothing_says_what_is_missing() {
    let mut desk = Desk::new();
    let refusal = desk.authorise("3").unwrap_err();
    let nothing = Usd::ZERO;
    let expected =
        Refusal { reason: Reason::NotHere, available: nothing, needed: usd("3"), fits: nothing };
    assert_eq!(refusal, expected);
    desk.line_up("3", None);
    assert!(matches!(desk.ask().want, Want::Call { missing, .. } if missing == usd("3")));
    // The same question again under its number, until it is answered.
    assert_eq!(desk.poll(), None);
    desk.wait_ms(500);
    assert_eq!(desk.ask().number, 0);
}

#[test]
fn nothing_is_authorised_before_a_watermark_that_covers_it_is_durable() {
    let mut desk = Desk::new();
    desk.line_up("3", None);
    let number = desk.ask().number;
    desk.answered(number, &[(1, "4")], None);
    assert_eq!(desk.poll(), None);
    let reports = desk.write();
    assert_eq!((reports[0].watermark, reports[0].number), (usd("3"), 1));
    assert_eq!(desk.poll(), None);
    desk.commit(false);
    let hold = desk.answer().result.unwrap();
    assert_eq!((hold.amount(), hold.is_lowered()), (usd("3"), false));
    assert_eq!(desk.authorise("1").unwrap_err().available, usd("1"));
}

#[test]
fn a_capture_is_charged_in_the_next_group_and_the_rest_is_free_again() {
    let mut desk = Desk::lent("4");
    let hold = desk.authorise("3").unwrap();
    desk.node.capture(hold, usd("1"));
    let reports = desk.write();
    let charges: Vec<_> = reports.iter().flat_map(|report| &report.charged).collect();
    assert_eq!((charges.len(), charges[0].cost, charges[0].held), (1, usd("1"), usd("3")));
    // While the group is on its way, what it covers is covered in either case.
    let _open = desk.authorise("3").unwrap();
    assert!(desk.authorise("0.01").is_err());
    desk.commit(false);
    assert_eq!(desk.write(), []);
}

#[test]
fn a_call_that_outlasts_a_group_is_begun_in_the_book_and_one_that_does_not_is_not() {
    let mut desk = Desk::lent("4");
    let (long, short) = (desk.authorise("1").unwrap(), desk.authorise("1").unwrap());
    desk.node.release(short);
    desk.wait_ms(60);
    let reports = desk.write();
    let begun: Vec<_> = reports.iter().flat_map(|report| &report.begun).collect();
    assert_eq!((begun.len(), begun[0].hold, begun[0].amount), (1, long.id(), usd("1")));
    // It ends while that is on its way: the book hears that it cost nothing.
    desk.node.release(long);
    desk.commit(false);
    let reports = desk.write();
    assert_eq!((reports[0].charged[0].cost, reports[0].begun.len()), (Usd::ZERO, 0));
}

#[test]
fn lease_time_counts_from_before_the_store_was_asked() {
    let mut desk = Desk::new();
    desk.line_up("1", None);
    let number = desk.ask().number;
    desk.wait_ms(9_000);
    desk.answered(number, &[(1, "4")], None);
    desk.rise();
    let hold = desk.answer().result.unwrap();
    desk.node.release(hold);
    // Ten seconds, less the hundredth that clocks may be apart, from moment zero.
    desk.wait_ms(899);
    let hold = desk.authorise("1").unwrap();
    desk.node.release(hold);
    desk.wait_ms(1);
    assert!(desk.authorise("1").is_err());
    let reports = desk.write();
    assert_eq!((reports[0].returned, reports[0].watermark), (usd("4"), Usd::ZERO));
}

#[test]
fn a_node_that_has_not_heard_from_the_store_authorises_nothing() {
    let mut desk = Desk::lent("4");
    desk.now += 2_000;
    assert_eq!(desk.authorise("1").unwrap_err().reason, Reason::OutOfTouch);
    desk.wait_ms(0);
    let _hold = desk.authorise("1").unwrap();
    desk.node.stop();
    assert_eq!(desk.authorise("1").unwrap_err().reason, Reason::OutOfTouch);
}

#[test]
fn answers_count_once_whatever_their_order() {
    let mut desk = Desk::new();
    desk.line_up("9", None);
    let number = desk.ask().number;
    desk.answered(number, &[(1, "4")], Some(true));
    desk.answered(number, &[(1, "4")], Some(true));
    // One that nobody waits for any more, and an older one after it.
    desk.answered(77, &[(1, "6")], None);
    desk.answered(78, &[(1, "5")], None);
    assert_eq!(desk.authorise("1").unwrap_err().available, usd("6"));
}

#[test]
fn calls_are_served_in_the_order_they_came() {
    let mut desk = Desk::lent("4");
    let first = desk.line_up("9", None);
    let number = desk.ask().number;
    assert_eq!(desk.authorise("1").unwrap_err().reason, Reason::NotHere);
    let second = desk.line_up("1", None);
    desk.answered(number, &[(1, "10")], None);
    desk.rise();
    let one = desk.answer();
    desk.rise();
    let other = desk.answer();
    assert_eq!((one.ticket, other.ticket), (first, second));
    assert!(one.result.is_ok() && other.result.is_ok());
}

#[test]
fn only_a_limit_that_the_client_left_out_is_lowered() {
    for (least, expected) in
        [(None, Err(Reason::Gone)), (Some("5"), Err(Reason::Gone)), (Some("2"), Ok(usd("4")))]
    {
        let mut desk = Desk::lent("4");
        desk.line_up("9", least);
        let number = desk.ask().number;
        desk.answered(number, &[], Some(false));
        let answer = desk.answer().result;
        let answer = answer.map(|hold| {
            assert!(hold.is_lowered());
            hold.amount()
        });
        assert_eq!(answer.map_err(|refusal| refusal.reason), expected);
    }
}

#[test]
fn a_call_waits_for_others_in_flight_and_is_told_when_they_keep_it() {
    let mut desk = Desk::lent("4");
    let hold = desk.authorise("3").unwrap();
    desk.line_up("2", None);
    let number = desk.ask().number;
    desk.answered(number, &[], Some(false));
    assert_eq!(desk.poll(), None);
    desk.node.capture(hold, usd("1"));
    let served = desk.answer().result.unwrap();
    assert_eq!(served.amount(), usd("2"));
    // The next one waits in vain.
    desk.line_up("2", None);
    let number = desk.ask().number;
    desk.answered(number, &[], Some(false));
    for _ in 0..60 {
        desk.wait_ms(500);
        match desk.poll() {
            Some(Output::Ask(ask)) => desk.answered(ask.number, &[(1, "4")], Some(false)),
            Some(Output::Answer(answer)) => {
                let refusal = answer.result.unwrap_err();
                assert_eq!((refusal.reason, desk.now), (Reason::Busy, 30_000));
                return;
            }
            None => {}
        }
    }
    panic!("patience ends");
}

#[test]
fn a_hold_lies_on_lots_in_their_spending_order() {
    let mut desk = Desk::new();
    desk.line_up("5", None);
    let number = desk.ask().number;
    desk.answered(number, &[(9, "4"), (3, "3")], None);
    desk.rise();
    let hold = desk.answer().result.unwrap();
    let parts: Vec<_> = desk.node.lies_on(&hold).map(|(_, amount)| amount).collect();
    assert_eq!(parts, [usd("3"), usd("2")]);
    desk.node.capture(hold, usd("4"));
    let reports = desk.write();
    let charges = reports.iter().flat_map(|report| &report.charged);
    let mut costs: Vec<_> = charges.map(|charge| charge.cost).collect();
    costs.sort();
    assert_eq!(costs, [usd("1"), usd("3")]);
}

#[test]
fn what_is_recalled_or_idle_goes_back_and_what_is_in_flight_does_not() {
    let mut desk = Desk::lent("4");
    let _open = desk.authorise("1").unwrap();
    desk.node.recall(LeaseId::from_bytes([1; 16]));
    let reports = desk.write();
    assert_eq!((reports[0].returned, reports[0].watermark), (usd("3"), usd("1")));
    desk.commit(false);
    let mut desk = Desk::lent("4");
    desk.wait_ms(4_999);
    assert_eq!(desk.write(), []);
    // What time alone brings is seen at the next look.
    desk.wait_ms(10);
    assert_eq!(desk.write()[0].returned, usd("4"));
}

#[test]
fn nothing_begins_on_the_rights_of_a_key_that_was_changed_and_they_go_back() {
    let mut desk = Desk::lent("5");
    let key = KeyId::from_bytes([9; 16]);
    let rights = |lease: u8, dollars: &str| Loan {
        of: Leased::Cap(Cap::Key(key)),
        lot: None,
        ..loan(lease, dollars)
    };
    let ask = |desk: &mut Desk| {
        let question = Question { caps: Caps::of_key(key), ..desk.question("1") };
        desk.node.wait(question, desk.moment());
        desk.ask().number
    };
    let lend = |desk: &mut Desk, number: u64, lease: u8| {
        let loans = vec![rights(lease, "3")];
        desk.node.answered(&Answered { number, loans, short: None }, desk.moment());
    };
    let number = ask(&mut desk);
    lend(&mut desk, number, 7);
    desk.rise();
    let hold = desk.answer().result.unwrap();
    desk.node.retire(Cap::Key(key));
    // What is free goes back, though somebody waits; and asks anew.
    let number = ask(&mut desk);
    let returned = |desk: &mut Desk, lease: u8| {
        let reports = desk.write();
        let lease = LeaseId::from_bytes([lease; 16]);
        let of_lease = reports.into_iter().filter(|report| report.lease == lease);
        let returned = of_lease.map(|report| report.returned.to_string()).collect::<Vec<_>>();
        desk.commit(false);
        returned
    };
    assert_eq!(returned(&mut desk, 7), ["2.00"]);
    // No recall and no late loan makes it usable again.
    desk.node.recall(LeaseId::from_bytes([7; 16]));
    desk.node.capture(hold, usd("0.25"));
    assert_eq!(desk.poll(), None);
    assert_eq!(returned(&mut desk, 7), ["0.75"]);
    lend(&mut desk, number, 8);
    desk.rise();
    let hold = desk.answer().result.unwrap();
    let lies: Vec<_> = desk.node.lies_on(&hold).map(|(lease, _)| lease).collect();
    assert_eq!(lies, [[1; 16], [8; 16]].map(LeaseId::from_bytes));
}

#[test]
fn a_lease_that_the_book_has_ended_is_reported_to_the_last_and_spent_no_more() {
    let mut desk = Desk::lent("4");
    let (one, other) = (desk.authorise("1").unwrap(), desk.authorise("1").unwrap());
    desk.node.capture(one, usd("1"));
    let reports = desk.write();
    assert!(!reports[0].is_last_word);
    desk.commit(true);
    assert!(desk.authorise("1").is_err());
    assert_eq!(desk.write(), []);
    desk.node.capture(other, usd("0.50"));
    let reports = desk.write();
    assert!(reports[0].is_last_word);
    assert_eq!(reports[0].charged[0].cost, usd("0.50"));
    desk.commit(true);
    assert_eq!(desk.write(), []);
}

#[test]
fn other_nodes_give_back_before_anybody_is_told_that_it_is_gone() {
    let mut desk = Desk::new();
    desk.line_up("3", None);
    let (ask, settings) = (desk.ask(), Settings { slice_min: usd("1"), ..Settings::default() });
    let balance = |posted, held| Balance { posted: usd(posted), held: usd(held) };
    let lot = loan(9, "0").lot.unwrap();
    let of = Leased::Lot(lot.id);
    let lease = LeaseId::from_bytes([7; 16]);
    let mut view = View {
        lots: vec![LotView { lot, balance: balance("2", "0") }],
        caps: Vec::new(),
        others: vec![LeaseView { lease, balance: balance("5", "4") }],
        nodes: 2,
    };
    assert_eq!(lend(&settings, &ask, &view, false), Decision::Recall(vec![lease]));
    // They keep it: what there is is lent, and what they have may come back.
    let loans = vec![(of, usd("2"), true)];
    let short = Some(Short { is_busy: true });
    assert_eq!(lend(&settings, &ask, &view, true), Decision::Lend { loans, short });
    // They gave it back: nothing is missing, and near the end nothing is lent ahead.
    view.lots[0].balance = balance("3.50", "0");
    let loans = vec![(of, usd("3"), true)];
    assert_eq!(lend(&settings, &ask, &view, true), Decision::Lend { loans, short: None });
    view.lots[0].balance = balance("0", "0");
    view.others.clear();
    let short = Some(Short { is_busy: false });
    assert_eq!(lend(&settings, &ask, &view, false), Decision::Lend { loans: vec![], short });
}

#[test]
fn a_call_lies_on_all_of_its_caps_and_begins_where_each_allows_it() {
    let mut desk = Desk::lent("9");
    let (key, study) = (KeyId::from_bytes([9; 16]), StudyId::from_bytes([8; 16]));
    let caps = Caps { key: Some(key), study: Some(study) };
    let question = Question { caps, ..desk.question("2") };
    desk.node.wait(question, desk.moment());
    let ask = desk.ask();
    let missing = vec![(Cap::Key(key), usd("2")), (Cap::Study(study), usd("2"))];
    assert!(matches!(&ask.want, Want::Call { caps, .. } if *caps == missing), "{ask:?}");
    let balance = |posted| Balance { posted: usd(posted), held: Usd::ZERO };
    let mut view = View {
        caps: vec![(Cap::Key(key), balance("50")), (Cap::Study(study), balance("1.50"))],
        nodes: 1,
        ..View::default()
    };
    // Its study alone is short.
    let settings = Settings { slice_min: usd("1"), ..Settings::default() };
    let decided = lend(&settings, &ask, &view, false);
    assert!(matches!(&decided, Decision::Lend { short: Some(_), .. }), "{decided:?}");
    view.caps[1].1 = balance("30");
    let Decision::Lend { loans, .. } = lend(&settings, &ask, &view, false) else { panic!() };
    let rights = |(place, (of, lent, _)): (u8, &(Leased, Usd, bool))| Loan {
        of: *of,
        lot: None,
        ..loan(40 + place, &lent.to_string())
    };
    let rights = (0..).zip(&loans).map(rights).collect::<Vec<_>>();
    assert_eq!(rights.len(), 2);
    let answered = Answered { number: ask.number, loans: rights, short: None };
    desk.node.answered(&answered, desk.moment());
    desk.rise();
    let hold = desk.answer().result.unwrap();
    let lies_on = desk.node.lies_on(&hold).map(|(lease, amount)| (lease.to_bytes()[0], amount));
    let lies_on = lies_on.collect::<Vec<_>>();
    assert_eq!(lies_on.iter().map(|(_, amount)| *amount).collect::<Vec<_>>(), [usd("2"); 3]);
    // Each is charged the whole of it.
    desk.node.capture(hold, usd("0.75"));
    let reports = desk.write();
    let charged = reports.iter().flat_map(|report| &report.charged).map(|charge| charge.cost);
    assert_eq!(charged.collect::<Vec<_>>(), [usd("0.75"); 3]);
}

#[test]
fn a_slice_halves_as_its_lot_drains_and_has_a_floor() {
    let settings = Settings { slice_min: usd("1"), ..Settings::default() };
    let size = |rate, left, nodes| slice_size(&settings, usd(rate), usd(left), nodes).to_string();
    assert_eq!(size("0", "100", 2), "1.00");
    assert_eq!(size("5", "100", 2), "10.00");
    assert_eq!(size("50", "100", 2), "25.00");
    assert_eq!(size("50", "50", 2), "12.50");
    assert_eq!(size("50", "3", 2), "1.00");
    assert_eq!(size("50", "0.40", 2), "0.40");
}
