//! Passkeys of every kind are made and sign in, and nothing that is forged, old or foreign does.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bursar_authenticator::{Algorithm, Authenticator, encoded};
use bursar_kernel::limits::PASSKEY_ANSWER_TIME;
use bursar_kernel::{PersonId, Timestamp};
use bursar_passkey::{
    Answer, Challenge, Credential, Enrolled, Party, Purpose, Refused, Shown, register,
    registration_options, sign_in, sign_in_options,
};
use jiff::SignedDuration;

const ORIGIN: &str = "https://credits.example.edu";
const SECRET: &str = "what this browser keeps";

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

const fn person() -> PersonId {
    PersonId::from_bytes([7; 16])
}

fn party() -> Party {
    Party::of(ORIGIN).unwrap()
}

fn asked_to_register(device: &mut Authenticator) -> Answer {
    let challenge = Challenge::new(SECRET, Purpose::Register, now(), [3; 8]);
    device.register(&registration_options(&party(), &challenge, person(), "ada@a.test", "", &[]))
}

fn asked_to_sign_in(device: &mut Authenticator) -> Answer {
    let challenge = Challenge::new(SECRET, Purpose::SignIn, now(), [3; 8]);
    device.sign_in(&sign_in_options(&party(), &challenge))
}

fn enrolled(device: &mut Authenticator) -> Enrolled {
    let answer = asked_to_register(device);
    register(&party(), SECRET, &answer, now()).unwrap()
}

fn shown(known: &Enrolled, answer: &Answer) -> Result<Shown, Refused> {
    let Enrolled { public_key, count, .. } = known;
    let known = Credential { public_key, count: *count, person: person() };
    sign_in(&party(), SECRET, answer, &known, now())
}

#[test]
fn every_kind_of_key_signs_in() {
    for kind in [Algorithm::Edwards, Algorithm::P256, Algorithm::Rsa] {
        let mut device = Authenticator::new(kind, ORIGIN);
        let known = enrolled(&mut device);
        assert_eq!((&known.id, known.count), (&device.id, 0));
        let answer = asked_to_sign_in(&mut device);
        assert_eq!(answer.credential().as_ref(), Ok(&device.id));
        assert_eq!(shown(&known, &answer).map(|it| it.count), Ok(0), "{kind:?}");
    }
}

/// Bytes of a part with one bit of one byte turned over.
fn turned(part: &str, byte: usize) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
    let place = byte % bytes.len();
    bytes[place] ^= 1;
    encoded(&bytes)
}

#[test]
fn one_bit_makes_it_nobodys() {
    for kind in [Algorithm::Edwards, Algorithm::P256, Algorithm::Rsa] {
        let mut device = Authenticator::new(kind, ORIGIN);
        let known = enrolled(&mut device);
        let right = asked_to_sign_in(&mut device);
        for byte in 0..300 {
            let parts = [
                Answer { signature: turned(&right.signature, byte), ..right.clone() },
                Answer { authenticator: turned(&right.authenticator, byte), ..right.clone() },
                Answer { client_data: turned(&right.client_data, byte), ..right.clone() },
                Answer { user: turned(&right.user, byte), ..right.clone() },
            ];
            for part in parts {
                assert!(shown(&known, &part).is_err(), "{kind:?} {byte} {part:?}");
            }
        }
        assert!(shown(&known, &right).is_ok());
        let other = enrolled(&mut Authenticator::new(Algorithm::P256, ORIGIN));
        assert_eq!(shown(&other, &right), Err(Refused::BadSignature));
    }
}

#[test]
fn it_is_of_this_site_this_browser_and_these_minutes() {
    let mut device = Authenticator::new(Algorithm::P256, ORIGIN);
    let known = enrolled(&mut device);
    let right = asked_to_sign_in(&mut device);
    let credential =
        Credential { public_key: &known.public_key, count: known.count, person: person() };
    let told = |secret: &str, answer: &Answer, later: i64| {
        let now = now() + SignedDuration::from_secs(later);
        sign_in(&party(), secret, answer, &credential, now).err()
    };
    let minutes = PASSKEY_ANSWER_TIME.as_secs();
    assert_eq!(told(SECRET, &right, minutes - 1), None);
    assert_eq!(told(SECRET, &right, minutes), Some(Refused::TooLate));
    assert_eq!(told("another browser's", &right, 0), Some(Refused::NotAsked));
    device.origin = "https://credits.example.edu.evil.test".to_owned();
    let elsewhere = asked_to_sign_in(&mut device);
    assert_eq!(told(SECRET, &elsewhere, 0), Some(Refused::OtherSite));
    device.origin = ORIGIN.to_owned();
    // What answers one question answers no other.
    let challenge = Challenge::new(SECRET, Purpose::Register, now(), [3; 8]);
    let other = device.sign_in(&sign_in_options(&party(), &challenge));
    assert_eq!(told(SECRET, &other, 0), Some(Refused::NotAsked));
    let foreign = Party::of("https://evil.test").unwrap();
    let challenge = Challenge::new(SECRET, Purpose::SignIn, now(), [3; 8]);
    let other = device.sign_in(&sign_in_options(&foreign, &challenge));
    assert_eq!(told(SECRET, &other, 0), Some(Refused::OtherSite));
    device.user = encoded(&[8; 16]);
    let other = asked_to_sign_in(&mut device);
    assert_eq!(told(SECRET, &other, 0), Some(Refused::OtherAccount));
}

#[test]
fn its_user_has_to_be_checked() {
    let mut device = Authenticator::new(Algorithm::P256, ORIGIN);
    let known = enrolled(&mut device);
    for flags in [0, 1, 0b100] {
        device.flags = flags;
        let answer = asked_to_sign_in(&mut device);
        assert_eq!(shown(&known, &answer), Err(Refused::NotVerified), "{flags}");
        let answer = asked_to_register(&mut device);
        let told = register(&party(), SECRET, &answer, now());
        assert_eq!(told, Err(Refused::NotVerified), "{flags}");
    }
}

#[test]
fn a_count_goes_up_or_the_passkey_was_copied() {
    let mut device = Authenticator::new(Algorithm::P256, ORIGIN);
    device.count = 5;
    let known = enrolled(&mut device);
    assert_eq!(known.count, 5);
    let answer = asked_to_sign_in(&mut device);
    assert_eq!(shown(&known, &answer).map(|it| it.count), Ok(6));
    for behind in [0, 3, 4] {
        device.count = behind;
        let answer = asked_to_sign_in(&mut device);
        assert_eq!(shown(&known, &answer), Err(Refused::CountWentBack), "{behind}");
    }
}

#[test]
fn an_attestation_is_not_looked_at() {
    let mut device = Authenticator::new(Algorithm::Edwards, ORIGIN);
    let right = asked_to_register(&mut device);
    let object = URL_SAFE_NO_PAD.decode(&right.authenticator).unwrap();
    // `none` becomes a format that nobody knows, with a statement three deep.
    let named = object.windows(5).position(|part| part == b"\x64none").unwrap();
    let (before, after) = (&object[..named], &object[named + 5..]);
    let statement = after.iter().position(|byte| *byte == 0xa0).unwrap();
    let packed = [
        before,
        b"\x66packed",
        &after[..statement],
        b"\xa1\x63x5c\x81\x41\x00",
        &after[statement + 1..],
    ]
    .concat();
    let answer = Answer { authenticator: encoded(&packed), ..right.clone() };
    assert!(register(&party(), SECRET, &answer, now()).is_ok());
    for length in 0..packed.len() {
        let cut = Answer { authenticator: encoded(&packed[..length]), ..right.clone() };
        assert!(register(&party(), SECRET, &cut, now()).is_err(), "{length}");
    }
    let more = Answer { authenticator: encoded(&[&object[..], &[0]].concat()), ..right.clone() };
    assert!(register(&party(), SECRET, &more, now()).is_err());
    let renamed = Answer { id: encoded(b"another"), ..right };
    assert!(register(&party(), SECRET, &renamed, now()).is_err());
}
