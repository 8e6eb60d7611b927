//! The key a caller chooses so that a retry can never issue twice.
//!
//! Guards: same key and same draft finish one job; same key and another draft are refused
//! (E1408). A key is bound for ever once a request was accepted under it.
//! Source: the `Idempotency-Key` header as the IETF draft describes it.

use core::fmt;

use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

/// Name of the header.
pub const IDEMPOTENCY_KEY_HEADER: &str = "idempotency-key";
/// Length of a key in characters, at most.
pub const IDEMPOTENCY_KEY_LEN_MAX: usize = 128;

/// A key of 1–128 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads a key, exactly as written.
    ///
    /// # Errors
    /// [`FailureCode::FieldRequired`] when empty, [`FailureCode::FieldTooLong`] over 128
    /// characters, [`FailureCode::FieldBadCharacter`] for blanks and anything but visible ASCII.
    pub fn parse(text: &str) -> Result<Self, Box<Fault>> {
        if text.is_empty() {
            return Err(Fault::new(FailureCode::FieldRequired)
                .expected("header Idempotency-Key")
                .into());
        }
        if text.len() > IDEMPOTENCY_KEY_LEN_MAX {
            return Err(Fault::new(FailureCode::FieldTooLong)
                .got(text.len().to_string())
                .expected(IDEMPOTENCY_KEY_LEN_MAX.to_string())
                .into());
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Fault::new(FailureCode::FieldBadCharacter)
                .expected("visible ASCII")
                .into());
        }
        Ok(Self(text.to_owned()))
    }

    /// Reads the key of a request.
    ///
    /// # Errors
    /// [`FailureCode::FieldRequired`] without a key or with several, else as [`Self::parse`].
    #[cfg(feature = "server")]
    pub(crate) fn from_headers(headers: &axum::http::HeaderMap) -> Result<Self, Box<Fault>> {
        let mut values = headers.get_all(IDEMPOTENCY_KEY_HEADER).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().map_or_else(
                |_not_ascii| Err(Fault::new(FailureCode::FieldBadCharacter).into()),
                Self::parse,
            ),
            _ => Self::parse(""),
        }
    }

    /// The key as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_as_written_and_bounded() {
        assert_eq!(
            IdempotencyKey::parse("\"a1\"").map(|key| key.to_string()),
            Ok("\"a1\"".to_owned())
        );
        let code = |text: &str| IdempotencyKey::parse(text).map_err(|fault| fault.code);
        assert_eq!(code(""), Err(FailureCode::FieldRequired));
        assert_eq!(code("a b"), Err(FailureCode::FieldBadCharacter));
        assert_eq!(code("键"), Err(FailureCode::FieldBadCharacter));
        assert_eq!(code(&"k".repeat(129)), Err(FailureCode::FieldTooLong));
        assert!(code(&"k".repeat(128)).is_ok());
    }
}
