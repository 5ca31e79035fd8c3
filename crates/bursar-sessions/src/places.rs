//! How many sessions are open at this node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bursar_failures::Failure;
use bursar_kernel::GrantId;
use bursar_kernel::limits::{REALTIME_SESSIONS_MAX, REALTIME_SESSIONS_PER_GRANT_MAX};

/// The sessions that are open at this node, by grant. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Places(Arc<Mutex<HashMap<GrantId, usize>>>);

/// A session's place; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    grant: GrantId,
}

impl Places {
    pub(crate) fn take(&self, grant: GrantId) -> Result<Place, Failure> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if REALTIME_SESSIONS_MAX <= open.values().sum() {
            return Err(Failure::too_many_sessions(REALTIME_SESSIONS_MAX, "at this gateway"));
        }
        let of_grant = open.entry(grant).or_default();
        if REALTIME_SESSIONS_PER_GRANT_MAX <= *of_grant {
            let most = REALTIME_SESSIONS_PER_GRANT_MAX;
            return Err(Failure::too_many_sessions(most, "of this grant"));
        }
        *of_grant = of_grant.saturating_add(1);
        Ok(Place { places: self.clone(), grant })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_grant) = open.get_mut(&self.grant) {
            *of_grant = of_grant.saturating_sub(1);
            if *of_grant == 0 {
                open.remove(&self.grant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    //! One grant's sessions are not another's.

    use bursar_kernel::Timestamp;

    use super::*;

    #[test]
    fn a_grant_has_so_many_sessions_and_a_place_that_is_left_is_free() {
        let places = Places::default();
        let [one, other] = [1, 2].map(|byte| GrantId::new(Timestamp::UNIX_EPOCH, [byte; 10]));
        let mut taken: Vec<Place> = (0..REALTIME_SESSIONS_PER_GRANT_MAX)
            .map(|_| places.take(one).unwrap_or_else(|_| unreachable!("there is room")))
            .collect();
        let refused = places.take(one).err().map(|failure| failure.status.as_u16());
        assert_eq!(refused, Some(429));
        assert!(places.take(other).is_ok());
        taken.pop();
        assert!(places.take(one).is_ok());
    }

    #[test]
    fn a_server_has_so_many_sessions() {
        let places = Places::default();
        let taken: Vec<_> = (0_u16..=u16::MAX)
            .map(|number| {
                let mut name = [0; 10];
                name[..2].copy_from_slice(&number.to_le_bytes());
                places.take(GrantId::new(Timestamp::UNIX_EPOCH, name))
            })
            .take_while(Result::is_ok)
            .collect();
        assert_eq!(taken.len(), REALTIME_SESSIONS_MAX);
    }
}
