//! What can be taken out, to see that it is missed: guards of the node's machine, and of whoever
//! runs it.

use bursar_lease::{Guard, Guards};

/// A guard of the store, or of the process around the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// The store acknowledges what is synced, and nothing before.
    SyncedFirst,
    /// A call's last byte leaves when its charge is durable.
    ChargedFirst,
    /// What a dead node may have spent goes to suspense, not back.
    FenceSuspends,
}

/// What is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Nothing: the product as it is.
    Nothing,
    /// A guard of the machine.
    Guard(Guard),
    /// A guard around it.
    Switch(Switch),
}

impl Taken {
    /// Everything that can be taken out, one at a time.
    pub fn each() -> Vec<Self> {
        let switches = [Switch::SyncedFirst, Switch::ChargedFirst, Switch::FenceSuspends];
        let guards = Guard::ALL.into_iter().map(Self::Guard);
        guards.chain(switches.into_iter().map(Self::Switch)).collect()
    }

    /// Whether a guard around the machine is up.
    pub(crate) fn up(self, switch: Switch) -> bool {
        self != Self::Switch(switch)
    }

    /// The guards of the machine.
    pub(crate) fn guards(self) -> Guards {
        match self {
            Self::Guard(guard) => Guards::without(guard),
            Self::Nothing | Self::Switch(_) => Guards::default(),
        }
    }
}
