//! What shows that somebody belongs to an institution: institutions themselves, what people have to
//! show, and what an officer says of it. Never decides on an application.

mod appeals;
mod claims;
mod documents;
mod gates;
mod institutions;
mod standing;

pub use appeals::{
    Appealed, answer_appeal, appeal, appeal_by_link, appeals, ask, exception, reply_to_officer,
    send_appeal,
};
pub use claims::{
    NewSponsor, Sponsored, answer_as_sponsor, answer_claim, name_sponsor, sponsored, take_back,
    vouch,
};
pub use documents::{DOCUMENT_BYTES_MAX, NewDocument, add_document, document};
pub use gates::{decide, may_be_awarded, submit};
pub use institutions::{
    Found, Known, TAKEN_AT_ONCE, Taken, domain_of, institution, institutions, known_of,
    take_institutions,
};
pub use standing::{AddressSaid, Standing, address_says, for_officer, of_own, shown_by};
