//! The demonstration's payment provider: a double of Stripe, called as Stripe is.

use std::sync::Arc;

use anyhow::Context as _;
use bursar_kernel::Clock;
use bursar_payments::{Payments, Stripe};
use bursar_service::Secret;
use bursar_stripe_double::{Double, DoubleConfig};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tracing::info;

use crate::server::{self, Site};

/// Where the double's hosted pages are on the portal's listener.
pub(crate) const PAGES: &str = "/demonstration/checkout";

/// Starts the double on a port of its own, so that calls to it go the same way as calls to the
/// real one. It knows nothing of what an earlier demonstration asked it for.
pub(crate) async fn open_double(
    base_url: &str,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<(Arc<Double>, Arc<dyn Payments>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("failed to listen")?;
    let address = listener.local_addr()?;
    let key = SecretString::from(Secret::draw("sk_test_").reveal().to_owned());
    let double = Double::new(DoubleConfig {
        key: key.clone(),
        pages_url: format!("{base_url}{PAGES}"),
        clock,
    });
    let site = Site { calls: None, router: double.api() };
    tokio::spawn(server::serve(listener, site, std::future::pending()));
    info!("a double of the payment provider answers at http://{address}");
    let client = Stripe::new(bursar_payments::Config {
        key,
        api_base: format!("http://{address}"),
        hosted_origin: Some(base_url.to_owned()),
    })?;
    Ok((double, Arc::new(client)))
}
