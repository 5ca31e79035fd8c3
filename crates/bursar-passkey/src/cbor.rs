//! The little of CBOR (RFC 8949) that authenticators write: definite lengths only.

use crate::Refused;

/// How deep a value may lie in others: statements of attestations are three deep.
const DEPTH_MAX: u8 = 8;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value<'b> {
    /// A whole number; CBOR's go further, and no authenticator uses those.
    Whole(i64),
    /// Bytes.
    Bytes(&'b [u8]),
    /// Text.
    Text(&'b str),
    /// Pairs, in the order in which they stand there.
    Map(Vec<(Self, Self)>),
    /// Whatever else: its place is known, and nothing of it is used.
    Other,
}

impl Value<'_> {
    /// The value of a key; what stands there twice is none.
    pub(crate) fn get(&self, key: &Value<'_>) -> Option<&Self> {
        let Self::Map(pairs) = self else { return None };
        let mut found = pairs.iter().filter(|(known, _)| known == key);
        let first = found.next();
        if found.next().is_some() { None } else { first.map(|(_, value)| value) }
    }
}

/// Reads values from the front of bytes.
pub(crate) struct Reader<'b> {
    rest: &'b [u8],
}

const UNREADABLE: Refused = Refused::Unreadable("bad CBOR");

impl<'b> Reader<'b> {
    pub(crate) const fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What was not read yet.
    pub(crate) const fn rest(&self) -> &'b [u8] {
        self.rest
    }

    /// The next value.
    pub(crate) fn value(&mut self) -> Result<Value<'b>, Refused> {
        self.nested(DEPTH_MAX)
    }

    fn nested(&mut self, depth: u8) -> Result<Value<'b>, Refused> {
        let depth = depth.checked_sub(1).ok_or(UNREADABLE)?;
        let (major, number) = self.head()?;
        Ok(match major {
            0 => Value::Whole(i64::try_from(number).map_err(|_| UNREADABLE)?),
            1 => {
                let number = i64::try_from(number).map_err(|_| UNREADABLE)?;
                Value::Whole(-1_i64 - number)
            }
            2 => Value::Bytes(self.take(number)?),
            3 => Value::Text(str::from_utf8(self.take(number)?).map_err(|_| UNREADABLE)?),
            4 => {
                for _ in 0..number {
                    self.nested(depth)?;
                }
                Value::Other
            }
            5 => {
                let mut pairs = Vec::new();
                // Each pair takes two bytes at the least, so the bytes bound the pairs.
                for _ in 0..number {
                    let key = self.nested(depth)?;
                    pairs.push((key, self.nested(depth)?));
                }
                Value::Map(pairs)
            }
            6 => {
                self.nested(depth)?;
                Value::Other
            }
            _ => Value::Other,
        })
    }

    /// What kind of value comes, and its number or length.
    fn head(&mut self) -> Result<(u8, u64), Refused> {
        let [first, rest @ ..] = self.rest else { return Err(UNREADABLE) };
        self.rest = rest;
        let (major, short) = (first >> 5, first & 0x1f);
        let length = match short {
            0..24 => return Ok((major, u64::from(short))),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            // Of no stated length, which canonical CBOR does not know.
            _ => return Err(UNREADABLE),
        };
        let number = self.take(length)?.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        Ok((major, number))
    }

    /// The next bytes as they are.
    pub(crate) fn take(&mut self, length: u64) -> Result<&'b [u8], Refused> {
        let length = usize::try_from(length).map_err(|_| UNREADABLE)?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(UNREADABLE)?;
        self.rest = rest;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    //! What is read, and what is not.

    use super::*;

    fn check(bytes: &[u8], expected: Option<Value<'_>>) {
        assert_eq!(Reader::new(bytes).value().ok(), expected, "{bytes:x?}");
    }

    #[test]
    fn values_are_read_as_the_standard_writes_them() {
        check(&[0x17], Some(Value::Whole(23)));
        check(&[0x26], Some(Value::Whole(-7)));
        check(&[0x39, 0x01, 0x00], Some(Value::Whole(-257)));
        check(&[0x42, 1, 2], Some(Value::Bytes(&[1, 2])));
        check(&[0x63, b'f', b'm', b't'], Some(Value::Text("fmt")));
        let one = Value::Map(vec![(Value::Whole(1), Value::Whole(2))]);
        check(&[0xa1, 1, 2], Some(one));
        check(&[0x82, 1, 2], Some(Value::Other));
        check(&[0xf5], Some(Value::Other));
    }

    #[test]
    fn what_is_cut_or_without_end_is_refused() {
        let cut = [&[][..], &[0x42, 1], &[0x19, 1], &[0xa1, 1], &[0x5f, 0xff], &[0x61, 0xff]];
        for bytes in cut {
            check(bytes, None);
        }
        check(&[0x81; 9], None);
        check(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], None);
        check(&[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], None);
        check(&[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], None);
    }

    #[test]
    fn what_stands_there_twice_is_none() {
        let twice = Reader::new(&[0xa2, 1, 2, 1, 3]).value().unwrap();
        assert_eq!(twice.get(&Value::Whole(1)), None);
    }
}
