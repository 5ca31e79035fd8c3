//! Events are the same however the stream is chunked.

use bursar_kernel::limits::EVENT_BYTES_MAX;
use proptest::prelude::*;

use super::*;

fn data(chunks: &[&[u8]]) -> Vec<String> {
    let mut decoder = Decoder::of_at_most(EVENT_BYTES_MAX);
    let mut events = Vec::new();
    let mut raw = Vec::new();
    for chunk in chunks {
        let each = |event: Event<'_>| {
            raw.extend_from_slice(event.raw);
            if let Some(data) = event.data() {
                events.push(String::from_utf8_lossy(&data).into_owned());
            }
        };
        decoder.push(chunk, each).unwrap();
    }
    raw.extend(decoder.finish());
    assert_eq!(raw, chunks.concat(), "no byte is lost");
    events
}

#[test]
fn every_line_ending_ends_a_line() {
    for text in
        ["data: a\n\ndata:b\n\n", "data: a\r\n\r\ndata: b\r\n\r\n", "data: a\r\rdata: b\r\r\n"]
    {
        assert_eq!(data(&[text.as_bytes()]), ["a", "b"], "{text:?}");
    }
}

#[test]
fn data_lines_are_joined_and_comments_are_not_data() {
    let text = b"\xef\xbb\xbf: hello\n\nevent: x\ndata: one\ndata\ndata:  two\nid: 7\n\n\n\n";
    assert_eq!(data(&[text]), ["one\n\n two"]);
}

#[test]
fn an_event_without_end_is_refused() {
    let mut decoder = Decoder::of_at_most(EVENT_BYTES_MAX);
    let chunk = vec![b'x'; EVENT_BYTES_MAX];
    assert_eq!(decoder.push(&chunk, |_| ()), Ok(()));
    assert_eq!(decoder.push(b"x", |_| ()), Err(EventTooLong { bytes_max: EVENT_BYTES_MAX }));
    assert_eq!(decoder.finish(), b"");
}

#[test]
fn new_data_replaces_the_old_and_nothing_else() {
    let event = Event { raw: b": c\r\nevent: x\r\ndata: {\r\ndata: }\r\n\r\n" };
    let mut out = Vec::new();
    event.write_with_data(b"[]", &mut out);
    assert_eq!(out, b": c\r\nevent: x\r\ndata: []\r\n\r\n");
    assert!(event.is_named(b"x"));
}

proptest! {
    #[test]
    fn chunking_changes_nothing(
        lines in prop::collection::vec("(data: ?[a-c]{0,3}|:x|event: e|)(\n|\r|\r\n)", 0..30),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let text = lines.concat().into_bytes();
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
        places.extend([0, text.len()]);
        places.sort_unstable();
        let chunks: Vec<&[u8]> = places.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
        prop_assert_eq!(data(&chunks), data(&[&text]));
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        prop_assert_eq!(data(&bytes), data(&[&text]));
    }
}
