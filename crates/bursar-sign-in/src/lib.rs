//! Ways to sign in beside the mailed link, and the browsers that somebody is signed in with.
//! Never takes anybody's word for a mail address, save a provider's for domains it is trusted with.

mod identities;
mod passkeys;
mod sessions;

pub use identities::{Arrived, arrive, identities, officer_sees, unlink};
pub use passkeys::{
    add_passkey, party, passkey_options, passkeys, remove_passkey, sign_in_with_passkey,
    sign_in_with_passkey_options,
};
pub use sessions::{end_session, sessions};
