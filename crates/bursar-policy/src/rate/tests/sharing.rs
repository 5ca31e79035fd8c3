//! Servers that share a limit: whatever crashes, stalls or is late, no window holds more than the
//! limit; and who is alone can use (nearly) all of it.

use bursar_kernel::NodeId;

use super::*;

/// The store, and the servers that share it.
struct World {
    shares: Vec<Share>,
    servers: Vec<Server>,
    limit: RateLimit,
    now: i64,
    /// When each call went, and its size.
    gone: Vec<(i64, Size)>,
    /// How many calls are in flight, those of servers that died included: nobody knows.
    flying: u64,
    nodes: u8,
}

struct Server {
    node: Borrower,
    pace: Pace,
    slots: Vec<(Slot, usize)>,
    /// A question on its way to the store.
    said: Option<Vec<Line>>,
    /// An answer of the store's on its way.
    due: Option<Vec<Lent>>,
    /// It is cut off: it lets nothing through, and when it is back it has lost what was lent.
    is_cut_off: bool,
}

const WANTED: [u64; 6] = [1, 20, 1, 1, 1, 20];

impl World {
    fn new(limit: RateLimit, servers: usize) -> Self {
        let (shares, gone) = (Vec::new(), Vec::new());
        let mut world =
            Self { shares, servers: Vec::new(), limit, now: 0, gone, flying: 0, nodes: 0 };
        for _ in 0..servers {
            let server = world.start();
            world.servers.push(server);
        }
        world
    }

    fn start(&mut self) -> Server {
        self.nodes += 1;
        let node = Borrower::Node(NodeId::from_bytes([self.nodes; 16]));
        let (pace, slots) = (Pace::new(true), Vec::new());
        Server { node, pace, slots, said: None, due: None, is_cut_off: false }
    }

    /// Writes what a server says, and says what the store answers.
    fn commit(&mut self, by: Borrower, lines: Vec<Line>) -> Vec<Lent> {
        let nodes = u32::try_from(self.servers.len()).unwrap();
        let ask = RateAsk { by, of: of(), nodes, lines };
        let (written, lent) = lend(&self.shares, &ask, at(self.now)).unwrap();
        for share in written {
            let is_it = |known: &Share| {
                (known.by, known.measure, known.stretch) == (share.by, share.measure, share.stretch)
            };
            self.shares.retain(|known| !is_it(known));
            if 0 < share.amount {
                self.shares.push(share);
            }
        }
        let now = at(self.now);
        self.shares.retain(|share| share.counts(now));
        lent
    }

    fn call(&mut self, server: usize, size: Size) -> bool {
        let (limit, now) = (self.limit, at(self.now));
        let it = &mut self.servers[server];
        if it.is_cut_off {
            return false;
        }
        let Ok(slot) = it.pace.take(&limit, size, now) else { return false };
        it.slots.push((slot, self.gone.len()));
        self.gone.push((self.now, size));
        self.flying += 1;
        true
    }

    /// A server asks; the store hears of it later.
    fn say(&mut self, server: usize) {
        let (limit, now) = (self.limit, at(self.now));
        let it = &mut self.servers[server];
        if it.said.is_none() && it.due.is_none() && !it.is_cut_off {
            it.said = Some(it.pace.lines(&limit, &WANTED, now));
        }
    }

    /// The store answers, and the server hears of it later.
    fn answer(&mut self, server: usize) {
        let node = self.servers[server].node;
        if let Some(lines) = self.servers[server].said.take() {
            self.servers[server].due = Some(self.commit(node, lines));
        }
    }

    fn ask(&mut self, server: usize) {
        self.say(server);
        self.answer(server);
    }

    fn hear(&mut self, server: usize) {
        let until = at(self.now + 1);
        let it = &mut self.servers[server];
        if let Some(lent) = it.due.take() {
            it.pace.lent(&lent);
            it.pace.asked(&WANTED, until);
        }
    }

    /// The answer never comes.
    fn lose_the_answer(&mut self, server: usize) {
        self.servers[server].due = None;
    }

    fn give_back(&mut self, server: usize) {
        let now = at(self.now);
        let it = &mut self.servers[server];
        if it.said.is_some() || it.due.is_some() || it.is_cut_off {
            return;
        }
        let (node, lines) = (it.node, it.pace.give_up_spare(&[0; 6], now));
        self.commit(node, lines);
    }

    /// Time goes by, and no call lasts longer than it may.
    fn later(&mut self, by: i64) {
        self.now += by;
        let longest = i64::try_from(measure::CALL_LASTS_MAX.as_millis()).unwrap();
        for it in &mut self.servers {
            let is_over = |(_, gone): &mut (Slot, usize)| self.gone[*gone].0 + longest <= self.now;
            for (slot, _) in it.slots.extract_if(.., is_over) {
                self.flying -= 1;
                it.pace.end(slot, None);
            }
        }
    }

    /// What is idle and has nothing to give back is forgotten.
    fn forget(&mut self, server: usize) {
        let now = at(self.now);
        let it = &mut self.servers[server];
        let is_busy = it.said.is_some() || it.due.is_some() || !it.slots.is_empty();
        if !is_busy && it.pace.is_over(now) {
            it.pace = Pace::new(true);
        }
    }

    fn end_a_call(&mut self, server: usize, tokens: u64) {
        let it = &mut self.servers[server];
        let Some((slot, gone)) = it.slots.pop() else { return };
        let tokens = tokens.min(self.gone[gone].1.tokens);
        self.gone[gone].1.tokens = tokens;
        self.flying -= 1;
        it.pace.end(slot, Some(tokens));
    }

    /// A call that has taken its place is not sent after all.
    fn undo_a_call(&mut self, server: usize) {
        let it = &mut self.servers[server];
        // Only the latest: others' places in the list stay as they are.
        if it.slots.last().is_some_and(|(_, gone)| gone + 1 == self.gone.len()) {
            let (slot, _) = it.slots.pop().unwrap();
            self.gone.pop();
            self.flying -= 1;
            it.pace.undo(slot);
        }
    }

    fn end_shares(&mut self, node: Borrower) {
        let now = at(self.now);
        for share in self.shares.iter_mut().filter(|share| share.by == node) {
            *share = share.ended(now);
        }
    }

    /// It is taken for dead; its calls may still be in flight, and end as theirs do.
    fn cut_off(&mut self, server: usize) {
        self.servers[server].is_cut_off = true;
        self.end_shares(self.servers[server].node);
    }

    fn come_back(&mut self, server: usize) {
        let node = self.servers[server].node;
        self.end_shares(node);
        let it = &mut self.servers[server];
        (it.said, it.due) = (None, None);
        it.is_cut_off = false;
        it.pace.lose();
    }

    /// It dies, which others find out, and another is started. Its calls ended with it.
    fn crash(&mut self, server: usize) {
        let node = self.servers[server].node;
        self.flying -= u64::try_from(self.servers[server].slots.len()).unwrap();
        self.end_shares(node);
        self.servers[server] = self.start();
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let most = |measure: Measure| measure.of(&self.limit).unwrap_or(u64::MAX);
        prop_assert!(self.flying <= most(Measure::ConcurrentCalls));
        for (start, _) in &self.gone {
            let within = |window: i64| {
                let all = self.gone.iter();
                all.filter(move |(at, _)| (*start..*start + window).contains(at))
            };
            let sum = |window: i64, measure: Measure| {
                within(window).map(|(_, size)| measure.asked(*size)).sum::<u64>()
            };
            for measure in
                [Measure::RequestsPerMinute, Measure::TokensPerMinute, Measure::ImagesPerMinute]
            {
                prop_assert!(sum(60_000, measure) <= most(measure), "{measure:?}");
            }
            for measure in [Measure::RequestsPerDay, Measure::TokensPerDay] {
                prop_assert!(sum(86_400_000, measure) <= most(measure), "{measure:?}");
            }
        }
        Ok(())
    }
}

fn limits() -> impl Strategy<Value = RateLimit> {
    let some = |most: u64| prop::option::weighted(0.3, 1..most);
    (1_u64..8, some(40), some(200), some(600), some(6), some(6)).prop_map(
        |(requests, per_day, tokens, tokens_per_day, images, calls)| RateLimit {
            requests_per_minute: Some(requests),
            requests_per_day: per_day,
            tokens_per_minute: tokens,
            tokens_per_day,
            images_per_minute: images,
            concurrent_calls: calls,
            batch_queue_tokens: None,
        },
    )
}

/// What happens next, at which server, how much later, and with how many tokens.
fn happenings() -> impl Strategy<Value = Vec<(u8, usize, i64, u64)>> {
    let later = prop_oneof![12 => 0_i64..500, 2 => 0_i64..30_000, 1 => 0_i64..7_200_000];
    prop::collection::vec((0_u8..23, 0_usize..3, later, 0_u64..40), 0..400)
}

proptest! {
    #[test]
    fn servers_together_never_let_through_more_than_the_limit(
        limit in limits(),
        happenings in happenings(),
    ) {
        let mut world = World::new(limit, 3);
        for (what, server, later, tokens) in happenings {
            world.later(later);
            let size = Size { tokens: tokens.min(20), images: tokens % 3 };
            match what {
                0..=8 => drop(world.call(server, size)),
                9..=10 => world.say(server),
                11..=12 => world.answer(server),
                13..=14 => world.hear(server),
                15..=16 => {
                    world.ask(server);
                    world.hear(server);
                }
                17 => world.lose_the_answer(server),
                18 => {
                    world.give_back(server);
                    world.forget(server);
                }
                19 => world.end_a_call(server, tokens),
                20 if 20 < tokens => world.undo_a_call(server),
                20 => world.cut_off(server),
                21 => world.come_back(server),
                _ => world.crash(server),
            }
        }
        world.check()?;
    }

    #[test]
    fn one_server_that_asks_alone_can_use_all_of_a_minute(
        limit in limits(),
        servers in 1_usize..4,
    ) {
        let limit = RateLimit { requests_per_day: None, tokens_per_day: None, ..limit };
        let mut world = World::new(limit, servers);
        // Others have had it all, and are idle.
        for server in 0..servers {
            world.ask(server);
            world.hear(server);
        }
        let size = Size { tokens: 1, images: 1 };
        let mut gone = 0;
        while gone < 20 {
            if !world.call(0, size) {
                world.ask(0);
                world.hear(0);
                (1..servers).for_each(|other| world.give_back(other));
                world.ask(0);
                world.hear(0);
                if !world.call(0, size) {
                    break;
                }
            }
            gone += 1;
        }
        let counted = Measure::OF_CALLS.into_iter().filter_map(|measure| measure.of(&limit));
        prop_assert_eq!(gone, counted.min().unwrap().min(20));
        world.check()?;
    }
}

#[test]
fn a_crash_costs_at_the_most_a_part_of_the_day() {
    let limit = RateLimit { requests_per_minute: Some(1_000), requests_per_day: Some(200), ..FREE };
    let mut world = World::new(limit, 1);
    let mut through = 0;
    for crash in 0..4 {
        for _ in 0..25 {
            if !world.call(0, tokens(0)) {
                world.ask(0);
                world.hear(0);
                assert!(world.call(0, tokens(0)), "after {crash} crashes and {through} calls");
            }
            through += 1;
            world.now += 61_000;
        }
        world.crash(0);
        // Of the minute, a dead server's part counts for a minute longer.
        world.now += 63_000;
    }
    // Of 200 a day, 20 parts of 10: each crash lost one at the most. A quarter of an hour gives
    // nothing back of those before.
    while world.call(0, tokens(0)) || {
        world.ask(0);
        world.hear(0);
        world.call(0, tokens(0))
    } {
        through += 1;
    }
    assert!((160..=200).contains(&through), "{through}");
    // Nor is more said to be left than is.
    let room = world.servers[0].pace.room(&limit, at(world.now));
    assert_eq!(room.requests.unwrap().remaining, 0);
    let refused = too_fast(world.servers[0].pace.take(&limit, tokens(0), at(world.now)));
    assert_eq!((refused.measure, refused.limit), (Measure::RequestsPerDay, 200));
    // The oldest stretch counts for a day after its end.
    let first = at(86_400_000 + 15 * 60_000 + 2_000);
    assert_eq!(refused.wait, Some(first.duration_since(at(world.now))));
    world.now += i64::try_from(refused.wait.unwrap().as_millis()).unwrap();
    world.ask(0);
    world.hear(0);
    assert!(world.call(0, tokens(0)), "a day later there is room");
}

#[test]
fn what_has_to_be_said_of_a_stretch_of_the_day_is_not_forgotten_before_its_end() {
    let limit = RateLimit { requests_per_day: Some(20), ..FREE };
    let mut world = World::new(limit, 1);
    world.ask(0);
    world.hear(0);
    assert!(world.call(0, tokens(0)));
    world.end_a_call(0, 0);
    world.later(120_000);
    world.give_back(0);
    let is_over = |world: &mut World| world.servers[0].pace.is_over(at(world.now));
    assert!(!is_over(&mut world), "it would say that it has used nothing");
    world.forget(0);
    while world.call(0, tokens(0)) || {
        world.ask(0);
        world.hear(0);
        world.call(0, tokens(0))
    } {
        world.later(20_000);
    }
    assert_eq!(world.gone.len(), 20, "each counts");
    while !world.servers[0].slots.is_empty() {
        world.end_a_call(0, 0);
    }
    world.later(15 * 60_000);
    world.give_back(0);
    assert!(is_over(&mut world), "nothing is left to say");
    world.check().unwrap();
}

#[test]
fn whoever_is_refused_hears_when_there_is_room_elsewhere() {
    let mut world = World::new(FREE, 2);
    for (server, second) in [(0, 0), (1, 1), (1, 2)] {
        world.now = second * 1_000;
        world.ask(server);
        world.hear(server);
        assert!(world.call(server, tokens(0)));
    }
    world.now = 5_000;
    world.give_back(1);
    world.ask(0);
    world.hear(0);
    let refused = too_fast(world.servers[0].pace.take(&FREE, tokens(0), at(5_000)));
    assert_eq!((refused.used, refused.limit, refused.asked), (3, 3, 1));
    assert_eq!(refused.wait, Some(SignedDuration::from_secs(55)));
    // Nobody asks again at once, and what is asked for later is not in vain.
    assert_eq!(world.servers[0].pace.check(&FREE, tokens(0), at(5_001)), Err(Hindrance::NotHere));
}

#[test]
fn a_batch_gets_all_of_its_place_in_the_queue_or_none() {
    use bursar_kernel::RequestId;
    let by = |number| Borrower::Batch(RequestId::from_bytes([number; 16]));
    let ask = |number, want| RateAsk {
        by: by(number),
        of: of(),
        nodes: 3,
        lines: vec![Line {
            measure: Measure::BatchQueue,
            stretch: 0,
            keep: 0,
            want,
            limit: 100,
            free_at: None,
        }],
    };
    let (first, _) = lend(&[], &ask(1, 60), at(0)).unwrap();
    assert_eq!((first[0].amount, first[0].ends_at), (60, None));
    let refused = lend(&first, &ask(2, 41), at(0)).unwrap_err();
    assert_eq!((refused.used, refused.asked, refused.limit), (60, 41, 100));
    assert!(refused.wait.is_some());
    assert_eq!(lend(&first, &ask(2, 101), at(0)).unwrap_err().wait, None);
    assert_eq!(lend(&first, &ask(2, 40), at(0)).unwrap().0[0].amount, 40);
    // One that has ended is in no queue.
    let ended = [first[0].ended(at(5))];
    assert_eq!(lend(&ended, &ask(2, 100), at(5)).unwrap().0[0].amount, 100);
    for share in &first {
        assert_eq!(Borrower::of(share.measure, share.by.to_bytes()), by(1));
    }
}
