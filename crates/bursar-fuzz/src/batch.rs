//! Batches: lines are the same in pieces of whatever size, each adds to what is held, and the
//! output of one that cannot be read is never priced as if it were whole.

use std::sync::Arc;

use bursar_kernel::{Certainty, Endpoint, Model, ModelId, Usd};
use bursar_meter::batch::{BatchCounts, BatchOutput, BatchPlan, Lines, batch_price};
use bytes::Bytes;

use crate::file::CATALOG;
use crate::request::endpoint;

/// Bytes of a line, few so that the limit is met.
const LINE_BYTES_MAX: usize = 2_048;

/// `0`, the size of a piece, and the lines of a batch at an endpoint.
pub(crate) fn lines(bytes: &[u8]) {
    let Some((endpoint, rest)) = endpoint(bytes) else { return };
    let Some((size, file)) = rest.split_first() else { return };
    let Some(whole) = cut([file]) else { return };
    if let Some(pieces) = cut(file.chunks(usize::from(*size).max(1))) {
        assert_eq!(whole, pieces, "pieces change the lines");
    }
    if !BatchPlan::takes(endpoint) {
        return;
    }
    let mut plan = BatchPlan::new(endpoint, Arc::clone(&CATALOG), Certainty::Counted);
    let mut taken = 0_u64;
    for (number, line) in whole {
        match plan.add(number, &line) {
            Ok(()) => taken = taken.saturating_add(1),
            Err(refused) => assert_eq!(refused.line, number),
        }
    }
    let planned = plan.finish();
    assert_eq!(planned.as_ref().map_or(0, |planned| planned.lines), taken);
    assert!(planned.is_none_or(|planned| Usd::ZERO <= planned.cost));
}

/// The lines of a file, where none is too long.
fn cut<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<(u64, Bytes)>> {
    let (mut lines, mut found) = (Lines::of_at_most(LINE_BYTES_MAX), Vec::new());
    for piece in pieces {
        lines.push(piece);
        while let Some(line) = lines.next_line().ok()? {
            found.push(line);
        }
    }
    found.extend(lines.last_line());
    Some(found)
}

/// `0`, a count, and the lines that a batch at an endpoint came to.
pub(crate) fn outputs(bytes: &[u8]) {
    let Some((endpoint, rest)) = endpoint(bytes) else { return };
    let Some((count, file)) = rest.split_first() else { return };
    let model = model(endpoint);
    let mut output = BatchOutput::new(endpoint, model);
    let counts = |completed| BatchCounts { total: u64::MAX, completed, ..BatchCounts::default() };
    let mut lines = 0_u64;
    for line in file.split(|byte| *byte == b'\n') {
        lines = lines.saturating_add(1);
        let known = output.usage(Some(counts(0)));
        output.add(&Bytes::copy_from_slice(line));
        if known.is_none() {
            assert_eq!(output.usage(Some(counts(0))), None, "a line brings another to light");
        }
    }
    assert_eq!(output.usage(None), None, "usage that nobody counted");
    assert_eq!(output.usage(Some(counts(lines.saturating_add(1)))), None, "a line is missing");
    if let Some(usage) = output.usage(Some(counts(u64::from(*count)))) {
        assert!(batch_price(model, &usage).is_none_or(|cost| Usd::ZERO <= cost));
        let said = file.windows(5).any(|word| word == b"usage")
            || file.windows(2).any(|word| word == b"\\u");
        assert!(said || usage.input_total() == 0, "usage out of nothing");
    }
}

fn model(endpoint: Endpoint) -> &'static Model {
    let small = ModelId::new("text-embedding-3-small");
    let mini = ModelId::new("gpt-4o-mini");
    &CATALOG.models[if endpoint == Endpoint::Embeddings { &small } else { &mini }]
}
