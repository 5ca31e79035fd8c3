//! The upstreams of a gateway, by group: who serves what, and who gets the next call.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bursar_kernel::{Catalog, Endpoint, ModelId, Timestamp, UpstreamGroup};

use crate::choice::{GROUP_MAX, Places, choose};
use crate::config::{ConfigError, Upstream};
use crate::health::{OUT_AT_MOST, Standing};
use crate::upstream::{Provider, Switches};
use crate::watch::Leave;

/// The upstreams as one call sees them, from its beginning to its end.
pub struct Upstreams {
    groups: BTreeMap<UpstreamGroup, Group>,
}

/// Upstreams that can serve one another's credit.
struct Group {
    members: Vec<Arc<Provider>>,
    weights: Vec<u32>,
    /// Whose turn it is.
    tickets: AtomicU64,
}

/// What an upstream is wanted for.
#[derive(Clone, Copy, Debug)]
pub enum Want<'a> {
    /// A call.
    Call(Endpoint, &'a ModelId),
    /// A call whose answer is stored there, or that goes on from one: at that upstream, if one is
    /// named.
    Stored(&'a ModelId, Option<&'a str>),
    /// Files and batches, of that model where it is known.
    Files(Option<&'a ModelId>),
}

/// The upstream that gets a call.
pub struct Chosen {
    /// It.
    pub provider: Arc<Provider>,
    /// Where it stands in its group, to say that it was tried.
    pub place: usize,
    /// As what it may be called.
    pub leave: Leave,
    /// Whether no other serves it.
    pub is_only: bool,
}

/// Why there is no upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nobody {
    /// The configuration has none for this group.
    Configured,
    /// None of the group serves this.
    Serves,
    /// Somebody has stopped all that serve this.
    Stopped,
    /// All that are worth a call were tried.
    Left,
    /// All are out: until then, the first of them.
    In(Timestamp),
}

impl Upstreams {
    /// The upstreams of a configuration, each with what can be changed of it.
    pub fn new(
        upstreams: Vec<Upstream>,
        catalog: &Catalog,
        switches: impl Fn(&str) -> Switches,
    ) -> Result<Self, ConfigError> {
        let mut names = BTreeSet::new();
        let mut groups: BTreeMap<UpstreamGroup, Group> = BTreeMap::new();
        for upstream in upstreams {
            if !names.insert(upstream.name.clone()) {
                return Err(ConfigError::SameName { name: upstream.name });
            }
            let switches = switches(&upstream.name);
            let provider = Provider::new(upstream, catalog, switches)?;
            let group = groups.entry(provider.group.clone()).or_default();
            let is_mixed = |other: &Arc<Provider>| other.is_sandbox != provider.is_sandbox;
            if group.members.iter().any(is_mixed) {
                return Err(ConfigError::MixedGroup { group: provider.group });
            }
            if GROUP_MAX <= group.members.len() {
                return Err(ConfigError::LargeGroup { group: provider.group, most: GROUP_MAX });
            }
            group.weights.push(provider.weight);
            group.members.push(Arc::new(provider));
        }
        Ok(Self { groups })
    }

    /// All of them, group by group.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.groups.values().flat_map(|group| &group.members)
    }

    /// The one of that name.
    pub fn named(&self, name: &str) -> Option<&Arc<Provider>> {
        self.all().find(|provider| provider.name == name)
    }

    /// Whether a group has upstreams, and none of them serves this.
    pub fn lacks(&self, group: &UpstreamGroup, want: Want<'_>) -> bool {
        let group = self.groups.get(group);
        group.is_some_and(|group| !group.members.iter().any(|member| member.serves(want)))
    }

    /// Whether anybody can be called for this now.
    pub fn is_there(
        &self,
        group: &UpstreamGroup,
        want: Want<'_>,
        now: Timestamp,
    ) -> Result<(), Nobody> {
        let group = self.groups.get(group).ok_or(Nobody::Configured)?;
        let mut able = Places::default();
        for (place, member) in group.members.iter().enumerate() {
            if member.serves(want) && !member.is_stopped() {
                if !matches!(member.watch.standing(now), Standing::Out(..)) {
                    return Ok(());
                }
                able.add(place);
            }
        }
        if able.count() == 0 {
            return Err(group.nobody_able(want));
        }
        group.least_bad(able, now).map(|_| ())
    }

    /// Whose turn it is: of those that serve this, were not tried and are in or due to be probed,
    /// one by weight. Where none is, and nothing was tried yet, the one that is back soonest of
    /// those that still answer. See [`crate::health::Trouble::is_bearable`].
    pub fn choose(
        &self,
        group: &UpstreamGroup,
        want: Want<'_>,
        tried: Places,
        now: Timestamp,
    ) -> Result<Chosen, Nobody> {
        let group = self.groups.get(group).ok_or(Nobody::Configured)?;
        let (mut able, mut fit) = (Places::default(), Places::default());
        for (place, member) in group.members.iter().enumerate() {
            if member.serves(want) && !member.is_stopped() {
                able.add(place);
                let is_out = matches!(member.watch.standing(now), Standing::Out(..));
                if !is_out && !tried.has(place) {
                    fit.add(place);
                }
            }
        }
        let entered = match (group.enter(fit, now), able.count(), tried.count()) {
            (Some(entered), _, _) => entered,
            (None, 0, 0) => return Err(group.nobody_able(want)),
            (None, _, 0) => (group.least_bad(able, now)?, Leave::Call),
            (None, _, _) => return Err(Nobody::Left),
        };
        let (place, leave) = entered;
        let provider = group.members.get(place).map(Arc::clone).ok_or(Nobody::Left)?;
        Ok(Chosen { provider, place, leave, is_only: able.count() == 1 })
    }
}

impl Group {
    /// Why none of the group can be called, though it has not been tried.
    fn nobody_able(&self, want: Want<'_>) -> Nobody {
        let is_stopped = |member: &Arc<Provider>| member.serves(want) && member.is_stopped();
        if self.members.iter().any(is_stopped) { Nobody::Stopped } else { Nobody::Serves }
    }

    /// The one of these whose turn it is, with leave to call it.
    fn enter(&self, mut fit: Places, now: Timestamp) -> Option<(usize, Leave)> {
        let ticket = match fit.count() {
            0 | 1 => 0,
            _ => self.tickets.fetch_add(1, Ordering::Relaxed),
        };
        while let Some(place) = choose(&self.weights, fit, ticket) {
            let member = self.members.get(place)?;
            if let Some(leave) = member.watch.enter(now) {
                return Some((place, leave));
            }
            // Somebody else was faster to probe it.
            fit.remove(place);
        }
        None
    }

    /// Where all are out: the one that is back soonest of those that still answer.
    fn least_bad(&self, able: Places, now: Timestamp) -> Result<usize, Nobody> {
        let (mut soonest, mut bearable) = (now + OUT_AT_MOST, None::<(Timestamp, usize)>);
        for (place, member) in self.members.iter().enumerate().filter(|(at, _)| able.has(*at)) {
            let (is_bearable, back) = match member.watch.standing(now) {
                Standing::Out(trouble, until) => (trouble.is_bearable(), until),
                // It came back, or its probe ended, a moment ago.
                Standing::In | Standing::Due(_) => (true, now),
            };
            soonest = soonest.min(back);
            if is_bearable {
                bearable = Some(bearable.map_or((back, place), |other| other.min((back, place))));
            }
        }
        bearable.map(|(_, place)| place).ok_or(Nobody::In(soonest))
    }
}

impl Default for Group {
    fn default() -> Self {
        Self { members: Vec::new(), weights: Vec::new(), tickets: AtomicU64::new(0) }
    }
}

impl Provider {
    /// Whether it serves this.
    pub fn serves(&self, want: Want<'_>) -> bool {
        match want {
            Want::Call(endpoint, model) => self.address(endpoint, model).is_some(),
            Want::Stored(model, at) => {
                self.addresses.keeps(model) && at.is_none_or(|name| name == self.name)
            }
            Want::Files(model) => self.addresses.takes_files(model),
        }
    }
}

#[cfg(test)]
mod tests;
