//! What a holder can do with credit that they will not use.

use bursar_kernel::GrantId;
use maud::{Markup, html};

use crate::routes;
use crate::ui::{button_link, link};

/// What a holder can do with credit that they will not use.
#[derive(Clone, Debug, Default)]
pub struct PassingOn {
    /// What the terms say.
    pub clause: String,
    /// Which terms.
    pub source: String,
    /// Whether it may be listed on the market now.
    pub may_sell: bool,
    /// Whether it may be handed back to its pool now.
    pub may_return: bool,
}

impl PassingOn {
    pub(super) fn section(&self, grant: GrantId) -> Markup {
        html! {
            h2 #passing-on { "If you will not use it all" }
            p { (self.clause) " " span.muted { "(" (self.source) ")" } }
            div.actions {
                @if self.may_sell {
                    (button_link(&routes::grant_sell(grant), "Sell what you will not use"))
                }
                @if self.may_return {
                    @if self.may_sell {
                        (link(&routes::grant_return(grant), "Return it to the pool"))
                    } @else {
                        (button_link(&routes::grant_return(grant), "Return it to the pool"))
                    }
                }
                @if !self.may_sell { (link(&routes::grant_sell(grant), "Can it be sold?")) }
            }
        }
    }
}
