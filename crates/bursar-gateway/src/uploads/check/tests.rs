//! Parts and their order, whatever is said of them; and a file that is read in any pieces.

use proptest::prelude::*;

use super::*;

fn part(id: &str, content: &[u8]) -> UploadPart {
    let bytes = u64::try_from(content.len()).unwrap();
    UploadPart { id: id.to_owned(), bytes, content: blake3::hash(content).to_hex().to_string() }
}

fn upload(parts: Vec<UploadPart>, bytes: u64) -> UploadFacts {
    UploadFacts {
        bytes,
        filename: "lines.jsonl".to_owned(),
        purpose: PURPOSE.to_owned(),
        expires_at: Timestamp::from_second(100).unwrap(),
        parts,
        status: UploadStatus::Pending,
        file: None,
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(99).unwrap()
}

/// Whether pieces of a file are what the parts were.
fn reads(parts: &[UploadPart], pieces: &[&[u8]]) -> Option<String> {
    let ordered = Ordered { parts: parts.to_vec(), md5: None };
    let mut reading = ordered.reading();
    pieces.iter().all(|piece| reading.push(piece)).then(|| reading.finish()).flatten()
}

fn complete(facts: &UploadFacts, body: &str) -> String {
    match in_order(facts, &Bytes::copy_from_slice(body.as_bytes()), now()) {
        Ok(ordered) => String::from_utf8(ordered.body().to_vec()).unwrap(),
        Err(failure) => failure.envelope.error.param.unwrap_or_default(),
    }
}

#[test]
fn what_begins_an_upload_is_read_or_refused_by_its_name() {
    let read = |body: serde_json::Value| {
        wanted(&body.to_string().into())
            .map(|wanted| String::from_utf8(wanted.body().to_vec()).unwrap())
            .map_err(|failure| failure.envelope.error.param.unwrap_or_default())
    };
    let good = json!({
        "filename": "a.jsonl", "purpose": "batch", "bytes": 9, "mime_type": "application/jsonl",
    });
    assert_eq!(
        read(good.clone()).as_deref(),
        Ok(r#"{"bytes":9,"filename":"a.jsonl","mime_type":"application/jsonl","purpose":"batch"}"#)
    );
    for (name, value, param) in [
        ("purpose", json!("assistants"), "purpose"),
        ("bytes", json!(0), "bytes"),
        ("bytes", json!(UPLOAD_IN_PARTS_BYTES_MAX + 1), "bytes"),
        ("bytes", json!(-1), "body"),
        ("filename", json!(""), "filename"),
        ("mime_type", json!("a\r\nb"), "mime_type"),
        ("mime_type", json!(""), "mime_type"),
        ("expires_after", json!({"anchor": "created_at", "seconds": 3_600}), "body"),
    ] {
        let mut body = good.clone();
        body[name] = value;
        assert_eq!(read(body), Err(param.to_owned()), "{name}");
    }
}

#[test]
fn parts_are_taken_up_to_what_was_declared_and_in_time() {
    let facts = upload(vec![part("a", b"123")], 5);
    assert!(may_add(&facts, 2, now()).is_ok());
    assert!(may_add(&facts, 3, now()).is_err(), "too large together");
    assert!(may_add(&facts, 2, facts.expires_at).is_err(), "too late");
    let many = (0..UPLOAD_PARTS_MAX).map(|number| part(&number.to_string(), b"1")).collect();
    assert!(may_add(&upload(many, 1_000), 1, now()).is_err(), "too many");
    for status in [
        UploadStatus::Completing,
        UploadStatus::Completed,
        UploadStatus::Cancelled,
        UploadStatus::Expired,
    ] {
        assert!(may_add(&UploadFacts { status, ..facts.clone() }, 1, now()).is_err());
    }
}

#[test]
fn an_order_names_each_part_of_its_own_once() {
    let facts = upload(vec![part("a", b"123"), part("b", b"45")], 5);
    assert_eq!(complete(&facts, r#"{"part_ids":["b","a"]}"#), r#"{"part_ids":["b","a"]}"#);
    let md5 = "0".repeat(32);
    let with_md5 = format!(r#"{{"part_ids":["a","b"],"md5":"{md5}"}}"#);
    assert!(complete(&facts, &with_md5).contains(&md5));
    for (body, param) in [
        (r#"{"part_ids":["a"]}"#, "part_ids"),
        (r#"{"part_ids":[]}"#, "part_ids"),
        (r#"{"part_ids":["a","a"]}"#, "part_ids[1]"),
        (r#"{"part_ids":["a","somebody-elses"]}"#, "part_ids[1]"),
        (r#"{"part_ids":["a","b"],"md5":"x"}"#, "md5"),
        (r#"{"part_ids":["a","b"],"more":1}"#, "body"),
        ("[]", "body"),
    ] {
        assert_eq!(complete(&facts, body), param, "{body}");
    }
}

#[test]
fn a_file_that_is_not_its_parts_is_found_out() {
    let parts = [part("a", b"123"), part("b", b"45")];
    let whole = blake3::hash(b"12345").to_hex().to_string();
    assert_eq!(reads(&parts, &[b"12345"]), Some(whole));
    for other in [&b""[..], b"123", b"1234", b"12344", b"02345", b"123456", b"45123"] {
        assert_eq!(reads(&parts, &[other]), None, "{other:?}");
    }
}

proptest! {
    #[test]
    fn however_a_file_comes_it_is_the_same(
        contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..50), 1..6),
        size in 1_usize..70,
        flipped in any::<prop::sample::Index>(),
    ) {
        let parts: Vec<UploadPart> = contents
            .iter()
            .enumerate()
            .map(|(number, content)| part(&number.to_string(), content))
            .collect();
        let mut whole = contents.concat();
        let pieces: Vec<&[u8]> = whole.chunks(size).collect();
        let hash = blake3::hash(&whole).to_hex().to_string();
        prop_assert_eq!(reads(&parts, &pieces), Some(hash));
        let place = flipped.index(whole.len());
        whole[place] ^= 1;
        let pieces: Vec<&[u8]> = whole.chunks(size).collect();
        prop_assert_eq!(reads(&parts, &pieces), None);
    }

    #[test]
    fn no_body_makes_an_order_of_what_is_not_there(body in "\\PC{0,60}", ids in prop::collection::vec("[ab]{0,2}", 0..4)) {
        let facts = upload(vec![part("a", b"123"), part("b", b"45")], 5);
        let _ = wanted(&Bytes::copy_from_slice(body.as_bytes()));
        let _ = in_order(&facts, &Bytes::copy_from_slice(body.as_bytes()), now());
        let asked = json!({ "part_ids": ids }).to_string();
        if let Ok(ordered) = in_order(&facts, &asked.into(), now()) {
            prop_assert_eq!(ordered.parts.len(), 2);
            prop_assert!(ordered.fits(&facts).is_ok());
        }
    }
}
