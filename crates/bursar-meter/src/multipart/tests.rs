//! Forms are read as they were written; nothing else is taken for one, and nothing panics.

use proptest::prelude::*;

use super::*;

fn part(name: &str, filename: Option<&str>, body: &[u8]) -> Part {
    Part {
        name: name.to_owned(),
        filename: filename.map(str::to_owned),
        content_type: filename.map(|_| "audio/mpeg".to_owned()),
        body: Bytes::copy_from_slice(body),
    }
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let name = r#"[a-z_\[\]"\\ ;=é]{1,20}"#;
    let part = (name, prop::option::of(name), prop::collection::vec(any::<u8>(), 0..200))
        .prop_map(|(name, filename, body)| part(&name, filename.as_deref(), &body));
    prop::collection::vec(part, 0..6)
}

proptest! {
    #[test]
    fn a_form_is_read_as_it_was_written(parts in parts(), seed in "[a-z0-9]{8}") {
        let boundary = boundary_beside(&seed, &parts);
        let form = write_form(&boundary, &parts);
        prop_assert_eq!(read_form(&boundary, &form), Ok(parts));
    }

    #[test]
    fn a_form_that_breaks_off_is_refused(parts in parts(), cut in any::<prop::sample::Index>()) {
        let form = write_form("b", &parts);
        // The last line break is nobody's.
        let end = cut.index(form.len() - 3);
        prop_assume!(memmem::find(&form[..end], b"--b--").is_none());
        prop_assert!(read_form("b", &form.slice(..end)).is_err());
    }

    #[test]
    fn whatever_comes_is_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        pieces in prop::collection::vec(prop::sample::select(vec![
            "--b", "\r\n", "--", "Content-Disposition: form-data; name=\"", "\"", ";", "\\", "=",
        ]), 0..40),
    ) {
        let _ = read_form("b", &Bytes::from(bytes));
        let _ = read_form("b", &Bytes::from(pieces.concat()));
        let _ = boundary(&pieces.concat());
    }
}

#[test]
fn a_form_of_a_browser_or_a_client_library_is_understood() {
    let form = "--XyZ\r\n\
                Content-Disposition: form-data; name=\"model\"\r\n\r\n\
                whisper-1\r\n\
                --XyZ\r\n\
                content-disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".mp3\"; \
                filename*=utf-8''a%20b.mp3\r\n\
                Content-Type: audio/mpeg\r\n\r\n\
                \r\nbytes--XyZ\r\n\
                --XyZ--\r\n";
    let parts = read_form("XyZ", &Bytes::from(form)).unwrap();
    let model = part("model", None, b"whisper-1");
    let file = part("file", Some("a \"b\".mp3"), b"\r\nbytes--XyZ");
    assert_eq!(parts, [model, file]);
}

#[test]
fn boundaries_are_read_from_their_header() {
    for (header, expected) in [
        ("multipart/form-data; boundary=abc", Ok("abc")),
        ("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"", Err(FormError::NotAForm)),
        ("multipart/form-data; boundary=\"a-b\"", Ok("a-b")),
        ("multipart/form-data", Err(FormError::NotAForm)),
        ("multipart/form-data; boundary=", Err(FormError::NotAForm)),
        ("multipart/mixed; boundary=abc", Err(FormError::NotAForm)),
        ("application/json", Err(FormError::NotAForm)),
    ] {
        assert_eq!(boundary(header), expected, "{header}");
    }
}

#[test]
fn what_is_no_form_is_refused() {
    let head = |head: &str| format!("--b\r\n{head}\r\n\r\nx\r\n--b--\r\n");
    let long = format!("Content-Disposition: form-data; name=\"{}\"", "x".repeat(10_000));
    for (form, expected) in [
        (String::new(), FormError::Broken),
        ("x--b\r\n".to_owned(), FormError::Broken),
        ("--bb\r\n".to_owned(), FormError::Broken),
        (head("Content-Type: text/plain"), FormError::Unnamed),
        (head("Content-Disposition: form-data; name=\"\""), FormError::Unnamed),
        (head("Content-Disposition: form-data; name=\"a\"; name=\"b\""), FormError::Head),
        (head("Content-Disposition: attachment; name=\"a\""), FormError::Head),
        (head("Content-Disposition: form-data; name=\"a"), FormError::Head),
        (head("nonsense"), FormError::Head),
        (head(&long), FormError::Head),
        (write_form_of(FORM_PARTS_MAX + 1), FormError::TooMany),
    ] {
        assert_eq!(read_form("b", &Bytes::from(form.clone())), Err(expected), "{form:.60}");
    }
    assert_eq!(read_form("b", &Bytes::from("--b--")), Ok(Vec::new()));
}

fn write_form_of(count: usize) -> String {
    let form = write_form("b", &vec![part("a", None, b""); count]);
    String::from_utf8(form.to_vec()).unwrap()
}
