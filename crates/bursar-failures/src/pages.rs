//! The pages that messages send a caller to.

use bursar_calls::Caller;
use bursar_kernel::ModelId;

/// The pages of one caller.
#[derive(Clone, Copy)]
pub struct Pages<'a> {
    /// The address of the portal, without a trailing slash.
    pub portal_url: &'a str,
    /// Who calls.
    pub caller: &'a Caller,
}

impl Pages<'_> {
    /// Where the grant's balance, expiry and keys are.
    pub(crate) fn grant(&self) -> String {
        format!("{}/grants/{}", self.portal_url, self.caller.grant())
    }

    /// Where the caller asks for a model that needs a further approval.
    pub(crate) fn model(&self, model: &ModelId) -> String {
        format!("{}/models/{model}", self.grant())
    }

    /// Where the program says what it opens, and takes applications.
    pub(crate) fn program(&self) -> String {
        format!("{}/programs/{}", self.portal_url, self.caller.program().id)
    }
}
