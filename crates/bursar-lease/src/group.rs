//! What the node writes: one group at a time, each a report of every lease that has something to
//! say.

use bursar_kernel::limits::CALLS_PER_REPORT_MAX;
use bursar_kernel::{HoldId, Usd};
use bursar_ledger::{BegunCall, Report};

use crate::guards::Guard;
use crate::moment::Moment;
use crate::node::Node;
use crate::slice::{Charged, Keeps, Known, Sent, Slice, Stage, minus, plus};

/// What goes to the store in one durable commit, whole or not at all. Until it is known to be
/// durable it is offered again, as it is: every report counts once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its number in the node's life.
    pub number: u64,
    /// One report for each lease that has something to say.
    pub reports: Vec<Report>,
}

impl Node {
    /// The next group, if the one before is durable and there is something to write.
    pub fn next_group(&mut self, now: Moment) -> Option<Group> {
        if self.is_group_sent {
            return None;
        }
        let begun = self.begin(now);
        let mut reports = Vec::new();
        for place in self.looked_at(now) {
            let calls: Vec<BegunCall> =
                begun.iter().filter(|(at, _)| *at == place).map(|(_, call)| call.clone()).collect();
            let gives = self.gives_back(place, now);
            if !calls.is_empty() || gives.is_positive() || self.must_report(place) {
                reports.push(self.report(place, calls, gives, now));
            }
        }
        if reports.is_empty() {
            return None;
        }
        self.is_group_sent = true;
        self.groups = self.groups.saturating_add(1);
        Some(Group { number: self.groups, reports })
    }

    /// The places of leases that may have something to say: those that something has happened to,
    /// and every few milliseconds all of them.
    fn looked_at(&mut self, now: Moment) -> Vec<usize> {
        let mut stirred = std::mem::take(&mut self.stirred);
        for place in &stirred {
            self.slices[*place].is_stirred = false;
        }
        let is_due = |at: Moment| self.settings.look_every_ms <= now.since(at);
        if self.written_at.is_none_or(is_due) {
            self.written_at = Some(now);
            return (0..self.slices.len()).collect();
        }
        // The order of a report does not depend on what happened first.
        stirred.sort_unstable();
        stirred
    }

    /// The group is durable. Says of each of its reports, in order, whether it came late: whether
    /// the book had ended that lease before.
    pub fn group_committed(&mut self, group: &Group, late: &[bool]) {
        assert!(self.is_group_sent && group.number == self.groups, "groups end in their order");
        self.is_group_sent = false;
        for (place, id) in std::mem::take(&mut self.sending) {
            let place = usize::try_from(place).unwrap_or(usize::MAX);
            if let Some(Some(open)) = self.open.get_mut(place)
                && open.id == id
            {
                open.known = Known::Yes;
            }
        }
        for (report, is_late) in group.reports.iter().zip(late) {
            let Some(place) = self.by_lease.get(&report.lease).copied() else { continue };
            self.unwritten = self.unwritten.saturating_sub(report.charged.len());
            self.stir(place);
            let slice = &mut self.slices[place];
            let Some(sent) = slice.sent.take() else { continue };
            slice.exposed = minus(slice.exposed, sent.reported);
            slice.watermark = sent.watermark;
            let gave_back = u64::from(sent.returned.is_positive());
            slice.gave_back = slice.gave_back.saturating_add(gave_back);
            if *is_late {
                slice.stage = Stage::Ended;
            }
            if *is_late && sent.is_last_word {
                self.close(place);
            }
        }
    }

    /// Calls that go on for so long that the book has to hear of them, by their lease.
    fn begin(&mut self, now: Moment) -> Vec<(usize, BegunCall)> {
        let mut begun = Vec::new();
        while let Some((place, id, at)) = self.young.front().copied() {
            if now.since(at) < self.settings.begin_after_ms || CALLS_PER_REPORT_MAX <= begun.len() {
                break;
            }
            self.young.pop_front();
            let index = usize::try_from(place).unwrap_or(usize::MAX);
            let Some(Some(open)) = self.open.get_mut(index) else { continue };
            if open.id != id {
                continue;
            }
            open.known = Known::Sent;
            let parts = open.parts;
            for (number, slice, amount) in parts.iter() {
                let call = BegunCall {
                    hold: open.id.part(number),
                    holder: open.holder,
                    amount,
                    placed_at: open.placed_at,
                    settle_by: open.settle_by,
                    note: String::new(),
                };
                begun.push((slice, call));
            }
            for (_, slice, _) in parts.iter() {
                self.stir(slice);
            }
            self.sending.push((place, id));
        }
        begun
    }

    /// What a lease has to give back: it was recalled, is not used, or cannot be any more.
    fn gives_back(&self, place: usize, now: Moment) -> Usd {
        let slice = &self.slices[place];
        let is_over = !slice.is_usable(now, self.guards);
        let is_idle = self.settings.idle_ms <= now.since(slice.last_used);
        if slice.stage != Stage::GoingOn || (slice.wanted.is_positive() && !is_over) {
            return Usd::ZERO;
        }
        let holder = slice.lot.as_ref().map(|lot| lot.holder);
        let is_awaited = holder.is_none_or(|holder| self.is_awaited(holder)) && 0 < self.waiting;
        let is_spare = match slice.keeps {
            Keeps::All => is_idle,
            Keeps::WhileAwaited => !is_awaited,
            Keeps::Nothing | Keeps::Never => true,
        };
        if is_over || is_spare { slice.free() } else { Usd::ZERO }
    }

    fn must_report(&self, place: usize) -> bool {
        let slice = &self.slices[place];
        match slice.stage {
            Stage::Closed => return false,
            Stage::Ended => return !slice.charged.is_empty() || slice.calls == 0,
            Stage::GoingOn => {}
        }
        let covered = slice.covered(self.guards);
        let is_short = covered < slice.free();
        let rises = is_short && (covered < slice.wanted || covered < largest_twice(slice));
        !slice.charged.is_empty() || rises
    }

    fn report(
        &mut self,
        place: usize,
        begun: Vec<BegunCall>,
        returned: Usd,
        now: Moment,
    ) -> Report {
        let guards = self.guards;
        let slice = &mut self.slices[place];
        let count = slice.charged.len().min(CALLS_PER_REPORT_MAX);
        let charged: Vec<Charged> = slice.charged.drain(..count).collect();
        slice.funds = minus(slice.funds, returned);
        let unknown = charged.iter().filter(|charged| !charged.was_begun);
        let costs = unknown.map(|charged| charged.charge.cost.min(charged.charge.held));
        let reported = costs.chain(begun.iter().map(|call| call.amount)).fold(Usd::ZERO, plus);
        let in_flight = minus(slice.exposed, reported);
        let watermark = if slice.stage != Stage::GoingOn {
            Usd::ZERO
        } else if guards.up(Guard::CoverInFlight) {
            plus(in_flight, headroom(slice, slice.is_usable(now, guards)))
        } else {
            headroom(slice, slice.is_usable(now, guards))
        };
        slice.wanted = Usd::ZERO;
        let is_idle = slice.calls == 0 && slice.charged.is_empty();
        let is_last_word = is_idle && (slice.stage == Stage::Ended || !guards.up(Guard::LastWord));
        slice.sent = Some(Sent { watermark, reported, returned, is_last_word });
        slice.reports = slice.reports.saturating_add(1);
        Report {
            lease: slice.lease,
            epoch: self.epoch,
            number: slice.reports,
            begun,
            charged: charged.into_iter().map(|charged| charged.charge).collect(),
            watermark,
            returned,
            is_last_word,
        }
    }
}

/// How far ahead of need the watermark rises: half of what is there, and room for some of the
/// largest calls. What lies beyond is not lost to anybody should the node die.
fn headroom(slice: &Slice, is_usable: bool) -> Usd {
    let free = slice.free();
    let half = Usd::from_nanos(free.nanos() / 2);
    let room = slice.largest.checked_mul(4).unwrap_or(free);
    let target = half.max(room).max(slice.wanted);
    if is_usable { target.min(free) } else { Usd::ZERO }
}

fn largest_twice(slice: &Slice) -> Usd {
    slice.largest.checked_mul(2).unwrap_or(Usd::MAX)
}

/// The charges of a group, by the hold or the part of one that they are named after.
impl Group {
    /// Holds whose charges the group makes durable.
    pub fn charged(&self) -> impl Iterator<Item = HoldId> + '_ {
        self.reports.iter().flat_map(|report| report.charged.iter().map(|charge| charge.hold))
    }
}
