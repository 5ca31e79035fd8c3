//! What a process lets through of one holder's limits in a class, on the parts that it has of them.

use std::collections::VecDeque;

use bursar_kernel::{RateLimit, Timestamp};
use jiff::SignedDuration;

use super::lend::{Lent, Line, end_of, stretch_of};
use super::measure::{Left, MINUTE, Measure, Room, Size, TooFast};

/// Nobody knows when a call ends, or when others give back what they have.
const ASKED_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(1);
/// How long a stretch is remembered after its end: calls that began in it may end later and give
/// tokens back.
const STRETCH_KEPT: SignedDuration = SignedDuration::from_hours(1);
const CALLS: usize = Measure::OF_CALLS.len();
/// What is dated, by its place among what is.
const DATED: [Measure; 2] = [Measure::RequestsPerDay, Measure::TokensPerDay];

/// What a holder's calls of one class have taken here, as far back as it counts, and the parts that
/// this process has of their limits.
#[derive(Debug)]
pub struct Pace {
    /// Whether other processes let calls of the same holder through: then every part is lent. Else
    /// all but the days' limits is here, and the days' parts outlive this process.
    is_shared: bool,
    minute: VecDeque<Taken>,
    /// The sums of `minute`.
    tokens: u64,
    images: u64,
    in_flight: u64,
    parts: [Part; CALLS],
    /// The stretch of the day that it is in, and those before whose calls may still end.
    stretch: Stretch,
    earlier: Vec<Stretch>,
    /// How many calls there were, and how many of them nothing here counts any more.
    taken: u64,
    lost: u64,
    /// An answer of the store's was lost: it may have lent what nobody here knows of.
    is_unsure: bool,
    latest: Timestamp,
}

/// The part that is here of a limit.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    lent: u64,
    /// What others have, as the store said when it was last asked.
    others: u64,
    /// When some of that may come free.
    free_at: Option<Timestamp>,
    /// Until when nobody asks again: the store has just said that there is no more.
    full_until: Option<Timestamp>,
}

/// What of a day's limits was lent for a stretch of it, and used in it: requests and tokens.
#[derive(Clone, Copy, Debug, Default)]
struct Stretch {
    begin: i64,
    lent: [u64; DATED.len()],
    used: [u64; DATED.len()],
}

impl Stretch {
    fn has_spare(&self) -> bool {
        self.used.iter().zip(self.lent).any(|(used, lent)| *used < lent)
    }
}

#[derive(Debug)]
struct Taken {
    number: u64,
    at: Timestamp,
    size: Size,
}

/// A call's place in the limits. It is given back once, when the call has ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Slot {
    number: u64,
    stretch: i64,
    tokens: u64,
}

/// Why a call does not go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// It is too fast.
    TooFast(TooFast),
    /// Not enough is here, and the store may have more: to be asked.
    NotHere,
}

impl Pace {
    /// A pace that nothing is known of; `is_shared` says whether other processes let calls of the
    /// same holder through.
    pub fn new(is_shared: bool) -> Self {
        Self {
            is_shared,
            minute: VecDeque::new(),
            tokens: 0,
            images: 0,
            in_flight: 0,
            parts: [Part::default(); CALLS],
            stretch: Stretch::default(),
            earlier: Vec::new(),
            taken: 0,
            lost: 0,
            is_unsure: false,
            latest: Timestamp::UNIX_EPOCH,
        }
    }

    /// Whether a call of a size could go now. Takes nothing.
    pub fn check(
        &mut self,
        limit: &RateLimit,
        size: Size,
        now: Timestamp,
    ) -> Result<(), Hindrance> {
        let now = self.forget(now);
        let (mut longest, mut is_here) = (None::<TooFast>, true);
        for measure in Measure::OF_CALLS {
            match measure.of(limit).map(|of| self.check_one(measure, of, size, now)) {
                None | Some(Ok(())) => {}
                Some(Err(Hindrance::NotHere)) => is_here = false,
                Some(Err(Hindrance::TooFast(refusal))) => {
                    // The one that lasts longest: waiting for less would be refused again.
                    let lasts = |it: &TooFast| it.wait.unwrap_or(SignedDuration::MAX);
                    let is_longer =
                        longest.is_none_or(|longest| lasts(&longest) <= lasts(&refusal));
                    longest = if is_longer { Some(refusal) } else { longest };
                }
            }
        }
        match longest {
            Some(refusal) => Err(Hindrance::TooFast(refusal)),
            None if is_here => Ok(()),
            None => Err(Hindrance::NotHere),
        }
    }

    /// Lets a call through if it fits every limit; if it does not, it takes nothing of any.
    pub fn take(
        &mut self,
        limit: &RateLimit,
        size: Size,
        now: Timestamp,
    ) -> Result<Slot, Hindrance> {
        self.check(limit, size, now)?;
        let (number, at) = (self.taken, self.latest);
        self.taken = self.taken.saturating_add(1);
        self.in_flight = self.in_flight.saturating_add(1);
        self.tokens = self.tokens.saturating_add(size.tokens);
        self.images = self.images.saturating_add(size.images);
        self.minute.push_back(Taken { number, at, size });
        for (used, measure) in self.stretch.used.iter_mut().zip(DATED) {
            *used = used.saturating_add(measure.asked(size));
        }
        Ok(Slot { number, stretch: self.stretch.begin, tokens: size.tokens })
    }

    /// A call has ended. Where it is known how many tokens it took, what it did not take is free
    /// again.
    pub fn end(&mut self, slot: Slot, tokens: Option<u64>) {
        if self.lost <= slot.number {
            self.in_flight = self.in_flight.saturating_sub(1);
        }
        let Some(tokens) = tokens else { return };
        let change = |sum: u64| sum.saturating_sub(slot.tokens).saturating_add(tokens);
        if let Ok(place) = self.minute.binary_search_by_key(&slot.number, |taken| taken.number) {
            self.tokens = change(self.tokens);
            self.minute[place].size.tokens = tokens;
        }
        if let Some(of) = self.stretch_at(slot.stretch) {
            let [_, used] = &mut of.used;
            *used = change(*used);
        }
    }

    /// A call is not sent after all: it has taken nothing of any limit.
    pub fn undo(&mut self, slot: Slot) {
        let (number, stretch) = (slot.number, slot.stretch);
        if let Ok(place) = self.minute.binary_search_by_key(&number, |taken| taken.number)
            && let Some(taken) = self.minute.get(place)
        {
            self.images = self.images.saturating_sub(taken.size.images);
        }
        self.end(slot, Some(0));
        self.minute.retain(|taken| taken.number != number);
        if let Some(of) = self.stretch_at(stretch) {
            let [used, _] = &mut of.used;
            *used = used.saturating_sub(1);
        }
    }

    /// What a call takes of each limit, in the order of [`Measure::OF_CALLS`].
    pub fn takes(size: Size) -> [u64; CALLS] {
        Measure::OF_CALLS.map(|measure| measure.asked(size))
    }

    /// What to ask the store for, so that calls which take so much together can go: a line for each
    /// limit that they do not fit into here, and for each day's part that has something to give
    /// back. Nothing where all is here.
    pub fn lines(&mut self, limit: &RateLimit, wanted: &[u64; CALLS], now: Timestamp) -> Vec<Line> {
        let now = self.forget(now);
        let mut lines: Vec<Line> = Vec::new();
        for (measure, wanted) in Measure::OF_CALLS.into_iter().zip(wanted) {
            let Some(limit) = measure.of(limit).filter(|_| self.is_lent(measure)) else { continue };
            let part = self.part(measure);
            let want = self.used(measure).saturating_add(*wanted).saturating_sub(part.lent);
            if 0 < want {
                let free_at = self.first_free(measure, now);
                let (stretch, keep) = (self.stretch_of(measure), part.lent);
                lines.push(Line { measure, stretch, keep, want, limit, free_at });
            }
        }
        if !lines.is_empty() {
            lines.extend(self.spare_of_earlier());
        }
        lines
    }

    /// Which limits calls which take so much together do not all fit into here, where the store
    /// could have more.
    pub fn short_of(
        &mut self,
        limit: &RateLimit,
        wanted: &[u64; CALLS],
        now: Timestamp,
    ) -> Vec<Measure> {
        self.forget(now);
        let is_short = |(measure, wanted): &(Measure, &u64)| {
            let is_limited = self.is_lent(*measure) && measure.of(limit).is_some();
            is_limited && self.part(*measure).lent < self.used(*measure).saturating_add(**wanted)
        };
        let short = Measure::OF_CALLS.into_iter().zip(wanted).filter(is_short);
        short.map(|(measure, _)| measure).collect()
    }

    /// An answer of the store's was lost.
    pub const fn lost_an_answer(&mut self) {
        self.is_unsure = true;
    }

    /// Takes in what the store has lent.
    pub fn lent(&mut self, answers: &[Lent]) {
        self.is_unsure = false;
        for answer in answers {
            let place = DATED.iter().position(|measure| *measure == answer.measure);
            if let Some(place) = place {
                // What is lent for one that is long over is as good as used: nobody knows here.
                if let Some(of) = self.stretch_at(answer.stretch) {
                    of.lent[place] = answer.amount;
                }
                if answer.stretch != self.stretch.begin {
                    continue;
                }
            }
            let part = &mut self.parts[answer.measure.place()];
            part.lent = answer.amount;
            part.others = answer.others;
            part.free_at = answer.free_at;
        }
    }

    /// The store was asked for calls that take so much together. Where it had less, nobody asks
    /// again until an instant; the same of what fits here has no meaning.
    pub fn asked(&mut self, wanted: &[u64; CALLS], until: Timestamp) {
        for (measure, wanted) in Measure::OF_CALLS.into_iter().zip(wanted) {
            let is_short = self.part(measure).lent < self.used(measure).saturating_add(*wanted);
            self.parts[measure.place()].full_until = is_short.then_some(until);
        }
    }

    /// Gives up all that is neither used nor wanted by calls that wait: what the store is to be
    /// told, for every part that is here. From now on this process has no more than that.
    pub fn give_up_spare(&mut self, wanted: &[u64; CALLS], now: Timestamp) -> Vec<Line> {
        let now = self.forget(now);
        let mut lines = Vec::new();
        for (measure, wanted) in Measure::OF_CALLS.into_iter().zip(wanted) {
            let part = self.part(measure);
            if (part.lent == 0 && !self.is_unsure) || !self.is_lent(measure) {
                continue;
            }
            let keep = part.lent.min(self.used(measure).saturating_add(*wanted));
            self.parts[measure.place()].lent = keep;
            if let Some(place) = DATED.iter().position(|dated| *dated == measure) {
                self.stretch.lent[place] = keep;
            }
            let free_at = self.first_free(measure, now).or(Some(now));
            let stretch = self.stretch_of(measure);
            lines.push(Line { measure, stretch, keep, want: 0, limit: 0, free_at });
        }
        lines.extend(self.spare_of_earlier());
        lines
    }

    /// The store has ended all that was lent until given back: what was let through on it counts
    /// there, and nothing is here any more.
    pub fn lose(&mut self) {
        for measure in Measure::OF_CALLS {
            if !measure.is_dated() {
                self.parts[measure.place()] = Part::default();
            }
        }
        self.minute.clear();
        self.lost = self.taken;
        (self.tokens, self.images, self.in_flight) = (0, 0, 0);
    }

    /// What is left of the limits, as far as it is known here.
    pub fn room(&mut self, limit: &RateLimit, now: Timestamp) -> Room {
        let now = self.forget(now);
        let last = self.minute.back().map(|taken| taken.at);
        let left = |measure: Measure| {
            let limit = measure.of(limit)?;
            let taken = self.used(measure).saturating_add(self.others(measure));
            let reset = match measure.is_dated() {
                true if taken == 0 => SignedDuration::ZERO,
                true => self.end_of_stretch(now),
                false => last.map_or(SignedDuration::ZERO, |at| until(at, MINUTE, now)),
            };
            Some(Left { limit, remaining: limit.saturating_sub(taken), reset })
        };
        let fewer = |minute, day| {
            let both = [left(minute), left(day)];
            both.into_iter().flatten().min_by_key(|left| left.remaining)
        };
        Room {
            requests: fewer(Measure::RequestsPerMinute, Measure::RequestsPerDay),
            tokens: fewer(Measure::TokensPerMinute, Measure::TokensPerDay),
            images: left(Measure::ImagesPerMinute),
        }
    }

    /// Whether nothing that it remembers counts any longer here, so that it can be forgotten once
    /// what it has is given back.
    pub fn is_idle(&mut self, now: Timestamp) -> bool {
        self.forget(now);
        self.minute.is_empty() && self.in_flight == 0
    }

    /// Whether it can be forgotten altogether: it is idle, has nothing to give back, and nothing of
    /// a stretch of the day that goes on, of which it has to say what it keeps.
    pub fn is_over(&mut self, now: Timestamp) -> bool {
        self.is_idle(now) && !self.has_spare() && self.stretch.lent == [0; DATED.len()]
    }

    /// Whether it has, or may have, a part of any limit that it has not used.
    pub fn has_spare(&self) -> bool {
        let has_spare = |measure: Measure| self.used(measure) < self.part(measure).lent;
        self.is_unsure
            || Measure::OF_CALLS.into_iter().any(has_spare)
            || self.earlier.iter().any(Stretch::has_spare)
    }

    /// Gives up what was lent for earlier stretches of the day and not used: what the store is to
    /// be told.
    pub fn give_up_earlier(&mut self, now: Timestamp) -> Vec<Line> {
        self.forget(now);
        self.spare_of_earlier()
    }

    /// Whether parts of a limit are lent here at all.
    const fn is_lent(&self, measure: Measure) -> bool {
        self.is_shared || measure.is_dated()
    }

    const fn part(&self, measure: Measure) -> Part {
        self.parts[measure.place()]
    }

    fn used(&self, measure: Measure) -> u64 {
        let [requests, tokens] = self.stretch.used;
        match measure {
            Measure::RequestsPerMinute => count(self.minute.len()),
            Measure::TokensPerMinute => self.tokens,
            Measure::ImagesPerMinute => self.images,
            Measure::ConcurrentCalls => self.in_flight,
            Measure::RequestsPerDay => requests,
            Measure::TokensPerDay => tokens,
            Measure::BatchQueue => 0,
        }
    }

    fn others(&self, measure: Measure) -> u64 {
        if self.is_lent(measure) { self.part(measure).others } else { 0 }
    }

    const fn stretch_of(&self, measure: Measure) -> i64 {
        if measure.is_dated() { self.stretch.begin } else { 0 }
    }

    /// A stretch of the day that is remembered.
    fn stretch_at(&mut self, begin: i64) -> Option<&mut Stretch> {
        let mut stretches = self.earlier.iter_mut().chain([&mut self.stretch]);
        stretches.find(|stretch| stretch.begin == begin)
    }

    fn end_of_stretch(&self, now: Timestamp) -> SignedDuration {
        end_of(self.stretch.begin).duration_since(now)
    }

    fn check_one(
        &self,
        measure: Measure,
        limit: u64,
        size: Size,
        now: Timestamp,
    ) -> Result<(), Hindrance> {
        let (asked, used) = (measure.asked(size), self.used(measure));
        let too_fast = |wait| {
            // What others have and do not use is nobody's business here.
            let used = used.saturating_add(self.others(measure)).min(limit.max(used));
            Err(Hindrance::TooFast(TooFast { measure, limit, used, asked, wait }))
        };
        if limit < asked {
            return too_fast(None);
        }
        let part = self.part(measure);
        let here = if self.is_lent(measure) { part.lent.min(limit) } else { limit };
        if used.saturating_add(asked) <= here {
            return Ok(());
        }
        // All of a limit that is lent until given back can be here; a day's never is.
        let is_all_here = here == limit && !measure.is_dated();
        if !is_all_here && part.full_until.is_none_or(|until| until <= now) {
            return Err(Hindrance::NotHere);
        }
        let wait = self.own_wait(measure, here, asked, now);
        let others = part.free_at.filter(|at| now < *at).map(|at| at.duration_since(now));
        let others = others.filter(|_| !is_all_here);
        let wait = wait.into_iter().chain(others).min().unwrap_or(ASKED_AGAIN_AFTER);
        too_fast(Some(wait))
    }

    /// How long until so much fits into the part that is here; `None` if that is not known, or if
    /// the part is too small.
    fn own_wait(
        &self,
        measure: Measure,
        here: u64,
        asked: u64,
        now: Timestamp,
    ) -> Option<SignedDuration> {
        let of_minute = |used: u64, takes: fn(&Taken) -> u64| {
            let mut left = used;
            let freeing = self.minute.iter().find(|taken| {
                left = left.saturating_sub(takes(taken));
                left.saturating_add(asked) <= here
            });
            freeing.map(|taken| until(taken.at, MINUTE, now))
        };
        match measure {
            Measure::RequestsPerMinute => of_minute(count(self.minute.len()), |_| 1),
            Measure::TokensPerMinute => of_minute(self.tokens, |taken| taken.size.tokens),
            Measure::ImagesPerMinute => of_minute(self.images, |taken| taken.size.images),
            Measure::RequestsPerDay | Measure::TokensPerDay if 0 < self.used(measure) => {
                Some(self.end_of_stretch(now))
            }
            Measure::RequestsPerDay
            | Measure::TokensPerDay
            | Measure::ConcurrentCalls
            | Measure::BatchQueue => None,
        }
    }

    /// When some of what is used here comes free by itself.
    fn first_free(&self, measure: Measure, now: Timestamp) -> Option<Timestamp> {
        match measure {
            Measure::RequestsPerMinute | Measure::TokensPerMinute | Measure::ImagesPerMinute => {
                self.minute.front().map(|taken| taken.at + MINUTE)
            }
            Measure::ConcurrentCalls => Some(now + ASKED_AGAIN_AFTER),
            Measure::RequestsPerDay | Measure::TokensPerDay | Measure::BatchQueue => None,
        }
    }

    fn spare_of_earlier(&mut self) -> Vec<Line> {
        let mut lines = Vec::new();
        for stretch in &mut self.earlier {
            let parts = stretch.lent.iter_mut().zip(stretch.used).zip(DATED);
            for ((lent, used), measure) in parts {
                if used < *lent {
                    *lent = used;
                    let (stretch, free_at) = (stretch.begin, None);
                    lines.push(Line { measure, stretch, keep: used, want: 0, limit: 0, free_at });
                }
            }
        }
        lines
    }

    /// Drops what no window holds any longer. The present, which never goes back here.
    fn forget(&mut self, now: Timestamp) -> Timestamp {
        self.latest = self.latest.max(now);
        let now = self.latest;
        while let Some(first) = self.minute.front().filter(|taken| is_over(taken.at, MINUTE, now)) {
            self.tokens = self.tokens.saturating_sub(first.size.tokens);
            self.images = self.images.saturating_sub(first.size.images);
            self.minute.pop_front();
        }
        let begin = stretch_of(now);
        if begin != self.stretch.begin {
            self.turn(begin);
        }
        now
    }

    /// Another stretch of the day begins: nothing is lent for it yet.
    fn turn(&mut self, begin: i64) {
        let before = std::mem::replace(&mut self.stretch, Stretch { begin, ..Stretch::default() });
        let is_kept = |stretch: &Stretch| {
            let kept = i64::try_from(STRETCH_KEPT.as_millis()).unwrap_or(i64::MAX);
            begin.saturating_sub(stretch.begin) <= kept
        };
        self.earlier.push(before);
        self.earlier.retain(is_kept);
        for (measure, used) in DATED.into_iter().zip(before.used) {
            let part = &mut self.parts[measure.place()];
            let others = part.others.saturating_add(used);
            *part = Part { others, ..Part::default() };
        }
    }
}

fn is_over(at: Timestamp, window: SignedDuration, now: Timestamp) -> bool {
    window <= now.duration_since(at)
}

fn until(at: Timestamp, window: SignedDuration, now: Timestamp) -> SignedDuration {
    window.saturating_sub(now.duration_since(at))
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
