//! What the pages are served with.

use std::sync::Arc;

use bursar_identity::Provider;
use bursar_kernel::{PersonId, Role};
use bursar_pages::operate::UpstreamRow;
use bursar_service::Service;
use bursar_service::clock::TurnableClock;
use bursar_ui::routes;

/// What the pages are served with.
pub struct Config {
    /// The use cases.
    pub service: Arc<Service>,
    /// Whether some upstream is the offline sandbox.
    pub sandbox: bool,
    /// What the upstreams page shows.
    pub upstreams: Box<dyn Fn() -> Vec<UpstreamRow> + Send + Sync>,
    /// The providers that people can sign in with, beside the mailed link.
    pub providers: Vec<Provider>,
    /// Whether mail goes out; otherwise it is kept.
    pub sends_mail: bool,
    /// Whether browsers reach the portal by HTTPS only.
    pub secure_cookies: bool,
    /// What only the demonstration has.
    pub demonstration: Option<Demonstration>,
}

/// What only the demonstration has.
pub struct Demonstration {
    /// The clock that its front page turns.
    pub clock: Arc<TurnableClock>,
    /// A way in for each role: who it is, and the secret of the door.
    pub doors: Vec<(Role, PersonId, String)>,
    /// A key that works.
    pub api_key: String,
}

impl Demonstration {
    /// Who enters by the door of a role.
    pub fn person(&self, role: Role) -> Option<PersonId> {
        self.doors.iter().find(|(known, _, _)| *known == role).map(|(_, person, _)| *person)
    }

    /// The address that signs the person of a role in, and leads on to a page of this site.
    pub fn door_to(&self, role: Role, to: &str) -> String {
        let found = self.doors.iter().find(|(known, _, _)| *known == role);
        found.map_or_else(|| to.to_owned(), |(_, _, door)| routes::enter_to(door, to))
    }
}
