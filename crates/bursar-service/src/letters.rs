//! Letters on their way to the outbox.

pub(crate) use bursar_letters::*;
pub(crate) use bursar_post::Post;
