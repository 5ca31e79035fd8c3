//! Checkpoints are read as they were written, and nothing else is taken for one.

use super::*;

fn key() -> SigningKey {
    SigningKey::from_seed([7; 32]).unwrap()
}

fn checkpoint(link: u64) -> Checkpoint {
    let at = Timestamp::from_second(1_800_000_000).unwrap();
    Checkpoint { link, digest: Digest::from_bytes([5; 32]), at }
}

#[test]
fn what_is_signed_is_read_again_and_verified_by_its_key_alone() {
    let text = format!("{}\n{}", key().sign(&checkpoint(1)), key().sign(&checkpoint(20)));
    let notes = read(&text).unwrap();
    let seen: Vec<_> = notes.iter().map(|note| (note.line, note.checkpoint)).collect();
    assert_eq!(seen, [(1, checkpoint(1)), (8, checkpoint(20))]);
    let other = SigningKey::from_seed([8; 32]).unwrap();
    for note in &notes {
        assert!(note.is_signed_by(&key().verifier()));
        assert!(!note.is_signed_by(&other.verifier()));
    }
}

#[test]
fn a_checkpoint_that_was_changed_is_not_signed_any_more() {
    let signed = key().sign(&checkpoint(1));
    for (from, to) in [("\n1\n", "\n2\n"), ("\nBQUF", "\nBgUF"), ("2027", "2028")] {
        assert!(signed.contains(from), "{signed}");
        let notes = read(&signed.replacen(from, to, 1)).unwrap();
        assert!(!notes[0].is_signed_by(&key().verifier()), "{from:?}");
    }
}

#[test]
fn keys_are_read_as_they_were_written() {
    let verifier = key().verifier();
    assert_eq!(verifier.to_string().parse::<VerifierKey>().unwrap(), verifier);
    let again = SigningKey::read(&key().text()).unwrap();
    assert_eq!(again.verifier(), verifier);
    let wrong_id = verifier.to_string().replacen("bursar", "bursa", 1);
    for text in ["", "bursar", "bursar+0+AQ", &key().text(), &wrong_id] {
        assert!(text.parse::<VerifierKey>().is_err(), "{text}");
    }
    for text in ["", "PRIVATE+KEY+", &verifier.to_string()] {
        assert!(SigningKey::read(text).is_err(), "{text}");
    }
}

/// The layout is a promise: what was kept has to be read by later releases, and by other tools.
#[test]
fn a_checkpoint_stays_what_it_is() {
    let shown = key().sign(&checkpoint(1234));
    let expected = "bursar chain v1\n\
                    1234\n\
                    BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=\n\
                    2027-01-15T08:00:00Z\n\
                    \n\
                    \u{2014} bursar ";
    assert!(shown.starts_with(expected), "{shown}");
}

#[test]
fn what_is_no_checkpoint_is_refused_with_its_line() {
    let whole = key().sign(&checkpoint(1));
    let cut = |lines: usize| whole.lines().take(lines).collect::<Vec<_>>().join("\n");
    let cases = [
        ("hello".to_owned(), 1, "a checkpoint begins with `bursar chain v1`"),
        (cut(1), 1, "its second line is the number of a link"),
        (cut(2), 1, "its third line is a hash in base64"),
        (cut(3), 1, "its fourth line is when it was made"),
        (format!("{whole}\nand more"), 8, "a checkpoint begins with `bursar chain v1`"),
        (format!("{}\n\n\u{2014} bursar !\n", cut(4)), 6, "a signature is a name and base64"),
    ];
    for (text, line, told) in cases {
        assert_eq!(read(&text).unwrap_err(), NoteError { line, told }, "{text}");
    }
    assert_eq!(read("\n").unwrap().len(), 0);
}
