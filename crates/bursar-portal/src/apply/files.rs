//! Files of an application, to download.

use bursar_kernel::ApplicationId;
use bursar_web::{Answer, At, OrPage as _, Visit};

pub(super) async fn download(visit: Visit, At((id, hash)): At<(ApplicationId, String)>) -> Answer {
    let found = bursar_applying::file(visit.service(), &visit.viewer, id, &hash).await;
    let file = found.or_page(&visit)?;
    visit.download(&file.listed.name, file.listed.kind.media_type(), file.bytes)
}
